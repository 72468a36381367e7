"""How fine a run is quantised: where to start, when an attempt is hopeless, and what to try after it.

Measured on real and generated clips with the encoder's settings: at a constant quantiser a step changes luma PSNR by 0.65 dB; the
frames after the first one lie about 1 dB above the mean of two seconds; and what 45 dB needs lies between 16 and 26, the lower
the more bits the source spent at a given quantiser. Quantisers here are on the scale of 8-bit video.
"""

from collections import deque
from dataclasses import dataclass
from math import ceil, floor, log2
from statistics import fmean

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

_SETTLED, _RECENT = 12, 8
_GUESSED_DB = 0.3
"""How wrong a mean may be that is guessed from some frames."""

_NEEDED_STEPS, _WASTED_STEPS, _WASTED_STEPS_COSTLY = 0.5, 4, 2
"""A probe must lie so many steps above what it should, because a mean that is missed at the end costs the whole attempt; one
that lies far above is not gone on with. Less is wasted where the new frames are finer than the source: they cost more bytes."""

_WORST_DECLINE_DB = 2.8
"""The decline to reckon with before a coarser attempt."""

_INTRA_STEPS, _APART_STEPS = 3, 3
"""x264 quantises I-frames so much finer than P-frames (`ipratio` 1.4); and how far a quantiser gives way to the source's."""

_ROUNDING_DB = 0.05
"""Between x264's measure of a frame and ours."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """`modified` frames, counted from the first, were meant to change. `source` is the quality of the samples they replace."""

    frames: int
    modified: frozenset[int] = frozenset()
    source: SourceQuality | None = None
    hidden: frozenset[int] = frozenset()
    """Pictures that nobody sees, not among `frames`: their quality counts for nothing."""


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


GOALS = {Seam.FAST: Goal(45.0, 42.0, 6), Seam.BEST: Goal(48.0, 45.0, 0)}


def kept_apart(quantiser: int, source: SourceQuality | None) -> int:
    """The quantiser, or one a little finer, with which no I-frame gets the source's own.

    An encoder of the source's kind would write the same bytes for the same picture, and none of the replaced bytes may be left.
    """
    known = source.intra if source else frozenset()
    near = range(quantiser, max(FINEST, quantiser - _APART_STEPS) - 1, -1)
    return next((one for one in near if one - _INTRA_STEPS not in known), quantiser)


class _Mean:
    """A mean of a known number of values, and what it will be if the rest is like the last ones."""

    def __init__(self, of: int) -> None:
        self._of, self._total, self.count = of, 0.0, 0
        self._last: deque[float] = deque(maxlen=_RECENT)

    def add(self, value: float) -> None:
        self._total += value
        self.count += 1
        self._last.append(value)

    @property
    def expected(self) -> float:
        """With at least one value."""
        coming = max(0, self._of - self.count)
        return (self._total + coming * fmean(self._last)) / (self.count + coming)


class Judge:
    """Watches one attempt. `retry` is the quantiser to try next, None while all is well; it can be below `FINEST`.

    The mean must hold for all frames and for the unmodified ones alone, the minimum for each.
    """

    def __init__(self, goal: Goal, quantiser: int, coarsest: int, run: RunFacts) -> None:
        self._goal, self._quantiser, self._coarsest, self._run = goal, quantiser, coarsest, run
        self._all = _Mean(run.frames)
        self._unmodified = _Mean(run.frames - len(run.modified))
        self._probe: list[float] = []
        self.retry: int | None = None

    def see(self, value_db: float, frame: int) -> None:
        """The next frame in decode order; `frame` counts in presentation order."""
        if frame in self._run.hidden:
            return
        self._all.add(value_db)
        if frame not in self._run.modified:
            self._unmodified.add(value_db)
        if 1 < self._all.count <= PROBED:
            self._probe.append(value_db)
        if value_db < self._goal.min_db + _ROUNDING_DB:
            self._finer(self._goal.min_db - value_db)
        elif self._all.count == PROBED:
            self._judge_probe()
        elif self._all.count >= _SETTLED:
            self._judge_means(_GUESSED_DB)

    def finish(self) -> None:
        """No frame follows."""
        if self.retry is None:
            self._judge_means(0.0)

    def _judge_probe(self) -> None:
        above_db = fmean(self._probe) - self._goal.mean_db
        steps = (above_db - _DECLINE_DB) / _STEP_DB
        if steps < _NEEDED_STEPS:
            self.retry = self._quantiser + floor(steps - _NEEDED_STEPS)
            return
        coarser = min(self._coarsest, self._quantiser + floor((above_db - _WORST_DECLINE_DB) / _STEP_DB))
        source = self._run.source
        is_costly = source is not None and source.qp > self._quantiser
        if coarser >= self._quantiser + (_WASTED_STEPS_COSTLY if is_costly else _WASTED_STEPS):
            self.retry = coarser

    def _judge_means(self, tolerated_db: float) -> None:
        """Whether the means will hold if the coming frames are like the last ones."""
        for mean in (self._all, self._unmodified):
            lacking = self._goal.mean_db + _ROUNDING_DB - mean.expected if mean.count else 0.0
            if lacking > tolerated_db:
                self._finer(lacking + tolerated_db)

    def _finer(self, lacking_db: float) -> None:
        finer = self._quantiser - max(1, ceil(lacking_db / _STEP_DB))
        self.retry = finer if self.retry is None else min(self.retry, finer)
