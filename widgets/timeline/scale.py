"""Time to x and back: the one place where the exact times of the timeline become pixels. Pure, no widget."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

MICROSECONDS = 1_000_000
MOST_PX_PER_S = 4_000.0


@dataclass(frozen=True, slots=True)
class TimeScale:
    """`px_per_s` pixels per second; `offset_px` of them lie hidden left of x = `left_px`."""

    px_per_s: float = 100.0
    offset_px: float = 0.0
    left_px: int = 0

    def x_at(self, time: Fraction) -> float:
        """The x of a time in widget pixels; may lie outside the widget."""
        return self.left_px + float(time) * self.px_per_s - self.offset_px

    def x_of(self, seconds: float) -> float:
        """As `x_at`, for seconds that are already a float: painting only."""
        return self.left_px + seconds * self.px_per_s - self.offset_px

    def seconds_at(self, x: float) -> float:
        """As `time_at`, as a float that may be negative: painting only."""
        return (x - self.left_px + self.offset_px) / self.px_per_s

    def time_at(self, x: float) -> Fraction:
        """The time at an x, to the microsecond, never negative."""
        seconds = (x - self.left_px + self.offset_px) / self.px_per_s
        return Fraction(max(0, round(seconds * MICROSECONDS)), MICROSECONDS)

    def zoomed(self, factor: float, at_x: float, least_px_per_s: float) -> "TimeScale":
        """Scaled by `factor` so that the time under `at_x` stays there, as far as time 0 allows."""
        wanted = min(max(self.px_per_s * factor, least_px_per_s), MOST_PX_PER_S)
        seconds = (at_x - self.left_px + self.offset_px) / self.px_per_s
        offset = seconds * wanted - (at_x - self.left_px)
        return replace(self, px_per_s=wanted, offset_px=max(0.0, offset))

    def seconds(self, length_px: float) -> Fraction:
        """How long so many pixels are."""
        return Fraction(round(length_px / self.px_per_s * MICROSECONDS), MICROSECONDS)


def to_frame(time: Fraction, rate: Fraction) -> Fraction:
    """The nearest frame time at `rate`, never negative."""
    return Fraction(max(0, floor(time * rate + Fraction(1, 2)))) / rate
