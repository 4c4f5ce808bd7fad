"""A real `balie serve` on a database of its own, for as long as a measurement takes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from msgspec import Struct


class ServedDesk(Struct, frozen=True):
    """`url` of the running desk; `environment` lets a command work on the same database."""

    url: str
    environment: dict[str, str]
    log: Path

    def password(self, login: str) -> str:
        """The one-time password that was announced for a demonstration account."""
        for line in self.log.read_text().splitlines():
            words = line.split()
            if len(words) == 3 and words[1] == login:
                return words[2]
        raise LookupError(f"no account {login} was announced")

    def balie(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command beside the running desk."""
        command = [sys.executable, "-m", "balie", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def wait_for_model(self, patience: float = 120.0) -> bool:
        """Whether the language model answered in time; asking it is what makes the desk notice."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with httpx.Client(base_url=self.url, trust_env=False, timeout=10) as client:
                headers = {"Authorization": f"Bearer {client.post('/chat/sessions').json()['token']}"}
                client.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": "goedemorgen"}, headers=headers)
                time.sleep(3)
                if client.get("/readyz").json()["nlu"] == "ok":
                    return True
        return False


@contextmanager
def served_desk(folder: Path, **environment: str) -> Iterator[ServedDesk]:
    """Starts it and waits until it is open; ends it by its own process id. Raises RuntimeError when it stays closed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        **os.environ,
        "BALIE_DATABASE__URL": f"sqlite:///{folder / 'balie.db'}",
        "BALIE_KEYS__PATH": str(folder / "keys.json"),
        "BALIE_HTTP__PORT": str(port),
        "BALIE_DEMO": "true",
        **environment,
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "balie", "serve"],
            env=settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            url = _wait_until_open(process, f"http://127.0.0.1:{port}", folder / "serve.log")
            yield ServedDesk(url, settings, folder / "serve.log")
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
