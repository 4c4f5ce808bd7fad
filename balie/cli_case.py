"""`balie case`: a resident's request, handled by an operator for a resident who asks on paper or by phone."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import msgspec
import typer

from balie.cli_options import AsJson, Config, finding, open_desk, put, say, settings_of, stop_on_mistakes
from desk import cases
from desk.cases import NoCase

app = typer.Typer(no_args_is_help=True, help="One request of a resident, by its code.")
Code = Annotated[str, typer.Argument(help="The request's code, as the resident has it.")]
LONGEST_REASON = 500


def _reason(given: str) -> str:
    if not given.strip() or len(given) > LONGEST_REASON:
        raise typer.BadParameter(f"write in at most {LONGEST_REASON} characters why, and for whom")
    return " ".join(given.split())


@app.command()
def show(code: Code, config: Config = None, as_json: AsJson = False) -> None:
    """Status, dates and codes. None of the resident's words."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        try:
            found = desk.database.run(lambda uow: cases.show(uow, code))
        except NoCase:
            _none()
    put(found, as_json, _lines(found))


@app.command()
def export(
    code: Code,
    reason: Annotated[
        str, typer.Option(help="Why, and for whom. The resident can read it in the access log.", callback=_reason)
    ],
    config: Config = None,
) -> None:
    """Everything of this request as JSON, to give to the resident whose it is."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        try:
            found = desk.database.run(lambda uow: cases.export(uow, code, reason))
        except NoCase:
            _none()
    put(found, True, [])
    say("This holds personal data. Give it to the resident only, and remove it afterwards.")


@app.command()
def erase(
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    conversation: Annotated[
        bool, typer.Option("--conversation", help="Also the conversation and every other request of this resident.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Destroys the key, gives back the places at services, and leaves a tombstone. Cannot be undone."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        if desk.database.read(lambda uow: uow.requests.by_code(code)) is None:
            _none()
        what = "everything of this resident" if conversation else "this request"
        if not yes and not _agreed(f"Erase {what}? It cannot be undone. Type yes:"):
            finding("Nothing was erased.")
        try:
            done = desk.database.run(lambda uow: cases.erase(uow, desk, code, conversation=conversation))
        except NoCase:
            _none()
    lines = [
        f"erased        {', '.join(done.requests)}",
        f"places freed  {done.seats}",
        f"conversation  {'erased' if done.conversation else 'stays; add --conversation to erase it too'}",
        "A tombstone stays, so that a restored backup erases this again.",
    ]
    put(msgspec.to_builtins(done), as_json, lines)


def _agreed(question: str) -> bool:
    say(question)
    return typer.get_text_stream("stdin").readline().strip().casefold() in ("y", "yes")


def _none() -> NoReturn:
    finding("there is no request with this code; check the code with the resident")


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"code       {found['code']}",
        f"status     {found['status']}",
        f"theme      {found['theme']}, {found['neighbourhood'] or 'neighbourhood unknown'}",
        f"asked      {found['created_at']}",
        f"changed    {found['updated_at']}",
        f"follow-up  {'planned' if found['follow_up_planned'] else 'not planned'}",
    ]
    for one in found["referrals"]:
        lines.append(f"referral   {one['service']} ({one['organisation']}): {one['status']}")
        lines += [f"           {event['at']}  {event['status']} by {event['by']}" for event in one["events"]]
    for one in found["consents"]:
        withdrawn = f", withdrawn {one['withdrawn_at']}" if one["withdrawn_at"] else ""
        lines.append(
            f"consent    {one['at']}  {one['answer']}, card {one['card_version']} ({one['language']}){withdrawn}"
        )
        lines.append(f"           {', '.join(one['lines'])}; by {one['channel']}")
    lines += [f"access     {one['at']}  {one['what']} by {one['by']}" for one in found["accesses"]]
    return lines
