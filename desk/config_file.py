"""Reads config.yml as YAML that remembers its lines; what the words mean is settings.py's."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError


class SettingsError(Exception):
    """config.yml or the environment is wrong; one `file:line:column: what, what to do` a line."""


def read_config(file: Path) -> CommentedMap:
    """The words and values of `file`; of an empty one none. Raises SettingsError, which never quotes a value: it may be
    a secret."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}); make it a readable text file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{file}:{line}:1: holds characters that are not UTF-8; save the file as UTF-8") from None
    try:
        content = YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        raise SettingsError(f"{_place(file, error)}: this word stands here twice; keep one of them") from None
    except MarkedYAMLError as error:
        what = f"this is not YAML ({error.problem})" if error.problem else "this is not YAML"
        raise SettingsError(f"{_place(file, error)}: {what}; mend the line before or here") from None
    except ReaderError as error:
        before = text[: error.position]
        place = f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise SettingsError(f"{place}: holds a character that text cannot hold; remove it") from None
    except YAMLError:
        raise SettingsError(f"{file}:1:1: this is not YAML; write `word: value` lines") from None
    if content is None:
        return CommentedMap()
    if not isinstance(content, CommentedMap):
        raise SettingsError(f"{file}:1:1: this is a list or a single value; write `word: value` lines")
    return content


def _place(file: Path, error: MarkedYAMLError) -> str:
    mark = error.problem_mark
    return f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1:1"
