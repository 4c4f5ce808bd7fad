"""`balie user add`: someone who may log in on the board."""

from __future__ import annotations

from typing import Annotated

import typer

from balie.cli_options import Config, finding, open_desk, say, settings_of, stop_on_mistakes
from desk.login import one_time_password
from storage.records import Role, RoleName

user = typer.Typer(no_args_is_help=True, help="People who log in on the board.")


def add_commands(app: typer.Typer) -> None:
    """This part has no commands of its own at the top."""


@user.callback()
def users() -> None:
    """People who log in on the board."""


@user.command()
def add(
    login: Annotated[str, typer.Argument(help="The name to log in with.")],
    first_name: Annotated[str, typer.Argument(help="The name that residents see.")],
    role: Annotated[RoleName, typer.Argument(help="What this person may see and do.")],
    organisation: Annotated[str | None, typer.Option(help="Id of the organisation.")] = None,
    neighbourhood: Annotated[str | None, typer.Option(help="Id of the neighbourhood.")] = None,
    config: Config = None,
) -> None:
    """Adds a user and prints a one-time password; they choose their own at the first login."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        directory = desk.database.read(lambda uow: uow.directory.load())
        if organisation and organisation not in {one.id for one in directory.organisations}:
            finding(f"the directory has no organisation {organisation}; check its id")
        if neighbourhood and neighbourhood not in {one.id for one in directory.neighbourhoods}:
            finding(f"the directory has no neighbourhood {neighbourhood}; check its id")
        password = one_time_password()
        roles = [Role(role, organisation, neighbourhood)]
        desk.database.run(lambda uow: uow.people.add_user(login, first_name, password, roles))
    say(f"{login} can log in once with this password and then chooses an own one:")
    print(password)
