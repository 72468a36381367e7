"""Whether something may leave, by what the user has said before: the project's privacy level, remembered answers, a flag.

Asks nobody: where nothing was said, nothing leaves. Every sending that is allowed is noted before it happens.
"""

from engine.providers.online.outgoing import Sending, SendingRefused, sending_words
from engine.store.consents import Consents, How
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerState
from engine.store.projects import Privacy, Projects


class StoredConsent:
    """A gate for one project. `is_flagged`: the user has allowed what this one command sends; `how_to` says how to allow it."""

    def __init__(self, store: Store, project: str, *, is_flagged: bool = False, how_to: str = "Allow it first.") -> None:
        self._store, self._project = store, project
        self._is_flagged, self._how_to = is_flagged, how_to
        self.warnings: list[str] = []
        """What the user should know about a sending that was allowed, each a sentence."""

    def __call__(self, sending: Sending) -> None:
        """Raises: SendingRefused, StorageError."""
        how = self._allowed(sending)
        twice = self._may_be_twice(sending)
        if how is None:
            raise SendingRefused(f"Nothing was sent: {sending_words(sending)}.", f"{twice} {self._how_to}".strip())
        if twice:
            self.warnings.append(twice)
        Consents(self._store).note_sending(self._project, sending.host, how, sending.request_hash)

    def _allowed(self, sending: Sending) -> How | None:
        privacy = Projects(self._store).rules(self._project).privacy
        if privacy is Privacy.OFFLINE:
            raise SendingRefused(
                f"This project is set to “Offline only”, so nothing was sent to {sending.name}.", "Change that, or work offline."
            )
        if self._is_flagged:
            return How.FLAG
        if Consents(self._store).remembered(self._project, sending.host):
            return How.ALWAYS
        return How.LEVEL if privacy is Privacy.ALLOW else None

    def _may_be_twice(self, sending: Sending) -> str:
        before = Ledger(self._store).same_request(sending.request_hash)
        if not any(row.state is LedgerState.UNKNOWN for row in before):
            return ""
        return "The same request was sent before and its answer was lost, so it may be charged twice."
