"""Long operations as rows, so that no answer that was paid for hangs on this process being alive.

The order is the promise: the row, then the request; the service's name for it, then the first poll; the link, then the fetch;
the asset, then `done`. A process claims what it works on; what an ended process had claimed is free for the next one.
"""

import json
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.store.database import Store
from engine.store.ledger import Charge, LedgerState, Outcome, write_outcome
from engine.store.operation_rows import columns_of, operation_of
from engine.store.operation_values import (
    DEADLINE_S,
    MAY_BECOME,
    OPEN,
    POLL_S,
    Download,
    NewOperation,
    Operation,
    OperationState,
    poll_wait_s,
)
from engine.store.units import Now, micros, stamp, utc_now

_NOT_SENT = "The program ended before the request was sent."
_LOST = "The program ended before the service had answered; it may have taken the request."


class Operations:
    """The rows, in the store. All methods raise StorageError; KeyError for an id that does not exist."""

    def __init__(self, store: Store, now: Now = utc_now) -> None:
        self._store, self._now = store, now

    def begin(self, new: NewOperation) -> tuple[Operation, bool]:
        """Write the operation down, claimed by this process; (it, True). Where the same request is under way in the same project:
        (that one, False), and nothing is to be sent.
        """
        name, time = uuid.uuid4().hex, stamp(self._now())
        owner = self._store.presence_name()
        with self._store.writing() as database:
            is_new = database.execute(
                "INSERT INTO operations (id, owner, provider, model, kind, project, request_hash, request, input_hash, state,"
                " created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'created', ?, ?) ON CONFLICT DO NOTHING",
                (name, owner, new.provider, new.model, new.kind, new.project, new.request_hash, new.request, new.input_hash,
                 time, time),
            ).rowcount == 1
            found = database.execute(
                "SELECT * FROM operations WHERE id = ? OR (provider = ? AND project = ? AND request_hash = ?"
                " AND state IN ('created', 'running', 'ready'))", (name, new.provider, new.project, new.request_hash),
            ).fetchone()
        return operation_of(found), is_new

    def waiting(self, operation: str, message: str, until: datetime | None = None) -> None:
        """It is not sent yet, for this reason, and perhaps until then (kept as the time of the next poll)."""
        self._set(operation, message=message, next_poll_us=None if until is None else micros(until))

    def send_again(self, operation: str, paid: Outcome) -> Operation:
        """What was accepted came to nothing at this price, and the same request is about to leave once more."""
        return self._become(operation, OperationState.CREATED, paid, message="", remote_id="", running_us=None, ledger_id=None)

    def note(self, operation: str, **facts: Any) -> None:
        """Add to its facts."""
        self._set(operation, facts=json.dumps({**self.get(operation).facts, **facts}))

    def rate(self, operation: str, thumb: int) -> None:
        """1 up, -1 down, 0 takes it back."""
        self._set(operation, thumb=thumb)

    def trash(self, operation: str, *, is_trashed: bool = True) -> None:
        """Into the trash or out of it; nothing is removed from the disk."""
        self._set(operation, trashed=stamp(self._now()) if is_trashed else "")

    def accepted(self, operation: str, remote_id: str, interval_s: float = POLL_S) -> Operation:
        """The service has taken it under this name; to be called before the first poll. Also for what was found again."""
        now = self._now()
        next_poll = micros(now + timedelta(seconds=poll_wait_s(0, 0, interval_s)))
        return self._become(
            operation, OperationState.RUNNING, message="", remote_id=remote_id, running_us=micros(now), next_poll_us=next_poll,
            bad_polls=0, owner=self._store.presence_name(),
        )

    def polled(self, operation: str, *, is_answered: bool, message: str = "", interval_s: float = POLL_S) -> Operation:
        """It was asked how far it is, and runs on or did not answer; sets the next time. Raises: ValueError unless running."""
        now, before = self._now(), self.get(operation)
        if before.state is not OperationState.RUNNING:
            raise ValueError(f"operation {operation} is {before.state.value} and is not polled")
        bad = 0 if is_answered else before.bad_polls + 1
        running_s = (now - (before.running_since or now)).total_seconds()
        next_poll = micros(now + timedelta(seconds=poll_wait_s(running_s, bad, interval_s)))
        self._set(operation, polls=before.polls + 1, bad_polls=bad, next_poll_us=next_poll, message=message)
        return self.get(operation)

    def ready(self, operation: str, download: Download) -> Operation:
        """The result is at `download.url`."""
        return self._become(operation, OperationState.READY, message="", **columns_of(download))

    def fetching(self, operation: str, download: Download) -> None:
        """Note where the fetch writes to and what the server says of it, so that another process can go on with it."""
        self._set(operation, **columns_of(download))

    def done(
        self, operation: str, result_hash: str, paid: Charge | Outcome | None = None, **facts: Any
    ) -> Operation:
        """The result is an asset of this hash, checked and on the disk; its row in the ledger is settled in the same moment.

        A Charge is what it has cost, an Outcome says it where the price is not known; without either the row is left to the
        caller. `facts` are what is known of the result.
        """
        if isinstance(paid, Charge):
            paid = Outcome(LedgerState.SETTLED, paid)
        paid = None if paid is None else replace(paid, result=result_hash)
        known = json.dumps({**self.get(operation).facts, **facts})
        return self._become(operation, OperationState.DONE, paid, message="", result_hash=result_hash, facts=known)

    def end(self, operation: str, state: OperationState, message: str, paid: Outcome | None = None) -> Operation:
        """FAILED, BLOCKED, STOPPED, UNKNOWN or EXPIRED, and why in one sentence without any secret.

        `paid` is what becomes of its row in the ledger in the same moment; without it the row stays open (and of an UNKNOWN one
        becomes unknown).
        """
        if paid is None and state is OperationState.UNKNOWN:
            paid = Outcome(LedgerState.UNKNOWN, note=message)
        return self._become(operation, state, paid, message=message)

    def look_again(self, operation: str) -> Operation:
        """Take up what was stopped or failed, if the service has given it a name: no new request, nothing to pay."""
        before = self.get(operation)
        if not before.remote_id:
            raise ValueError(f"operation {operation} has no name at its service")
        return self.accepted(operation, before.remote_id)

    def claim(self, operation: str) -> bool:
        """Whether this process may work on it: nobody does, or it does already."""
        me = self._store.presence_name()
        owner = self._store.rows("SELECT owner FROM operations WHERE id = ?", (operation,))[0][0]
        if owner == me:
            return True
        if self._store.is_at_work(owner):
            return False
        with self._store.writing() as database:
            return database.execute(
                "UPDATE operations SET owner = ? WHERE id = ? AND owner = ?", (me, operation, owner)
            ).rowcount == 1

    def recover(self) -> tuple[Operation, ...]:
        """Claim what ended processes were working on; to be called when a program starts. Oldest first:

        `running` is to be polled, `ready` to be fetched. `unknown` may have been sent: where the service takes names of ours it
        is to be asked for `id`. `failed` was never sent.
        """
        mine = [one for one in self._where_state(OPEN) if self._is_left(one.id) and self.claim(one.id)]
        return tuple(self._unsent(one) if one.state is OperationState.CREATED else one for one in mine)

    def _unsent(self, operation: Operation) -> Operation:
        """What was about to leave when its process ended; a row that is proven free means that it waited for another try."""
        rows = self._store.rows("SELECT state FROM ledger WHERE id = ?", (operation.ledger_row,))
        if not rows or rows[0][0] == LedgerState.FAILED_FREE.value:
            return self.end(operation.id, OperationState.FAILED, _NOT_SENT)
        return self.end(operation.id, OperationState.UNKNOWN, _LOST)

    def get(self, operation: str) -> Operation:
        """Raises: KeyError."""
        rows = self._store.rows("SELECT * FROM operations WHERE id = ?", (operation,))
        if not rows:
            raise KeyError(operation)
        return operation_of(rows[0])

    def open(self, provider: str | None = None) -> tuple[Operation, ...]:
        """Those under way, oldest first, whoever works on them: their number is what a service counts as parallel."""
        return tuple(one for one in self._where_state(OPEN) if provider in {None, one.provider})

    def unknown(self) -> tuple[Operation, ...]:
        """Those whose request may have been taken, oldest first."""
        return self._where_state((OperationState.UNKNOWN,))

    def of_project(self, project: str) -> tuple[Operation, ...]:
        """Newest first."""
        rows = self._store.rows("SELECT * FROM operations WHERE project = ? ORDER BY created DESC, rowid DESC", (project,))
        return tuple(operation_of(row) for row in rows)

    def ahead_of(self, operation: str) -> int:
        """How many of the same service are worked on there, or were about to be sent before this one by processes that live."""
        rows = self._store.rows(
            "SELECT other.state, other.owner FROM operations AS other, operations AS mine WHERE mine.id = ?"
            " AND other.id <> mine.id AND other.provider = mine.provider AND (other.state = 'running' OR"
            " (other.state = 'created' AND (other.created, other.rowid) < (mine.created, mine.rowid)))", (operation,),
        )
        return sum(row[0] == OperationState.RUNNING.value or self._store.is_at_work(row[1]) for row in rows)

    def is_overdue(self, operation: Operation, deadline_s: float = DEADLINE_S) -> bool:
        """Whether it has been asked for so long that the user is to be asked."""
        since = operation.running_since
        return since is not None and (self._now() - since).total_seconds() >= deadline_s

    def _is_left(self, operation: str) -> bool:
        owner = self._store.rows("SELECT owner FROM operations WHERE id = ?", (operation,))[0][0]
        return not self._store.is_at_work(owner)

    def _where_state(self, states: Iterable[OperationState]) -> tuple[Operation, ...]:
        named = [state.value for state in states]
        marks = ", ".join("?" * len(named))
        rows = self._store.rows(f"SELECT * FROM operations WHERE state IN ({marks}) ORDER BY created, rowid", named)
        return tuple(operation_of(row) for row in rows)

    def _become(self, operation: str, state: OperationState, paid: Outcome | None = None, **columns: Any) -> Operation:
        """Raises: ValueError where that state may not follow, or the same request is under way as another operation."""
        time, assigned = stamp(self._now()), _assigned({"state": state.value, **columns})
        before = [one.value for one, after in MAY_BECOME.items() if state in after]
        marks = ", ".join("?" * len(before))
        try:
            with self._store.writing() as database:
                row = database.execute("SELECT ledger_id FROM operations WHERE id = ?", (operation,)).fetchone()
                found = database.execute(
                    f"UPDATE operations SET {assigned}, updated = ? WHERE id = ? AND state IN ({marks}) RETURNING *",
                    (state.value, *columns.values(), time, operation, *before),
                ).fetchone()
                if found is not None and row[0] is not None and paid is not None:
                    _paid(database, row[0], paid, time)
        except sqlite3.IntegrityError as error:
            raise ValueError(f"the request of operation {operation} is under way as another one") from error
        if found is None:
            raise ValueError(f"operation {operation} is {self.get(operation).state.value} and cannot become {state.value}")
        return operation_of(found)

    def _set(self, operation: str, **columns: Any) -> None:
        with self._store.writing() as database:
            database.execute(
                f"UPDATE operations SET {_assigned(columns)}, updated = ? WHERE id = ?",
                (*columns.values(), stamp(self._now()), operation),
            )


def _paid(database: sqlite3.Connection, row: int, paid: Outcome, time: str) -> None:
    """Where an outcome is known already it stays, and gets its result."""
    if not write_outcome(database, row, paid, time) and paid.result:
        database.execute("UPDATE ledger SET result = ?, updated = ? WHERE id = ? AND result = ''", (paid.result, time, row))


def _assigned(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = ?" for name in columns)
