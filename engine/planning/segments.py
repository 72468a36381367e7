"""The segments of an output that keeps its source's packets: copies, and between them runs that are encoded or were already.

A run's key and its words are worked out anew only where the run, what it shows or what changed in it did.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import partial
from itertools import pairwise

from engine.media.index import FrameIndex
from engine.planning.changed import Change
from engine.planning.kept import Kept, Same
from engine.planning.keys import SegmentKeys
from engine.planning.plan import Mode, Segment
from engine.planning.sample_times import OutputClock

UNCHANGED = "Unchanged since import"
REFERRING = "Frames that refer to changed ones"
MADE_EARLIER = ", made earlier"

IsCached = Callable[[str], bool]


def segments_of(
    runs: list[range], changes: tuple[Change, ...], clock: OutputClock, index: FrameIndex, keys: SegmentKeys, cached: IsCached,
    kept: Kept,
) -> tuple[Segment, ...]:
    """The whole output; `runs` are what is not copied: ascending, apart from each other or touching."""
    same = kept.get("common", keys.common, object)
    starts, stops = [change.frames.start for change in changes], [change.frames.stop for change in changes]
    segments: list[Segment] = []
    for before, run in pairwise((range(0), *runs)):
        segments += _copies(clock, range(before.stop, run.start), kept)
        inside = changes[bisect_right(stops, run.start) : bisect_left(starts, run.stop)]
        shown = keys.shown(run)
        key = kept.get(("key", run), (same, shown), partial(_key, keys, run, index))
        is_cached = cached(key)
        segment = kept.get(("run", run), (same, key, is_cached, inside), partial(_encoded, clock, run, key, is_cached, inside))
        segments.append(segment)
    segments += _copies(clock, range(runs[-1].stop if runs else 0, len(clock)), kept)
    return tuple(segments)


def _key(keys: SegmentKeys, run: range, index: FrameIndex) -> str:
    return keys.key(run, index.hidden_pts_inside(run) - index.pts[0])


def _copies(clock: OutputClock, frames: range, kept: Kept) -> tuple[Segment, ...]:
    return kept.get(("copy", frames), (Same(clock),), partial(_copied, clock, frames)) if frames else ()


def _copied(clock: OutputClock, frames: range) -> tuple[Segment, ...]:
    start, stop = clock.time_of(frames.start), clock.time_of(frames.stop)
    return (Segment(start, stop, frames.start, len(frames), Mode.COPY, UNCHANGED),)


def _encoded(
    clock: OutputClock, run: range, key: str, is_cached: bool, inside: tuple[Change, ...]
) -> Segment:
    """`inside` are the changes that fall in the run."""
    frames = [range(max(c.frames.start, run.start), min(c.frames.stop, run.stop)) for c in inside]
    changed = sum(map(len, frames))
    extra, after = len(run) - changed, run.stop - max((f.stop for f in frames), default=run.start)
    reason = ", ".join(dict.fromkeys(cause for change in inside for cause in change.causes)) or REFERRING
    if is_cached:
        reason += MADE_EARLIER
    elif extra and inside:
        reason += f", + {extra} to the {'end' if run.stop == len(clock) else 'next keyframe'}"
    mode = Mode.CACHED if is_cached else Mode.ENCODE
    return Segment(clock.time_of(run.start), clock.time_of(run.stop), run.start, len(run), mode, reason, key, changed, after)
