"""The directory as it was read last, so that a region's 20,000 services are decoded once and not at every page."""

from __future__ import annotations

from storage.records import Directory


class DirectoryCache:
    """One directory without its seats, by its version. A version names one content for ever, so a reader's and the
    writer's are the same; putting one in from a work that fails later costs a reading and nothing else."""

    def __init__(self) -> None:
        self._kept = Directory()

    def get(self, version: int) -> Directory | None:
        kept = self._kept
        return kept if kept.version == version else None

    def put(self, directory: Directory) -> None:
        self._kept = directory
