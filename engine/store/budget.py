"""The hard stop: what a project may cost at most, against what it has cost or may still turn out to have cost."""

import sqlite3

from engine.errors import Category, PatchreelError
from engine.store.database import Store
from engine.store.units import nano, price

COMMITTED = "sum(CASE WHEN state IN ('started', 'unknown') THEN upper_nano ELSE actual_nano END)"
"""What rows of the ledger may cost at most: what was charged, and the upper price of what is not known (yet)."""


class BudgetError(PatchreelError):
    """A request that would take a project over its cap; it was not sent."""

    category = Category.PROVIDER
    code = "PR-4300"


def check_budget(store: Store, project: str, estimate_usd: float) -> None:
    """Raises: BudgetError where the estimate does not fit under the project's cap any more; StorageError.

    For what is shown before a request. `Ledger.begin` looks again in the transaction that writes the row, so two requests that
    start at once cannot both take what is left.
    """
    with store.reading() as database:
        require_budget(database, project, nano(estimate_usd))


def require_budget(database: sqlite3.Connection, project: str, estimate_nano: int) -> None:
    """Raises: BudgetError."""
    row = database.execute("SELECT cap_nano FROM projects WHERE project = ?", (project,)).fetchone()
    if row is None or row[0] is None:
        return
    spent = database.execute(f"SELECT {COMMITTED} FROM ledger WHERE project = ?", (project,)).fetchone()[0] or 0
    if spent + estimate_nano > row[0]:
        raise BudgetError(
            f"This request may cost {price(estimate_nano)}, and of the project's budget of {price(row[0])} only "
            f"{price(max(0, row[0] - spent))} is left, so it was not sent.",
            "Raise the budget of the project, or use an offline provider.",
        )
