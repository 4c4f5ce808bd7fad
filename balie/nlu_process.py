"""The language model as a process of its own: training it, starting its server, stopping it without a trace.

Nothing here imports Rasa: it lives in `nlu/.venv` and is reached through `nlu/launch.py` and over loopback.
"""

import fcntl
import hashlib
import http.client
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlencode

Progress = Callable[[str], None]

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")  # never the desk's own secrets
_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",  # a training here is shorter than looking after its cache
    "SANIC_WORKERS": "1",
    "PYTHONWARNINGS": "ignore",  # libraries of 2023 on a newer Python: nothing an operator can act on
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",  # one sentence at a time: more threads only take cores from the desk
}
_FINGERPRINTED = ("config.yml", "domain.yml", "uv.lock", "components/**/*.py", "data/**/*.yml", "pretrained/**/*")
NLU = Path(__file__).resolve().parent.parent / "nlu"
_PATIENCE = 5.0  # seconds for a server to leave by itself before it is killed


class NluError(Exception):
    """The language model cannot be used; the message says what is wrong and what to do."""


def data_fingerprint(nlu: Path) -> str:
    """SHA-256 (hexadecimal) over everything a trained model depends on: configuration, domain, components, data."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _FINGERPRINTED for path in nlu.glob(pattern)):
        if path.is_dir():
            continue
        content = path.read_bytes()
        digest.update(f"{path.relative_to(nlu).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def train(nlu: Path, progress: Progress) -> Path:
    """The model that fits the present data: the one that is there, or a new one (some three minutes).

    `progress` gets lines in plain words. Two trainings at once wait for each other. Raises NluError.
    """
    nlu = nlu.resolve()
    python = _python(nlu)
    models = nlu / "models"
    models.mkdir(exist_ok=True)
    model, stamp = models / "nlu.tar.gz", models / "fingerprint.txt"
    with _one_at_a_time(models / "training.lock"):
        fingerprint = data_fingerprint(nlu)
        if model.exists() and stamp.exists() and stamp.read_text() == fingerprint:
            return model
        progress("The sentences or settings of the language model are new: training it, some three minutes.")
        for abandoned in models.glob("training-*/"):  # of a training that was killed
            shutil.rmtree(abandoned)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=models, prefix="training-") as folder:
            _run_training(nlu, python, Path(folder), models / "training.log", progress)
            stamp.unlink(missing_ok=True)  # should we be stopped between these lines, the next start trains again
            (Path(folder) / model.name).replace(model)
        stamp.write_text(fingerprint)
        progress(f"The language model is trained, in {time.monotonic() - started:.0f} seconds.")
    return model


class NluProcess:
    """Rasa's HTTP server on loopback, as a child that ends when it is stopped or when this process ends."""

    def __init__(
        self, nlu: Path, *, port: int | None = None, token: str | None = None, log: Path | None = None
    ) -> None:
        """`port` and `token` are chosen when not given; the server's output goes to `log` (`nlu/models/server.log`)."""
        self._nlu = nlu.resolve()
        self._model = self._nlu / "models" / "nlu.tar.gz"
        self._port = port or _free_port()
        self._log = log or self._nlu / "models" / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.token = token or secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the server on the trained model and return at once; `ready` tells when it answers. Raises NluError."""
        if self.pid is not None:
            return
        if not self._model.exists():
            raise NluError(f"{self._model}: no trained language model; run `balie nlu train`")
        address = ("--interface", "127.0.0.1", "--port", str(self._port))
        # An empty list of channels: the server then has no route that answers without the token.
        arguments = ("run", "--enable-api", *address, "--model", str(self._model), "--credentials", "credentials.yml")
        with self._log.open("wb") as log:
            self._process = _launch(self._nlu, _python(self._nlu), arguments, log, {"BALIE_NLU__TOKEN": self.token})

    def ready(self) -> bool:
        """Whether the server answers with a model loaded; never waits longer than a second."""
        return self._status() == http.client.OK

    def _status(self) -> int | None:
        """The HTTP status that the server gives of itself, or None while it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("GET", f"/status?{urlencode({'token': self.token})}")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_ready(self, timeout: float = 180.0) -> None:
        """Wait for `ready`; `timeout` in seconds. Raises NluError when the server ended or takes too long."""
        end = time.monotonic() + timeout
        while (status := self._status()) != http.client.OK:
            if status == http.client.CONFLICT:  # Rasa answers only after loading, so this stays so
                raise NluError(
                    f"{self._model}: the language model cannot be loaded; remove the file and run `balie nlu train`; "
                    f"the server's last words: {_last_words(self._log)}"
                )
            if self.pid is None:
                raise NluError(f"the language model's server ended; its last words: {_last_words(self._log)}")
            if time.monotonic() > end:
                raise NluError(f"the language model's server is not ready after {timeout:.0f} s; see {self._log}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End the server and wait until it is gone; nothing happens when it does not run."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve_forever(nlu: Path, *, port: int, token: str, progress: Progress) -> None:
    """Train if needed, serve until Ctrl-C or until the server ends by itself (NluError)."""
    train(nlu, progress)
    with NluProcess(nlu, port=port, token=token) as server:
        try:
            server.wait_until_ready()
            progress(f"The language model answers at {server.url}. Ctrl-C stops it.")
            while server.pid is not None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            progress("The language model stops.")
            return
        raise NluError(f"the language model's server ended; see {nlu / 'models' / 'server.log'}")


def _python(nlu: Path) -> Path:
    python = nlu / ".venv" / "bin" / "python"
    if not python.exists():
        raise NluError(f"{python.parent.parent}: the language model is not installed; run `make nlu`")
    return python


def _launch(
    nlu: Path, python: Path, arguments: tuple[str, ...], log: IO[bytes], secret: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start `launch.py`: in a session of its own, so that Ctrl-C is ours to handle, and tied to us by its input."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return subprocess.Popen(  # noqa: S603 — our own interpreter and arguments
        [str(python), "launch.py", *arguments],
        cwd=nlu,
        env=passed_on | _ENVIRONMENT | secret,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Closing its input ends the child; one that cannot react (stopped, stuck) is killed."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run_training(nlu: Path, python: Path, folder: Path, log: Path, progress: Progress) -> None:
    names = ("--config", "config.yml", "--domain", "domain.yml", "--nlu", "data", "--fixed-model-name", "nlu")
    started = time.monotonic()
    with log.open("wb") as output:
        process = _launch(nlu, python, ("train", "nlu", *names, "--out", str(folder)), output, {})
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(15)
                    break
                progress(f"Still training, {time.monotonic() - started:.0f} seconds.")
        finally:
            _end(process)
    if not (folder / "nlu.tar.gz").exists():
        raise NluError(f"training the language model failed; see {log}. Its last words: {_last_words(log)}")


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "none"
