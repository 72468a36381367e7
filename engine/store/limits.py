"""How often a service may be asked, and how much at once, counted by all processes together: a bucket of tokens per service and
window, and slots.

A request takes a token of every window; each token comes back one window after it was taken, by itself. A bucket that fills
steadily would let twice its capacity through within a window (all at once, and again what flowed in); this one never lets
through more than its capacity in any window, wherever that begins, which is how services count.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.store.database import Store
from engine.store.units import Now, micros, moment, utc_now

_SECOND = 1_000_000
_CLOCK_STEP_US = 2 * _SECOND
"""A token that comes back later than a window and this from now was taken before the clock was set back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `capacity` (>= 1) requests in any `window_s` (> 0) seconds."""

    capacity: int
    window_s: int

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.window_s < 1:
            raise ValueError(f"no rate: {self.capacity} in {self.window_s} s")


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a rate is used now."""

    rate: Rate
    taken: int


class Limits:
    """Buckets in the store, each under a name: what the service counts together (a service, or a model of it).

    `now` is read inside the transaction, so requests count in the order in which they were let through. All methods raise
    StorageError.
    """

    def __init__(self, store: Store, now: Now = utc_now) -> None:
        self._store, self._now = store, now

    def take(self, bucket: str, rates: Sequence[Rate]) -> datetime | None:
        """None where the request may leave (it is counted then), else the time from which it is worth asking again."""
        with self._store.writing() as database:
            now = micros(self._now())
            waits = [_pause(database, bucket, now), *(_wait(database, bucket, rate, now) for rate in rates)]
            blocked = max((wait for wait in waits if wait is not None), default=None)
            if blocked is not None:
                return moment(blocked)
            for rate in rates:
                window = rate.window_s * _SECOND
                database.execute("INSERT INTO tokens VALUES (?, ?, ?)", (bucket, window, now + window))
        return None

    def retry_at(self, bucket: str, rates: Sequence[Rate]) -> datetime | None:
        """What `take` would say; nothing is counted."""
        with self._store.writing() as database:
            now = micros(self._now())
            waits = [_pause(database, bucket, now), *(_wait(database, bucket, rate, now) for rate in rates)]
        blocked = max((wait for wait in waits if wait is not None), default=None)
        return None if blocked is None else moment(blocked)

    def enter(self, bucket: str, at_once: int) -> int | None:
        """A slot among `at_once` (>= 1) for requests that run at one moment; None where all are taken. `leave` gives it back.

        Slots of processes that have ended are free.
        """
        slot = self._entered(bucket, at_once)
        if slot is None and self._freed(bucket):
            slot = self._entered(bucket, at_once)
        return slot

    def leave(self, slot: int) -> None:
        """The request has ended, however."""
        with self._store.writing() as database:
            database.execute("DELETE FROM slots WHERE id = ?", (slot,))

    def _entered(self, bucket: str, at_once: int) -> int | None:
        owner = self._store.presence_name()
        with self._store.writing() as database:
            cursor = database.execute(
                "INSERT INTO slots (bucket, owner) SELECT ?1, ?2 WHERE (SELECT count(*) FROM slots WHERE bucket = ?1) < ?3",
                (bucket, owner, at_once),
            )
            return cursor.lastrowid if cursor.rowcount == 1 else None

    def _freed(self, bucket: str) -> int:
        """How many slots were held by processes that have ended."""
        owners = [row[0] for row in self._store.rows("SELECT DISTINCT owner FROM slots WHERE bucket = ?", (bucket,))]
        ended = [owner for owner in owners if not self._store.is_at_work(owner)]
        with self._store.writing() as database:
            return sum(database.execute("DELETE FROM slots WHERE owner = ?", (owner,)).rowcount for owner in ended)

    def pause(self, bucket: str, until: datetime) -> None:
        """The service said when it may go on; an earlier word for a later time stands."""
        with self._store.writing() as database:
            database.execute(
                "INSERT INTO pauses VALUES (?, ?) ON CONFLICT DO UPDATE SET until_us = max(until_us, excluded.until_us)",
                (bucket, micros(until)),
            )

    def resume(self, bucket: str) -> None:
        """Forget the pause: the user has another key, or bought more."""
        with self._store.writing() as database:
            database.execute("DELETE FROM pauses WHERE bucket = ?", (bucket,))

    def use(self, bucket: str, rates: Sequence[Rate]) -> tuple[Use, ...]:
        """How full each window is."""
        with self._store.writing() as database:
            now = micros(self._now())
            return tuple(Use(rate, _taken(database, bucket, rate, now)) for rate in rates)


def _pause(database: sqlite3.Connection, bucket: str, now: int) -> int | None:
    row = database.execute("SELECT until_us FROM pauses WHERE bucket = ? AND until_us > ?", (bucket, now)).fetchone()
    return int(row[0]) if row else None


def _wait(database: sqlite3.Connection, bucket: str, rate: Rate, now: int) -> int | None:
    """When there is a token again; None where there is one now."""
    over = _taken(database, bucket, rate, now) - rate.capacity
    if over < 0:
        return None
    row = database.execute(
        "SELECT back_us FROM tokens WHERE bucket = ? AND window_us = ? ORDER BY back_us LIMIT 1 OFFSET ?",
        (bucket, rate.window_s * _SECOND, over),  # after the table was given a smaller capacity several must come back
    ).fetchone()
    return int(row[0])


def _taken(database: sqlite3.Connection, bucket: str, rate: Rate, now: int) -> int:
    window = rate.window_s * _SECOND
    database.execute("DELETE FROM tokens WHERE bucket = ? AND back_us <= ?", (bucket, now))
    database.execute(
        "UPDATE tokens SET back_us = ? WHERE bucket = ? AND window_us = ? AND back_us > ?",
        (now + window, bucket, window, now + window + _CLOCK_STEP_US),
    )
    row = database.execute("SELECT count(*) FROM tokens WHERE bucket = ? AND window_us = ?", (bucket, window)).fetchone()
    return int(row[0])
