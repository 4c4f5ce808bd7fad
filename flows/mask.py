"""Numbers that do not belong in a chat (citizen service number, bank card, secret codes), masked before storing."""

from __future__ import annotations

import re

BLOCK = "█████"

# Digits that may be split by dots, dashes or spaces, as people copy them from a letter or a card.
_DIGITS = re.compile(r"(?<![\d+])\d(?:[ .-]?\d){7,18}(?!\d)")
_DATE = re.compile(r"\d{1,2}[ .-]\d{1,2}[ .-]\d{4}|\d{4}[ .-]\d{1,2}[ .-]\d{1,2}")
_SECRET = re.compile(
    r"\b(digid(?:-?code)?|wachtwoord|ww|password|pincode|pin|sms-?code|inlogcode)\b"
    r"(\s*(?:is|=|:|van mij is|luidt)\s*)(\S{4,40})",
    re.IGNORECASE,
)


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with such numbers blocked out, and the pieces that were taken away (empty when there were none)."""
    taken: list[str] = []

    def block_digits(found: re.Match[str]) -> str:
        if _DATE.fullmatch(found.group()):
            return found.group()  # one date of birth in eleven passes the test of a citizen service number
        digits = re.sub(r"\D", "", found.group())
        if _is_citizen_number(digits) or _is_card_number(digits):
            taken.append(found.group())
            return BLOCK
        return found.group()

    def block_secret(found: re.Match[str]) -> str:
        if not any(character.isdigit() for character in found.group(3)):
            return found.group()  # "mijn DigiD is geblokkeerd" is a sentence, not a secret
        taken.append(found.group(3))
        return f"{found.group(1)}{found.group(2)}{BLOCK}"

    masked = _SECRET.sub(block_secret, _DIGITS.sub(block_digits, text))
    return masked, tuple(taken)


def _is_citizen_number(digits: str) -> bool:
    """The eleven test for a citizen service number (BSN): weights 9 to 2 and -1, divisible by 11."""
    padded = digits.zfill(9)
    # A mobile number that misses a digit starts with 06 far more often than a citizen service number does.
    if len(digits) not in (8, 9) or padded[:2] == "06" or len(set(padded)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(padded, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0


def _is_card_number(digits: str) -> bool:
    """The Luhn test of ISO/IEC 7812 for payment cards."""
    if not 14 <= len(digits) <= 19:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
