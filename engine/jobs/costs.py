"""What services have cost, how they did and how much of their quota is used: everything that is said about money in one value.

Only reads. Sums are the store's, limits are the table's.
"""

from dataclasses import dataclass
from datetime import datetime

from engine.errors import BadInputError
from engine.providers.online.counted import bucket_of, rates_of
from engine.providers.online.table import provider_facts
from engine.store.account import Account, account_of
from engine.store.database import Store
from engine.store.finished import finished_videos
from engine.store.ledger import Ledger, LedgerRow
from engine.store.ledger_totals import By, Total, totals
from engine.store.limits import Limits
from engine.store.projects import Privacy

MOST_CAP_USD = 1_000_000.0
"""A budget above this is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a service's own window is used now, by all programs of this user; the fullest of its models and windows."""

    taken: int
    capacity: int
    window_s: int
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one project or of all (None), of one month or of all. The bill lies between what is settled and that and the unknown."""

    project: str | None
    month: str | None
    account: Account | None
    """That of the project; None for all."""
    total: Total | None
    """None where there was no request."""
    providers: tuple[Total, ...]
    providers_by_month: tuple[Total, ...]
    projects: tuple[Total, ...]
    days: tuple[Total, ...]
    """By day where a month was asked for, else by month."""
    months: tuple[str, ...]
    """Those in which there was a request, whatever was asked for."""
    unknown: tuple[LedgerRow, ...]
    charged_without_result: tuple[LedgerRow, ...]
    finished: int
    """Videos brought out."""
    quotas: dict[str, Quota]

    @property
    def settled_usd(self) -> float:
        return self.total.settled_usd if self.total is not None else 0.0

    @property
    def lost_usd(self) -> float:
        """Charged, and nothing came of it."""
        return sum(row.actual_usd for row in self.charged_without_result)

    @property
    def per_video_usd(self) -> float | None:
        """What a finished video has cost; None where there is none."""
        return self.settled_usd / self.finished if self.finished else None


def costs(store: Store, project: str | None = None, month: str | None = None, unsaid: Privacy = Privacy.ASK) -> Costs:
    """`month` is `2026-11`, in UTC; `unsaid` as in `account_of`. Raises: StorageError."""
    ledger = Ledger(store)
    ledger.recover()
    whole = totals(store, project=project, month=month)
    providers = totals(store, By.PROVIDER, project=project, month=month)
    account = account_of(store, project, unsaid) if project is not None else None
    return Costs(
        project, month, account, whole[0] if whole else None, providers,
        totals(store, By.PROVIDER, By.MONTH, project=project, month=month),
        totals(store, By.PROJECT, project=project, month=month),
        totals(store, By.DAY if month else By.MONTH, project=project, month=month),
        tuple(total.key[0] for total in totals(store, By.MONTH, project=project)),
        _of(month, ledger.unknown(project)), _of(month, ledger.charged_without_result(project)),
        finished_videos(store, project, month), _quotas(store, providers),
    )


def _of(month: str | None, rows: tuple[LedgerRow, ...]) -> tuple[LedgerRow, ...]:
    return tuple(row for row in rows if month is None or f"{row.created:%Y-%m}" == month)


def _quotas(store: Store, providers: tuple[Total, ...]) -> dict[str, Quota]:
    found = {total.key[0]: _quota(store, total.key[0]) for total in providers}
    return {provider: quota for provider, quota in found.items() if quota is not None}


def _quota(store: Store, provider: str) -> Quota | None:
    """None for a service that is not in the table (any more), or whose limits nobody knows."""
    try:
        facts = provider_facts(provider)
    except BadInputError:
        return None
    limits, rates = Limits(store), rates_of(facts)
    models = [total.key[1] for total in totals(store, By.PROVIDER, By.MODEL) if total.key[0] == provider]
    uses = [use for model in models for use in limits.use(bucket_of(provider, model), rates)]
    if not uses:
        return None
    fullest = max(uses, key=lambda use: (use.taken / use.rate.capacity, -use.rate.window_s))
    times = [at for model in models if (at := limits.retry_at(bucket_of(provider, model), rates)) is not None]
    return Quota(fullest.taken, fullest.rate.capacity, fullest.rate.window_s, max(times, default=None))
