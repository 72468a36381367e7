"""The SQLite file that everything of this program writes to at once: connections, transactions, growth from version to version.

Knows no table. A thread has a connection of its own; a transaction is short and never held over a request or a wait. Every
commit is on the disk before it returns, because rows say what was paid. Nobody in this process may open the file by other means
than SQLite's: closing it would drop the locks that SQLite holds on it.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.errors import StorageError
from engine.store.backup import backed_up
from engine.store.network_folder import is_on_network
from engine.store.presence import Presence
from engine.store.schema import MIGRATIONS, Step

BUSY_S = 10.0
"""How long a writer waits for another one. Transactions take milliseconds; ten seconds are a disk that hangs."""

Values = Sequence[Any] | dict[str, Any]


class NewerStoreError(StorageError):
    """The file was written by a newer version of this program; nothing in it was touched."""

    code = "PR-3210"


class Store:
    """The file at `path`, made (with its folder) on first use. Thread-safe; sent to another process it opens the file there."""

    def __init__(self, path: Path, *, migrations: Sequence[Step] = MIGRATIONS, busy_s: float = BUSY_S) -> None:
        self._path, self._migrations, self._busy_s = Path(path), tuple(migrations), busy_s
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._is_current = False
        self._generation = 0
        self._presence = Presence(self._path.with_name(self._path.name + "-processes"))

    def __reduce__(self) -> "tuple[type[Store], tuple[Path]]":
        return type(self), (self._path,)

    @property
    def path(self) -> Path:
        return self._path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for queries; several of them see one state only inside `writing`. Raises: StorageError."""
        with _explained(self._path):
            yield self._connection()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction beside which nobody else writes: committed at the end, rolled back on any error. Raises: StorageError."""
        with _explained(self._path):
            database = self._connection()
            with _transaction(database):
                yield database

    def rows(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of one query. Raises: StorageError."""
        with self.reading() as database:
            return database.execute(query, values).fetchall()

    def presence_name(self) -> str:
        """What this process writes into its rows; by it others can tell whether it still works on them. Raises: StorageError."""
        with _explained(self._path):
            return self._presence.name()

    def is_at_work(self, name: str) -> bool:
        """Whether the process that wrote this name into its rows still runs. Raises: StorageError."""
        with _explained(self._path):
            return self._presence.is_alive(name)

    def close(self) -> None:
        """Close the connections of all threads; whoever asks again opens anew. No other thread may be inside a transaction."""
        with self._lock:
            self._generation += 1
            self._is_current = False
            opened, self._opened = self._opened, []
        for _thread, database in opened:
            database.close()
        self._presence.leave()

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._mine, "generation", None) != self._generation:
            with self._lock:
                self._close_those_of_ended_threads()
                database = self._open()
                self._opened.append((threading.current_thread(), database))
                self._mine.connection, self._mine.generation = database, self._generation
        connection: sqlite3.Connection = self._mine.connection
        return connection

    def _close_those_of_ended_threads(self) -> None:
        for thread, database in self._opened:
            if not thread.is_alive():
                database.close()
        self._opened = [(thread, database) for thread, database in self._opened if thread.is_alive()]

    def _open(self) -> sqlite3.Connection:
        _make_private(self._path)
        database = sqlite3.connect(
            self._path, timeout=self._busy_s, isolation_level=None, check_same_thread=False  # closed by `close`, from any thread
        )
        try:
            database.row_factory = sqlite3.Row
            self._refuse_newer(database)
            if not self._is_current:
                _set_journal(database, "delete" if is_on_network(self._path) else "wal", self._busy_s)
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA fullfsync = ON")  # macOS: a plain fsync stops at the drive's cache
            database.execute("PRAGMA foreign_keys = ON")
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        self._is_current = True
        return database

    def _refuse_newer(self, database: sqlite3.Connection) -> int:
        """The file's version. Raises: NewerStoreError."""
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        if version > len(self._migrations):
            raise NewerStoreError(
                f"“{self._path.name}” was written by a newer version of Patchreel (its form is {version}, this version knows "
                f"{len(self._migrations)}), so it was not opened.", "Update Patchreel."
            )
        return version

    def _migrate(self, database: sqlite3.Connection) -> None:
        """One step after the other, each with a copy of the file from before it: `NAME.before-N` beside the file."""
        while self._refuse_newer(database) < len(self._migrations):
            with _transaction(database):  # from here on nobody else writes, so the copy misses nothing
                version = self._refuse_newer(database)
                if version == len(self._migrations):
                    return
                if version:
                    backed_up(self._path, self._path.with_name(f"{self._path.name}.before-{version + 1}"))
                for statement in self._migrations[version]:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {version + 1}")


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors as one sentence. Errors of our own statements (a broken constraint) stay what they are."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"“{path.name}” in {path.parent} cannot be used: {_reason(error)}.", _advice(error)) from error


def _reason(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another process has held it for too long"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return "it is damaged"
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")


def _advice(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "Close other windows and commands of Patchreel, then try again."
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return "Move it away or put a copy of it back; with it missing, a new one is made."
    return "Check the free space and the rights of that folder."


def _make_private(path: Path) -> None:
    """A new file, readable by the user only: rows hold prompts. SQLite gives its side files the same rights.

    A file that is there is not opened: closing it would drop the locks that SQLite holds on it for other threads (fcntl).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _set_journal(database: sqlite3.Connection, mode: str, busy_s: float) -> None:
    """SQLite does not wait by itself when several processes change the mode of a new file at once."""
    end = time.monotonic() + busy_s
    while database.execute("PRAGMA journal_mode").fetchone()[0] != mode:
        try:
            database.execute(f"PRAGMA journal_mode = {mode}")
            return  # where the folder cannot do it SQLite keeps the other one, which works as well
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
