"""A server on loopback in the place of the language model, that answers well, late, wrongly or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "sleutel-van-het-model"


class LanguageModel:
    """`manner` is how it answers: `well`, `late`, `late for clauses`, `drop by drop`, `hang up`, or a status and body.
    `asked` holds every text it was asked about; `go_on` ends all waiting."""

    def __init__(self) -> None:
        self.manner: str | tuple[int, bytes] = "well"
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                address = urlsplit(self.path)
                text = str(json.loads(body)["text"])
                model.asked.append(text)
                status, answer = 200, _company(text)
                if address.path != "/model/parse" or parse_qs(address.query).get("token") != [TOKEN]:
                    status, answer = 401, b'{"status":"failure"}'
                elif model.manner == "hang up":
                    self.close_connection = True
                    return
                elif model.manner == "late" or (model.manner == "late for clauses" and len(text.split()) < 8):
                    model.go_on.wait(20)
                elif isinstance(model.manner, tuple):
                    status, answer = model.manner
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                pieces = [answer[n : n + 1] for n in range(len(answer))] if model.manner == "drop by drop" else [answer]
                try:
                    for piece in pieces:
                        self.wfile.write(piece)
                        if len(pieces) > 1:
                            model.go_on.wait(0.1)
                except OSError:
                    self.close_connection = True

            def log_message(self, *anything: Any) -> None:
                return

        return Handler


def _company(text: str) -> bytes:
    ranking = [{"name": "company", "confidence": 0.97}, {"name": "leisure", "confidence": 0.01}]
    entities = [{"entity": "person", "value": "daughter", "start": 0, "end": 3}] if "dochter" in text else []
    return json.dumps({"text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": entities}).encode()


@contextmanager
def language_model() -> Iterator[LanguageModel]:
    model = LanguageModel()
    try:
        yield model
    finally:
        model.close()
