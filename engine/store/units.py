"""Money and time as they stand in rows: whole nano-dollars, whole microseconds, text that sorts. Rounding happens here only."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]
"""A clock: the present as an aware datetime. Tests give their own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANO = 10**9


def utc_now() -> datetime:
    return datetime.now(UTC)


def nano(usd: float) -> int:
    """Dollars as whole nano-dollars. Raises: ValueError for what is no price (negative, infinite, not a number)."""
    if not math.isfinite(usd) or usd < 0:
        raise ValueError(f"no price: {usd}")
    return round(usd * _NANO)


def usd(amount: int | None) -> float:
    """Whole nano-dollars as dollars; None is 0."""
    return (amount or 0) / _NANO


def price(amount: int) -> str:
    """Nano-dollars as words: `0.134 USD`, `12.50 USD`, `0.0011 USD`: two decimals at least, three digits that say something."""
    dollars = amount / _NANO
    decimals = 2 if dollars >= 1 or not amount else min(9, 2 - math.floor(math.log10(dollars)))
    whole, _, rest = f"{dollars:.{decimals}f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')} USD"


def micros(time: datetime) -> int:
    """Microseconds since 1970. Raises: TypeError for a time without a zone."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def moment(amount: int) -> datetime:
    """Microseconds since 1970 as a time in UTC."""
    return _EPOCH + timedelta(microseconds=amount)


def stamp(time: datetime) -> str:
    """`2026-11-20T17:58:46.123456Z`: always as long, so it sorts as text."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamped(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)
