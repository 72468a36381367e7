"""Who is asked when a service cannot answer now: the next one, then what was made before, then the user.

Knows no service and no operation. A failure that may have been paid for ends the chain: going on could pay twice. So does one
that another service would not make better (a refused key, refused words): that is for the user to decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.errors import PatchreelError
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.outgoing import SendingRefused
from engine.store.budget import BudgetError
from engine.vault import KeyMissingError

T = TypeVar("T")
_MOVES_ON = frozenset({FailureKind.QUOTA, FailureKind.TRANSIENT, FailureKind.OFFLINE, FailureKind.MODEL_GONE})


@dataclass(frozen=True, slots=True)
class Chain:
    """The order of one operation: provider ids, and whether what was made before is looked for at the end."""

    providers: tuple[str, ...] = ()
    uses_known: bool = True

    def after(self, provider: str) -> tuple[str, ...]:
        """Who is asked where `provider` cannot answer."""
        return tuple(other for other in self.providers if other != provider)


@dataclass(frozen=True, slots=True)
class Reached(Generic[T]):
    """`provider` gave the result; `passed` says, a sentence each, why those before it did not. `is_known`: it was made before."""

    provider: str
    result: T
    passed: tuple[str, ...] = ()
    is_known: bool = False


def moves_on(error: PatchreelError) -> bool:
    """Whether the next provider may be asked: nothing was paid, and another one may do better."""
    return isinstance(error, ProviderFailure) and error.kind in _MOVES_ON and not error.may_have_billed


def through(
    first: str, chain: Chain, ask: Callable[[str, bool], T], known: Callable[[str], T | None]
) -> Reached[T]:
    """`ask(provider, is_last)` asks one; `known(provider)` finds what it made before, free of charge.

    Raises: what `ask` raises where nobody else may be asked; where all were asked in vain the first one's failure, with a
    sentence about each of the others and the earliest time at which one of them may be asked again.
    """
    order = (first, *chain.after(first))
    errors: list[PatchreelError] = []
    for place, provider in enumerate(order):
        try:
            result = ask(provider, place == len(order) - 1)
        except (SendingRefused, KeyMissingError, BudgetError) as error:
            if not place:
                raise
            errors.append(error)  # a backup that may not be used is no backup
        except ProviderFailure as error:
            if not moves_on(error):
                raise
            errors.append(error)
        else:
            return Reached(provider, result, tuple(error.text for error in errors))
    found = _found(order, known) if chain.uses_known else None
    if found is not None:
        return Reached(*found, tuple(error.text for error in errors), is_known=True)
    raise _all_refused(errors)


def _found(order: Sequence[str], known: Callable[[str], T | None]) -> tuple[str, T] | None:
    for provider in order:
        result = known(provider)
        if result is not None:
            return provider, result
    return None


def _all_refused(errors: Sequence[PatchreelError]) -> PatchreelError:
    """The first failure is what the user waits for; the others are told beside it."""
    first = errors[0]
    if len(errors) == 1 or not isinstance(first, ProviderFailure):
        return first
    times = [error.retry_at for error in errors if isinstance(error, ProviderFailure) and error.retry_at is not None]
    text = " ".join(dict.fromkeys(error.text for error in errors))
    return ProviderFailure(
        first.kind, first.provider, text, first.hint, retry_at=min(times, default=None), raw_code=first.raw_code,
        request_id=first.request_id,
    )
