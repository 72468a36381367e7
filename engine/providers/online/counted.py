"""Requests as they are made in earnest (`attempting.Attempts`): within the table's limits, in the ledger, repeated with care.

One object for all services and threads of a project; breakers are one per service.
"""

import threading
from collections.abc import Callable

from engine.providers.online.attempting import P, PaidRequest, Priced
from engine.providers.online.attempts import Clock, Policy, run_attempts
from engine.providers.online.breaker import Breaker
from engine.providers.online.ledger_entries import LedgerEntry
from engine.providers.online.limiter import StoreLimiter
from engine.providers.online.table import ProviderFacts, provider_facts
from engine.running import CancelToken, Report
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger
from engine.store.limits import Limits, Rate

_WINDOWS_S = {"requests_per_minute": 60, "requests_per_day": 86_400}


class CountedAttempts:
    """Makes requests for `project` (its name in the store). `attempts` is how often one is made at most, 1..5; waits longer than
    `longest_wait_s` are left to the caller."""

    def __init__(
        self, store: Store, project: str, *, attempts: int = 3, clock: Clock | None = None,
        facts: Callable[[str], ProviderFacts] = provider_facts, longest_wait_s: float = 120.0,
    ) -> None:
        self._clock, self._longest_wait_s = clock or Clock(), longest_wait_s
        self._project, self._attempts, self._facts = project, attempts, facts
        self._ledger, self._limits = Ledger(store, self._clock.now), Limits(store, self._clock.now)
        self._lock = threading.Lock()
        self._breakers: dict[str, Breaker] = {}

    def __call__(
        self, asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report,
        longest_wait_s: float | None = None,
    ) -> P:
        """`longest_wait_s` for this one request, where it differs.

        Raises: as `run_attempts`, and BadInputError for a service that is not in the table.
        """
        facts = self._facts(asked.provider)
        intent = Intent(
            asked.provider, asked.model, asked.operation, self._project, asked.request_hash, asked.estimate_usd,
            asked.upper_usd, asked.operation_id,
        )
        return run_attempts(
            call, policy=self._policy(facts, longest_wait_s),
            limiter=self._limiter(facts, asked.model),
            breaker=self._breaker(facts), ledger=LedgerEntry(self._ledger, intent), cancel=cancel, report=report,
            charge=_charge, kept=lambda answer: answer.kept,
        )

    def _policy(self, facts: ProviderFacts, longest_wait_s: float | None) -> Policy:
        longest = self._longest_wait_s if longest_wait_s is None else longest_wait_s
        return Policy(facts.id, facts.name, self._attempts, longest_wait_s=longest, clock=self._clock)

    def _limiter(self, facts: ProviderFacts, model: str) -> StoreLimiter:
        at_once = facts.limit("concurrent")
        return StoreLimiter(
            self._limits, bucket_of(facts.id, model), rates_of(facts), None if at_once is None else max(1, int(at_once)),
            self._clock.now,
        )

    def _breaker(self, facts: ProviderFacts) -> Breaker:
        with self._lock:
            return self._breakers.setdefault(facts.id, Breaker(facts.id, facts.name, self._clock.now))


def _charge(answer: Priced) -> Charge | None:
    if answer.cost_usd is None:
        return None
    seconds = getattr(answer, "seconds", 0.0)  # of sound or video, where that is what is counted
    is_known = getattr(answer, "is_priced", True)
    return Charge(answer.cost_usd, tokens=answer.tokens, seconds=seconds, request_id=answer.request_id, is_known=is_known)


def bucket_of(provider: str, model: str) -> str:
    """Services count their models apart; a pause of one leaves the others free."""
    return f"{provider}/{model}"


def rates_of(facts: ProviderFacts) -> tuple[Rate, ...]:
    """The windows of the table; none where it knows none."""
    known = ((facts.limit(kind), window) for kind, window in _WINDOWS_S.items())
    return tuple(Rate(max(1, int(limit)), window) for limit, window in known if limit is not None)
