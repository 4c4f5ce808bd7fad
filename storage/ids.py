"""Ids, and codes that people read aloud or type over."""

from __future__ import annotations

import secrets

from flows.withdrawal import CODE_LETTERS, bare_code


def new_id() -> str:
    """16 hexadecimal digits, 64 random bits."""
    return secrets.token_hex(8)


def new_token() -> str:
    """A secret of 256 random bits that fits a header or a link."""
    return secrets.token_urlsafe(32)


def _letters(count: int) -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(count))


def new_request_code() -> str:
    """Like "7K3-QF": 8 million possibilities; unique within one database, not a secret."""
    return f"{_letters(3)}-{_letters(2)}"


def new_alert_code() -> str:
    """Like "7K-3QF": told from a request's code by where its dash stands; unique within one database, not a secret."""
    return f"{_letters(2)}-{_letters(3)}"


def read_alert_code(typed: str) -> str:
    """The code as it is stored, however it was typed."""
    bare = bare_code(typed)
    return f"{bare[:2]}-{bare[2:]}"


def read_request_code(typed: str) -> str:
    """The code as it is stored, however it was typed: "7k3 qf" → "7K3-QF"."""
    bare = bare_code(typed)
    return f"{bare[:3]}-{bare[3:]}"


def new_resume_code() -> str:
    """Like "7K3Q-FW4H-9PXT": 55 random bits, enough where guesses are limited."""
    return "-".join(_letters(4) for _ in range(3))


def read_resume_code(typed: str) -> str:
    return bare_code(typed)
