"""The render plan: which frames are copied, which are encoded, and why.

Pure: reads the project and facts about its files, opens nothing. Its cost grows with clips and patches; what it does over
frames is done by numpy in a few passes. A `Planner` that is asked for one project after another works out only what changed.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from engine.media.index import FrameIndex
from engine.planning.changed import changes_of
from engine.planning.copying import HIDDEN, NOTHING, TORN, Copyable, copy_source
from engine.planning.facts import MediaFacts, Versions
from engine.planning.kept import Kept, Same
from engine.planning.keys import SegmentKeys
from engine.planning.plan import Mode, RenderPlan, Segment
from engine.planning.sample_times import OutputClock, output_clock, source_clock
from engine.planning.segments import IsCached, segments_of
from engine.planning.sound import audio_mode
from engine.planning.span_values import Span
from engine.planning.spans import KeptSpans, Part, joined
from engine.planning.splice import SplicePoints, encoded_runs, parted, splice_points
from engine.project.model import Project
from engine.rational_time import ZERO


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
    return Planner().blueprint(project, facts, cached, versions=versions, encode_all=encode_all, rate=rate, widen=widen)


class Planner:
    """Plans one project after another: the same as `blueprint`, at the cost of what changed. Used by one thread at a time."""

    def __init__(self) -> None:
        self._spans, self._kept, self._clock = KeptSpans(), Kept(), Kept()

    def blueprint(
        self,
        project: Project,
        facts: MediaFacts,
        cached: IsCached,
        *,
        versions: Versions | None = None,
        encode_all: str = "",
        rate: Fraction | None = None,
        widen: int = 0,
    ) -> Blueprint:
        """See the function of this name."""
        parts = self._spans.parts(project)
        spans = joined(parts)
        source = encode_all or copy_source(project, spans, facts)
        if isinstance(source, str):
            return self._encode_everything(project, spans, facts, source, rate)
        found = self._splice(project, parts, spans, source, cached, versions or Versions(), widen)
        return found or self._encode_everything(project, spans, facts, TORN if source.facts.index.torn else HIDDEN, rate)

    def _splice(
        self, project: Project, parts: list[Part], spans: tuple[Span, ...], source: Copyable, cached: IsCached,
        versions: Versions, widen: int,
    ) -> Blueprint | None:
        """None where packets that show no frame would be left without the frames they refer to, and cannot be made anew."""
        kept, index = self._kept, source.facts.index
        kept.turn()
        timing = kept.get("timing", (Same(index),), partial(_Timing.of, index))
        clock, points = timing.clock, timing.points
        changes = changes_of(project, parts, clock, kept)
        wide = encoded_runs(points, [change.frames for change in changes], widen)
        hidden = sum(index.hidden_inside(run) for run in wide)
        if hidden > sum(len(index.hidden_pts_inside(run)) for run in wide):
            return None
        runs = [part for run in wide for part in kept.get(run, (Same(index),), partial(parted, run, points, index))]
        keys = SegmentKeys(project, spans, clock, source.facts.output, versions)
        segments = segments_of(runs, changes, clock, index, keys, cached, kept)
        mode, warnings = audio_mode(project, source.media), (*_warnings(clock), *_of_hidden(hidden))
        plan = RenderPlan(clock.duration, segments, mode, source.media.id, "", warnings)
        return Blueprint(plan, clock, spans, tuple(change.frames for change in changes), source)

    def _encode_everything(
        self, project: Project, spans: tuple[Span, ...], facts: MediaFacts, reason: str, rate: Fraction | None
    ) -> Blueprint:
        clock = output_clock(project, spans, facts, rate, self._clock)
        whole = range(len(clock))
        segments = (Segment(ZERO, clock.duration, 0, len(clock), Mode.ENCODE, reason),) if whole else ()
        mode = audio_mode(project, None)
        plan = RenderPlan(clock.duration, segments, mode, None, reason or NOTHING, _warnings(clock))
        return Blueprint(plan, clock, spans, (whole,) if whole else ())


@dataclass(frozen=True, slots=True)
class _Timing:
    """What the planner asks of one source's index."""

    clock: OutputClock
    points: SplicePoints

    @classmethod
    def of(cls, index: FrameIndex) -> "_Timing":
        return cls(source_clock(index), splice_points(index))


def _of_hidden(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    pictures = f"{count:,} pictures that the file hides refer" if count > 1 else "1 picture that the file hides refers"
    return (f"{pictures} to changed ones: in each one's place there will be a frame beside it, hidden as well.",)


def _warnings(clock: OutputClock) -> tuple[str, ...]:
    if clock.is_exact:
        return ()
    return ("The clips' clocks have no common multiple: frame times are rounded to 1/90000 second.",)
