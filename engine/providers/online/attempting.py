"""The seam between an adapter and whoever counts, waits and repeats: an adapter says what one request is, and how to make it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class PaidRequest:
    """One request that may cost something, as it is written down before it leaves."""

    provider: str
    operation: str
    model: str
    estimate_usd: float
    request_hash: str
    """Equal for equal requests; of what is sent, without keys."""
    upper_usd: float | None = None
    """The most it may cost, where that is more than the estimate: what counts while its outcome is not known."""


class Priced(Protocol):
    """What came of a request that was answered."""

    @property
    def cost_usd(self) -> float: ...

    @property
    def tokens(self) -> int: ...

    @property
    def request_id(self) -> str: ...


P = TypeVar("P", bound=Priced)


class Attempts(Protocol):
    """Makes a request, perhaps more than once. Raises what `call` raises in the end."""

    def __call__(self, asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P: ...


Kept = Callable[[str, str], None]
"""Told the request's hash and the asset's once what was paid for is on the disk."""


def forget(request_hash: str, asset: str) -> None:
    """Notes nothing."""


def once(asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P:
    """Makes it once and writes nothing down."""
    return call()
