"""Which of the desk's languages a browser asks for."""

from __future__ import annotations

from fastapi import Request

from flows.texts import LANGUAGES


def asked_language(request: Request) -> str:
    """`?language=` when it names one of ours, else the best match of Accept-Language, else Dutch."""
    chosen = request.query_params.get("language", "")
    return chosen if chosen in LANGUAGES else best_language(request.headers.get("accept-language", ""))


def best_language(header: str) -> str:
    """The language of ours with the highest quality in an Accept-Language header; the first named wins a draw."""
    best, best_quality = LANGUAGES[0], 0.0
    for part in header[:500].split(","):
        name, _, parameter = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best
