"""What the terms of another directory's taxonomy mean here: `theme: [terms]`, a term by its id, code or name."""

from __future__ import annotations

from pathlib import Path

from desk.directory_file import DirectoryError
from routing.themes import THEMES
from routing.yaml_reader import Reader


def read_terms(file: Path) -> dict[str, str]:
    """Term → theme. Raises DirectoryError with place and remedy."""
    try:
        reader = Reader(file.read_text(encoding="utf-8"), str(file))
    except OSError as error:
        raise DirectoryError([f"{file}:1:1: cannot be read ({error.strerror}), name a file of terms"]) from None
    except UnicodeDecodeError:
        raise DirectoryError([f"{file}:1:1: holds characters that are not UTF-8, save the file as UTF-8"]) from None
    found: dict[str, str] = {}
    fields = {} if reader.root is None else reader.fields(reader.root, "this file", (), THEMES)
    for theme, node in fields.items():
        for item in reader.items(node, f"`{theme}`"):
            term = reader.text(item)
            if found.setdefault(term, theme) != theme:
                reader.complain(item, f"`{term}` stands at `{found[term]}` too, keep one")
    if reader.problems:
        raise DirectoryError(reader.problems)
    return found
