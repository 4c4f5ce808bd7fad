"""`balie check`, `balie doctor` and `balie db upgrade`: is all that people wrote right, and does the desk stand?"""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import typer

from balie.cli_options import AsJson, Config, finding, put, say, settings_of, stop_on_mistakes
from balie.dialogue_file import DialogueError, read_dialogues
from desk.bootstrap import facts_in_chat, load_policy
from desk.content import ContentError, check_content, load_content, load_guard, places_of
from desk.directory_file import DirectoryError, read_directory, towns_in
from desk.settings import Settings, SettingsError
from routing.model import Neighbourhood
from routing.policy import PolicyError

database = typer.Typer(no_args_is_help=True, help="The database.")


def add_commands(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(doctor)


def check(config: Config = None, as_json: AsJson = False) -> None:
    """Reads everything an author or operator can write and says what is wrong: file, line, column, remedy."""
    found = findings(config)
    put(found, as_json, found)
    _say_what_to_know(config)
    if found:
        raise typer.Exit(1)
    say("Everything that was read is right.")


def _say_what_to_know(config: Path | None) -> None:
    """No findings, for the environment of the desk itself may differ; an operator should hear it all the same."""
    from balie.diagnosis import LINKS_HERE_ONLY, NOBODY_ON_DUTY, duty_mistake

    try:
        settings = settings_of(config)
    except SettingsError:
        return  # told as a finding
    if words := NOBODY_ON_DUTY if not settings.duty else duty_mistake(settings):
        say(f"Duty: {words}.")
    if not settings.http.opens_elsewhere:
        say(f"Links: {LINKS_HERE_ONLY}.")


def findings(config: Path | None) -> list[str]:
    """`file:line:column: what, remedy` for config.yml, flows, texts, policy, directory and dialogues."""
    found: list[str] = []
    settings = Settings.model_construct()  # the defaults, whatever the environment says
    try:
        settings = settings_of(config)
    except SettingsError as error:
        found += str(error).splitlines()
    neighbourhoods: dict[Path, tuple[Neighbourhood, ...]] = {}
    with as_file(files("balie.demo")) as demo:
        own = Path(settings.paths.directory) if settings.paths.directory else demo / "voorbeeldstad"
        for folder in dict.fromkeys([own, *towns_in(demo)]):
            try:
                neighbourhoods[folder] = read_directory(folder).neighbourhoods
            except DirectoryError as error:
                found += str(error).splitlines()
    try:
        found += map(str, check_content(load_content(facts_in_chat(settings), places_of(neighbourhoods.get(own, ())))))
    except ContentError as error:
        found += str(error).splitlines()
    try:
        load_guard()
    except ContentError as error:
        found += str(error).splitlines()
    try:
        load_policy(settings)
    except PolicyError as error:
        found += str(error).splitlines()
    for path in sorted(Path("tests/dialogues").glob("*.yml")):
        try:
            read_dialogues(path)
        except DialogueError as error:
            found.append(str(error))
    return found


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """What is there and what is not, on one screen. Starts nothing and changes nothing."""
    from balie.diagnosis import diagnose

    with stop_on_mistakes():
        parts = diagnose(settings_of(config))
    width = max(len(part.name) for part in parts)
    lines = [f"{'ok ' if part.ok else '!! '} {part.name:<{width}}  {part.what}" for part in parts]
    put([{"name": part.name, "ok": part.ok, "what": part.what} for part in parts], as_json, lines)
    if not all(part.ok for part in parts):
        raise typer.Exit(1)


@database.command()
def upgrade(config: Config = None) -> None:
    """Brings the database's schema up to this version, and makes it when there is none."""
    from desk.bootstrap import now
    from storage.first_start import open_storage

    with stop_on_mistakes():
        settings = settings_of(config)
        if shutil.disk_usage(Path.cwd()).free < 50_000_000:
            finding("there is less than 50 MB free on this disk; make room before upgrading")
        open_storage(settings.database.url, settings.keys.path, now).close()
        say("The database is up to date.")
