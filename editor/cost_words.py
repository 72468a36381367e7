"""What services have cost as the words, bars and rows that the Costs panel shows. Reads finished sums, asks nobody."""

from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

from engine.jobs.costs import Costs, Quota
from engine.providers.online.prices import dollars
from engine.providers.online.waiting import clock_words
from engine.store.ledger import LedgerRow, LedgerState
from engine.store.ledger_totals import Total
from widgets.cost_chart import CostBar
from widgets.sheet_table import Cell, Column

PROVIDER_COLUMNS = (
    Column("Service", 0), Column("Requests", 70, "right"), Column("Success", 84, "right"), Column("Estimated", 84, "right"),
    Column("Charged", 80, "right"), Column("Unknown", 92, "right"), Column("Tokens, seconds", 122, "right"),
    Column("Quota now", 132, "right"), Column("Last used", 96, "right"),
)  # fmt: skip
LOST_COLUMNS = (
    Column("When", 96), Column("What", 230), Column("Service", 110), Column("Why", 0), Column("Amount", 100, "right"),
)  # fmt: skip
PROJECT_COLUMNS = (
    Column("Project", 0), Column("Requests", 90, "right"), Column("Charged", 100, "right"), Column("Unknown", 110, "right"),
    Column("Last used", 130, "right"),
)  # fmt: skip
_WINDOWS = {60: "a minute", 3600: "an hour", 86_400: "a day"}


def figures(costs: Costs) -> tuple[tuple[str, str, str], ...]:
    """(amount, what it is, role): the sums, each beside what it counts."""
    total = costs.total
    estimated = total.estimated_usd if total is not None else 0.0
    unknown = sum(row.upper_usd for row in costs.unknown)
    per_video = costs.per_video_usd
    return (
        (dollars(costs.settled_usd), f"charged, {_counted(total.requests if total else 0, 'request')}", ""),
        (dollars(estimated), "was estimated", ""),
        (f"{dollars(unknown)}" if costs.unknown else "$0.00", f"at most, outcome unknown ({len(costs.unknown)})",
         "check" if costs.unknown else ""),
        (dollars(costs.lost_usd), f"charged, no result ({len(costs.charged_without_result)})",
         "check" if costs.charged_without_result else ""),
        (dollars(per_video) if per_video is not None else "–", f"per finished video ({costs.finished})", ""),
    )  # fmt: skip


def bars(costs: Costs) -> tuple[CostBar, ...]:
    """One for each day of the month, or for each month from the first to the last: a day without a request is a gap."""
    known = {total.key[0]: total for total in costs.days}
    return tuple(_bar(key, known.get(key), is_day=costs.month is not None) for key in _keys(costs, sorted(known)))


def provider_rows(costs: Costs, names: dict[str, str]) -> list[list[Cell]]:
    """A row for each service."""
    return [
        [
            Cell(names.get(total.key[0], total.key[0]), mark="cloud"), Cell(str(total.requests)), Cell(_success(total)),
            Cell(dollars(total.estimated_usd)), Cell(dollars(total.settled_usd)),
            Cell(f"≤ {dollars(total.unknown_usd)}" if total.unknown else "–", role="am" if total.unknown else "t3"),
            Cell(_amount(total)), _quota(costs.quotas.get(total.key[0])), Cell(f"{total.last_used.astimezone():%d %b, %H:%M}"),
        ]
        for total in costs.providers
    ]  # fmt: skip


def lost_rows(costs: Costs, names: dict[str, str]) -> list[list[Cell]]:
    """What the user should know of: the newest first."""
    rows = sorted((*costs.unknown, *costs.charged_without_result), key=lambda row: row.created, reverse=True)
    return [
        [
            Cell(f"{row.created.astimezone():%d %b, %H:%M}"), _what(row), Cell(names.get(row.provider, row.provider)),
            Cell(row.note),
            Cell(f"up to {dollars(row.upper_usd)}" if row.state is LedgerState.UNKNOWN else dollars(row.actual_usd)),
        ]
        for row in rows
    ]  # fmt: skip


def project_rows(costs: Costs) -> list[list[Cell]]:
    """A row for each project; two of one name are told apart by where they lie."""
    return [
        [
            _project(total.key[0]), Cell(str(total.requests)), Cell(dollars(total.settled_usd)),
            Cell(f"≤ {dollars(total.unknown_usd)}" if total.unknown else "–", role="am" if total.unknown else "t3"),
            Cell(f"{total.last_used.astimezone():%d %b, %H:%M}"),
        ]
        for total in costs.projects
    ]  # fmt: skip


def _project(name: str) -> Cell:
    """A project's name in the store, for people: its file's name, and quietly where that lies."""
    if name.startswith("unsaved ") or not name:
        return Cell("Not saved", mark="file")
    path = PurePath(name)
    return Cell(path.stem, str(path.parent) if path.parent != PurePath() else "", "file")


def month_words(month: str) -> str:
    """ "November 2026"."""
    year, number = (int(part) for part in month.split("-"))
    return f"{date(year, number, 1):%B %Y}"


def _what(row: LedgerRow) -> Cell:
    if row.state is LedgerState.UNKNOWN:
        return Cell("Outcome unknown", row.operation, "warning", mark_role="am")
    return Cell("Charged, no result", row.operation, "cost", mark_role="am")


def _keys(costs: Costs, known: list[str]) -> list[str]:
    if not known:
        return []
    if costs.month is None:
        return _months(known[0], known[-1])
    year, number = (int(part) for part in costs.month.split("-"))
    first = date(year, number, 1)
    return [f"{first + timedelta(days=day):%Y-%m-%d}" for day in range(31) if (first + timedelta(days=day)).month == number]


def _months(first: str, last: str) -> list[str]:
    (year, number), end = (int(part) for part in first.split("-")), last
    found = []
    while (key := f"{year:04d}-{number:02d}") <= end:
        found.append(key)
        year, number = (year + 1, 1) if number == 12 else (year, number + 1)
    return found


def _bar(key: str, total: Total | None, *, is_day: bool) -> CostBar:
    when = datetime.strptime(key, "%Y-%m-%d" if is_day else "%Y-%m").replace(tzinfo=UTC)
    label = f"{when.day} {when:%b}" if is_day else f"{when:%b %Y}"
    if total is None:
        return CostBar(label, 0.0)
    return CostBar(label, total.settled_usd, total.unknown_usd, total.requests)


def _success(total: Total) -> str:
    ended = total.settled + total.refused + total.failed + total.unknown
    return f"{total.settled} of {ended}" if ended else "–"


def _amount(total: Total) -> str:
    words = [f"{total.tokens:,} tok"] if total.tokens else []
    words += [f"{total.seconds:.0f} s"] if total.seconds else []
    return ", ".join(words) or "–"


def _quota(quota: Quota | None) -> Cell:
    if quota is None:
        return Cell("–", role="t3")
    if quota.paused_until is not None:
        return Cell(f"until {clock_words(quota.paused_until, datetime.now(UTC))}", mark="clock")
    window = _WINDOWS.get(quota.window_s, f"{quota.window_s} s")
    return Cell(f"{quota.taken} of {quota.capacity} {window}")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
