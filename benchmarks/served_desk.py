"""A real `balie serve` on a database of its own, for as long as a measurement takes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def served_desk(folder: Path, **environment: str) -> Iterator[str]:
    """Gives the address; ends the process by its own id. Raises RuntimeError when it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "BALIE_DATABASE__URL": f"sqlite:///{folder / 'bench.db'}",
        "BALIE_KEYS__PATH": str(folder / "keys.json"),
        "BALIE_HTTP__PORT": str(port),
        "BALIE_DEMO": "true",
        **environment,
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "balie", "serve"],
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield _wait_until_open(process, f"http://127.0.0.1:{port}", folder / "serve.log")
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_open(process: subprocess.Popen[bytes], url: str, log: Path, patience: float = 60.0) -> str:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{url}/healthz", timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return url
    raise RuntimeError(f"the desk did not open: {log.read_text(errors='replace')[-2000:]}")


def wait_for_model(url: str, patience: float = 120.0) -> bool:
    """Whether the language model answered in time; asking it is what makes the desk notice."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
            token = client.post("/chat/sessions").json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            client.post("/chat/messages", json={"id": os.urandom(16).hex(), "text": "goedemorgen"}, headers=headers)
            time.sleep(3)
            if client.get("/readyz").json()["nlu"] == "ok":
                return True
    return False
