"""How it stands with one project in one value: how far its pictures may go, what it has spent, what it may spend."""

from dataclasses import dataclass

from engine.store.budget import COMMITTED
from engine.store.database import Store
from engine.store.projects import Privacy, Projects
from engine.store.units import usd


@dataclass(frozen=True, slots=True)
class Account:
    """`committed_usd` is what counts against the cap: charged, or the most that open requests may cost in the end."""

    project: str
    privacy: Privacy
    cap_usd: float | None = None
    spent_usd: float = 0.0
    """Charged for certain."""
    committed_usd: float = 0.0
    unknown: int = 0
    """Requests whose outcome nobody knows."""


def account_of(store: Store, project: str, unsaid: Privacy = Privacy.ASK) -> Account:
    """`unsaid` is the level of a project for which none was chosen. Raises: StorageError."""
    rules = Projects(store).rules(project, unsaid)
    unknown = "count(*) FILTER (WHERE state = 'unknown')"
    row = store.rows(f"SELECT sum(actual_nano), {COMMITTED}, {unknown} FROM ledger WHERE project = ?", (project,))[0]
    return Account(project, rules.privacy, rules.cap_usd, usd(row[0]), usd(row[1]), row[2])
