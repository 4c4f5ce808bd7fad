"""`balie nlu`: train the language model, serve it, test it on a file of sentences."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import httpx
import typer

from balie import nlu_process, nlu_report
from balie.cli_options import AsJson, Config, finding, put, say, settings_of, stop_on_mistakes
from balie.nlu_process import NLU, NluProcess
from bot.understand import understood_from

app = typer.Typer(no_args_is_help=True, help="The language model.")


@app.command()
def train() -> None:
    """Trains the model when its data changed since the last time."""
    with stop_on_mistakes():
        nlu_process.train(NLU, say)


@app.command()
def serve(config: Config = None) -> None:
    """Runs the language model alone, on the port of `nlu.url`, until Ctrl-C."""
    with stop_on_mistakes():
        settings = settings_of(config).nlu
        token = settings.token.get_secret_value() if settings.token else ""
        if not token:
            token = secrets.token_urlsafe(24)
            say(f"No BALIE_NLU__TOKEN is set; this run takes {token}")
        port = httpx.URL(settings.url).port or 5005
        nlu_process.serve_forever(NLU, port=port, token=token, progress=say)


@app.command()
def test(
    file: Annotated[Path, typer.Argument(help="TSV: id, text, label, also.")],
    as_json: AsJson = False,
) -> None:
    """Asks the model every sentence of FILE and prints how often it is right, with counts and confusions."""
    with stop_on_mistakes():
        try:
            rows = nlu_report.read_tsv(file)
        except nlu_report.TableError as error:
            finding(str(error))
        nlu_process.train(NLU, say)
        with NluProcess(NLU) as server:
            server.wait_until_ready()
            with httpx.Client(base_url=server.url, params={"token": server.token}, trust_env=False) as client:

                def parse(text: str) -> list[tuple[str, float]]:
                    answer = client.post("/model/parse", json={"text": text}).raise_for_status().json()
                    return [(intent.name, intent.confidence) for intent in understood_from(answer).intents]

                report = nlu_report.evaluate(rows, parse)
    put(report.to_json(), as_json, list(report.lines()))
