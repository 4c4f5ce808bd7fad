"""The model on sentences of authors who had seen none of its data: the figures to believe. Printed with counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from balie.nlu_report import evaluate, rasa_server, read_tsv
from tests.nlu_server import NluServer

TESTS = Path(__file__).parent


@pytest.mark.parametrize("author", ["independent", "second"])
def test_needs_and_acts(nlu_server: NluServer, author: str) -> None:
    """Settings were chosen with the first author's sentences; the second's were only ever measured."""
    with rasa_server(nlu_server.url, nlu_server.token) as parse:
        needs = evaluate(read_tsv(TESTS / f"{author}_needs.tsv"), parse)
        acts = evaluate(read_tsv(TESTS / f"{author}_acts.tsv"), parse)
    print(f"\n{author}: needs best {needs.accuracy}, among three {needs.offered}; acts best {acts.accuracy}")
    assert needs.accuracy.value >= 0.88
    assert needs.offered.value >= 0.965
    assert acts.accuracy.value >= 0.94
