"""The numbers of the chart and their words. Knows no pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NOTHING = 1e-300
"""Dollars below which no float has a power of ten of its own."""


@dataclass(frozen=True, slots=True)
class CostBar:
    """A day or a month. Amounts in US dollars: charged for certain, and what may have been charged beside that."""

    label: str
    """ "28 Nov" """
    charged: float
    unknown: float = 0.0
    requests: int = 0

    @property
    def words(self) -> str:
        """ "28 Nov: $0.40, up to $0.14 more unknown, 3 requests"."""
        more = f", up to ${self.unknown:.2f} more unknown" if self.unknown else ""
        return f"{self.label}: ${self.charged:.2f}{more}, {self.requests} request{'' if self.requests == 1 else 's'}"


def summary(bars: Sequence[CostBar]) -> str:
    """The whole chart in a sentence, for who cannot see it."""
    if not bars:
        return "No costs."
    most = max(bars, key=lambda bar: bar.charged + bar.unknown)
    charged = sum(bar.charged for bar in bars)
    return f"${charged:.2f} over {bars[0].label} to {bars[-1].label}, most on {most.words}."


def top_of(bars: Sequence[CostBar]) -> float:
    """A round amount that no bar is higher than: 1, 2 or 5 times a power of ten."""
    most = max((bar.charged + bar.unknown for bar in bars), default=0.0)
    if most < _NOTHING:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(power * step for step in (1, 2, 5, 10) if most <= power * step * (1 + 1e-9))
