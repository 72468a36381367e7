"""How often one service may be asked, by the table and by its own word; counted in the store by all processes together."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from engine.errors import StorageError
from engine.store.limits import Limits, Rate
from engine.store.units import Now, utc_now

LOOK_S = 1.0
"""How often it is looked whether a request that ran has ended."""


class Limiter(Protocol):
    """Lets requests to one service through."""

    def take(self) -> datetime | None:
        """None where a request may leave now (it is counted), else when to ask again."""

    def release(self) -> None:
        """The request that was let through has ended; to be called once after each `take` that gave None."""

    def pause(self, until: datetime) -> None:
        """The service said that it takes nothing before then."""


class StoreLimiter:
    """A Limiter over the store, for one request at a time: every call has its own object.

    `bucket` names what the service counts together: a service, or one model of it. `at_once` is how many requests may run at one
    moment, None where nobody counts them.
    """

    def __init__(
        self, limits: Limits, bucket: str, rates: Sequence[Rate], at_once: int | None = None, now: Now = utc_now
    ) -> None:
        self._limits, self._bucket, self._rates = limits, bucket, tuple(rates)
        self._at_once, self._now = at_once, now
        self._slot: int | None = None

    def take(self) -> datetime | None:
        if self._at_once is not None and self._slot is None:
            self._slot = self._limits.enter(self._bucket, self._at_once)
            if self._slot is None:
                return self._now() + timedelta(seconds=LOOK_S)
        blocked = self._limits.take(self._bucket, self._rates)
        if blocked is not None:
            self.release()
        return blocked

    def release(self) -> None:
        slot, self._slot = self._slot, None
        if slot is not None:
            with suppress(StorageError):  # the end of this process frees it as well
                self._limits.leave(slot)

    def pause(self, until: datetime) -> None:
        self._limits.pause(self._bucket, until)


class Unlimited:
    """A Limiter for what a service does not count (polls, downloads)."""

    def take(self) -> datetime | None:
        return None

    def release(self) -> None:
        """There is nothing to give back."""

    def pause(self, until: datetime) -> None:
        """Nothing is counted, so nothing is paused; the caller waits by itself."""
