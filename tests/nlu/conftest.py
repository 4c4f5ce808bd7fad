"""The fixtures of these tests."""

from tests.nlu_server import nlu_server

__all__ = ["nlu_server"]
