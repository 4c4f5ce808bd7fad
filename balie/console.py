"""`balie chat`: the desk in the terminal. Numbers stand for the quick replies."""

from __future__ import annotations

import secrets
import sys
import uuid

import httpx
from rich.console import Console

from bot.understand import understood_from
from desk.bootstrap import Desk
from desk.due import run_due
from desk.receive import Incoming, Receipt, store
from desk.turns import Understood, Waiting, next_turns, take_turn, turn_failed
from storage.records import StoredMessage

CHANNEL = "console"


def talk(desk: Desk, language: str) -> None:
    """Reads lines until an empty one. Asks the NLU of the settings; where it does not answer the menu does."""
    console = Console(highlight=False)
    address, seen = secrets.token_hex(8), 0
    choices: list[dict[str, str]] = []
    words = "/taal en" if language == "en" else "/start"
    while words:
        receipt = store(desk, _incoming(address, words, choices)).result()
        _answer(desk)
        for message in _new(desk, receipt, seen):
            seen = message.n
            if message.sender != "resident":
                choices = [{"id": str(one["id"]), "label": str(one["label"])} for one in message.choices]
                console.print(f"\n{message.author or 'Buurtbalie'}", style="bold", markup=False)
                console.print(message.text, markup=False)
                for number, choice in enumerate(choices, start=1):
                    console.print(f"  {number}  {choice['label']}", markup=False)
        console.print("> ", end="")
        words = _line()


def _line() -> str:
    """What was typed; bytes that are no text become the sign for that. Empty at the end of the input (Ctrl-D)."""
    return sys.stdin.buffer.readline().decode("utf-8", "replace").strip()


def _incoming(address: str, words: str, choices: list[dict[str, str]]) -> Incoming:
    choice = next((one["id"] for number, one in enumerate(choices, start=1) if words == str(number)), None)
    text = "" if choice else words
    return Incoming(CHANNEL, "console", str(uuid.uuid4()), address, words.encode(), text=text, choice=choice)


def _answer(desk: Desk) -> None:
    while turns := next_turns(desk, CHANNEL):
        for waiting in turns:
            try:
                take_turn(desk, waiting, _understand(desk, waiting))
            except Exception as error:
                turn_failed(desk, waiting, error)
    run_due(desk, CHANNEL)


def _understand(desk: Desk, waiting: Waiting) -> Understood:
    nlu = desk.settings.nlu
    if not waiting.ask_model:
        return Understood()
    token = {"token": nlu.token.get_secret_value()} if nlu.token else None
    try:
        answer = httpx.post(
            f"{nlu.url}/model/parse", params=token, json={"text": waiting.text}, timeout=nlu.timeout, trust_env=False
        )
        return understood_from(answer.raise_for_status().json())
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return Understood(asked=False)


def _new(desk: Desk, receipt: Receipt, seen: int) -> list[StoredMessage]:
    return desk.database.read(lambda uow: uow.messages.after(receipt.conversation_id, seen))
