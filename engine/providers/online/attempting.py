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
    operation_id: str = ""
    """The long operation that it is sent for, where there is one."""


class Priced(Protocol):
    """What came of a request that was answered, and what was paid for is on the disk by then."""

    @property
    def cost_usd(self) -> float | None:
        """None where the price is known only when a long operation ends: its row stays open, and whoever follows it settles."""

    @property
    def tokens(self) -> int: ...

    @property
    def request_id(self) -> str: ...

    @property
    def kept(self) -> str:
        """The asset that was stored; empty where there is none (yet)."""


P = TypeVar("P", bound=Priced)


class Attempts(Protocol):
    """Makes a request, perhaps more than once. Raises what `call` raises in the end."""

    def __call__(self, asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P: ...


def once(asked: PaidRequest, call: Callable[[], P], *, cancel: CancelToken, report: Report) -> P:
    """Makes it once and writes nothing down."""
    return call()
