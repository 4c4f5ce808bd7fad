"""The configuration: config.yml, with the environment (`BALIE_…`) on top. Every mistake is told with its line."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableVariable
from ruamel.yaml.comments import CommentedMap

from desk.config_file import SettingsError, read_config
from desk.duration import duration
from desk.settings_mistakes import DUTY_IN_ONE, ONE_BY_ONE, line, variable

__all__ = ["Settings", "SettingsError", "load_settings"]

# Secrets that may stand in a file of their own, named by the variable with _FILE behind it.
_SECRETS = (
    ("telegram", "token"),
    ("telegram", "webhook_secret"),
    ("nlu", "token"),
    ("database", "url"),
)

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:  # a wrong port raises by itself
        raise ValueError
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    url: str = Field("sqlite:///var/balie.db", repr=False)  # may hold a password


class Keys(_Section):
    path: Path = Path("var/keys.json")


class Http(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: WebAddress = "http://127.0.0.1:8000"

    @property
    def opens_elsewhere(self) -> bool:
        """Whether a link to `public_url` can be opened on another machine than this one."""
        return urlsplit(self.public_url).hostname not in _THIS_MACHINE


class Nlu(_Section):
    """`timeout` in seconds: a resident waits no longer than that for the model, then the menu answers."""

    url: WebAddress = "http://127.0.0.1:5005"
    token: SecretStr | None = None
    autostart: bool = True
    timeout: float = Field(2.0, gt=0, le=10)


class Telegram(_Section):
    token: SecretStr | None = None
    mode: Literal["polling", "webhook"] = "polling"
    base_url: WebAddress = "https://api.telegram.org/bot"
    webhook_url: str = ""
    webhook_secret: SecretStr | None = None


class Team(_Section):
    name: str = "het wijkteam"
    phone: str = ""
    hours: dict[str, str] = Field(default_factory=dict)  # language → words, "werkdagen van 9 tot 17 uur"
    address: str = ""


class Complaints(_Section):
    name: str = ""
    phone: str = ""


class Retention(_Section):
    """Days. `raw_updates` stays above 7: some providers deliver the same message again for days. `links`: how long a
    page opens that a resident sends to somebody."""

    raw_updates: int = Field(8, ge=8, le=3650)
    unfinished: int = Field(7, ge=1, le=3650)
    closed: int = Field(90, ge=1, le=3650)
    links: int = Field(14, ge=1, le=90)


class Withdrawal(_Section):
    """Wrong codes in an hour before "intrekken" with a code must wait. `wrong_codes`: of one resident, who mistypes a
    few times and no more. `wrong_codes_in_all`: of everybody together, because a new conversation costs nothing; with
    8 million codes and 200 open requests, twenty an hour day and night find one in about three months."""

    wrong_codes: int = Field(5, ge=1, le=100)
    wrong_codes_in_all: int = Field(20, ge=1, le=1000)


class Alerts(_Section):
    """`words_hours`: how long after an alert of level *now* whoever took it up may open what the resident wrote around
    it. After a day the danger of that moment is in other hands, and the resident can be asked."""

    words_hours: int = Field(24, ge=1, le=168)


class Paths(_Section):
    """What authors write: flows and texts of an operator, the directory of the municipality, the routing policy.
    Empty means: what comes with the desk."""

    directory: str = ""
    policy: str = ""


class DutyStep(_Section):
    """Who is told of an alert, in which chat (a person's or a group's number), how long after it was shown. `after` is
    0 for who is told at once; the others hear of it only while nobody has taken it up."""

    telegram: int
    after: str = "0 minutes"

    @field_validator("after")
    @classmethod
    def _is_a_length(cls, value: str) -> str:
        try:
            duration(value)
        except ValueError:
            raise PydanticCustomError("length_of_time", "is no length of time") from None
        return value

    @property
    def wait(self) -> timedelta:
        return duration(self.after)


def _in_order(steps: tuple[DutyStep, ...]) -> tuple[DutyStep, ...]:
    waits = [step.wait for step in steps]
    if waits != sorted(waits):
        raise PydanticCustomError("duty_order", "are not in order")
    return steps


Duty = Annotated[tuple[DutyStep, ...], AfterValidator(_in_order)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="BALIE_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    municipality: str = "Voorbeeldstad"
    demo: bool = False
    database: Database = Database()
    keys: Keys = Keys()
    http: Http = Http()
    nlu: Nlu = Nlu()
    telegram: Telegram = Telegram()
    team: Team = Team()
    complaints: Complaints = Complaints()
    duty: Duty = ()
    retention: Retention = Retention()
    withdrawal: Withdrawal = Withdrawal()
    alerts: Alerts = Alerts()
    paths: Paths = Paths()
    quick_exit_url: str = "https://www.buienradar.nl"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        if isinstance(env_settings, EnvSettingsSource):  # always; what the variables *_FILE name was read before
            files = {variable(*path).lower() + "_file" for path in _SECRETS}
            env_settings.env_vars = {name: value for name, value in env_settings.env_vars.items() if name not in files}
        return env_settings, init_settings  # the environment wins over the file


def load_settings(path: Path | None = None) -> Settings:
    """Reads `path` (config.yml in the working folder when None; a missing one means all defaults).

    Raises SettingsError with `file:line:column: what is wrong, what to do` for each mistake.
    """
    file = path or Path("config.yml")
    content: CommentedMap = CommentedMap()
    if file.exists():
        content = read_config(file)
    elif path is not None:
        raise SettingsError(f"{file}: there is no such file; name an existing one or leave --config out")
    values = _plain(content)
    variables = {name.upper(): name for name in os.environ}
    unknown = [f"{name}: there is no such setting; remove it or mend the spelling" for name in _unknown(variables)]
    if unknown:
        raise SettingsError("\n".join(unknown))
    for section, name in _SECRETS:
        _from_file(values, section, name)
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = [line(file, content, variables, one) for one in error.errors(include_url=False, include_input=False)]
        raise SettingsError("\n".join(lines)) from None  # the values themselves may be secret
    except UnreadableVariable:
        names = [name for name in map(variable, Settings.model_fields) if name in variables]
        what = {name: DUTY_IN_ONE if name == variable("duty") else ONE_BY_ONE for name in names}
        raise SettingsError("\n".join(f"{name}: {words}" for name, words in what.items())) from None


def _plain(value: Any) -> Any:
    """Without the words that have nothing behind them: a section of which every line is a comment is no mistake."""
    if isinstance(value, dict):
        return {str(key): _plain(content) for key, content in value.items() if content is not None}
    return value


def _unknown(variables: dict[str, str]) -> list[str]:
    """A variable for a section that is not there would be passed over in silence."""
    sections = {variable(name) for name in Settings.model_fields}
    return sorted(
        name
        for upper, name in variables.items()
        if upper.startswith("BALIE_") and "__" in upper and upper.partition("__")[0] not in sections
    )


def _from_file(values: dict[str, Any], section: str, name: str) -> None:
    named = f"{variable(section, name)}_FILE"
    file = os.environ.get(named)
    if not file:
        return
    try:
        secret = Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{named}: {file} cannot be read ({error.strerror}); name a readable file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{named}: {file} is not a text file; name the file that holds the secret") from None
    if not secret:
        raise SettingsError(f"{named}: {file} is empty; put the secret in it")
    given = values.get(section)
    if given is None or isinstance(given, dict):  # anything else is told as the mistake it is
        values[section] = {**(given or {}), name: secret}
