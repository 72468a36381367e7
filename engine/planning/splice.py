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
"""Long runs are parted at keyframes about this far apart: parts are cached and encoded one by one, several at once."""

_GROUPS_WITHOUT_IDR = 2
"""Where the source has no keyframe for so many groups, a part begins without one: each new keyframe costs bytes."""

_LEAST_PART_SECONDS = Fraction(1)


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
    begins = np.searchsorted(points.closed, [frames.start for frames in changed], side="right") - 1
    ends = np.minimum(np.searchsorted(points.idr, [frames.stop for frames in changed]) + widen, len(points.idr) - 1)
    for start, stop in zip(points.closed[begins].tolist(), points.idr[ends].tolist(), strict=True):
        if widen:
            start = int(([0] * widen + points.idr[points.idr < start].tolist())[-widen])
        if runs and start < runs[-1].stop:
            runs[-1] = range(runs[-1].start, max(stop, runs[-1].stop))
        else:
            runs.append(range(start, stop))
    return runs


def parted(run: range, points: SplicePoints, index: FrameIndex) -> list[range]:
    """A run cut about every two seconds of the source: at its IDRs, and where they are far apart at closed cuts.

    Cuts depend on the source alone, so that parts stay what they were, and in the cache, when the run's ends move.
    """
    cuts = np.union1d(_first_idrs(run, points, index), _cuts_without_idr(run, points, index))
    return [range(start, stop) for start, stop in pairwise([run.start, *cuts.tolist(), run.stop])]


def _first_idrs(run: range, points: SplicePoints, index: FrameIndex) -> Int64s:
    """The first IDR in each group, of those inside the run."""
    inside = _inside(points.idr, run)
    groups = _groups(inside, index, 1)
    before = np.concatenate((_groups(np.array([run.start]), index, 1), groups[:-1]))
    found: Int64s = inside[groups != before]
    return found


def _cuts_without_idr(run: range, points: SplicePoints, index: FrameIndex) -> Int64s:
    """The first closed cut in each stretch of groups, where no IDR is near."""
    inside = _inside(points.closed, run)
    stretches = _groups(inside, index, _GROUPS_WITHOUT_IDR)
    before = np.concatenate((_groups(np.array([run.start]), index, _GROUPS_WITHOUT_IDR), stretches[:-1]))
    firsts = inside[stretches != before]
    far = round(_LEAST_PART_SECONDS / index.time_base)
    marks = np.append(index.pts[points.idr[:-1]], index.pts[-1] + index.durations[-1])
    at = np.searchsorted(marks, index.pts[firsts])
    last = np.where(at > 0, marks[np.maximum(at - 1, 0)], np.iinfo(np.int64).min // 2)
    is_alone = (index.pts[firsts] - last >= far) & (marks[np.minimum(at, len(marks) - 1)] - index.pts[firsts] >= far)
    found: Int64s = firsts[is_alone]
    return found


def _inside(frames: Int64s, run: range) -> Int64s:
    """Of ascending frames those after a run's first one."""
    found: Int64s = frames[frames.searchsorted(run.start, "right") : frames.searchsorted(run.stop)]
    return found


def _groups(frames: Int64s, index: FrameIndex, size: int) -> Int64s:
    """In which group of `size` × two seconds of the source each frame lies."""
    per_group = max(1, round(size * GROUP_SECONDS / index.time_base))
    found: Int64s = (index.pts[frames] - index.pts[0]) // per_group
    return found
