"""Every request that may cost money, as a row from before it leaves until it is known what it cost.

The promise: settled <= bill <= settled + unknown, at every moment and after every crash. So a row begins with the most it may
cost; it counts as that until an answer says less; and rows of processes that ended without saying become `unknown`, which no
clock turns into anything else. Knows no service and no prices.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from engine.store.budget import require_budget
from engine.store.database import Store
from engine.store.units import Now, nano, stamp, stamped, usd, utc_now


class LedgerState(Enum):
    STARTED = "started"
    """On its way, or about to leave."""
    SETTLED = "settled"
    """Answered, and its price is known."""
    REFUSED = "refused"
    """Refused for what it shows or asks; its price is known, most often 0."""
    UNKNOWN = "unknown"
    """It may have been carried out and billed, and its answer was lost."""
    FAILED_FREE = "failed_free"
    """It was proven not to have been carried out."""


UNPRICED = "The price of this model is not known."

_MAY_BECOME = {
    LedgerState.SETTLED: (LedgerState.STARTED, LedgerState.UNKNOWN),
    LedgerState.REFUSED: (LedgerState.STARTED, LedgerState.UNKNOWN),
    LedgerState.FAILED_FREE: (LedgerState.STARTED, LedgerState.UNKNOWN),
    LedgerState.UNKNOWN: (LedgerState.STARTED,),
}
"""From which states a row may go to another: an unknown outcome may be found out later, a known one stays."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A request before it leaves. `upper_usd` is the most it may cost, where that is more than the estimate."""

    provider: str
    model: str
    operation: str
    """What is asked for: "region edit", "text to video", …"""
    project: str
    request_hash: str
    """Names the request's content; equal requests have equal hashes."""
    estimated_usd: float
    upper_usd: float | None = None
    operation_id: str = ""
    """The long operation that it pays for, where there is one."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What an answer says a request has cost and used."""

    actual_usd: float
    tokens: int = 0
    seconds: float = 0.0
    """Of video or sound, made or heard."""
    request_id: str = ""
    """The service's name for the request."""
    is_known: bool = True
    """False where an answer came whose price nobody knows: it may have cost up to the most that was written down before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request; `state` is any but STARTED."""

    state: LedgerState
    charge: Charge = Charge(0.0)
    note: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    id: int
    provider: str
    model: str
    operation: str
    project: str
    request_hash: str
    estimated_usd: float
    upper_usd: float
    actual_usd: float
    tokens: int
    seconds: float
    state: LedgerState
    request_id: str
    note: str
    """One sentence on what went wrong, without any secret."""
    result: str
    """Hash of the asset that came of it; empty where there is none."""
    created: datetime
    updated: datetime


class Ledger:
    """The rows, in the store. All methods raise StorageError."""

    def __init__(self, store: Store, now: Now = utc_now) -> None:
        self._store, self._now = store, now

    def begin(self, intent: Intent) -> int:
        """Write the row; returns its id once it is on the disk. Raises: BudgetError, and nothing may be sent then.

        Its operation says in the same moment what it is paid with: a row that no operation knew would stay unknown for ever.
        """
        estimate = nano(intent.estimated_usd)
        upper = max(estimate, nano(intent.estimated_usd if intent.upper_usd is None else intent.upper_usd))
        owner, time = self._store.presence_name(), stamp(self._now())
        with self._store.writing() as database:
            require_budget(database, intent.project, upper)
            cursor = database.execute(
                "INSERT INTO ledger (owner, provider, model, operation, project, request_hash, estimated_nano, upper_nano, state,"
                " created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'started', ?, ?)",
                (owner, intent.provider, intent.model, intent.operation, intent.project, intent.request_hash, estimate, upper,
                 time, time),
            )
            database.execute(
                "UPDATE operations SET ledger_id = ?, updated = ? WHERE id = ?", (cursor.lastrowid, time, intent.operation_id)
            )
        return int(cursor.lastrowid or 0)

    def settle(self, row: int, charge: Charge, result: str = "") -> None:
        """The answer came. Raises: ValueError where the row's outcome is known already."""
        self._change(row, LedgerState.SETTLED, charge=charge, result=result)

    def refuse(self, row: int, charge: Charge, note: str = "") -> None:
        """Refused for its content, at this price. Raises: ValueError as `settle`."""
        self._change(row, LedgerState.REFUSED, charge=charge, note=note)

    def fail_free(self, row: int, note: str = "", request_id: str = "") -> None:
        """Proven not to have been carried out. Raises: ValueError as `settle`."""
        self._change(row, LedgerState.FAILED_FREE, note=note, charge=Charge(0.0, request_id=request_id))

    def lose(self, row: int, note: str = "", request_id: str = "") -> None:
        """Nobody can say whether it was carried out. Raises: ValueError where its outcome is known, or known to be unknown."""
        self._change(row, LedgerState.UNKNOWN, note=note, charge=Charge(0.0, request_id=request_id))

    def unpriced(self, row: int, charge: Charge, result: str = "") -> None:
        """The answer came, and nobody knows what it has cost. Raises: ValueError as `lose`."""
        self._change(row, LedgerState.UNKNOWN, note=UNPRICED, charge=charge, result=result)

    def attach_result(self, row: int, result: str) -> None:
        """Say which asset came of a request, once that is safe on the disk."""
        with self._store.writing() as database:
            database.execute("UPDATE ledger SET result = ?, updated = ? WHERE id = ?", (result, stamp(self._now()), row))

    def row(self, row: int) -> LedgerRow:
        """Raises: KeyError."""
        found = self._select("id = ?", (row,))
        if not found:
            raise KeyError(row)
        return found[0]

    def rows(self, project: str | None = None) -> tuple[LedgerRow, ...]:
        """All rows, or those of one project, oldest first."""
        return self._select("project = ifnull(?, project)", (project,))

    def same_request(self, request_hash: str) -> tuple[LedgerRow, ...]:
        """What became of this very request before: a row that is `unknown` means that repeating it may pay twice."""
        return self._select("request_hash = ?", (request_hash,))

    def unknown(self, project: str | None = None) -> tuple[LedgerRow, ...]:
        """Outcome unknown."""
        return self._select("state = 'unknown' AND project = ifnull(?, project)", (project,))

    def charged_without_result(self, project: str | None = None) -> tuple[LedgerRow, ...]:
        """Paid for, and no asset came of it."""
        return self._select(
            "state IN ('settled', 'refused') AND actual_nano > 0 AND result = '' AND project = ifnull(?, project)", (project,)
        )

    def recover(self) -> int:
        """Rows of processes that ended without saying become `unknown`; how many. To be called when a program starts.

        A request of an operation that is polled or fetched again (its service gave it a name) stays as it is: the operation
        settles it.
        """
        query = "SELECT DISTINCT owner FROM ledger WHERE state = 'started'"
        ended = [row[0] for row in self._store.rows(query) if not self._store.is_at_work(row[0])]
        with self._store.writing() as database:
            return sum(
                database.execute(
                    "UPDATE ledger SET state = 'unknown', note = 'The program ended before the answer came.', updated = ?"
                    " WHERE state = 'started' AND owner = ? AND id NOT IN (SELECT ledger_id FROM operations"
                    "  WHERE ledger_id IS NOT NULL AND remote_id <> '' AND state IN ('running', 'ready'))",
                    (stamp(self._now()), owner),
                ).rowcount
                for owner in ended
            )

    def _change(
        self, row: int, state: LedgerState, *, charge: Charge, note: str = "", result: str = ""
    ) -> None:
        with self._store.writing() as database:
            if not write_outcome(database, row, Outcome(state, charge, note, result), stamp(self._now())):
                raise ValueError(f"row {row} of the ledger is missing or cannot become {state.value}")

    def _select(self, where: str, values: tuple[Any, ...]) -> tuple[LedgerRow, ...]:
        return tuple(_row(found) for found in self._store.rows(f"SELECT * FROM ledger WHERE {where} ORDER BY id", values))


def write_outcome(database: sqlite3.Connection, row: int, outcome: Outcome, time: str) -> bool:
    """Inside a transaction: what became of a request. False, and nothing written, where that is known already."""
    before = ", ".join(f"'{one.value}'" for one in _MAY_BECOME[outcome.state])
    charge, result = outcome.charge, outcome.result
    return database.execute(
        "UPDATE ledger SET state = ?, actual_nano = ?, tokens = ?, seconds = ?, note = ?,"
        " request_id = CASE WHEN ? <> '' THEN ? ELSE request_id END,"
        f" result = CASE WHEN ? <> '' THEN ? ELSE result END, updated = ? WHERE id = ? AND state IN ({before})",
        (outcome.state.value, nano(charge.actual_usd), charge.tokens, charge.seconds, outcome.note, charge.request_id,
         charge.request_id, result, result, time, row),
    ).rowcount == 1


def _row(row: Any) -> LedgerRow:
    return LedgerRow(
        row["id"], row["provider"], row["model"], row["operation"], row["project"], row["request_hash"],
        usd(row["estimated_nano"]), usd(row["upper_nano"]), usd(row["actual_nano"]), row["tokens"], row["seconds"],
        LedgerState(row["state"]), row["request_id"], row["note"], row["result"], stamped(row["created"]),
        stamped(row["updated"]),
    )
