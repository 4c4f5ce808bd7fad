"""The command `balie`. Data goes to stdout, progress and messages to stderr; exit 1 on a finding, 2 on wrong use."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from balie import (
    cli_agreements,
    cli_case,
    cli_check,
    cli_crisis,
    cli_dialogue,
    cli_directory,
    cli_flow,
    cli_log,
    cli_nlu,
    cli_people,
    cli_report,
    cli_retention,
)
from balie.cli_options import Config, open_desk, say, settings_of, stop_on_mistakes
from balie.listener import open_socket
from balie.logs import set_up_logs
from desk.bootstrap import facts_in_chat
from desk.content import check_flows, load_guard
from desk.town import OpenedAccount
from flows.model import Language

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for part in (cli_agreements, cli_check, cli_people):
    part.add_commands(app)
app.add_typer(cli_nlu.app, name="nlu")
app.add_typer(cli_crisis.app, name="crisis")
app.add_typer(cli_dialogue.app, name="dialogue")
app.add_typer(cli_directory.app, name="directory")
app.add_typer(cli_flow.app, name="flow")
app.add_typer(cli_log.routing_log, name="routing-log")
app.add_typer(cli_log.route, name="route")
app.add_typer(cli_people.user, name="user")
app.add_typer(cli_check.database, name="db")
app.add_typer(cli_retention.app, name="retention")
app.add_typer(cli_case.app, name="case")
app.add_typer(cli_report.app, name="report")


@app.command()
def serve(config: Config = None) -> None:
    """Runs the desk: chat, board, Telegram, and the language model beside it, until Ctrl-C."""
    set_up_logs(sys.stdout)
    with stop_on_mistakes():
        settings = settings_of(config)
        listener = open_socket(settings.http.host, settings.http.port)
        load_guard()
        check_flows(facts_in_chat(settings))
        with listener, open_desk(settings) as desk:
            from balie import serve as serving  # loads the pages; what is wrong above is said without that wait

            host = f"[{settings.http.host}]" if ":" in settings.http.host else settings.http.host
            url = f"http://{host}:{listener.getsockname()[1]}"
            with _fast_loop() as runner:
                runner.run(serving.serve(desk, listener, lambda accounts: _announce(url, accounts)))


@app.command()
def chat(
    config: Config = None, language: Annotated[Language, typer.Option(help="The language to begin in.")] = "nl"
) -> None:
    """Talk with the desk in the terminal, as a resident would. An empty line ends it."""
    from balie.console import talk
    from balie.serve import load_demo

    with stop_on_mistakes():
        settings = settings_of(config)
        load_guard()
        check_flows(facts_in_chat(settings))
        with open_desk(settings) as desk:
            if settings.demo and not desk.database.read(lambda uow: uow.directory.load()).services:
                load_demo(desk)
            talk(desk, language)


@contextmanager
def _fast_loop() -> Iterator[asyncio.Runner]:
    try:
        import uvloop
    except ImportError:  # not made for this system
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner


def _announce(url: str, accounts: tuple[OpenedAccount, ...]) -> None:
    console = Console(stderr=True, highlight=False)
    console.print("\n[bold]Buurtbalie is open.[/bold]")
    console.print(f"  Chat for residents   {url}/")
    console.print(f"  Board for hosts      {url}/board")
    shown: set[str] = set()
    if accounts:
        console.print("\n  Demonstration accounts (log in on the board; you choose your own password at once):")
    for opened in accounts:
        role = opened.account.role
        if role not in shown:
            shown.add(role)
            console.print(f"    {role:<13} {opened.account.login:<10} {opened.password}")
    console.print("\n  Ctrl-C stops everything.\n")


def main() -> None:
    set_up_logs(sys.stderr)  # stdout is for data; `serve` sets its own
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        say("Stopped.")
        sys.exit(130)
