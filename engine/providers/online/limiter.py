"""How often one service may be asked, by the table and by its own word; counted in the store by all processes together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.store.limits import Limits, Rate


class Limiter(Protocol):
    """Lets requests to one service through."""

    def take(self) -> datetime | None:
        """None where a request may leave now (it is counted), else when to ask again."""

    def pause(self, until: datetime) -> None:
        """The service said that it takes nothing before then."""


class StoreLimiter:
    """A Limiter over the store. `bucket` names what the service counts together: a service, or one model of it."""

    def __init__(self, limits: Limits, bucket: str, rates: Sequence[Rate]) -> None:
        self._limits, self._bucket, self._rates = limits, bucket, tuple(rates)

    def take(self) -> datetime | None:
        return self._limits.take(self._bucket, self._rates)

    def pause(self, until: datetime) -> None:
        self._limits.pause(self._bucket, until)


class Unlimited:
    """A Limiter for what a service does not count (polls, downloads)."""

    def take(self) -> datetime | None:
        return None

    def pause(self, until: datetime) -> None:
        """Nothing is counted, so nothing is paused; the caller waits by itself."""
