"""What the intent classifier may look at besides n-grams: lemmas with the parts of compounds, and a domain lexicon.

Both are off by default, because the comparison (`make nlu-compare`) found no gain worth their memory and time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from components.normalise import normalise

_WORD = re.compile(r"\w+")  # words of one letter too: "u" makes a sentence formal
_OFTEN = 3
"""Sentences that hold a word before it counts as a part of others; below that it is as likely a typing error."""
_SHORTEST_PART = 4
_LINKS = ("", "s", "en", "e")  # what Dutch puts between two parts: verkeer-s-boete, boek-en-kast
_LONGEST_PHRASE = 4  # words of an entry of the lexicon
_SHORTEST_STEM = 6  # letters of an entry that is also looked for at the begin and end of longer words


def words(text: str) -> list[str]:
    """The words of a normalised text, punctuation left out."""
    return _WORD.findall(text)


class LemmasAndParts:
    """Each word as its lemma, and a compound as its two parts too: "mantelzorgverlof" → mantelzorg, verlof."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts`: the training sentences, whose words are the parts that are known."""
        counted = Counter(word for text in texts for word in set(words(normalise(text))))
        often = [word for word, times in counted.items() if times >= _OFTEN]
        known = {form for word in often for form in (word, _lemma(word))}
        self._known = {word for word in known if len(word) >= _SHORTEST_PART and word.isalpha()}
        self._forms: dict[str, list[str]] = {}

    def __call__(self, text: str) -> list[str]:
        return [form for word in words(text) for form in self._of(word)]

    def _of(self, word: str) -> list[str]:
        if word not in self._forms:
            forms = [_lemma(word), *self._parts(word)]
            if len(self._forms) > 100_000:  # what people make up must not fill the memory
                self._forms.clear()
            self._forms[word] = forms
        return self._forms[word]

    def _parts(self, word: str) -> list[str]:
        """The two parts with the shortest last one, the head; none when the word is no compound of known words."""
        for cut in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            first, last = word[:cut], _lemma(word[cut:])
            if last not in self._known and word[cut:] not in self._known:
                continue
            for link in _LINKS:
                if first.endswith(link) and first.removesuffix(link) in self._known:
                    return [first.removesuffix(link), last]
        return []


class Lexicon:
    """The lists of the domain lexicon that a text has words of, each with its theme: "rollator" → home_adaptation_aids.

    An entry is found as whole words, and a long one at the begin or end of a longer word.
    """

    def __init__(self, lists: dict[str, list[str]]) -> None:
        """`lists`: entries by list; a list is named after its theme and what it holds, "theme_what"."""
        self._lists: dict[str, list[str]] = {}
        for name, entries in lists.items():
            theme = name.rpartition("_")[0]
            for entry in entries:
                self._lists.setdefault(normalise(entry), []).extend([f"list {name}", f"theme {theme}"])
        stems = [entry for entry in self._lists if " " not in entry and len(entry) >= _SHORTEST_STEM]
        self._stems = frozenset(stems)

    def __call__(self, text: str) -> list[str]:
        found: list[str] = []
        told = words(text)
        for place, word in enumerate(told):
            phrases = [" ".join(told[place : place + length]) for length in range(1, _LONGEST_PHRASE + 1)]
            found += [name for phrase in dict.fromkeys(phrases) for name in self._lists.get(phrase, ())]
            if word not in self._lists:
                found += self._lists.get(self._stem(word), ())
        return found

    def _stem(self, word: str) -> str:
        """The longest entry that the word begins or ends with; empty when there is none."""
        for length in range(len(word) - 2, _SHORTEST_STEM - 1, -1):
            for part in (word[:length], word[-length:]):
                if part in self._stems:
                    return part
        return ""


def _lemma(word: str) -> str:
    import simplemma  # here, since only who switches lemmas on needs it

    return str(simplemma.lemmatize(word, lang="nl"))
