"""What the user has answered when asked whether something may be sent, and what was sent on which answer.

A remembered answer is for one project and one place (a service at a host). Every sending that was allowed is noted before it
happens.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from engine.store.database import Store
from engine.store.units import Now, stamp, stamped, utc_now


class How(Enum):
    """On which word something was sent."""

    ONCE = "once"
    """The user was shown it and said yes to this one."""
    ALWAYS = "always"
    """Remembered for the project and the host."""
    FLAG = "flag"
    """An option of this one command."""
    LEVEL = "level"
    """The project's privacy level is Allow."""


@dataclass(frozen=True, slots=True)
class Sending:
    project: str
    host: str
    how: How
    request_hash: str
    allowed: datetime


class Consents:
    """Remembered answers and noted sendings, in the store. All methods raise StorageError."""

    def __init__(self, store: Store, now: Now = utc_now) -> None:
        self._store, self._now = store, now

    def remembered(self, project: str, place: str) -> bool | None:
        """True for always, False for never, None where the user is to be asked."""
        rows = self._store.rows("SELECT is_allowed FROM consents WHERE project = ? AND host = ?", (project, place.lower()))
        return bool(rows[0][0]) if rows else None

    def remember(self, project: str, place: str, *, is_allowed: bool) -> None:
        with self._store.writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO consents (project, host, is_allowed, decided) VALUES (?, ?, ?, ?)",
                (project, place.lower(), int(is_allowed), stamp(self._now())),
            )

    def forget(self, project: str, place: str | None = None) -> None:
        """Ask again for this place, or for all places of the project."""
        with self._store.writing() as database:
            database.execute(
                "DELETE FROM consents WHERE project = ? AND host = ifnull(?, host)", (project, place and place.lower())
            )

    def note_sending(self, project: str, host: str, how: How, request_hash: str) -> None:
        """To be called before the request leaves."""
        with self._store.writing() as database:
            database.execute(
                "INSERT INTO sendings (project, host, how, request_hash, allowed) VALUES (?, ?, ?, ?, ?)",
                (project, host.lower(), how.value, request_hash, stamp(self._now())),
            )

    def sendings(self, project: str) -> tuple[Sending, ...]:
        """Oldest first."""
        rows = self._store.rows(
            "SELECT project, host, how, request_hash, allowed FROM sendings WHERE project = ? ORDER BY id", (project,)
        )
        return tuple(Sending(row[0], row[1], How(row[2]), row[3], stamped(row[4])) for row in rows)
