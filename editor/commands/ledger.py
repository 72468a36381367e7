"""Say what the services were asked and what it cost: settled, still unknown, and without a result; as text, JSON or CSV."""

import argparse
import os
import pathlib
import re
from collections.abc import Iterable
from typing import Any

from editor.commands.opening import project_path
from editor.commands.running import Answer
from engine.errors import BadInputError
from engine.providers.online.prices import dollars
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow, LedgerState
from engine.store.ledger_totals import By, Total, csv_text, totals
from engine.store.opening import program_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", action="store_true", help="every request as a line of CSV on standard output")
    parser.add_argument("--project", metavar="P", help="only requests of this project: its file, or its name in the ledger")
    parser.add_argument("--month", metavar="YYYY-MM", help="only requests of this month, in UTC")


def run(arguments: argparse.Namespace) -> Answer:
    if arguments.csv and arguments.json:
        raise BadInputError("Choose one of --csv and --json.")
    month = _month(arguments.month)
    store = program_store()
    try:
        rows, sums = _read(store, _project(arguments.project), month)
    finally:
        store.close()
    if arguments.csv:
        return Answer({}, csv_text(rows).removesuffix("\n"))
    return Answer(_data(rows, sums), _text(rows, sums))


def _project(text: str | None) -> str | None:
    """A project is named by where its file lies; one that is gone is found by that name all the same."""
    if text is None:
        return None
    path = text if pathlib.Path(text).exists() else project_path(text)
    return os.path.realpath(path) if pathlib.Path(path).exists() else text


def _month(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise BadInputError(f"“{text}” is no month.", "Write it as 2026-11.")
    return text


def _read(store: Store, project: str | None, month: str | None) -> tuple[tuple[LedgerRow, ...], tuple[Total, ...]]:
    """The rows and the sums per provider and month. To look must not make a store where there is none."""
    if not store.path.exists():
        return (), ()
    ledger = Ledger(store)
    ledger.recover()  # what a killed program left open is unknown, not on its way
    rows = ledger.rows(project)
    sums = totals(store, By.PROVIDER, By.MONTH, project=project)
    if month is None:
        return rows, sums
    return tuple(row for row in rows if f"{row.created:%Y-%m}" == month), tuple(total for total in sums if total.key[1] == month)


def _lost(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Paid for, and nothing came of it."""
    paid = (LedgerState.SETTLED, LedgerState.REFUSED)
    return [row for row in rows if row.state in paid and row.actual_usd > 0 and not row.result]


def _data(rows: tuple[LedgerRow, ...], sums: tuple[Total, ...]) -> dict[str, Any]:
    return {
        "rows": [_row(row) for row in rows],
        "totals": [_total(total) for total in sums],
        "settled_usd": _sum(total.settled_usd for total in sums),
        "unknown_usd": _sum(total.unknown_usd for total in sums),
        "running_usd": _sum(total.running_usd for total in sums),
        "charged_without_result": [row.id for row in _lost(rows)],
        "outcome_unknown": [row.id for row in rows if row.state is LedgerState.UNKNOWN],
    }


def _sum(amounts: Iterable[float]) -> float:
    return round(sum(amounts), 9)


def _row(row: LedgerRow) -> dict[str, Any]:
    return {
        "id": row.id, "created": row.created.isoformat(), "updated": row.updated.isoformat(), "provider": row.provider,
        "model": row.model, "operation": row.operation, "project": row.project, "state": row.state.value,
        "estimated_usd": row.estimated_usd, "upper_usd": row.upper_usd, "actual_usd": row.actual_usd, "tokens": row.tokens,
        "seconds": row.seconds, "request_id": row.request_id, "request_hash": row.request_hash, "result": row.result,
        "note": row.note,
    }  # fmt: skip


def _total(total: Total) -> dict[str, Any]:
    return {
        "provider": total.key[0], "month": total.key[1], "requests": total.requests, "estimated_usd": total.estimated_usd,
        "settled_usd": total.settled_usd, "unknown_usd": total.unknown_usd, "running_usd": total.running_usd,
        "settled": total.settled, "refused": total.refused, "failed": total.failed, "unknown": total.unknown,
        "results": total.results, "tokens": total.tokens, "seconds": total.seconds, "last_used": total.last_used.isoformat(),
    }  # fmt: skip


def _text(rows: tuple[LedgerRow, ...], sums: tuple[Total, ...]) -> str:
    if not rows:
        return "No requests."
    lines = [
        f"{total.key[1]}  {total.key[0]:11s} {_counted(total.requests, 'request')}, {dollars(total.settled_usd)},"
        f" last used {total.last_used:%Y-%m-%d %H:%M} UTC"
        for total in sums
    ]
    lines.append(f"In all {dollars(_sum(total.settled_usd for total in sums))}.")
    if unknown := sum(total.unknown for total in sums):
        most = dollars(_sum(total.unknown_usd for total in sums))
        lines.append(f"Outcome unknown: {_counted(unknown, 'request')}, up to {most} more may have been charged.")
    if lost := _lost(rows):
        lines.append(f"Charged without a result: {_counted(len(lost), 'request')}, {dollars(_sum(r.actual_usd for r in lost))}.")
    return "\n".join(lines)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
