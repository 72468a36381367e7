"""Which ticks a ruler shows at a zoom, so that labels never touch and steps stay round. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

LABEL_PX = 110
TICK_PX = 18
SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000)
FRAMES = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Seconds between labels, and between the small ticks, a whole part of them."""

    label: Fraction
    tick: Fraction

    def between(self, start: Fraction, end: Fraction) -> Iterator[tuple[Fraction, int]]:
        """(time, weight) for every tick in `[start, end]`: 2 has a label, 1 is half way to the next label, 0 is small."""
        per_label = self.label / self.tick
        for index in range(max(0, ceil(start / self.tick)), int(end / self.tick) + 1):
            weight = 2 if index % per_label == 0 else 1 if index * 2 % per_label == 0 else 0
            yield index * self.tick, weight


def ticks_for(px_per_s: float, rate: Fraction, scale: float = 1.0) -> Ticks:
    """The finest steps whose labels keep `LABEL_PX` and whose ticks keep `TICK_PX` between them."""
    steps = [Fraction(count) / rate for count in FRAMES if count < rate] + [Fraction(s) for s in SECONDS]
    label = next((s for s in steps if float(s) * px_per_s >= LABEL_PX * scale), steps[-1])
    fine = [s for s in steps if s < label and (label / s).denominator == 1 and float(s) * px_per_s >= TICK_PX * scale]
    fifth = label / 5
    if not fine and float(fifth) * px_per_s >= TICK_PX * scale:
        fine = [fifth]
    return Ticks(label, min(fine, default=label))
