"""Sessions and messages of the web chat over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from desk import correspondence
from desk.bootstrap import Desk
from storage.records import InboxRow, Role
from storage.unit_of_work import UnitOfWork
from tests.bot.web_client import Resident
from tests.servers.desk_server import desk_in, web_server

CHOICES = [{"id": "1.self", "label": "Voor mijzelf"}, {"id": "1.other", "label": "Voor iemand anders"}]


def test_a_session_is_a_token_for_thirty_days_and_a_resume_code(client: httpx.Client) -> None:
    answer = client.post("/chat/sessions")
    assert answer.status_code == 201
    opened = answer.json()
    assert set(opened) == {"token", "expires_at", "resume_code"}
    assert len(opened["token"]) >= 32  # base64 of at least 128 bits is 22 letters
    left = datetime.fromisoformat(opened["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert answer.headers["cache-control"] == "no-store"


def test_tokens_differ(client: httpx.Client) -> None:
    assert len({client.post("/chat/sessions").json()["token"] for _ in range(20)}) == 20


def test_nothing_is_kept_in_cookies(client: httpx.Client, resident: Resident) -> None:
    for answer in (client.post("/chat/sessions"), resident.post("dag"), client.get("/")):
        assert "set-cookie" not in answer.headers


def test_a_message_is_stored_when_it_is_acknowledged(resident: Resident, web_desk: Desk) -> None:
    name = str(uuid4())
    answer = resident.post("Ik zit vaak alleen.", id=name)
    assert (answer.status_code, answer.json()) == (202, {"n": 1})
    conversation = resident.conversation(web_desk)

    def row() -> InboxRow | None:
        def find(uow: UnitOfWork) -> InboxRow | None:
            contact = uow.conversations.get(conversation).contact_id
            return uow.inbox.find("web", "web", f"{contact}:{name}")

        return web_desk.database.read(find)

    stored = row()
    assert stored is not None
    assert (stored.conversation_id, stored.n) == (conversation, 1)
    assert json.loads(stored.payload or b"") == {"id": name, "text": "Ik zit vaak alleen."}
    assert resident.messages()[0]["text"] == "Ik zit vaak alleen."


def test_the_same_id_again_is_the_same_message(resident: Resident) -> None:
    name = str(uuid4())
    first = resident.post("ja", id=name)
    again = resident.post("ja", id=name)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert resident.texts() == ["ja"]


def test_an_id_in_other_spelling_is_the_same_id(resident: Resident) -> None:
    name = str(uuid4())
    resident.post("ja", id=name)
    assert resident.post("ja", id=name.upper()).status_code == 200


def test_two_equal_messages_are_two(resident: Resident) -> None:
    assert [resident.post("ja").json()["n"] for _ in range(2)] == [1, 2]
    assert resident.texts() == ["ja", "ja"]


def test_ids_belong_to_one_conversation(client: httpx.Client) -> None:
    name = str(uuid4())
    assert [Resident(client).post("dag", id=name).status_code for _ in range(2)] == [202, 202]


def test_numbers_count_both_directions(resident: Resident, web_desk: Desk) -> None:
    resident.post("dag")
    resident.hears(web_desk, "Voor wie is uw vraag?", CHOICES)
    resident.post("voor mij")
    assert [(m["n"], m["from"]) for m in resident.messages()] == [(1, "resident"), (2, "desk"), (3, "resident")]
    assert [m["n"] for m in resident.messages(after=2)] == [3]
    assert resident.messages(after=3) == []


def test_a_message_looks_as_the_contract_says(resident: Resident, web_desk: Desk) -> None:
    resident.hears(web_desk, "Voor wie is uw vraag?", CHOICES)
    (message,) = resident.messages()
    assert set(message) == {"n", "from", "text", "choices", "at"}
    assert message["choices"] == CHOICES
    assert datetime.fromisoformat(message["at"]).tzinfo is not None


def test_a_person_is_named(resident: Resident, web_desk: Desk) -> None:
    fatima = web_desk.database.run(lambda uow: uow.people.add_user("fatima", "Fatima", None, [Role("host")]))
    resident.post("dag")

    def write(uow: UnitOfWork) -> None:
        correspondence.speak(uow, web_desk, resident.conversation(web_desk), fatima, "host", "Dag, ik lees mee.", None)

    web_desk.database.run(write)
    message = resident.messages()[-1]
    assert (message["from"], message["name"], message["text"]) == ("host", "Fatima", "Dag, ik lees mee.")


def test_a_choice_is_a_message(resident: Resident) -> None:
    assert resident.post(choice="1.self").json() == {"n": 1}


def test_more_messages_than_one_answer_holds(resident: Resident, web_desk: Desk) -> None:
    conversation = resident.conversation(web_desk)

    def many(uow: UnitOfWork) -> None:
        for number in range(450):
            uow.messages.add(conversation, "desk", f"zin {number}")

    web_desk.database.run(many)
    assert resident.texts("desk") == [f"zin {number}" for number in range(450)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("   \n ", id="blank"),
        pytest.param("a" * 100_000, id="100,000 letters"),
        pytest.param("👵🏽" * 50_000, id="100,000 emoji signs"),
        pytest.param("مرحبا، أنا وحيد جدا", id="right to left"),
        pytest.param("{{7*7}} {0.__class__} <img src=x onerror=alert(1)>", id="templates and markup"),
        pytest.param("regel 1\r\nregel 2\u2028\x00\x1b[31mrood", id="control characters"),
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_every_text_is_kept_in_full(resident: Resident, text: str, escaped: bool) -> None:
    body = json.dumps({"id": str(uuid4()), "text": text}, ensure_ascii=escaped).encode()
    answer = resident.client.post("/chat/messages", headers=resident.headers, content=body)
    assert answer.status_code == 202, answer.text
    assert resident.texts() == [text]


def test_a_code_goes_on_elsewhere(client: httpx.Client, resident: Resident) -> None:
    resident.post("tot later")
    typed = resident.opened["resume_code"].lower().replace("-", " ")
    answer = client.post("/chat/resume", json={"code": typed})
    assert answer.status_code == 201
    resumed = Resident(client, answer.json())
    assert resumed.opened["token"] != resident.opened["token"]
    resumed.post("hier ben ik weer")
    assert resident.texts() == resumed.texts() == ["tot later", "hier ben ik weer"]


def test_a_forgotten_resident_is_unknown(resident: Resident, web_desk: Desk) -> None:
    resident.post("vergeet mij")
    conversation = resident.conversation(web_desk)
    web_desk.database.run(lambda uow: uow.contacts.erase(uow.conversations.get(conversation).contact_id))
    for answer in (resident.post("dag"), resident.client.get("/chat/messages", headers=resident.headers)):
        assert answer.status_code == 404
    assert resident.client.post("/chat/resume", json={"code": resident.opened["resume_code"]}).status_code == 404


def test_a_token_in_use_does_not_run_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    days = [0]
    start = datetime(2026, 3, 2, tzinfo=UTC)
    with (
        desk_in(tmp_path_factory.mktemp("slides"), lambda: start + timedelta(days=days[0])) as desk,
        web_server(desk) as server,
        server.client() as client,
    ):
        used, unused = Resident(client), Resident(client)
        for days[0] in (29, 31):
            assert used.post("dag").status_code == 202
        assert unused.post("dag").status_code == 404
