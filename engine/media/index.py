"""The frame index: which frames a video has, when each is shown, and where a decoder may start.

Built once per file from the container's tables (or, where there are none, from its packets) and cached by fingerprint; it is
what turns times into frames and frames into times, exactly, also where the rate varies.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Frames in presentation order. `pts` are in `time_base` units, in the demuxer's clock (edit list applied).

    Source time 0 is `pts[0]`. Arrays are read-only.
    """

    time_base: Fraction
    pts: Int64s
    """(N,) ascending, unique."""
    durations: Int64s
    """(N,) up to the next frame; the last as stored."""
    decode_order: Int64s
    """(N,) presentation number of the frame that is k-th in decode order."""
    dts: Int64s
    """(N,) in decode order; the sorted pts, as many frames late as the order needs, where the container stores none."""
    sizes: Int64s
    """(N,) bytes of the k-th packet in decode order."""
    is_keyframe: Bools
    """(N,) by presentation number: marked as a sync sample."""
    is_idr: Bools
    """(N,) by presentation number: a decoder may start here and nothing later refers to what was before."""
    hidden: Int64s = field(default_factory=lambda: np.zeros(0, np.int64))
    """(N + 1,) packets that show no frame (edit lists hide some), decoded just before the k-th and after the last; or empty."""
    hidden_pts: Int64s = field(default_factory=lambda: np.zeros(0, np.int64))
    """(H,) when these would be shown, in decode order; empty where that is not known of all."""
    missing: int = 0
    """Frames that the file lists behind these and of which the data is not there, or not wholly: the file was cut off."""
    torn: int = 0
    """1 where a part of the first of them is there; its packet, of which nothing can be shown, is hidden after the last."""
    ends_early: bool = False
    """The file says that it is longer, and does not list what is missing (MKV)."""

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def duration(self) -> Fraction:
        """From the first frame to the end of the last, in seconds."""
        return Fraction(int(self.pts[-1] - self.pts[0] + self.durations[-1])) * self.time_base

    @property
    def is_vfr(self) -> bool:
        """True where frame durations differ by more than rounding to the time base explains."""
        steps = np.diff(self.pts)
        return bool(len(steps) and steps.max() - steps.min() > max(1, int(np.median(steps)) // 50))

    @property
    def average_rate(self) -> Fraction:
        return Fraction(len(self.pts)) / self.duration if self.duration else Fraction(0)

    def hidden_inside(self, run: range) -> int:
        """Packets that show no frame, after the first of a run that begins and ends at closed cuts and before what follows it."""
        return int(self.hidden[run.start + 1 : run.stop + 1].sum())

    def hidden_pts_inside(self, run: range) -> Int64s:
        """When they would be shown, in decode order; empty where that is not known."""
        if not len(self.hidden_pts):
            return self.hidden_pts
        before = int(self.hidden[: run.start + 1].sum())
        return self.hidden_pts[before : before + self.hidden_inside(run)]

    def time_of(self, frame: int) -> Fraction:
        """Source time (seconds) at which a frame begins."""
        return Fraction(int(self.pts[frame] - self.pts[0])) * self.time_base

    def end_of(self, frame: int) -> Fraction:
        """Source time at which a frame ends."""
        return Fraction(int(self.pts[frame] + self.durations[frame] - self.pts[0])) * self.time_base

    def frame_at(self, time: Fraction) -> int:
        """The frame shown at a source time: the one with the largest pts at or before it, clamped to the file."""
        ticks = time / self.time_base
        position = bisect_right(self.pts, int(self.pts[0]) + ticks.numerator // ticks.denominator)
        return min(max(position - 1, 0), len(self.pts) - 1)

    def frames_between(self, start: Fraction, end: Fraction) -> range:
        """Frames that begin in the half-open source range `[start, end)`."""
        first = int(np.searchsorted(self.pts, self._ceil_pts(start)))
        last = int(np.searchsorted(self.pts, self._ceil_pts(end)))
        return range(first, last)

    def _ceil_pts(self, time: Fraction) -> int:
        ticks = time / self.time_base
        return int(self.pts[0]) - (-ticks.numerator // ticks.denominator)
