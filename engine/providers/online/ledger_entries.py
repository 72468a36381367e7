"""One request's row in the ledger, written by what becomes of the request. A repeated request is a row of its own: each row is
one request that left, so that unknown rows are as many as answers that were lost.

What is said once a request has left never raises StorageError: a full disk must not cost an answer that was paid for. The row
then stays as it was, counts at its highest price, and is `unknown` after this process has ended.
"""

from contextlib import suppress

from engine.errors import StorageError
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.store.ledger import Charge, Intent, Ledger


class LedgerEntry:
    """The row of the request that is made now, and before that nothing."""

    def __init__(self, ledger: Ledger, intent: Intent) -> None:
        self._ledger, self._intent = ledger, intent
        self.row: int | None = None
        """The row of the last request that was begun."""
        self._is_open = False

    def begin(self) -> None:
        """Before a request leaves. Raises: BudgetError, StorageError, and then nothing may be sent."""
        self.row = self._ledger.begin(self._intent)
        self._is_open = True

    def answered(self, charge: Charge | None, result: str = "") -> None:
        """The answer is here, and `result` names its asset. None leaves the row open: the price is known only when a long
        operation ends."""
        if charge is not None:
            write = self._ledger.settle if charge.is_known else self._ledger.unpriced
            with suppress(StorageError):
                write(self._ended(), charge, result)

    def failed(self, failure: ProviderFailure) -> None:
        """What the failure proves decides: nothing was done, it was refused at a price, it was paid for nothing, or unknown."""
        row, charge = self._ended(), Charge(failure.cost_usd, tokens=failure.tokens, request_id=failure.request_id)
        is_priced = failure.cost_usd > 0
        with suppress(StorageError):
            self._write(row, failure, charge, is_priced=is_priced)

    def _write(self, row: int, failure: ProviderFailure, charge: Charge, *, is_priced: bool) -> None:
        if failure.kind is FailureKind.OUTCOME_UNKNOWN or (failure.may_have_billed and not is_priced):
            self._ledger.lose(row, failure.text, failure.request_id)
        elif failure.kind is FailureKind.SAFETY:
            self._ledger.refuse(row, charge, failure.text)
        elif is_priced:
            self._ledger.settle(row, charge)
        else:
            self._ledger.fail_free(row, failure.text, failure.request_id)

    def not_sent(self) -> None:
        """Cancelled before anything left."""
        with suppress(StorageError):
            self._ledger.fail_free(self._ended(), "Cancelled before it was sent.")

    def lost(self, note: str) -> None:
        """Ended in the middle by something else than an answer."""
        with suppress(StorageError):
            self._ledger.lose(self._ended(), note)

    def _ended(self) -> int:
        if self.row is None or not self._is_open:
            raise RuntimeError("no request was begun")
        self._is_open = False
        return self.row
