"""The page that a resident's link opens, over real HTTP: what it shows, what it takes, and what it keeps to itself."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.web_link_pages import ANSWERS_AN_HOUR, FORM_LIMIT, WRONG_LINKS_A_MINUTE
from desk.bootstrap import Desk
from desk.links import INVITATION, end_links
from desk.privacy import erase_contact
from tests.bot.link_page import WORDS, answers, form_in, invite, path_in, shown
from tests.bot.web_client import Resident
from tests.servers.desk_server import desk_in, web_server

LINE = "Dinsdag om tien uur?"


@pytest.fixture
def path(web_desk: Desk, resident: Resident) -> str:
    return invite(web_desk, resident.conversation(web_desk))


def last_heard(resident: Resident) -> str:
    return resident.texts("desk")[-1]


@pytest.mark.rule("domain-1")
def test_the_page_shows_what_the_resident_chose_and_nothing_else(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str
) -> None:
    resident.post("Ik heet Greet en mijn nummer is 06 12345678")
    page = client.get(path)
    assert page.status_code == 200
    said = shown(page.text)
    assert WORDS in said
    assert "Iemand die u kent vraagt u iets." in said
    assert "Greet" not in page.text and "12345678" not in page.text
    named = client.get(invite(web_desk, resident.conversation(web_desk), first_name="Greet")).text
    assert "Greet vraagt u iets." in shown(named)


def test_the_chat_says_before_what_the_page_says(web_desk: Desk) -> None:
    for language in ("nl", "en"):
        for name in ("", "Greet"):
            heading = web_desk.texts.render("link.page.heading", language, invitation_name=name)
            assert f"“{heading}”" in web_desk.texts.render("invitation.on_page", language, invitation_name=name)
        for answer in ("yes", "no"):
            button = web_desk.texts.render(f"link.page.{answer}", language)
            facts = {"retention": {"link_days": 14}, "line": "", "goes_on": False}
            assert f"“{button}”" in web_desk.texts.render("invitation.ask_page", language, **facts)
            assert f"“{button}.”" in web_desk.texts.render(f"link.answered_{answer}", language, **facts)


def test_the_page_is_shut_off_and_needs_no_script(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    policy = page.headers["content-security-policy"]
    for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "script-src" not in policy and "unsafe" not in policy and "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "noindex" in page.headers["x-robots-tag"] and 'content="noindex' in page.text
    assert "set-cookie" not in page.headers
    assert WORDS not in page.text.partition("</head>")[0], "what a messenger shows of a link is the head"


@pytest.mark.rule("domain-1")
@pytest.mark.parametrize(
    ("answer", "hears", "thanks"), [("yes", "Ik help.", "Wat fijn"), ("no", "Ik kan niet.", "Dank u")]
)
def test_the_resident_hears_the_answer_at_once(
    client: httpx.Client, resident: Resident, path: str, answer: str, hears: str, thanks: str
) -> None:
    page = answers(client, path, answer, LINE)
    assert page.status_code == 200 and len(page.history) == 1 and page.history[0].status_code == 303
    assert thanks in shown(page.text)
    said = [text for text in resident.texts("desk") if "antwoord op uw link" in text]
    assert len(said) == 1 and hears in said[0] and LINE in said[0]
    assert LINE not in client.get(path).text, "who opens the link later reads the resident's words only"


def test_the_answer_can_be_changed(client: httpx.Client, resident: Resident, path: str) -> None:
    answers(client, path, "yes")
    page = answers(client, path, "no")
    assert "Dank u voor uw eerlijke antwoord." in shown(page.text)
    assert [text for text in resident.texts("desk") if "Ik help." in text or "Ik kan niet." in text] != []
    assert "Ik kan niet." in "".join(resident.texts("desk")[-2:])


def test_a_form_that_is_sent_twice_counts_once(client: httpx.Client, resident: Resident, path: str) -> None:
    form = form_in(client.get(path).text)
    assert answers(client, path, "yes", LINE, form).status_code == 200
    heard = resident.texts("desk")
    again = answers(client, path, "yes", LINE, form)
    assert again.status_code == 409 and "Hier is al op geantwoord." in shown(again.text)
    assert answers(client, path, "no", LINE, form).status_code == 409
    assert resident.texts("desk") == heard
    assert answers(client, path, "yes").status_code == 200
    assert resident.texts("desk") == heard, "the same answer is no news"


@pytest.mark.parametrize("form", ["", "0", "0" * 64])
def test_a_form_that_nobody_was_given_does_nothing(
    client: httpx.Client, resident: Resident, path: str, form: str
) -> None:
    heard = resident.texts("desk")
    answer = client.post(path, data={"form": form, "answer": "yes"})
    assert answer.status_code == 409
    assert resident.texts("desk") == heard


def test_another_site_cannot_answer(client: httpx.Client, resident: Resident, path: str) -> None:
    heard = resident.texts("desk")
    data = {"form": form_in(client.get(path).text), "answer": "yes"}
    for header in ({"Origin": "https://elders.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post(path, data=data, headers=header).status_code == 403
    assert resident.texts("desk") == heard
    assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200, (
        "a link is opened from anywhere"
    )


def test_a_form_that_makes_no_sense_is_a_page_too(client: httpx.Client, resident: Resident, path: str) -> None:
    heard = resident.texts("desk")
    form = form_in(client.get(path).text)
    too_long = client.post(path, data={"form": form, "answer": "yes", "line": "a" * 301})
    assert too_long.status_code == 413 and "te lang" in shown(too_long.text) and "a" * 301 in too_long.text
    neither = client.post(path, data={"form": form, "answer": "misschien", "line": "hm"})
    assert neither.status_code == 400 and "Kies een van de twee knoppen" in shown(neither.text)
    for body in (b"\xff\xfe", b"a=1&" * 100, b"answer=" + b"y" * FORM_LIMIT):
        answer = client.post(path, content=body)
        assert answer.status_code in (400, 413) and answer.headers["content-type"].startswith("text/html")
    assert resident.texts("desk") == heard


def test_words_are_text_on_both_sides(client: httpx.Client, web_desk: Desk, resident: Resident) -> None:
    attack = '"><script>alert(1)</script>{{ 7 * 7 }}'
    path = invite(web_desk, resident.conversation(web_desk), words=attack, first_name=attack)
    page = client.get(path).text
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in page
    shown_again = client.post(path, data={"form": "x", "answer": "", "line": attack}).text
    assert "<script" not in shown_again
    answers(client, path, "yes", attack)
    assert f"“{attack}”" in last_heard(resident)


def test_a_number_that_does_not_belong_here_is_blocked_out(client: httpx.Client, resident: Resident, path: str) -> None:
    answers(client, path, "yes", "mijn bsn is 111222333")
    assert "111222333" not in last_heard(resident) and "█" in last_heard(resident)


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("ze gaat zich iets aandoen", "113"),
        ("hij slaat haar, ik hoor het door de muur", "0800-2000"),
        ("er is brand", "112"),
    ],
)
def test_danger_in_the_line_gives_the_numbers_at_once(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str, line: str, numbers: str
) -> None:
    page = answers(client, path, "no", line)
    said = shown(page.text)
    assert page.status_code == 200 and numbers in said and said.index(numbers) < said.index(WORDS)
    assert "Wat u erbij schreef niet, en niemand van het team heeft het gelezen." in said
    assert "Ik kan niet." in "".join(resident.texts("desk"))
    assert line not in "".join(resident.texts("desk"))
    assert web_desk.database.read(lambda uow: uow.alerts.open()) == []


def test_what_is_not_there_any_more_looks_like_what_never_was(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str
) -> None:
    never = client.get(f"{INVITATION}{'A' * 43}")
    assert never.status_code == 404 and "Deze link werkt niet meer." in shown(never.text)
    form = form_in(client.get(path).text)
    web_desk.database.run(lambda uow: end_links(uow, resident.conversation(web_desk)))
    ended = client.get(path)
    assert (ended.status_code, ended.text) == (404, never.text)
    late = client.post(path, data={"form": form, "answer": "yes"})
    assert (late.status_code, late.text) == (404, never.text)
    assert "Ik help." not in "".join(resident.texts("desk"))


def test_an_erased_resident_leaves_an_empty_page(client: httpx.Client, web_desk: Desk, resident: Resident) -> None:
    conversation = resident.conversation(web_desk)
    path = invite(web_desk, conversation)
    web_desk.database.run(lambda uow: erase_contact(uow, uow.conversations.contact_id(conversation)))
    page = client.get(path)
    assert page.status_code == 404 and WORDS not in page.text


def test_who_guesses_is_told_to_wait(web_desk: Desk, resident: Resident) -> None:
    path = invite(web_desk, resident.conversation(web_desk))
    with web_server(web_desk) as server, server.client() as client:
        for _ in range(WRONG_LINKS_A_MINUTE):
            assert client.get(f"{INVITATION}guess").status_code == 404
        for address in (f"{INVITATION}guess", path):
            page = client.get(address)
            assert page.status_code == 429 and page.headers["retry-after"] == "60"
            assert WORDS not in page.text and page.headers["content-type"].startswith("text/html")


def test_one_link_takes_only_so_many_answers(client: httpx.Client, path: str) -> None:
    codes = [answers(client, path, ("yes", "no")[n % 2]).status_code for n in range(ANSWERS_AN_HOUR + 1)]
    assert set(codes[:-1]) == {200} and codes[-1] == 429


def test_the_page_speaks_both_languages_and_keeps_to_one(client: httpx.Client, path: str) -> None:
    page = client.get(path, headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text and "I will help" in page.text
    assert '<blockquote class="letter" lang="nl">' in page.text
    thanks = client.post(
        f"{path}?language=en", data={"form": form_in(page.text), "answer": "yes"}, follow_redirects=True
    )
    assert "How nice that you help!" in shown(thanks.text)


def test_no_word_and_no_link_in_any_log(tmp_path: Path, caplog: Any, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    with desk_in(tmp_path) as desk, web_server(desk) as server, server.client() as client:
        path = invite(desk, Resident(client).conversation(desk))
        caplog.clear()  # the client of this test logs what it asks; the desk must not
        for line in (LINE, "ze gaat zich iets aandoen"):
            answers(client, path, "yes", line)
        client.post(path, content=b"\xff")
    out, err = capfd.readouterr()
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    everything = "\n".join([out, err, *lines])
    assert "suicide" in everything, "that danger was seen is noted, by its category"
    for secret in (path.removeprefix(INVITATION), WORDS, LINE, "aandoen"):
        assert secret not in everything


def test_nothing_readable_on_disk(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk, web_server(desk) as server, server.client() as client:
        resident = Resident(client)
        path = invite(desk, resident.conversation(desk), first_name="Greetje")
        answers(client, path, "yes", LINE)
        on_disk = b"".join(file.read_bytes() for file in tmp_path.glob("balie.db*"))
    for secret in (path_in(f"http://x{path}").removeprefix(INVITATION), WORDS, "Greetje", LINE):
        assert secret.encode() not in on_disk
