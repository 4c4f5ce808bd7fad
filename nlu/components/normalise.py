"""One spelling for what people type: the form in which the intent classifier reads a message."""

import re
import unicodedata

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"'})
_LONG_REPEAT = re.compile(r"([a-z])\1{2,}")
_NUMBER = re.compile(r"(?<!\d)(?!11[23]\b)\d+")  # the emergency numbers 112 and 113 keep their meaning
_SPACES = re.compile(r"\s+")


def without_accents(text: str) -> str:
    """The same text, of the same length, with plain letters."""
    return "".join(unicodedata.normalize("NFD", character)[0] for character in text)


def normalise(text: str) -> str:
    """Lower case, without accents, digits as ``0`` (at most five; not 112 and 113), long repeats shortened to two."""
    plain = without_accents(unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).lower())
    plain = _LONG_REPEAT.sub(r"\1\1", plain)
    plain = _NUMBER.sub(lambda number: "0" * min(len(number.group()), 5), plain)
    return _SPACES.sub(" ", plain).strip()
