"""Where packets of a video may stay and where a new run must begin and end, from the frame index alone.

A cut before decode position k is *closed* when the first k packets are exactly the first k frames shown: then the prefix can
be shown without anything after it. New frames begin at a closed cut, as an IDR, and go on to the next IDR of the source,
because whatever lies between refers back to frames that are no longer there.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from engine.media.index import FrameIndex, Int64s

GROUP_SECONDS = Fraction(2)
"""Long runs are parted at keyframes about this far apart: parts are cached, encoded and checked one by one."""


@dataclass(frozen=True, slots=True)
class SplicePoints:
    """Frame numbers, which are the same in decode and presentation order at these points; both ascending."""

    closed: Int64s
    """Closed cuts, from 0; a new run may begin here."""
    idr: Int64s
    """Frames that are an IDR at a closed cut, and N; a new run may end before them."""


def splice_points(index: FrameIndex) -> SplicePoints:
    """Find all points; one pass over the index, no loop."""
    count = len(index)
    positions = np.arange(count, dtype=np.int64)
    shown_so_far = np.maximum.accumulate(index.decode_order)
    is_closed = np.concatenate(([True], shown_so_far[:-1] == positions[:-1]))
    is_start = is_closed & (index.decode_order == positions) & index.is_idr
    return SplicePoints(np.flatnonzero(is_closed), np.append(np.flatnonzero(is_start), count))


def encoded_runs(points: SplicePoints, changed: list[range], widen: int = 0) -> list[range]:
    """The runs of frames that must be encoded for changed frames (ascending, not empty); joined where they overlap.

    `widen`: by so many IDRs each run begins earlier and ends later, for a source that does not hold what its marks promise.
    """
    runs: list[range] = []
    for frames in changed:
        start = int(points.closed[np.searchsorted(points.closed, frames.start, side="right") - 1])
        stop = int(points.idr[min(int(np.searchsorted(points.idr, frames.stop)) + widen, len(points.idr) - 1)])
        if widen:
            start = int(([0] * widen + points.idr[points.idr < start].tolist())[-widen])
        if runs and start < runs[-1].stop:
            runs[-1] = range(runs[-1].start, max(stop, runs[-1].stop))
        else:
            runs.append(range(start, stop))
    return runs


def parted(run: range, points: SplicePoints, index: FrameIndex) -> list[range]:
    """A run cut at the first IDR of every two seconds of the source, so that the parts stay when the run's ends move."""
    inside = points.idr[(points.idr > run.start) & (points.idr < run.stop)]
    if not len(inside):
        return [run]
    per_group = max(1, round(GROUP_SECONDS / index.time_base))
    groups = (index.pts[inside] - index.pts[0]) // per_group
    before = np.concatenate(([(index.pts[run.start] - index.pts[0]) // per_group], groups[:-1]))
    cuts = [run.start, *(int(cut) for cut in inside[groups != before]), run.stop]
    return [range(start, stop) for start, stop in pairwise(cuts)]
