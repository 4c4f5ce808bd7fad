"""The configuration: config.yml, with the environment (`BALIE_…`) on top. Every mistake is told with its line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

# Secrets that may stand in a file of their own, named by the variable with _FILE behind it.
_SECRETS = (
    ("telegram", "token"),
    ("telegram", "webhook_secret"),
    ("nlu", "token"),
    ("database", "url"),
)


class SettingsError(Exception):
    """config.yml or the environment is wrong; one `file:line:column: what, what to do` a line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    url: str = "sqlite:///var/balie.db"


class Keys(_Section):
    path: Path = Path("var/keys.json")


class Http(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8000"


class Nlu(_Section):
    """`timeout` in seconds: a resident waits no longer than that for the model, then the menu answers."""

    url: str = "http://127.0.0.1:5005"
    token: SecretStr | None = None
    autostart: bool = True
    timeout: float = Field(2.0, gt=0, le=10)


class Telegram(_Section):
    token: SecretStr | None = None
    mode: Literal["polling", "webhook"] = "polling"
    base_url: str = "https://api.telegram.org/bot"
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
    """Days. `raw_updates` stays above 7: some providers deliver the same message again for days."""

    raw_updates: int = Field(8, ge=8)
    unfinished: int = Field(7, ge=1)
    closed: int = Field(90, ge=1)


class Paths(_Section):
    """What authors write: flows and texts of an operator, the directory of the municipality, the routing policy.
    Empty means: what comes with the desk."""

    directory: str = ""
    policy: str = ""


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
    retention: Retention = Retention()
    paths: Paths = Paths()
    volunteers: Literal["inside", "outside"] = "outside"
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
        return env_settings, init_settings  # the environment wins over the file


def load_settings(path: Path | None = None) -> Settings:
    """Reads `path` (config.yml in the working folder when None; a missing one means all defaults).

    Raises SettingsError with `file:line:column: what is wrong, what to do` for each mistake.
    """
    file = path or Path("config.yml")
    content: CommentedMap = CommentedMap()
    if file.exists():
        content = _read(file)
    elif path is not None:
        raise SettingsError(f"{file}: there is no such file; name an existing one or leave --config out")
    values = _plain(content)
    for section, name in _SECRETS:
        _from_file(values, section, name)
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = [_line(file, content, one["loc"], one["msg"]) for one in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from None  # the values themselves may be secret


def _read(file: Path) -> CommentedMap:
    try:
        content = YAML(typ="rt").load(file.read_text("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        raise SettingsError(f"{place}: this is not YAML ({error.problem}); mend the line before or here") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read ({error}); make it a readable UTF-8 text file") from None
    if content is None:
        return CommentedMap()
    if not isinstance(content, CommentedMap):
        raise SettingsError(f"{file}:1:1: expected `word: value` lines; found a list or a single value")
    return content


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(content) for key, content in value.items()}
    return value


def _from_file(values: dict[str, Any], section: str, name: str) -> None:
    variable = f"BALIE_{section}__{name}_FILE".upper()
    file = os.environ.get(variable)
    if not file:
        return
    try:
        secret = Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable}: {file} cannot be read ({error.strerror}); name a readable file") from None
    values[section] = {**(values.get(section) or {}), name: secret}


def _line(file: Path, content: CommentedMap, location: tuple[Any, ...], what: str) -> str:
    """The place of the deepest part of `location` that stands in the file, and what to do about it."""
    name = ".".join(map(str, location))
    at: Any = content
    line = column = None
    for part in location:
        if not isinstance(at, CommentedMap) or part not in at:
            break
        row, col = at.lc.key(part)
        line, column = row + 1, col + 1
        at = at[part]
    remedy = "remove it or mend the spelling" if "Extra inputs" in what else "mend it"
    what = "there is no such setting" if "Extra inputs" in what else what[0].lower() + what[1:]
    if line is None:
        return f"BALIE_{'__'.join(str(part).upper() for part in location)}: {what}; {remedy}"
    return f"{file}:{line}:{column}: {name}: {what}; {remedy}"
