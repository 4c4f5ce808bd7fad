"""`balie chat`: a whole conversation typed in a terminal, with the numbers of the quick replies."""

from __future__ import annotations

import sqlite3

from tests.balie.command import Place
from tests.servers.desk_server import desk_in

TYPED = b"1\n1\nik zit veel alleen thuis\n1\n1234 AB\n1\n1\n1\n1\n\n"


def test_a_conversation_in_numbers_ends_in_a_referral(town: Place) -> None:
    done = town.balie("chat", given=TYPED)
    assert (done.returncode, done.stderr) == (0, "")
    for expected in (
        "een computerprogramma",
        "In welke buurt woont u?",
        "Wie is er in uw buurt",
        "Dit past bij uw vraag",
    ):
        assert expected in done.stdout
    assert "Koffieochtend Noord" in done.stdout
    assert "Mag ik dit sturen?" in done.stdout
    assert "Ik heb uw vraag gestuurd aan Koffieochtend Noord" in " ".join(done.stdout.split())
    with desk_in(town.folder) as desk:
        referrals = desk.database.read(lambda uow: uow.referrals.list())
        assert [(one.theme, one.neighbourhood, one.status) for one in referrals] == [("company", "noord", "referred")]
        assert [row.request_id for row in desk.database.read(lambda uow: uow.routing_log.rows())] == [
            referrals[0].request_id
        ]


def test_whatever_is_typed_there_is_an_answer_and_no_error(town: Place) -> None:
    typed = [
        b"\xff\xfe\xc3 kapot",
        "²".encode(),
        b"99999999999999999999999999",
        b"1" * 5000,
        b"woord " * 17_000,
        "🌧️🥲".encode(),
        "أحتاج إلى مساعدة".encode(),
        b"\x1b[31mrood\x1b[0m\x07",
        b"[bold]{{ 7*7 }}[/bold] {% for %}",
        b"a\x00b",
    ]
    done = town.balie("chat", given=b"\n".join(typed) + b"\n\n")
    assert (done.returncode, done.stderr) == (0, "")
    answers = done.stdout.split("\n> ")
    assert len(answers) == len(typed) + 2  # the greeting before, and the prompt that nothing followed
    assert all("Buurtbalie" in answer for answer in answers[:-1]), answers
    assert "\x1b" not in done.stdout
    assert "Er ging hier iets mis" not in done.stdout
    with desk_in(town.folder) as desk:
        assert desk.database.read(lambda uow: uow.jobs.dead()) == []
    with sqlite3.connect(town.database) as connection:
        stored = connection.execute("SELECT count(*) FROM message WHERE sender = 'resident'").fetchone()
    connection.close()
    assert stored == (len(typed) + 1,)


def test_the_own_data_are_told_and_no_file_is_promised(town: Place) -> None:
    done = town.balie("chat", given=b"wat weten jullie van mij\n1\nhaal uw berichten weg\n\n")
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "Dit is het belangrijkste wat ik van u bewaar. Het staat op slot." in said
    assert "In dit venster kan ik u geen bestand geven." in said
    assert "Hier kan ik mijn berichten niet los weghalen." in said


def test_in_english_from_the_first_words_on_until_the_input_ends(town: Place) -> None:
    done = town.balie("chat", "--language", "en", given=b"I feel lonely")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ik " not in done.stdout
    assert "I am" in done.stdout
