"""How the desk logs: one JSON line per event, with names and ids and never what people wrote."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

# Libraries that would log addresses or tokens at their ordinary level.
_QUIET = ("httpx", "httpcore", "telegram", "uvicorn.access", "uvicorn.error", "asyncio", "alembic")


def set_up_logs(stream: TextIO) -> None:
    """JSON lines on `stream`; lines for people on a terminal. A line break in a value never makes a new line."""
    pretty = stream.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
