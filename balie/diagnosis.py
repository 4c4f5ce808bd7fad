"""What `balie doctor` looks at: configuration, keys, database, log, content, language model, port."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
from msgspec import Struct

from balie.nlu_process import NLU, data_fingerprint
from desk.bootstrap import Desk, bootstrap
from desk.content import ContentError
from desk.settings import Settings
from routing.policy import PolicyError
from storage.errors import StorageError


class Part(Struct, frozen=True):
    name: str
    ok: bool
    what: str


def diagnose(settings: Settings) -> list[Part]:
    """One line per part; `ok` False where something needs doing."""
    parts = [_files(settings), _team(settings), _duty(settings), _model(), _server(settings), _port(settings)]
    if parts[0].ok:
        try:
            desk = bootstrap(settings)
        except (StorageError, ContentError, PolicyError) as error:
            return [*parts, Part("database", False, str(error))]
        try:
            parts += _inside(desk)
        finally:
            desk.close()
    return parts


def _files(settings: Settings) -> Part:
    """Looks before the database is opened: opening would make what is missing."""
    url = settings.database.url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return Part("database", False, "there is none yet; `balie serve` or `balie db upgrade` makes it")
    if not settings.keys.path.exists():
        return Part("keys", False, f"{settings.keys.path} is missing; put the key file of this database back")
    mode = settings.keys.path.stat().st_mode & 0o777
    if mode & 0o077:
        return Part("keys", False, f"others can read {settings.keys.path}; run chmod 600 on it")
    return Part("keys", True, f"{settings.keys.path}, for its owner only")


def _team(settings: Settings) -> Part:
    """Residents read these in the desk's answers; an empty one leaves a hole in the sentence."""
    team, complaints = settings.team, settings.complaints
    given = {
        "team.phone": team.phone,
        "team.hours.nl": team.hours.get("nl"),
        "team.address": team.address,
        "complaints.name": complaints.name,
        "complaints.phone": complaints.phone,
    }
    empty = [name for name, value in given.items() if not value]
    if empty:
        return Part(
            "team", False, f"config.yml does not say {', '.join(empty)}; residents are told these, fill them in"
        )
    return Part("team", True, f"{team.name}, {team.phone}")


NOBODY_ON_DUTY = (
    "nobody is told of an alert, it stands on the board only; name who is on duty with `duty` in config.yml"
)
LINKS_HERE_ONLY = (
    "pages that residents send to somebody open on this machine only, and Telegram gives none; "
    "set `http: public_url` to the public address"
)


def duty_mistake(settings: Settings) -> str:
    """Why an alert would not reach who is on duty, with what to do; empty when it would, or when nobody is named."""
    if not settings.duty:
        return ""
    if settings.telegram.token is None:
        return "`duty` names a Telegram chat, but there is no bot; set BALIE_TELEGRAM__TOKEN"
    if not settings.http.opens_elsewhere:
        return "the link to the board opens on this machine only; set `http: public_url` to the public address"
    return ""


def _duty(settings: Settings) -> Part:
    """Without anybody on duty the desk is in order too: that is a choice, and the words never promise a reader."""
    wrong = duty_mistake(settings)
    if wrong:
        return Part("duty", False, wrong)
    if not settings.duty:
        return Part("duty", True, NOBODY_ON_DUTY)
    first, *later = settings.duty
    steps = f"told {'at once' if not first.wait else f'after {first.after}'}"
    return Part("duty", True, ", then after ".join([steps, *(step.after for step in later)]))


def _model() -> Part:
    model, mark = NLU / "models" / "nlu.tar.gz", NLU / "models" / "fingerprint.txt"
    if not model.exists():
        return Part("model", False, "the language model is not trained; run `balie nlu train` (the menu works without)")
    if not mark.exists() or mark.read_text().strip() != data_fingerprint(NLU):
        return Part("model", False, "the training data changed after training; run `balie nlu train`")
    return Part("model", True, f"trained, {model.stat().st_size / 1e6:.0f} MB")


def _server(settings: Settings) -> Part:
    token = settings.nlu.token.get_secret_value() if settings.nlu.token else ""
    if settings.nlu.autostart:
        return Part("nlu", True, "is started beside the desk by `balie serve`")
    try:
        answer = httpx.get(f"{settings.nlu.url}/status", params={"token": token}, timeout=2, trust_env=False)
    except httpx.HTTPError as error:
        return Part("nlu", False, f"{settings.nlu.url} does not answer ({type(error).__name__}); start it there")
    return Part("nlu", answer.status_code == 200, f"{settings.nlu.url} answers {answer.status_code}")


def _port(settings: Settings) -> Part:
    try:
        socket.create_connection((settings.http.host, settings.http.port), timeout=1).close()
        used = True
    except OSError:
        used = False
    what = "in use (by a running desk?)" if used else "free"
    return Part("port", True, f"{settings.http.host}:{settings.http.port} is {what}")


def _inside(desk: Desk) -> list[Part]:
    broken = desk.database.read(lambda uow: uow.routing_log.verify())
    dead = desk.database.read(lambda uow: len(uow.jobs.dead()))
    directory = desk.database.read(lambda uow: uow.directory.load())
    users = desk.database.read(lambda uow: sum(not user.disabled for user in uow.people.everyone()))
    services = len(directory.services)
    return [
        Part(
            "routing log", not broken, "intact" if not broken else f"{len(broken)} rows broken; see routing-log verify"
        ),
        Part("deliveries", dead == 0, "nothing given up" if not dead else f"{dead} messages could not be delivered"),
        Part("directory", services > 0, f"{services} services" if services else "is empty; no one can be referred"),
        Part("users", users > 0, f"{users} can log in" if users else "there are none; run `balie user add`"),
    ]
