"""`balie routing-log` and `balie route`: what went where and why, and whether the log is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from balie import routes_table
from balie.cli_options import AsJson, Config, finding, open_desk, put, say, settings_of, stop_on_mistakes
from desk.bootstrap import load_policy
from desk.content import load_texts
from routing.explain import DecisionCodes
from routing.explain import explain as explain_codes
from storage.records import Head

routing_log = typer.Typer(no_args_is_help=True, help="The log of every routing.")
route = typer.Typer(no_args_is_help=True, help="Why a request went where it went.")


@routing_log.command()
def verify(
    heads: Annotated[Path | None, typer.Option(help="Heads kept earlier (JSON of `routing-log heads`).")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Recomputes the chain. Says intact, or which row was changed or is missing."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        kept = _kept(heads) if heads else []
        broken = desk.database.read(lambda uow: uow.routing_log.verify(kept))
        rows = desk.database.read(lambda uow: uow.routing_log.heads())
    last = rows[-1].seq if rows else 0
    lines = [f"row {one.seq}: {one.what}" for one in broken] or [f"intact: {last} rows"]
    put({"intact": not broken, "rows": last, "broken": msgspec.to_builtins(broken)}, as_json, lines)
    if broken:
        raise typer.Exit(1)


@routing_log.command()
def heads(config: Config = None) -> None:
    """The end of the log as JSON. Kept elsewhere, it proves later that nothing before it was changed."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        found = desk.database.read(lambda uow: uow.routing_log.heads())
    print(msgspec.json.encode(found).decode())


def _kept(file: Path) -> list[Head]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Head])
    except OSError as error:
        finding(f"{file} cannot be read ({error.strerror}); name the file with the heads that were kept")
    except (msgspec.DecodeError, UnicodeDecodeError):
        finding(f"{file} does not hold heads; name a file made with `balie routing-log heads`")


@route.command()
def compare(config: Config = None) -> None:
    """The same ten requests in each example municipality, as Markdown: what the form of a team changes."""
    with stop_on_mistakes():
        settings = settings_of(config)
        print(routes_table.compare(load_policy(settings), load_texts()))


@route.command()
def explain(
    request: Annotated[str, typer.Argument(help="The request's code, as the resident has it.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Where a request went and why: the rule, the options with their reasons, and what was left out. Codes and their
    sentences; nothing of what was said."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        found = desk.database.read(lambda uow: uow.requests.by_code(request))
        if found is None:
            finding(f"there is no request {request}; check the code")
        rows = desk.database.read(lambda uow: uow.routing_log.of_request(found.id))
        directory = desk.database.read(lambda uow: uow.directory.load())
        texts, present = desk.texts, desk.policy.hash
    services = {service.id: service for service in directory.services}
    place = next((one.name for one in directory.neighbourhoods if one.id == found.neighbourhood), "")

    def words(key: str, service_id: str) -> str:
        service = services.get(service_id)
        values = {"name": service.name if service else service_id, "organisation": "", "neighbourhood": place}
        return " ".join(texts.render(key, "nl", **values).split()) if texts.has(key, "nl") else ""

    codes = msgspec.convert(found.option["decision"], DecisionCodes)
    lines = []
    for row in rows:
        lines += [
            f"row          {row.seq} ({row.month})",
            f"theme        {row.theme}, {row.neighbourhood or 'neighbourhood unknown'}",
            f"destination  {row.destination}, {row.kind}",
            f"reasons      {', '.join(row.reasons)}",
        ]
    data = {
        "rows": msgspec.to_builtins(rows),
        "decision": msgspec.to_builtins(codes),
        "present_policy": present,
        "policy_is_present": codes.policy == present,
    }
    put(data, as_json, [*lines, *explain_codes(codes, present, words)])
    if not rows:
        say("There is no row for this request.")
