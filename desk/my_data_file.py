"""The own data as a file: JSON with everything, HTML to read and print. Made when it is asked for, kept nowhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from desk import my_data
from desk.moments import day, day_and_time
from desk.sessions import session_of
from storage.errors import Erased
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

Kind = Literal["json", "html"]
MEDIA_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}


class DataFile(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    language: str
    content: bytes

    def __repr__(self) -> str:
        return "<DataFile>"


def file_of(desk: Desk, contact_id: str, kind: Kind) -> DataFile | None:
    """None once the contact was erased. Blocking; reads, and writes nothing."""

    def make(uow: UnitOfWork) -> DataFile | None:
        try:
            kept = my_data.kept(uow, desk, contact_id)
        except Erased:
            return None
        language = session_of(uow.conversations.get(kept["conversation"]["id"])).language
        content = _json(kept) if kind == "json" else _html(desk, kept, language).encode()
        name = f"{desk.texts.render('data.file_name', language)}.{kind}"
        return DataFile(name, MEDIA_TYPES[kind], language, content)

    return desk.database.read(make)


def of_conversation(desk: Desk, conversation_id: str, kind: Kind) -> DataFile | None:
    """As `file_of`, for a channel that knows the conversation."""
    contact_id = desk.database.read(lambda uow: uow.conversations.contact_id(conversation_id))
    return file_of(desk, contact_id, kind)


def _json(kept: my_data.Kept) -> bytes:
    return msgspec.json.format(msgspec.json.encode(kept), indent=2)


def _html(desk: Desk, kept: my_data.Kept, language: str) -> str:
    texts = desk.texts

    def t(key: str, **values: Any) -> str:
        return texts.render(f"data_file.{key}", language, **values)

    def words(prefix: str, code: str) -> str:
        """A code in words; what has no text (an operator's own theme) is shown as it is."""
        key = f"{prefix}.{code}"
        return texts.render(key, language) if texts.has(key, language) else code

    return _template().render(
        kept=kept,
        language=language,
        t=t,
        words=words,
        day=lambda moment: day(texts, language, moment),
        time=lambda moment: day_and_time(texts, language, moment),
        technical=_json({"memory": kept["conversation"]["memory"], "received": kept["received"]}).decode(),
    )


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("my_data.html")
