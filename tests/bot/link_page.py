"""A page that a link opens, as the tests read it and answer on it."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import httpx

from desk import links
from desk.bootstrap import Desk
from flows.events import Invited
from storage.unit_of_work import UnitOfWork

WORDS = "Dag buurvrouw, drinkt u dinsdag een kop koffie bij mij?"
SLOTS = {"theme": "company", "who": "self", "own_network": ["neighbour"]}


def invite(desk: Desk, conversation_id: str, words: str = WORDS, first_name: str = "") -> str:
    """Makes a link for this resident as the conversation does; gives its path."""

    def work(uow: UnitOfWork) -> str:
        links.invite(uow, desk, conversation_id, "nl", Invited(words, first_name, SLOTS))
        return uow.messages.after(conversation_id, 0)[-1].text

    return path_in(desk.database.run(work))


def path_in(text: str) -> str:
    """The path of the link that the desk told."""
    found = re.search(r"https?://\S+", text)
    assert found is not None, text
    return urlsplit(found.group()).path


def form_in(page: str) -> str:
    found = re.search(r'name="form" value="([0-9a-f]+)"', page)
    assert found is not None, "there is no form on this page"
    return found.group(1)


def shown(page: str) -> str:
    """What a reader sees: without marks and double spaces."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def answers(client: httpx.Client, path: str, answer: str, line: str = "", form: str | None = None) -> httpx.Response:
    """Opens the page and sends its form; `form` of an older page instead when given."""
    form = form or form_in(client.get(path).text)
    return client.post(path, data={"form": form, "answer": answer, "line": line}, follow_redirects=True)
