"""What a resident is told and given of what the desk keeps: all of it, true at that moment, and nobody else's."""

from __future__ import annotations

import re

import pytest

from desk import duty_words, hand_off_views, my_data, my_data_chat, privacy
from desk.bootstrap import Desk
from desk.due import run_due
from desk.my_data_file import Kind, file_of
from flows.model import Session
from storage.errors import Erased
from storage.records import Role
from tests.desk.conftest import Clock
from tests.desk.full_life import OTHER_WORDS, WORDS, contact_of, data_of, made, referral_of, user
from tests.desk.resident import COMPANY, Resident

# The file -----------------------------------------------------------------------------------------------------------


def test_the_words_are_in_the_file_and_the_codes_of_the_log(town_desk: Desk, lived: Resident) -> None:
    data = data_of(town_desk, lived)
    assert data["format"] == "buurtbalie.my-data/1"
    assert {WORDS, "mijn man slaat mij", "intrekken"} <= {one["text"] for one in data["messages"]}
    (written,) = [one for one in data["messages"] if one["from"] == "volunteer"]
    assert (written["name"], WORDS in written["text"]) == ("Cor", True), (
        "what people wrote to the resident is part of it"
    )
    newest = data["requests"][-1]
    assert {"category": "request", "text": WORDS} in newest["lines"]
    assert newest["destination"]["id"] == newest["referrals"][0]["service"] == newest["routing_log"][0]["destination"]
    assert [one["answer"] for one in data["consents"]] == ["no", "yes", "yes"]
    no, withdrawn, yes = data["consents"]
    assert WORDS in no["card"] and WORDS in yes["card"]
    assert withdrawn["card"] is None and withdrawn["withdrawn_at"] is not None, "nobody can read that one any more"
    assert data["conversation"]["memory"]["slots"]["place"] == "noord"
    (held,) = [one for one in data["planned"] if one["kind"] == "news_held"]
    assert held["content"]["values"]["service"] == WORDS
    assert any(WORDS in one["content"] for one in data["received"])


def test_who_looked_stands_there_by_role_and_never_by_name(town_desk: Desk, lived: Resident) -> None:
    data = data_of(town_desk, lived)
    newest = data["requests"][-1]
    opened, refused = newest["looked"]
    organisation = newest["referrals"][0]["organisation_name"]
    assert (opened["role"], opened["organisation"], opened["what"]) == ("coordinator", organisation, "opened")
    assert (refused["role"], refused["what"]) == ("coordinator", "refused")
    assert [(one["role"], one["team"]) for one in data["conversation"]["looked"]] == [("professional", True)]
    assert [one["what"] for one in data["alerts"][0]["looked"]] == ["alert", "alert_taken"]
    ids = town_desk.database.read(lambda uow: [one.id for one in uow.people.everyone()])
    kinds: tuple[Kind, ...] = ("json", "html")
    for kind in kinds:
        text = made(town_desk, lived, kind).content.decode()
        assert "Petra" in text, "she told her own name when she joined"
        assert not [one for one in ids if one in text], "no id of a user"
        assert "Bas" not in re.findall(r"\w+", text), "who was refused is a role"


@pytest.mark.parametrize("kind", ["json", "html"])
def test_nothing_of_another_resident_is_in_it(town_desk: Desk, lived: Resident, kind: Kind) -> None:
    text = made(town_desk, lived, kind).content.decode()
    assert WORDS in text and OTHER_WORDS not in text and "kanarie" not in text
    codes = town_desk.database.read(lambda uow: [one.code for one in uow.referrals.list(limit=100)])
    own = {request["code"] for request in data_of(town_desk, lived)["requests"]}
    assert len(own) == 2 and len(set(codes)) == 4
    assert not [code for code in set(codes) - own if code in text]


# The page ------------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(town_desk: Desk, lived: Resident) -> None:
    page = made(town_desk, lived, "html").content.decode()
    assert page.lstrip().startswith("<!doctype html>") and '<html lang="nl">' in page
    assert not re.search(r"<script|<link|<img|<iframe|<object|@import|url\(|\son\w+=|\s(src|href)=", page)
    assert "@media print" in page
    assert "Uw gegevens bij Buurtbalie" in page and "coördinator" in page


def test_what_is_written_is_never_markup(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says("<script>alert(1)</script> {{ 7*7 }} </pre>")
    page = made(town_desk, resident, "html").content.decode()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page and "</pre> " not in page


def test_the_file_is_in_the_language_of_the_resident(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says("English please")
    found = made(town_desk, resident, "html")
    page = found.content.decode()
    assert (found.name, found.language) == ("my-data.html", "en")
    assert '<html lang="en">' in page and "Nothing of yours was sent." in page
    assert "Uw " not in page.replace("Uw bericht", "")


# The overview --------------------------------------------------------------------------------------------------------


def overview(resident: Resident, words: str = "wat weten jullie van mij") -> str:
    (said,) = [one for one in resident.says(words) if one.key == "data.overview"]
    return said.text


def test_the_reason_of_who_read_around_danger_is_in_the_file_and_not_on_the_screen(
    town_desk: Desk, lived: Resident
) -> None:
    """Somebody else may hold the phone, and "she is beaten" on its screen would tell them everything."""
    petra = user(town_desk, "Petra", Role("professional"))
    code = town_desk.database.read(lambda uow: uow.alerts.of_conversation(lived.conversation_id))[-1].code
    reason = "haar man slaat haar"
    town_desk.database.run(lambda uow: duty_words.open_with_reason(uow, town_desk, petra, code, reason))
    (alert,) = data_of(town_desk, lived)["alerts"]
    assert [look["reason"] for look in alert["looked"] if look["what"] == duty_words.READ] == [reason]
    assert reason in made(town_desk, lived, "html").content.decode()
    town_desk.database.run(lambda uow: my_data_chat.overview(uow, town_desk, lived.conversation_id, Session()))
    (shown,) = [one.text for one in lived.messages() if one.key == "data.overview"]
    assert "van het wijkteam" in shown and reason not in shown and "gevaar" not in shown


def test_the_overview_of_who_told_nothing(town_desk: Desk) -> None:
    assert overview(Resident(town_desk)) == (
        "Dit is het belangrijkste wat ik van u bewaar. Het staat op slot. Alles staat in het bestand.\n"
        "• Dit gesprek: wat u schreef en wat u las.\n\n"
        "Er is geen verzoek van u. Schrijft u niet meer? Dan wis ik alles na 7 dagen.\n"
        "Alles laten wissen? Typ: vergeet mij."
    )


@pytest.mark.rule("domain-12")
def test_the_overview_follows_what_others_did(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.reaches("consent", "maatjes")
    resident.taps("agree")
    referral = referral_of(town_desk, resident)
    text = overview(resident)
    assert f"Uw verzoek {referral.code}, over " in text
    assert "• Hoe het staat: verstuurd, nog geen antwoord" in text
    assert "• Verstuurd: uw vraag, uw buurt" in text
    assert "• U zei ja: 2 maart om 10.00 uur" in text
    assert "• Wie keek mee: nog niemand" in text
    assert "• Bewaard tot: 90 dagen nadat het klaar is" in text
    assert "Typ: intrekken." in text
    cor = user(town_desk, "Cor", Role("coordinator", referral.organisation_id))
    for _ in range(5):
        clock.move(minutes=61)
        hand_off_views.open_one(town_desk, cor, referral.id)
    bas = user(town_desk, "Bas", Role("coordinator", "elders"))
    town_desk.database.run(lambda uow: hand_off_views.note_refusal(uow, bas, referral.id))
    text = overview(resident)
    organisation = data_of(town_desk, resident)["requests"][0]["referrals"][0]["organisation_name"]
    assert (
        f"    – coördinator van {organisation}: 2 maart om 13.03 uur, 2 maart om 14.04 uur, 2 maart om 15.05 uur, "
        "en 2 keer eerder"
    ) in text.replace("  – ", "    – ")
    assert text.count("coördinator") == 1, "who was refused saw nothing"
    resident.says("intrekken")
    text = overview(resident)
    assert "• Hoe het staat: ingetrokken" in text and "• U trok uw ja in: 2 maart om 15.05 uur" in text
    assert "• Bewaard tot: 31 mei 2026" in text


def test_the_overview_tells_of_a_no_and_of_who_read_along(town_desk: Desk, lived: Resident) -> None:
    data = data_of(town_desk, lived)
    assert data["conversation"]["with"]["role"] == "professional", "she has the conversation now"
    lived.says("terug naar de balie")
    text = overview(lived)
    assert re.search(r"U zei ook nee: 2 maart om \d\d\.\d\d uur\. Toen stuurde ik niets\.", text)
    assert "Wie dit gesprek las:\n• medewerker van het wijkteam: 2 maart om " in text
    assert "geweld" not in text and "gevaar" not in text, "danger is not put on the screen; it is in the file"


def test_the_overview_in_english(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says("English please")
    text = overview(resident, "what do you know about me?")
    assert text.startswith("This is the main part of what I keep of you.") and "Type: forget me." in text


# Gone ----------------------------------------------------------------------------------------------------------------


def test_after_erasure_there_is_no_file(town_desk: Desk, lived: Resident, clock: Clock) -> None:
    contact_id = contact_of(town_desk, lived)
    lived.says("terug naar de balie")
    lived.says("vergeet mij")
    lived.taps("yes")
    assert file_of(town_desk, contact_id, "json") is not None, "in the minute that the last words need"
    clock.move(minutes=2)
    run_due(town_desk, "tests")
    assert file_of(town_desk, contact_id, "json") is None
    assert file_of(town_desk, contact_id, "html") is None
    with pytest.raises(Erased):
        town_desk.database.read(lambda uow: my_data.kept(uow, town_desk, contact_id))


def test_an_erased_request_is_in_the_file_without_its_words(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says(WORDS, COMPANY)
    resident.reaches("consent")
    resident.taps("agree")
    referral = referral_of(town_desk, resident)
    town_desk.database.run(lambda uow: uow.requests.erase(referral.request_id))
    (request,) = data_of(town_desk, resident)["requests"]
    assert (request["erased"], request["lines"], request["destination"]) == (True, [], None)
    assert "Dit verzoek is gewist." in made(town_desk, resident, "html").content.decode()
    assert "Uw verzoek" not in overview(resident)


def test_making_the_file_writes_nothing(town_desk: Desk, lived: Resident) -> None:
    commits: list[frozenset[str]] = []
    stop = town_desk.database.subscribe(commits.append)
    made(town_desk, lived, "html")
    stop()
    assert commits == []
    assert privacy.ERASE not in {one["kind"] for one in data_of(town_desk, lived)["planned"]}
