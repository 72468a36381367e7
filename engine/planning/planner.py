"""The render plan: which frames are copied, which are encoded, and why.

Pure: reads the project and facts about its files, opens nothing. Its cost grows with clips and patches; what it does over
frames is done by numpy in a few passes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from engine.planning.changed import ChangedRange, changed_ranges
from engine.planning.copying import HIDDEN, NOTHING, TORN, Copyable, copy_source
from engine.planning.facts import MediaFacts, Versions
from engine.planning.keys import SegmentKeys
from engine.planning.plan import Mode, RenderPlan, Segment
from engine.planning.sample_times import OutputClock, output_clock, source_clock
from engine.planning.sound import audio_mode
from engine.planning.spans import Span, spans_of
from engine.planning.splice import encoded_runs, parted, splice_points
from engine.project.model import Project
from engine.rational_time import ZERO

UNCHANGED = "Unchanged since import"
REFERRING = "Frames that refer to changed ones"
MADE_EARLIER = ", made earlier"

IsCached = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A plan with what an export needs to carry it out."""

    plan: RenderPlan
    clock: OutputClock
    spans: tuple[Span, ...] = field(repr=False)
    changed: tuple[range, ...] = ()
    """Frames that are meant to differ from the source's; ascending. Without a source: all of them."""
    source: Copyable | None = None


def plan(
    project: Project,
    facts: MediaFacts,
    cached: IsCached,
    *,
    versions: Versions | None = None,
    encode_all: str = "",
    rate: Fraction | None = None,
) -> RenderPlan:
    """What an export will do. `encode_all` is a reason to copy nothing (another preset, a range, a failed check)."""
    return blueprint(project, facts, cached, versions=versions, encode_all=encode_all, rate=rate).plan


def blueprint(
    project: Project,
    facts: MediaFacts,
    cached: IsCached,
    *,
    versions: Versions | None = None,
    encode_all: str = "",
    rate: Fraction | None = None,
    widen: int = 0,
) -> Blueprint:
    """The same, with clock, spans and changed frames. `widen`: see `encoded_runs`."""
    spans = spans_of(project)
    source = encode_all or copy_source(project, spans, facts)
    if isinstance(source, str):
        return _encode_everything(project, spans, facts, source, rate)
    found = _splice(project, spans, source, _Keys(cached, versions or Versions()), widen)
    return found or _encode_everything(project, spans, facts, TORN if source.facts.index.torn else HIDDEN, rate)


@dataclass(frozen=True, slots=True)
class _Keys:
    cached: IsCached
    versions: Versions


def _encode_everything(
    project: Project, spans: tuple[Span, ...], facts: MediaFacts, reason: str, rate: Fraction | None
) -> Blueprint:
    clock = output_clock(project, spans, facts, rate)
    whole = range(len(clock))
    segments = (Segment(ZERO, clock.duration, 0, len(clock), Mode.ENCODE, reason),) if whole else ()
    mode = audio_mode(project, None)
    plan = RenderPlan(clock.duration, segments, mode, None, reason or NOTHING, _warnings(clock))
    return Blueprint(plan, clock, spans, (whole,) if whole else ())


def _splice(project: Project, spans: tuple[Span, ...], source: Copyable, keys: _Keys, widen: int) -> Blueprint | None:
    """None where packets that show no frame would be left without the frames that they refer to, and cannot be made anew."""
    index = source.facts.index
    clock = source_clock(index)
    ranges = changed_ranges(project, spans, Fraction(int(clock.durations.min())) * clock.time_base)
    changed = [(item, f) for item in ranges if (f := clock.frames_between(item.range.start, item.range.end))]
    points = splice_points(index)
    wide = encoded_runs(points, [frames for _, frames in changed], widen)
    hidden = sum(index.hidden_inside(run) for run in wide)
    if hidden > sum(len(index.hidden_pts_inside(run)) for run in wide):
        return None
    runs = [part for run in wide for part in parted(run, points, index)]
    maker = SegmentKeys(project, spans, clock, source.facts.output, keys.versions)
    segments: list[Segment] = []
    done = 0
    for run in runs:
        segments += _copy(clock, range(done, run.start))
        key = maker.key(run, index.hidden_pts_inside(run) - index.pts[0])
        segments.append(_encode(clock, run, _inside(changed, run), key, keys.cached(key)))
        done = run.stop
    segments += _copy(clock, range(done, len(clock)))
    mode = audio_mode(project, source.media)
    plan = RenderPlan(clock.duration, tuple(segments), mode, source.media.id, "", (*_warnings(clock), *_of_hidden(hidden)))
    return Blueprint(plan, clock, spans, tuple(frames for _, frames in changed), source)


def _inside(changed: list[tuple[ChangedRange, range]], run: range) -> list[tuple[ChangedRange, range]]:
    """The changes that fall in a run, with the frames that each has there."""
    first = bisect_right(changed, run.start, key=lambda item: item[1].stop)
    last = bisect_left(changed, run.stop, key=lambda item: item[1].start)
    return [(item, range(max(f.start, run.start), min(f.stop, run.stop))) for item, f in changed[first:last]]


def _copy(clock: OutputClock, run: range) -> list[Segment]:
    if not run:
        return []
    return [Segment(clock.time_of(run.start), clock.time_of(run.stop), run.start, len(run), Mode.COPY, UNCHANGED)]


def _encode(
    clock: OutputClock, run: range, inside: list[tuple[ChangedRange, range]], key: str, is_cached: bool
) -> Segment:
    causes = tuple(dict.fromkeys(cause for item, _ in inside for cause in item.causes))
    changed = sum(len(frames) for _, frames in inside)
    extra, after = len(run) - changed, run.stop - max((frames.stop for _, frames in inside), default=run.start)
    reason = ", ".join(causes) or REFERRING
    if is_cached:
        reason += MADE_EARLIER
    elif extra and inside:
        reason += f", + {extra} to the {'end' if run.stop == len(clock) else 'next keyframe'}"
    mode = Mode.CACHED if is_cached else Mode.ENCODE
    return Segment(clock.time_of(run.start), clock.time_of(run.stop), run.start, len(run), mode, reason, key, changed, after)


def _of_hidden(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    pictures = f"{count:,} pictures that the file hides refer" if count > 1 else "1 picture that the file hides refers"
    return (f"{pictures} to changed ones: in each one's place there will be a frame beside it, hidden as well.",)


def _warnings(clock: OutputClock) -> tuple[str, ...]:
    if clock.is_exact:
        return ()
    return ("The clips' clocks have no common multiple: frame times are rounded to 1/90000 second.",)
