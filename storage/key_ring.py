"""The operator's keys: one small file that only the owner may read. Without it the database is unreadable."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.errors import KeyMissing, KeyUnreadable, NotWritable


class KeyRing:
    """`ring` wraps the data keys (the first one encrypts, all decrypt), `address` finds contacts, `log` signs the
    routing log. Losing the file loses every text; it belongs in a backup of its own."""

    def __init__(self, ring: list[str], address: bytes, log_id: str, log: bytes) -> None:
        self._ring = MultiFernet([Fernet(key) for key in ring])
        self._address = address
        self.log_id = log_id
        self._log = log

    def __repr__(self) -> str:
        return "<KeyRing>"

    @classmethod
    def load_or_create(cls, path: str | Path, data_exists: bool = False) -> Self:
        """Raises `KeyMissing` when there is data already: a new key could never read it."""
        path = Path(path)
        try:
            return cls.load(path)
        except KeyMissing:
            if data_exists:
                raise
        return cls.create(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Raises `KeyMissing` or `KeyUnreadable`."""
        path = Path(path)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise KeyMissing(
                f"The key file {path} is not there, and without it the database cannot be read. "
                "Put it back from your backup, or point keys.path to it."
            ) from None
        except OSError as error:
            raise KeyUnreadable(
                f"The key file {path} cannot be read ({error.strerror}). "
                "Give the account that runs the desk read access."
            ) from None
        try:
            keys = json.loads(content)
            return cls(
                [str(key) for key in keys["ring"]],
                urlsafe_b64decode(keys["address"]),
                str(keys["log"]["id"]),
                urlsafe_b64decode(keys["log"]["key"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            # `from None`: the cause could quote the keys.
            raise KeyUnreadable(
                f"The key file {path} is damaged or is not a key file. Put it back from your backup."
            ) from None

    @classmethod
    def create(cls, path: str | Path) -> Self:
        """Writes new keys with mode 0600 and makes the folder when needed. Raises `NotWritable`; never overwrites."""
        path = Path(path)
        keys = {
            "ring": [Fernet.generate_key().decode()],
            "address": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "log": {"id": secrets.token_hex(4), "key": urlsafe_b64encode(secrets.token_bytes(32)).decode()},
        }
        # Written aside and linked into place, so that a crash or a second process never leaves half a key file.
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                json.dump(keys, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            try:
                path.hardlink_to(aside)
            except FileExistsError:
                pass  # another process was first; its keys are read below
            finally:
                aside.unlink()
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise NotWritable(
                f"The key file {path} cannot be written ({error.strerror}). Make its folder writable for the account "
                "that runs the desk, or choose another place with keys.path."
            ) from None
        return cls.load(path)

    def wrap(self, data_key: bytes) -> bytes:
        return self._ring.encrypt(data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises `KeyMissing` when no key of the ring fits."""
        try:
            return self._ring.decrypt(wrapped)
        except InvalidToken:
            raise KeyMissing(
                "The key file does not belong to this database. Put back the key file that was made with it."
            ) from None

    def rewrap(self, wrapped: bytes) -> bytes:
        """The same data key, wrapped by the first key of the ring. Raises `KeyMissing`."""
        return self.wrap(self.unwrap(wrapped))

    def address_hmac(self, channel: str, address: str) -> str:
        """64 hexadecimal digits. This key never rotates: it is how a contact is found again."""
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        return hmac.digest(self._address, f"{len(channel)}:{channel}:{address}".encode(), "sha256").hex()

    def log_mac(self, content: bytes) -> str:
        """64 hexadecimal digits."""
        return hmac.digest(self._log, content, "sha256").hex()


def token_hash(token: str) -> str:
    """For tokens of 128 random bits or more, which need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
