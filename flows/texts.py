"""The sentences of the desk: rendered from locale files by key and language. Reading the files is the caller's work."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

LANGUAGES = ("nl", "en")
# Most of what is read is plain ASCII: twenty times as fast, and the directory is long.
_PLAIN_ASCII = str.maketrans(
    {
        character: None if character in "'`" else character.lower() if character.isalnum() or character == "/" else " "
        for character in map(chr, range(128))
    }
)


class TextError(Exception):
    """A locale file is wrong; the message says `file:line:column: what, remedy`."""


class Texts:
    """Sentences and word lists per language.

    A locale file is a flat mapping. A value that is text is a Jinja2 template (sandboxed, strict); a value that is a
    list holds words a resident may use, e.g. `words.yes`.
    """

    def __init__(self, sentences: Mapping[str, Mapping[str, str]], words: Mapping[str, Mapping[str, tuple[str, ...]]]):
        self._sentences = sentences
        self._words = words
        # Chat is plain text, so nothing is escaped here; pages escape what they show.
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self._templates: dict[tuple[str, str], Template] = {}
        self._word_sets: dict[tuple[str, str], frozenset[str]] = {}

    @classmethod
    def read(cls, files: Iterable[tuple[str, str, str]]) -> Texts:
        """Takes (language, file name, content) for every locale file. Raises TextError."""
        sentences: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        words: dict[str, dict[str, tuple[str, ...]]] = {language: {} for language in LANGUAGES}
        for language, name, content in files:
            try:
                mapping = YAML(typ="safe").load(content) or {}
            except MarkedYAMLError as error:
                mark = error.problem_mark
                place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
                raise TextError(f"{place}: this is not YAML ({error.problem}); mend the line before or here") from error
            if not isinstance(mapping, dict):
                raise TextError(f"{name}:1:1: a locale file holds `key: text` lines; found something else")
            for key, value in mapping.items():
                if key in sentences[language] or key in words[language]:
                    raise TextError(f"{name}:{_line_of(content, key)}:1: {key} stands in two files; keep one")
                if isinstance(value, str):
                    sentences[language][key] = value.rstrip("\n")
                elif isinstance(value, list) and all(isinstance(word, str | int | bool) for word in value):
                    words[language][key] = tuple(str(word) for word in value)
                else:
                    line = _line_of(content, key)
                    raise TextError(f"{name}:{line}:1: {key} is neither a text nor a list of words; put it in quotes")
        return cls(sentences, words)

    def keys(self, language: str) -> frozenset[str]:
        return frozenset(self._sentences.get(language, {}))

    def word_keys(self, language: str) -> frozenset[str]:
        return frozenset(self._words.get(language, {}))

    def source(self, key: str, language: str) -> str:
        """The sentence as the author wrote it, template marks included."""
        return self._sentences[language][key]

    def has(self, key: str, language: str) -> bool:
        return key in self._sentences.get(language, {})

    def render(self, key: str, language: str, **values: Any) -> str:
        """The sentence for `key`. Raises KeyError for an unknown key and jinja2.TemplateError for a missing value."""
        template = self._templates.get((language, key))
        if template is None:
            template = self._environment.from_string(self._sentences[language][key])
            self._templates[language, key] = template
        return template.render(values).strip()

    def compile_all(self) -> list[tuple[str, str, str]]:
        """(language, key, what is wrong) for each sentence that is no valid template."""
        wrong = []
        for language, sentences in self._sentences.items():
            for key, source in sentences.items():
                try:
                    self._environment.from_string(source)
                except TemplateError as error:
                    wrong.append((language, key, str(error)))
        return wrong

    def words(self, name: str, language: str) -> tuple[str, ...]:
        return self._words[language].get(name, ())

    def says(self, name: str, text: str) -> bool:
        """Whether `text` is exactly one of the words `name`, in any language; spelling marks and case do not count."""
        plain_text = plain(text)
        return any(plain_text in self._plain_words(name, language) for language in self._words)

    def holds(self, name: str, text: str) -> bool:
        """Whether one of the words `name`, in any language, stands somewhere in `text`, as whole words."""
        said = f" {plain(text)} "
        return any(f" {word} " in said for language in self._words for word in self._plain_words(name, language))

    def _plain_words(self, name: str, language: str) -> frozenset[str]:
        found = self._word_sets.get((language, name))
        if found is None:
            found = frozenset(filter(None, (plain(word) for word in self._words[language].get(name, ()))))
            self._word_sets[language, name] = found
        return found


def plain(text: str) -> str:
    """`text` without case, accents, punctuation, emoji and double spaces; a leading slash stays."""
    if text.isascii():
        return " ".join(text.translate(_PLAIN_ASCII).split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(
        character if character.isalnum() or character == "/" else " "
        for character in decomposed
        if not unicodedata.combining(character) and character not in "'’`"
    )
    return " ".join(letters.split())


def resembles(text: str, label: str) -> float:
    """How much two plain texts are alike, 0 to 1 (difflib's ratio)."""
    return SequenceMatcher(None, text, label).ratio()


def _line_of(content: str, key: object) -> int:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.startswith(f"{key}:"):
            return number
    return 1
