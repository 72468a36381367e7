"""How fine a run is quantised: where to start, when an attempt is hopeless, and what to try after it.

Measured on real and generated clips with the encoder's settings: at a constant quantiser a step changes luma PSNR by 0.65 dB; the
frames after the first one lie about 1 dB above the mean of two seconds; and what 45 dB needs lies between 16 and 26, the lower
the more bits the source spent at a given quantiser. Quantisers here are on the scale of 8-bit video.
"""

from dataclasses import dataclass
from math import ceil, floor, log2

from engine.encoding.result import Seam
from engine.encoding.splice.source_quality import SourceQuality

FINEST = 1
PROBED = 5
"""Packets after which an attempt is judged for the first time: an IDR, and a P-frame with its three B-frames."""

_COARSEST = 28
_TYPICAL = 19
"""Where nothing is known of the source."""

_STEP_DB = 0.65
_DECLINE_DB = 1.3
"""The frames after the IDR lie so far above the later ones, which are the unmodified ones as a rule."""

_MAY_DECLINE_DB = 0.5
_SETTLED = 12
_TOLERATED_STEPS, _WASTED_STEPS = 0.5, 3
"""A probe that lies so many steps below or above what it should is not gone on with."""

_ROUNDING_DB = 0.05
"""Between x264's measure of a frame and ours."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the frames of a run must reach in luma PSNR, at most `coarser` steps above the source's quantiser."""

    mean_db: float
    min_db: float
    coarser: int

    def first(self, source: SourceQuality | None) -> int:
        """The quantiser of the first attempt."""
        if source is None:
            return _TYPICAL
        at_22 = log2(max(source.bits_per_pixel, 1e-4)) + (source.qp - 22) / 6
        guess = round(14.7 - 1.6 * at_22 - (self.mean_db - GOALS[Seam.FAST].mean_db) / _STEP_DB)
        return max(FINEST, min(guess, self.coarsest(source)))

    def coarsest(self, source: SourceQuality | None) -> int:
        """The largest quantiser that is used however good the result: frames beside it must not look different."""
        return _COARSEST if source is None else max(FINEST + 8, min(_COARSEST, round(source.qp) + self.coarser))


GOALS = {Seam.FAST: Goal(45.0, 42.0, 4), Seam.BEST: Goal(48.0, 45.0, 0)}


@dataclass(slots=True)
class _Mean:
    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        self.total += value
        self.count += 1

    @property
    def value(self) -> float:
        return self.total / self.count


class Judge:
    """Watches one attempt. `retry` is the quantiser to try next, None while all is well; it can be below `FINEST`.

    The mean must hold for all frames and for the unmodified ones alone, the minimum for each.
    """

    def __init__(self, goal: Goal, quantiser: int, coarsest: int) -> None:
        self._goal, self._quantiser, self._coarsest = goal, quantiser, coarsest
        self._all, self._unmodified, self._probe = _Mean(), _Mean(), _Mean()
        self.retry: int | None = None

    def see(self, value_db: float, *, is_modified: bool) -> None:
        """The next frame in decode order."""
        self._all.add(value_db)
        if not is_modified:
            self._unmodified.add(value_db)
        if 1 < self._all.count <= PROBED:
            self._probe.add(value_db)
        if value_db < self._goal.min_db + _ROUNDING_DB:
            self._finer(self._goal.min_db - value_db)
        elif self._all.count == PROBED:
            self._judge_probe()
        elif self._all.count >= _SETTLED:
            self._judge_means(_MAY_DECLINE_DB)

    def finish(self) -> None:
        """No frame follows."""
        if self.retry is None:
            self._judge_means(0.0)

    def _judge_probe(self) -> None:
        steps = (self._probe.value - self._goal.mean_db - _DECLINE_DB) / _STEP_DB
        if steps < -_TOLERATED_STEPS:
            self.retry = self._quantiser + floor(steps + _TOLERATED_STEPS)
        elif (coarser := min(self._coarsest, self._quantiser + floor(steps))) >= self._quantiser + _WASTED_STEPS:
            self.retry = coarser

    def _judge_means(self, spare_db: float) -> None:
        for mean in (self._all, self._unmodified):
            if mean.count and (mean is self._all or mean.count >= PROBED or not spare_db):
                lacking = self._goal.mean_db + _ROUNDING_DB - mean.value
                if lacking > 0:
                    self._finer(lacking + spare_db)

    def _finer(self, lacking_db: float) -> None:
        finer = self._quantiser - max(1, ceil(lacking_db / _STEP_DB))
        self.retry = finer if self.retry is None else min(self.retry, finer)
