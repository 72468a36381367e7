"""All providers for the work on one project, with what services need: keys, consent, counting, the ledger.

Nothing of it is opened before a service is asked. Close it when the work is done.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.jobs.fallback import Providers
from engine.providers.fallback import Chain
from engine.providers.online.attempting import P, PaidRequest
from engine.providers.online.consent import Ask, StoredConsent
from engine.providers.online.counted import CountedAttempts
from engine.providers.online.offered import Means
from engine.providers.online.outgoing import Sending
from engine.providers.registry import Registry, full_registry
from engine.running import CancelToken, Report
from engine.store.database import Store
from engine.store.ledger import Ledger
from engine.store.opening import program_store
from engine.store.projects import Privacy
from engine.vault import KeyStore

if TYPE_CHECKING:  # brings what fetches and checks videos
    from engine.jobs.generations import Generations

HASTY_S = 8.0
"""How long a service is waited for where another one could be asked."""


@dataclass(frozen=True, slots=True)
class _Opened:
    store: Store
    consent: StoredConsent
    counted: CountedAttempts


class Services:
    """`project` is its name in the store; with `may_send` the user has allowed what this work sends, `how_to` says how to.

    A window gives `ask`, which shows what would be sent, the level of projects that have none (`unsaid`), and its own `store`,
    which stays open.
    """

    def __init__(
        self, project: str, *, may_send: bool = False, how_to: str = "", keys: KeyStore | None = None, ask: Ask | None = None,
        unsaid: Privacy = Privacy.ASK, store: Store | None = None,
    ) -> None:
        self._project, self._may_send, self._how_to, self._ask, self._unsaid = project, may_send, how_to, ask, unsaid
        self._keys, self._given = keys or KeyStore(), store
        self._lock = threading.RLock()
        self._opened: _Opened | None = None
        self.means = Means(self._keys.keys_for, self._gate, self._attempts)
        """For services that are no region editors."""
        self.registry: Registry = full_registry(self.means)
        self.hasty_means = replace(self.means, attempts=self._hasty_attempts)
        self.hasty_registry: Registry = full_registry(self.hasty_means)
        """The same providers, for who has another one to ask: they wait for no service that asks for more than seconds."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about what was sent."""
        return tuple(self._opened.consent.warnings) if self._opened is not None else ()

    def close(self) -> None:
        if self._opened is not None and self._given is None:
            self._opened.store.close()

    def _open(self) -> "_Opened":
        """All that needs the store, made when it is needed first; one lock for it, held for nothing else."""
        with self._lock:
            if self._opened is None:
                store = self._given or program_store()
                Ledger(store).recover()
                consent = StoredConsent(
                    store, self._project, is_flagged=self._may_send, how_to=self._how_to, ask=self._ask, unsaid=self._unsaid
                )
                self._opened = _Opened(store, consent, CountedAttempts(store, self._project))
            return self._opened

    def generations(self, *, longest_wait_s: float | None = None) -> "Generations":
        """All that is generated for the project (see `Generations`); to be closed before this is. Raises: StorageError."""
        from engine.jobs.generations import Generations

        return Generations(self._open().store, self._project, self._keys.keys_for, self._gate, longest_wait_s=longest_wait_s)

    def providers(self, chain: Chain) -> Providers:
        """For a patch whose provider may be backed up by others."""
        return Providers(self.registry, self.hasty_registry, chain)

    def _gate(self, sending: Sending, cancel: CancelToken) -> None:
        self._open().consent(sending, cancel)  # without the lock: it may wait for the user, and other requests go on meanwhile

    def _attempts(self, asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P:
        return self._open().counted(asked, call, cancel=cancel, report=report)

    def _hasty_attempts(self, asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P:
        return self._open().counted(asked, call, cancel=cancel, report=report, longest_wait_s=HASTY_S)
