"""What can go wrong in storage. Every message is one sentence or two, fit for a terminal: what, where, what to do."""

from __future__ import annotations


class StorageError(Exception):
    """Base of everything storage raises on purpose. The message never holds what a resident wrote."""


class KeyMissing(StorageError):
    """There is data, but not the key that reads it."""


class KeyUnreadable(StorageError):
    """The key file is there, but it is not a key file."""


class NotWritable(StorageError):
    """The folder or file of the database or of the keys cannot be written."""


class NotADatabase(StorageError):
    """The address does not name a database that this version can open."""


class SchemaTooNew(StorageError):
    """The database was made by a newer version of Buurtbalie."""


class SchemaTooOld(StorageError):
    """The database needs `balie db upgrade` first."""


class Closed(StorageError):
    """The database was closed; nothing is read or written any more."""


class Outrun(StorageError):
    """Another work was first, and what this one prepared is gone; it can be done again."""


class Missing(StorageError, LookupError):
    """There is no row with this id."""


class Erased(StorageError):
    """The key of this contact or request was deleted; its text can never be read again."""


class Unreadable(StorageError):
    """An encrypted field was changed, or moved to another row."""


class LeaseLost(StorageError):
    """The job is no longer this worker's: its lease ran out and another took it, or it was cancelled."""


class CommitFailed(StorageError):
    """The database refused the whole commit (a full disk, another process that holds it); nothing of it is stored."""
