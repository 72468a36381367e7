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
from engine.jobs.costs import MOST_CAP_USD, Costs, costs
from engine.providers.online.prices import dollars
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow
from engine.store.ledger_totals import Total, csv_text
from engine.store.opening import program_store
from engine.store.projects import Projects

NO_CAP = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", action="store_true", help="every request as a line of CSV on standard output")
    parser.add_argument("--project", metavar="P", help="only requests of this project: its file, or its name in the ledger")
    parser.add_argument("--month", metavar="YYYY-MM", help="only requests of this month, in UTC")
    parser.add_argument("--cap", metavar="USD", help="set the project's budget first, where sending stops; “none” takes it away")


def run(arguments: argparse.Namespace) -> Answer:
    if arguments.csv and arguments.json:
        raise BadInputError("Choose one of --csv and --json.")
    month, project = _month(arguments.month), _project(arguments.project)
    store = program_store()
    try:
        if arguments.cap is not None:
            Projects(store).set_cap(_required(project), _cap(arguments.cap))
        if not store.path.exists():  # to look must not make a store where there is none
            return Answer(_data((), None), csv_text(()).removesuffix("\n") if arguments.csv else "No requests.")
        known = costs(store, project, month)
        rows = _read(store, project, month)
    finally:
        store.close()
    if arguments.csv:
        return Answer({}, csv_text(rows).removesuffix("\n"))
    return Answer(_data(rows, known), _text(rows, known))


def _required(project: str | None) -> str:
    if project is None:
        raise BadInputError("--cap is a project's.", "Name it with --project.")
    return project


def _cap(text: str) -> float | None:
    if text.strip().lower() == NO_CAP:
        return None
    try:
        amount = float(text.strip().removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not (0 <= amount <= MOST_CAP_USD):
        raise BadInputError(f"“{text}” is no budget.", "Write dollars, for example 10 or 2.50, or none.")
    return amount


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


def _read(store: Store, project: str | None, month: str | None) -> tuple[LedgerRow, ...]:
    rows = Ledger(store).rows(project)
    return tuple(row for row in rows if month is None or f"{row.created:%Y-%m}" == month)


def _data(rows: tuple[LedgerRow, ...], known: Costs | None) -> dict[str, Any]:
    sums = known.providers_by_month if known is not None else ()
    return {
        "rows": [_row(row) for row in rows],
        "totals": [_total(total) for total in sums],
        "projects": [{"project": total.key[0], "settled_usd": total.settled_usd, "requests": total.requests}
                     for total in (known.projects if known is not None else ())],
        "settled_usd": _sum(total.settled_usd for total in sums),
        "unknown_usd": _sum(total.unknown_usd for total in sums),
        "running_usd": _sum(total.running_usd for total in sums),
        "charged_without_result": [row.id for row in (known.charged_without_result if known is not None else ())],
        "outcome_unknown": [row.id for row in (known.unknown if known is not None else ())],
        "finished_videos": known.finished if known is not None else 0,
        "per_finished_video_usd": known.per_video_usd if known is not None else None,
        "budget_usd": known.account.cap_usd if known is not None and known.account is not None else None,
        "quota": {name: {"taken": quota.taken, "capacity": quota.capacity, "window_s": quota.window_s,
                         "paused_until": quota.paused_until.isoformat() if quota.paused_until else None}
                  for name, quota in (known.quotas if known is not None else {}).items()},
    }  # fmt: skip


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


def _text(rows: tuple[LedgerRow, ...], known: Costs) -> str:
    lines = [
        f"{total.key[1]}  {total.key[0]:11s} {_counted(total.requests, 'request')}, {dollars(total.settled_usd)},"
        f" last used {total.last_used:%Y-%m-%d %H:%M} UTC"
        for total in known.providers_by_month
    ]
    lines.append(f"In all {dollars(_sum([known.settled_usd]))}." if rows else "No requests.")
    if known.account is not None and known.account.cap_usd is not None:
        lines.append(f"Budget of the project: {dollars(known.account.committed_usd)} of {dollars(known.account.cap_usd)}.")
    if known.unknown:
        most = dollars(_sum(row.upper_usd for row in known.unknown))
        lines.append(f"Outcome unknown: {_counted(len(known.unknown), 'request')}, up to {most} more may have been charged.")
    if lost := known.charged_without_result:
        lines.append(f"Charged without a result: {_counted(len(lost), 'request')}, {dollars(_sum([known.lost_usd]))}.")
    if known.per_video_usd is not None and rows:
        lines.append(f"{_counted(known.finished, 'finished video')}, {dollars(known.per_video_usd)} each.")
    return "\n".join(lines)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
