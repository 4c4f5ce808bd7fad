"""AES-GCM per contact and per request. Each field is bound to its place ("table:column:row id"), so that a text moved
to another row is refused; erasing deletes the data key."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import Erased, Unreadable
from storage.key_ring import KeyRing

__all__ = ["QUARANTINE", "Cipher", "KeyCache", "KeyRing", "KeyRows", "of_contact", "of_request"]

QUARANTINE = "quarantine"  # the key for updates whose sender cannot be read
_FORMAT = b"\x01"
_NONCE = 12


def of_contact(contact_id: str) -> str:
    return f"contact:{contact_id}"


def of_request(request_id: str) -> str:
    return f"request:{request_id}"


class KeyRows(Protocol):
    """The rows of `data_key` inside the running transaction."""

    def wrapped_key(self, subject: str) -> bytes | None: ...

    def add_wrapped_key(self, subject: str, wrapped: bytes) -> None: ...

    def delete_wrapped_key(self, subject: str) -> None: ...


class KeyCache:
    """Unwrapped data keys that are committed, the most recently used `size` of them. Thread-safe."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._lock = Lock()
        self._keys: OrderedDict[str, AESGCM] = OrderedDict()
        self.generation = 0

    def get(self, subject: str) -> AESGCM | None:
        with self._lock:
            key = self._keys.get(subject)
            if key is not None:
                self._keys.move_to_end(subject)
            return key

    def put(self, keys: Iterable[tuple[str, AESGCM]], generation: int) -> None:
        """`generation` is that of the moment the transaction began. If a key was erased since, these may come from a
        snapshot in which it still existed, so they are not kept."""
        with self._lock:
            if generation != self.generation:
                return
            for subject, key in keys:
                self._keys[subject] = key
                self._keys.move_to_end(subject)
            while len(self._keys) > self._size:
                self._keys.popitem(last=False)

    def drop(self, subjects: Iterable[str]) -> None:
        """After the commit that erased them."""
        with self._lock:
            self.generation += 1
            for subject in subjects:
                self._keys.pop(subject, None)

    def __len__(self) -> int:
        return len(self._keys)


class Cipher:
    """Encrypts and decrypts inside one transaction. `fresh` and `gone` hold what this transaction made, read and
    deleted; they reach the cache only after the commit. `before` is the same of earlier works in this commit."""

    def __init__(self, rows: KeyRows, ring: KeyRing, cache: KeyCache, before: Cipher | None = None) -> None:
        self._rows = rows
        self._ring = ring
        self._cache = cache
        self.fresh: dict[str, AESGCM] = dict(before.fresh) if before and before.fresh else {}
        self.gone: set[str] = set(before.gone) if before and before.gone else set()

    def create(self, subject: str) -> None:
        key = AESGCM.generate_key(256)
        self._rows.add_wrapped_key(subject, self._ring.wrap(key))
        self.fresh[subject] = AESGCM(key)

    def delete(self, subject: str) -> None:
        self._rows.delete_wrapped_key(subject)
        self.fresh.pop(subject, None)
        self.gone.add(subject)

    def _find(self, subject: str) -> AESGCM | None:
        key = self.fresh.get(subject)
        if key is not None or subject in self.gone:
            return key
        key = self._cache.get(subject)
        if key is not None:
            return key
        wrapped = self._rows.wrapped_key(subject)
        if wrapped is None:
            return None
        key = self.fresh[subject] = AESGCM(self._ring.unwrap(wrapped))
        return key

    def _key(self, subject: str) -> AESGCM:
        key = self._find(subject)
        if key is None:
            raise Erased(f"The key of {subject} was erased; its text cannot be read or added to.")
        return key

    def has(self, subject: str) -> bool:
        return self._find(subject) is not None

    def ensure_quarantine(self) -> None:
        if not self.has(QUARANTINE):
            self.create(QUARANTINE)

    def seal(self, subject: str, place: str, data: bytes) -> bytes:
        """`place` is "table:column:row id". Raises `Erased`."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._key(subject).encrypt(nonce, data, place.encode())

    def open(self, subject: str, place: str, sealed: bytes) -> bytes:
        """Raises `Erased`, or `Unreadable` when the field was changed or moved."""
        key = self._key(subject)
        if sealed[:1] != _FORMAT or len(sealed) <= _NONCE:
            raise Unreadable(f"{place} is not an encrypted field; restore the database from a backup.")
        try:
            return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())
        except InvalidTag:
            raise Unreadable(f"{place} was changed or moved; restore the database from a backup.") from None
