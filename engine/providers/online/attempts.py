"""Makes one request to a service, and makes it again only where that can neither do harm nor cost twice.

The order for each try: the limiter lets it through, the breaker does, its row is in the ledger, it leaves, its row says what
became of it. Between two tries no row is open, so a crash while waiting leaves no doubt. Knows no service and no HTTP.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from engine.errors import Cancelled, StorageError
from engine.providers.online.breaker import Breaker
from engine.providers.online.failures import CancelledInFlight, FailureKind, ProviderFailure
from engine.providers.online.ledger_entries import LedgerEntry
from engine.providers.online.limiter import Limiter
from engine.providers.online.waiting import clock_words, wait_until
from engine.running import CancelToken, Report
from engine.store.ledger import Charge
from engine.store.units import utc_now

T = TypeVar("T")
_WAITS_S = (1.0, 2.0, 4.0, 8.0)
_JITTER = 0.25
"""Waits are longer by up to this share, so that several programs do not come back at one moment."""
_FREE = frozenset({FailureKind.QUOTA, FailureKind.TRANSIENT, FailureKind.OFFLINE, FailureKind.OUTCOME_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, as functions that tests replace."""

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """0..1."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a request is made. `name` is the service's for people, `provider` its id."""

    provider: str
    name: str
    attempts: int = 3
    """At most, 1..5."""
    is_paid: bool = True
    """A paid request is repeated only after an answer that proves that it was not accepted. One that is free (a poll, a download)
    is repeated after a lost answer as well."""
    longest_wait_s: float = 120.0
    """A time to come back that is further away than this is not waited for: the failure says it, and the caller decides."""
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= 1 + len(_WAITS_S):
            raise ValueError(f"no number of attempts: {self.attempts}")


def run_attempts(
    call: Callable[[], T], *, policy: Policy, limiter: Limiter, breaker: Breaker, ledger: LedgerEntry | None,
    cancel: CancelToken, report: Report, charge: Callable[[T], Charge | None] = lambda _answer: None,
    kept: Callable[[T], str] = lambda _answer: "",
) -> T:
    """What `call` returns. `charge` reads from it what it has cost; None leaves the row open for whoever learns the price later.
    `kept` reads the asset that was stored.

    Raises: ProviderFailure, the last one, with `retry_at` where waiting would take too long; BudgetError, StorageError: nothing
    was sent; Cancelled; whatever else `call` raises, and the row says that the outcome is unknown.
    """
    attempt = 1
    while True:
        _admitted(policy, limiter, cancel, report)
        try:
            breaker.enter()  # where it is open the caller is told at once: another provider may do it
            try:
                return _tried(call, breaker, ledger, cancel, charge, kept)
            except ProviderFailure as failure:
                until = _next_try(failure, attempt, policy, limiter)
                if until is None:
                    raise
                words = f"{policy.name} {_reason(failure)}, trying again ({attempt + 1} of {policy.attempts}) in"
        finally:
            limiter.release()
        attempt += 1
        _waited(until, words, policy, cancel, report)


def _admitted(policy: Policy, limiter: Limiter, cancel: CancelToken, report: Report) -> None:
    """Wait for the limiter. Raises: ProviderFailure (QUOTA) where it would take too long; Cancelled."""
    cancel.check()
    while (until := limiter.take()) is not None:
        now = policy.clock.now()
        if (until - now).total_seconds() > policy.longest_wait_s:
            raise ProviderFailure(
                FailureKind.QUOTA, policy.provider,
                f"{policy.name} is asked as often as it allows already; it may go on at {clock_words(until, now)}.",
                "Wait until then, or use another provider.", retry_at=until, raw_code="limit of this program",
            )
        _waited(until, f"{policy.name} is asked as often as it allows, going on in", policy, cancel, report)


def _tried(
    call: Callable[[], T], breaker: Breaker, ledger: LedgerEntry | None, cancel: CancelToken,
    charge: Callable[[T], Charge | None], kept: Callable[[T], str],
) -> T:
    """One request, with its row and the breaker told how it ended."""
    try:
        cancel.check()
        if ledger is not None:
            ledger.begin()
    except BaseException:
        breaker.left()
        raise
    try:
        answer = call()
        price = charge(answer)
    except ProviderFailure as failure:
        breaker.failed(failure)
        if ledger is not None:
            ledger.failed(failure)
        raise
    except BaseException as error:
        breaker.left()
        if ledger is not None:
            _abandoned(ledger, error)
        raise
    breaker.succeeded()
    if ledger is not None:
        ledger.answered(price, kept(answer))
    return answer


def _abandoned(ledger: LedgerEntry, error: BaseException) -> None:
    if isinstance(error, CancelledInFlight):
        ledger.lost("Cancelled after it was sent.")
    elif isinstance(error, Cancelled):
        ledger.not_sent()
    else:
        ledger.lost("The program failed before the answer was understood.")


def _next_try(failure: ProviderFailure, attempt: int, policy: Policy, limiter: Limiter) -> datetime | None:
    """When to try again; None where that is not to be done. A time that the service named holds back everybody."""
    if failure.kind is FailureKind.QUOTA and failure.retry_at is not None:
        with suppress(StorageError):  # the failure says more than that it could not be noted
            limiter.pause(failure.retry_at)
    is_repeatable = failure.is_repeatable if policy.is_paid else failure.kind in _FREE
    if not is_repeatable or attempt >= policy.attempts:
        return None
    now, wait = policy.clock.now(), _WAITS_S[attempt - 1]
    jitter = 1 + _JITTER * policy.clock.chance()
    until = now + timedelta(seconds=wait * jitter)
    if failure.retry_at is not None:
        until = max(until, failure.retry_at + timedelta(seconds=wait * (jitter - 1)))
    return until if (until - now).total_seconds() <= policy.longest_wait_s else None


def _reason(failure: ProviderFailure) -> str:
    words = {FailureKind.QUOTA: "asks to wait", FailureKind.OFFLINE: "is not reached"}
    return words.get(failure.kind, "does not answer as it should")


def _waited(until: datetime, words: str, policy: Policy, cancel: CancelToken, report: Report) -> None:
    wait_until(until, words, now=policy.clock.now, cancel=cancel, report=report, sleep=policy.clock.sleep)
