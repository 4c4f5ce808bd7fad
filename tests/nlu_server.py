"""A pytest fixture with the real language model: trained when needed, started once, stopped after the tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from balie.nlu_process import NluProcess, train

NLU = Path(__file__).parents[1] / "nlu"


@dataclass(frozen=True)
class NluServer:
    """Where the running model answers; every request carries the token as the query parameter `token`."""

    url: str
    token: str


@pytest.fixture(scope="session")
def nlu_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NluServer]:
    """The real server. Skips, loudly, only where the model's environment is not installed."""
    if not (NLU / ".venv").exists():
        pytest.skip("the language model is NOT tested: nlu/.venv is missing, run make nlu")
    train(NLU, print)
    with NluProcess(NLU, log=tmp_path_factory.mktemp("nlu") / "server.log") as server:
        server.wait_until_ready()
        yield NluServer(server.url, server.token)
