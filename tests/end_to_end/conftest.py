"""The whole desk as an operator starts it: real processes, the real model, a local Bot API server, Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from balie.serve import NLU
from tests.browser.conftest import browser as browser  # the fixture, for this folder too
from tests.servers.bot_api import TOKEN, BotApi
from tests.servers.served_desk import ServedDesk, served_desk


@pytest.fixture(scope="module")
def bot_api() -> Iterator[BotApi]:
    with BotApi() as server:
        yield server


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, bot_api: BotApi) -> Iterator[ServedDesk]:
    """`balie serve` with Telegram on the local server and the language model beside it."""
    if not (NLU / "models" / "nlu.tar.gz").exists():
        pytest.skip("END-TO-END TESTS SKIPPED: the language model is not trained. Run `make model`.")
    settings = {"BALIE_TELEGRAM__TOKEN": TOKEN, "BALIE_TELEGRAM__BASE_URL": bot_api.base_url}
    with served_desk(tmp_path_factory.mktemp("served"), **settings) as running:
        assert running.wait_for_model(), running.log.read_text()[-2000:]
        yield running
