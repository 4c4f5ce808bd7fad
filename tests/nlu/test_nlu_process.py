"""The model's process: it asks for a token, answers, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from balie.nlu_process import NluError, NluProcess, data_fingerprint, train
from tests.nlu_server import NLU, NluServer


def exists(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 20
    while exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not exists(pid)


@pytest.fixture
def small_nlu(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yml").write_text("language: nl")
    (tmp_path / "data" / "greet.yml").write_text("hoi")
    return tmp_path


def test_a_request_needs_the_token(nlu_server: NluServer) -> None:
    body = {"text": "hallo"}
    assert httpx.post(f"{nlu_server.url}/model/parse", json=body).status_code == 401
    assert httpx.post(f"{nlu_server.url}/model/parse", params={"token": "wrong"}, json=body).status_code == 401
    assert httpx.post(f"{nlu_server.url}/model/parse", params={"token": nlu_server.token}, json=body).status_code == 200


def test_no_chat_channel_is_open(nlu_server: NluServer) -> None:
    answer = httpx.post(f"{nlu_server.url}/webhooks/rest/webhook", json={"sender": "a", "message": "hoi"})
    assert answer.status_code == 404


def test_a_parse_ranks_every_intent_and_finds_entities(nlu_server: NluServer) -> None:
    body = {"text": "kan iemand mijn moeder dinsdag naar het ziekenhuis brengen"}
    parsed = httpx.post(f"{nlu_server.url}/model/parse", params={"token": nlu_server.token}, json=body).json()
    assert parsed["intent"]["name"] == "transport"
    assert len(parsed["intent_ranking"]) == 46
    assert sum(intent["confidence"] for intent in parsed["intent_ranking"]) == pytest.approx(1, abs=0.001)
    assert {(entity["entity"], entity["value"]) for entity in parsed["entities"]} == {
        ("person", "mother"),
        ("time", "dinsdag"),
    }


def test_the_token_is_neither_in_the_arguments_nor_in_the_log(nlu_server: NluServer, tmp_path: Path) -> None:
    server = NluProcess(NLU, log=tmp_path / "server.log")
    server.start()
    assert server.pid is not None
    arguments = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert not server.ready(), "a server that has just been started is still loading"
    server.stop()
    assert server.token.encode() not in arguments
    assert server.token not in (tmp_path / "server.log").read_text()


def test_a_token_may_begin_with_a_dash(nlu_server: NluServer, tmp_path: Path) -> None:
    """One in 64 does; Rasa read it as an option and ended."""
    with NluProcess(NLU, token="-0", log=tmp_path / "server.log") as server:
        server.wait_until_ready()


def test_stopping_leaves_no_process(nlu_server: NluServer, tmp_path: Path) -> None:
    server = NluProcess(NLU, log=tmp_path / "server.log")
    server.start()
    pid = server.pid
    assert pid is not None
    server.stop()
    assert not exists(pid)
    assert server.pid is None
    server.stop()


def test_a_server_that_hangs_is_killed(nlu_server: NluServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("balie.nlu_process._PATIENCE", 0.2)
    server = NluProcess(NLU, log=tmp_path / "server.log")
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    server.stop()
    assert not exists(pid)


def test_the_server_ends_when_its_parent_is_killed(nlu_server: NluServer, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from balie.nlu_process import NluProcess\n"
        "server = NluProcess(pathlib.Path(sys.argv[1]), log=pathlib.Path(sys.argv[2])); server.start()\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(NLU), str(tmp_path / "server.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert exists(pid)
        parent.kill()
    assert wait_until_gone(pid)


def test_the_fingerprint_follows_content_and_names(small_nlu: Path) -> None:
    before = data_fingerprint(small_nlu)
    assert before == data_fingerprint(small_nlu)
    (small_nlu / "data" / "greet.yml").write_text("hallo")
    changed = data_fingerprint(small_nlu)
    (small_nlu / "data" / "greet.yml").rename(small_nlu / "data" / "goodbye.yml")
    assert len({before, changed, data_fingerprint(small_nlu)}) == 3


def test_a_model_that_fits_the_data_is_not_trained_again(nlu_server: NluServer) -> None:
    said: list[str] = []
    assert train(NLU, said.append) == NLU / "models" / "nlu.tar.gz"
    assert said == []


def test_a_missing_environment_says_what_to_do(small_nlu: Path) -> None:
    with pytest.raises(NluError, match="run `make nlu`"):
        train(small_nlu, print)
    with pytest.raises(NluError, match="run `balie nlu train`"):
        NluProcess(small_nlu).start()


def test_a_server_that_ends_is_told_with_its_last_words(small_nlu: Path) -> None:
    (small_nlu / ".venv" / "bin").mkdir(parents=True)
    (small_nlu / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (small_nlu / "launch.py").write_text("print('the roof leaks')")
    (small_nlu / "models").mkdir()
    (small_nlu / "models" / "nlu.tar.gz").touch()
    with NluProcess(small_nlu) as server, pytest.raises(NluError, match="the roof leaks"):
        server.wait_until_ready(timeout=20)


def test_a_broken_model_is_told_at_once(nlu_server: NluServer, small_nlu: Path) -> None:
    for name in (".venv", "launch.py", "credentials.yml"):
        (small_nlu / name).symlink_to(NLU / name)
    (small_nlu / "models").mkdir()
    (small_nlu / "models" / "nlu.tar.gz").write_bytes(b"half a model")
    with NluProcess(small_nlu) as server, pytest.raises(NluError, match="cannot be loaded; remove the file"):
        server.wait_until_ready()


def test_what_a_killed_training_left_is_removed(small_nlu: Path) -> None:
    (small_nlu / ".venv" / "bin").mkdir(parents=True)
    (small_nlu / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (small_nlu / "launch.py").write_text("print('the roof leaks')")
    abandoned = small_nlu / "models" / "training-abc"
    abandoned.mkdir(parents=True)
    (abandoned / "half.bin").touch()
    with pytest.raises(NluError, match="the roof leaks"):
        train(small_nlu, print)
    assert not abandoned.exists()
