"""Which processes are still at work: each holds a lock that the system lets go of when the process ends, however it ends.

The lock is SQLite's own on an empty file, so it works alike on every system and needs no process numbers, which are given out
again and mean nothing in another container. Knows no table.
"""

import sqlite3
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

_STALE_S = 3600.0
"""Age at which a file that nobody holds is swept away. A process that is about to take its lock has a younger one."""


class Presence:
    """The files in `folder`, one per process (more exactly: per object of this class that was asked for its name)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._name = ""
        self._held: sqlite3.Connection | None = None

    def name(self) -> str:
        """This process's name; others see it alive from before this returns. Raises: OSError, sqlite3.Error."""
        with self._guard:
            if self._held is None:
                name = uuid.uuid4().hex
                self._folder.mkdir(parents=True, exist_ok=True)
                self._held = _locked(self._folder / name)
                self._name = name
                self._sweep()
            return self._name

    def is_alive(self, name: str) -> bool:
        """Whether the process of that name still runs. Raises: OSError, sqlite3.Error."""
        path = self._folder / name
        if not path.exists():
            return False
        try:
            _locked(path).close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                return True
            raise
        return False

    def leave(self) -> None:
        """Let go of the name; the next call of `name` gives another one."""
        with self._guard:
            if self._held is not None:
                self._held.close()
                with suppress(OSError):
                    (self._folder / self._name).unlink()
            self._name, self._held = "", None

    def _sweep(self) -> None:
        """Remove what processes that were killed left behind."""
        with suppress(OSError, sqlite3.Error):
            for path in self._folder.iterdir():
                if time.time() - path.stat().st_mtime > _STALE_S and not self.is_alive(path.name):
                    path.unlink()


def _locked(path: Path) -> sqlite3.Connection:
    """A connection that holds the file's only lock until it is closed."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection
