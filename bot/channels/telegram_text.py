"""Texts and buttons as Telegram takes them: parts of at most 4096 UTF-16 units, an inline keyboard under the last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram_update import ALREADY_CHOSEN

TEXT_LIMIT = 4096
"""UTF-16 code units in one message: https://core.telegram.org/bots/api#sendmessage, counted as Telegram counts."""

LABEL_LIMIT = 48
"""Signs that a phone shows on a button over the full width; Telegram itself gives no number."""

PAIR_LIMIT = 16
"""Signs in a label that still fits when two buttons share a row."""

# The best place to cut first: between paragraphs, lines, sentences, words.
_BORDERS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))

# Signs that belong to the one before: joiners, variation selectors, skin tones, combining marks, flag letters.
_ATTACHED = re.compile(r"[\u200d\ufe0e\ufe0f\u0300-\u036f\u20e3\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff]")

Keyboard = InlineKeyboardMarkup


def utf16_units(text: str) -> int:
    """Length as Telegram counts it: an emoji outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Parts of at most `limit` UTF-16 units, cut at the best border in the second half of each part.

    Only white space at a cut is lost. An empty text gives no parts.
    """
    parts: list[str] = []
    rest = text.strip()
    while utf16_units(rest) > limit:
        end, start = _cut(rest, _fitting(rest, limit))
        parts.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    if rest:
        parts.append(rest)
    return parts


def _fitting(text: str, limit: int) -> int:
    """How many signs of `text` fit in `limit` units."""
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if utf16_units(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, fitting: int) -> tuple[int, int]:
    """Where the part ends and where the rest starts."""
    for border in _BORDERS:
        places = [found for found in border.finditer(text, fitting // 2, fitting + 1) if found.start() <= fitting]
        if places:
            return places[-1].start(), places[-1].end()
    end = fitting
    while end > fitting // 2 and (_ATTACHED.match(text, end) or text[end - 1] == "\u200d"):
        end -= 1
    return end, end


def cut_label(label: str, limit: int = LABEL_LIMIT) -> str:
    """The label on one line, at most `limit` signs, cut at a word with "…"."""
    line = " ".join(label.split())
    if len(line) <= limit:
        return line
    room = line[: limit - 1]
    words = room.rsplit(" ", 1)[0] if " " in room[limit // 2 :] else room
    return words.rstrip(" ,;:.-") + "…"


def with_buttons(text: str, choices: Sequence[dict[str, str]]) -> tuple[list[str], Keyboard | None]:
    """The parts to send and the keyboard under the last part.

    A label that does not fit on a button is written out in the text, numbered; the number is on the button too, and
    can be typed.
    """
    if not choices:
        return split_text(text), None
    labels = [" ".join(choice["label"].split()) for choice in choices]
    if any(len(label) > LABEL_LIMIT for label in labels):
        numbered = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
        text = "\n".join([text.rstrip(), "", *numbered])
        labels = [cut_label(line) for line in numbered]
    buttons = [
        InlineKeyboardButton(label or "…", callback_data=choice["id"])
        for label, choice in zip(labels, choices, strict=True)
    ]
    return split_text(text), InlineKeyboardMarkup(_rows(buttons))


def _rows(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """Two short buttons share a row, a longer one has a row of its own; the order stays."""
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        short = len(button.text) <= PAIR_LIMIT
        if short and rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= PAIR_LIMIT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def chosen_keyboard(label: str) -> Keyboard:
    """What stays under a message after a tap: the choice, which does nothing when tapped again."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {label}", callback_data=ALREADY_CHOSEN)]])
