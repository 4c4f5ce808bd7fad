"""Numbers that do not belong in a chat are blocked out; numbers that do are left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mask import BLOCK, mask


def citizen_number(start: int) -> str:
    """The next nine digits from `start` on that pass the eleven test."""
    for number in range(start, start + 40):
        digits = f"{number:09}"
        weighed = sum(int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
        if weighed % 11 == 0:
            return digits
    raise AssertionError(f"no such number after {start}")


@pytest.mark.rule("towards-residents-9")
@given(st.integers(100_000_000, 599_999_000))
def test_a_citizen_service_number_is_blocked_however_it_is_written(start: int) -> None:
    number = citizen_number(start)
    if len(set(number)) == 1:
        return
    for written in (number, f"{number[:4]}.{number[4:6]}.{number[6:]}", f"{number[:3]} {number[3:6]} {number[6:]}"):
        assert mask(f"mijn bsn is {written}, klopt dat?") == (f"mijn bsn is {BLOCK}, klopt dat?", (written,))


@given(st.integers(100_000_000, 599_999_000))
def test_one_digit_off_is_no_citizen_service_number(start: int) -> None:
    number = citizen_number(start)
    other = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert mask(other) == (other, ())


@pytest.mark.parametrize(
    "card", ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009", "6304 0000 0000 0000 00"]
)
def test_a_bank_card_number_is_blocked(card: str) -> None:
    masked, taken = mask(f"pas {card} graag")
    assert masked == f"pas {BLOCK} graag" and taken == (card,)


def test_a_card_number_with_a_wrong_digit_is_left_alone() -> None:
    assert mask("4111 1111 1111 1112") == ("4111 1111 1111 1112", ())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mijn DigiD is Zonnetje8", f"mijn DigiD is {BLOCK}"),
        ("wachtwoord: Welkom2019!", f"wachtwoord: {BLOCK}"),
        ("de sms-code is 482913", f"de sms-code is {BLOCK}"),
        ("my password is hunter22", f"my password is {BLOCK}"),
        ("pincode = 4821", f"pincode = {BLOCK}"),
    ],
)
def test_a_secret_is_blocked(text: str, masked: str) -> None:
    assert mask(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "bel mij op 06 12345678",
        "06-12345678",
        "0612345678",
        "+31612345678",
        "010-000 00 01",
        "1234 AB",
        "ik woon op nummer 1236 AB 12",
        "mijn DigiD is geblokkeerd",
        "ik ben mijn wachtwoord vergeten",
        "om 10.30 uur op 12-03-2026",
        "ik heb 250 euro schuld",
        "000000000",
        "",
    ],
)
def test_what_a_resident_may_share_is_left_alone(text: str) -> None:
    assert mask(text) == (text, ())


@given(st.dates())
def test_a_date_is_no_citizen_service_number(day: date) -> None:
    for written in (f"{day.day:02}-{day.month:02}-{day.year:04}", f"{day.day}.{day.month}.{day.year:04}"):
        assert mask(f"geboren op {written}") == (f"geboren op {written}", ())


@given(st.text(max_size=200))
def test_any_text_can_be_masked_and_masking_again_changes_nothing(text: str) -> None:
    once, taken = mask(text)
    assert mask(once)[0] == once and all(piece in text for piece in taken)
