"""Which language a message is written in, by py3langid. It takes two seconds to load, so that happens when it is
needed first and never while somebody waits."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

SHORTEST = 3  # words; less tells nothing
SURE = 0.9  # of 1; "geen idee hoor" is 0.70, "I live in the Kerkstraat near Jan de Vries" 0.97
OURS = frozenset({"nl", "en"})
# What else is written here, so that Turkish is not taken for the nearest of ours.
NEIGHBOURS = ("de", "fr", "es", "it", "pt", "tr", "pl", "ro", "hu", "ar", "fa", "uk", "ru", "so", "id")

_loading = threading.Lock()


def spoken_in(text: str) -> str | None:
    """ "nl" or "en", "" for clearly another language, None when it cannot be told. Loads the model when it must."""
    if len(text.split()) < SHORTEST:
        return None
    with _loading:
        model = _model()
    language, sure = model.classify(text)
    if float(sure) < SURE:
        return None
    return str(language) if language in OURS else ""


def spoken_at_once(text: str) -> str | None:
    """As `spoken_in`, but None while the model is not loaded; the first call starts loading it beside everything."""
    if len(text.split()) < SHORTEST:
        return None
    if _model.cache_info().currsize:
        return spoken_in(text)
    if not _loading.locked():
        threading.Thread(target=_load, name="language model", daemon=True).start()
    return None


def _load() -> None:
    with _loading:
        _model()


@cache
def _model() -> Any:
    from py3langid import langid

    model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    model.set_languages([*OURS, *NEIGHBOURS])
    return model
