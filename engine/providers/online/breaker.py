"""Leaves a service alone for a while that keeps failing, so that nobody waits for what is known not to come.

In memory, one per service and process, on purpose: what it judges is the way from this process to the service (proxy, base
address, network of the moment). Kept in the store it would hold back the command that is started to see whether it works again.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.waiting import clock_words

OPENS_AFTER = 5
"""Failures in a row."""
RESTS_S = 30.0
"""How long it is left alone; each trial that fails begins this anew."""

_COUNTED = frozenset({FailureKind.TRANSIENT, FailureKind.OUTCOME_UNKNOWN})
"""Any other failure is an answer, and shows that the service is there. Being offline costs no waiting and is no fault of it."""


class Breaker:
    """Closed: everything passes. Open: nothing does. After the rest one request passes as a trial and decides. Thread-safe."""

    def __init__(
        self, provider: str, name: str, now: Callable[[], datetime], *, opens_after: int = OPENS_AFTER, rests_s: float = RESTS_S
    ) -> None:
        self._provider, self._name, self._now = provider, name, now
        self._opens_after, self._rest = opens_after, timedelta(seconds=rests_s)
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: datetime | None = None
        self._has_trial = False

    def enter(self) -> None:
        """Before a request; one of `succeeded`, `failed`, `left` must follow. Raises: ProviderFailure (TRANSIENT) while open."""
        with self._lock:
            if self._open_until is None:
                return
            now = self._now()
            if now < self._open_until or self._has_trial:
                raise self._refusal(max(now, self._open_until), now)
            self._has_trial = True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._open_until, self._has_trial = 0, None, False

    def failed(self, failure: ProviderFailure) -> None:
        if failure.kind is FailureKind.OFFLINE:
            self.left()
        elif failure.kind in _COUNTED:
            with self._lock:
                self._failures += 1
                if self._failures >= self._opens_after:  # a trial that fails is one more in the same row
                    self._open_until = self._now() + self._rest
                self._has_trial = False
        else:
            self.succeeded()

    def left(self) -> None:
        """The request ended without saying anything about the service: cancelled, or never sent."""
        with self._lock:
            self._has_trial = False

    def _refusal(self, until: datetime, now: datetime) -> ProviderFailure:
        return ProviderFailure(
            FailureKind.TRANSIENT, self._provider,
            f"{self._name} has failed {self._failures} times in a row, so it is left alone until {clock_words(until, now)}.",
            "Try again then, or use another provider.", retry_at=until, raw_code="breaker open",
        )
