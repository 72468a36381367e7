"""The ledger in sums: what was spent, what may have been, how often and with what success; and all of it as a table in CSV."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from io import StringIO

from engine.store.database import Store
from engine.store.ledger import LedgerRow
from engine.store.units import stamp, stamped, usd

COLUMNS = (
    "id", "created_utc", "updated_utc", "provider", "model", "operation", "project", "state", "estimated_usd", "upper_usd",
    "actual_usd", "tokens", "seconds", "request_id", "request_hash", "result", "note",
)
"""The columns of the CSV file, in their order; programs read them by name."""


class By(Enum):
    """What sums are made by; the value is a column or an expression over it."""

    PROVIDER = "provider"
    MODEL = "model"
    OPERATION = "operation"
    PROJECT = "project"
    MONTH = "substr(created, 1, 7)"
    """`2026-11`, in UTC."""
    DAY = "substr(created, 1, 10)"


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over rows. The bill lies between `settled_usd` and `settled_usd + running_usd + unknown_usd`."""

    key: tuple[str, ...]
    """The values that the rows have in common, in the order that was asked for."""
    requests: int
    estimated_usd: float
    settled_usd: float
    """Charged for certain, also for refused requests."""
    running_usd: float
    """The most that requests may cost that are on their way."""
    unknown_usd: float
    """The most that requests may have cost whose outcome is unknown."""
    settled: int
    refused: int
    unknown: int
    failed: int
    running: int
    results: int
    """Requests of which an asset came: `settled_usd / results` is the price of one finished picture or video."""
    tokens: int
    seconds: float
    last_used: datetime

    @property
    def success_share(self) -> float | None:
        """Settled requests among those whose end is known, 0..1; None where there is none."""
        ended = self.settled + self.refused + self.failed + self.unknown
        return self.settled / ended if ended else None


_SUMS = """count(*) AS requests, sum(estimated_nano) AS estimated, sum(actual_nano) AS actual,
    sum(upper_nano) FILTER (WHERE state = 'started') AS running_nano,
    sum(upper_nano) FILTER (WHERE state = 'unknown') AS unknown_nano,
    count(*) FILTER (WHERE state = 'settled') AS settled, count(*) FILTER (WHERE state = 'refused') AS refused,
    count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'failed_free') AS failed,
    count(*) FILTER (WHERE state = 'started') AS running, count(*) FILTER (WHERE result <> '') AS results,
    sum(tokens) AS tokens, sum(seconds) AS seconds, max(created) AS last_used"""


def totals(
    store: Store, *by: By, project: str | None = None, since: datetime | None = None, month: str | None = None
) -> tuple[Total, ...]:
    """Sums over all rows (or those of one project, created since, or in a month), one per combination of `by`, in their order.

    Without `by` it is one sum, or none where there is no row. Raises: StorageError.
    """
    keys = [one.value for one in by]
    selected = ", ".join([*(f"{key} AS key{at}" for at, key in enumerate(keys)), _SUMS])
    grouped = f" GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}" if keys else " HAVING count(*) > 0"
    rows = store.rows(
        f"SELECT {selected} FROM ledger WHERE project = ifnull(?, project) AND created >= ?"
        f" AND {By.MONTH.value} = ifnull(?, {By.MONTH.value}){grouped}",
        (project, stamp(since) if since else "", month),
    )
    return tuple(
        Total(
            tuple(row[f"key{at}"] for at in range(len(keys))), row["requests"], usd(row["estimated"]), usd(row["actual"]),
            usd(row["running_nano"]), usd(row["unknown_nano"]), row["settled"], row["refused"], row["unknown"], row["failed"],
            row["running"], row["results"], row["tokens"], row["seconds"], stamped(row["last_used"]),
        )
        for row in rows
    )


def csv_text(rows: Iterable[LedgerRow]) -> str:
    """The rows as RFC 4180: a head, commas, CRLF. Dollars have nine decimals. Text that a spreadsheet would run as a formula
    begins with an apostrophe.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([
            row.id, stamp(row.created), stamp(row.updated), _plain(row.provider), _plain(row.model), _plain(row.operation),
            _plain(row.project), row.state.value, f"{row.estimated_usd:.9f}", f"{row.upper_usd:.9f}", f"{row.actual_usd:.9f}",
            row.tokens, row.seconds, _plain(row.request_id), _plain(row.request_hash), _plain(row.result), _plain(row.note),
        ])
    return text.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
