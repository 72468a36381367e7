"""Whether something may leave, by what the user has said before (the project's privacy level, remembered answers, a flag) or
says now. Where nothing was said and nobody can be asked, nothing leaves. Each sending that is allowed is noted before it happens.
"""

from collections.abc import Callable

from engine.providers.online.outgoing import Sending, SendingRefused, sending_words
from engine.running import CancelToken
from engine.store.budget import check_budget
from engine.store.consents import Consents, How
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerState
from engine.store.projects import Privacy, Projects

Ask = Callable[[Sending, str, CancelToken], How]
"""Shows the user what would be sent, with a sentence of warning (or ""), and waits: ONCE or ALWAYS.

Raises: SendingDeclined; whatever forbids it, a missing key before all; Cancelled."""


class StoredConsent:
    """A gate for one project. `is_flagged`: the user has allowed what this one command sends; `how_to` says how to allow it.

    Without `ask` the user cannot be asked; `unsaid` is the level of a project for which none was chosen. Thread-safe, and several
    may ask at once.
    """

    def __init__(
        self, store: Store, project: str, *, is_flagged: bool = False, how_to: str = "Allow it first.", ask: Ask | None = None,
        unsaid: Privacy = Privacy.ASK,
    ) -> None:
        self._store, self._project, self._ask, self._unsaid = store, project, ask, unsaid
        self._is_flagged, self._how_to = is_flagged, how_to
        self.warnings: list[str] = []
        """What the user should know about a sending that was allowed, each a sentence."""

    def __call__(self, sending: Sending, cancel: CancelToken) -> None:
        """Raises: SendingRefused, BudgetError, StorageError; Cancelled; what `ask` raises."""
        how, twice = self._allowed(sending), self._may_be_twice(sending)
        if self._ask is not None and (how is None or twice):  # what may be charged twice is never sent on an old word
            check_budget(self._store, self._project, sending.upper_usd or sending.cost.usd or 0.0)
            how = self._ask(sending, twice, cancel)
        if how is None:
            raise SendingRefused(f"Nothing was sent: {sending_words(sending)}.", f"{twice} {self._how_to}".strip())
        if twice:
            self.warnings.append(twice)
        consents = Consents(self._store)
        if how is How.ALWAYS:
            consents.remember(self._project, sending.place, is_allowed=True)
        consents.note_sending(self._project, sending.host, how, sending.request_hash)

    def _allowed(self, sending: Sending) -> How | None:
        privacy = Projects(self._store).rules(self._project, self._unsaid).privacy
        if privacy is Privacy.OFFLINE:
            raise SendingRefused(
                f"This project is set to “Offline only”, so nothing was sent to {sending.name}.", "Change that, or work offline."
            )
        if self._is_flagged:
            return How.FLAG
        if Consents(self._store).remembered(self._project, sending.place):
            return How.ALWAYS
        return How.LEVEL if privacy is Privacy.ALLOW else None

    def _may_be_twice(self, sending: Sending) -> str:
        before = Ledger(self._store).same_request(sending.request_hash)
        if not any(row.state is LedgerState.UNKNOWN and not row.result for row in before):
            return ""
        return "The same request was sent before and its answer was lost, so it may be charged twice."
