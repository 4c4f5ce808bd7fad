"""Long texts in parts, quick replies as buttons."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_text import (
    LABEL_LIMIT,
    TEXT_LIMIT,
    chosen_keyboard,
    cut_label,
    split_text,
    utf16_units,
    with_buttons,
)
from bot.channels.telegram_update import ALREADY_CHOSEN

TEXTS = st.text(alphabet=st.sampled_from("ab .!?\n🙂👍🏽é\u200d"), max_size=300)


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TEXTS, st.integers(min_value=8, max_value=60))
def test_parts_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(0 < utf16_units(part) <= limit for part in parts)
    assert all(part == part.strip() for part in parts)
    assert without_space("".join(parts)) == without_space(text)


def test_short_and_empty() -> None:
    assert split_text("Dag.") == ["Dag."]
    assert split_text(" \n ") == []
    assert split_text("x" * TEXT_LIMIT) == ["x" * TEXT_LIMIT]
    assert [len(part) for part in split_text("x" * (TEXT_LIMIT + 1))] == [TEXT_LIMIT, 1]


def test_an_emoji_counts_double() -> None:
    parts = split_text("🙂" * 2049)
    assert [len(part) for part in parts] == [2048, 1]


def test_paragraphs_go_before_sentences_and_sentences_before_words() -> None:
    paragraphs = "Een zin van de eerste alinea.\n\nTweede alinea. Nog een zin."
    assert split_text(paragraphs, 50) == ["Een zin van de eerste alinea.", "Tweede alinea. Nog een zin."]
    assert split_text("Dit is een zin. Dit is er nog een.", 28) == ["Dit is een zin.", "Dit is er nog een."]
    assert split_text("een twee drie vier vijf", 10) == ["een twee", "drie vier", "vijf"]


def test_an_emoji_of_several_signs_stays_whole() -> None:
    assert split_text("xxxxxxxx👍🏽", 10) == ["xxxxxxxx", "👍🏽"]
    assert split_text("xxxx👩\u200d👧", 8) == ["xxxx", "👩\u200d👧"]


def keyboard_of(*labels: str) -> tuple[list[str], list[list[tuple[str, str]]]]:
    parts, keyboard = with_buttons("Vraag?", [{"id": f"1.{n}", "label": label} for n, label in enumerate(labels)])
    assert keyboard is not None
    rows = [[(button.text, str(button.callback_data)) for button in row] for row in keyboard.inline_keyboard]
    return parts, rows


def test_short_labels_share_a_row_and_long_ones_do_not() -> None:
    _, rows = keyboard_of("Ja", "Nee", "Ik bel liever zelf even op", "Sla over", "Mens")
    assert [[label for label, _ in row] for row in rows] == [
        ["Ja", "Nee"],
        ["Ik bel liever zelf even op"],
        ["Sla over", "Mens"],
    ]
    assert [data for row in rows for _, data in row] == ["1.0", "1.1", "1.2", "1.3", "1.4"]


def test_no_choices_no_keyboard() -> None:
    assert with_buttons("Dag.", []) == (["Dag."], None)


def test_a_label_too_long_for_a_button_is_written_out() -> None:
    long = "Koffie en een praatje in het buurthuis aan de Dorpsstraat, op dinsdag en donderdag van tien tot twaalf"
    parts, rows = keyboard_of(long, "Nee, dank u")
    assert parts == [f"Vraag?\n\n1. {long}\n2. Nee, dank u"]
    labels = [label for row in rows for label, _ in row]
    assert labels[0].startswith("1. Koffie en een praatje")
    assert labels[0].endswith("…")
    assert labels[1] == "2. Nee, dank u"
    assert all(len(label) <= LABEL_LIMIT for label in labels)


@given(st.text(max_size=200), st.integers(min_value=4, max_value=60))
def test_a_cut_label_fits(label: str, limit: int) -> None:
    assert len(cut_label(label, limit)) <= limit


def test_a_label_is_one_line_and_never_empty() -> None:
    _, rows = keyboard_of("twee\nregels", " ")
    assert [label for row in rows for label, _ in row] == ["twee regels", "…"]


def test_what_stays_after_a_tap() -> None:
    [[button]] = chosen_keyboard("Ja, graag").inline_keyboard
    assert (button.text, button.callback_data) == ("✓ Ja, graag", ALREADY_CHOSEN)
