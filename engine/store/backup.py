"""A copy of an SQLite file while others use it: whole, checked, and under its name only when it is both."""

import os
import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path

from engine.errors import StorageError


def backed_up(source: Path, target: Path) -> None:
    """Copy the committed state of `source` to `target`, over an older copy. Raises: StorageError, sqlite3.Error, OSError."""
    temp = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        os.close(os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(temp)) as copy:
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = delete")  # the copy is one file, also while it is looked at
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise StorageError(
                f"“{source.name}” could not be copied before its update: {found}.", "Check the disk, then try again."
            )
        _synced(temp)
        temp.replace(target)
    finally:
        for left in (temp, temp.with_name(temp.name + "-journal")):
            with suppress(OSError):
                left.unlink()


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
