"""The output clock: at which times the output has frames, exactly.

Where the bottom picture is a video and the preset is “Same as the source”, the output has that video's own frame times,
shifted by an exact offset; elsewhere it has the project's rate. Must not know packets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import groupby
from math import ceil, lcm

import numpy as np

from engine.media.index import FrameIndex, Int64s
from engine.planning.facts import MediaFacts
from engine.planning.kept import Kept, Same
from engine.planning.span_values import Span
from engine.project.model import Media, MediaKind, Project
from engine.rational_time import TimeRange

FINEST_TICKS_PER_SECOND = 10_000_000
"""Time bases of several sources are united exactly up to this one; beyond it times are rounded to `ROUNDED_TICKS`."""

ROUNDED_TICKS = 90_000


@dataclass(frozen=True, slots=True)
class OutputClock:
    """Frame times of the output in ticks of `time_base`, from 0; `end` is where the last frame ends."""

    time_base: Fraction
    pts: Int64s
    """(N,) ascending, unique."""
    end: int
    is_exact: bool = True
    """False where the sources' time bases have no common multiple that fits a file."""

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def durations(self) -> Int64s:
        return np.diff(self.pts, append=self.end)

    @property
    def duration(self) -> Fraction:
        return self.end * self.time_base

    def time_of(self, frame: int) -> Fraction:
        """Timeline seconds at which a frame begins; of frame N, where the output ends."""
        return (int(self.pts[frame]) if frame < len(self.pts) else self.end) * self.time_base

    def frames_between(self, start: Fraction, end: Fraction) -> range:
        """Frames that begin in the half-open range."""
        return range(self.first_from(start), self.first_from(end))

    def first_from(self, time: Fraction) -> int:
        """The first frame that begins at a time or later; N where there is none."""
        return self.firsts_from([time])[0]

    def firsts_from(self, times: Iterable[Fraction]) -> list[int]:
        """The same of many times at once."""
        above, below = self.time_base.denominator, self.time_base.numerator
        ticks = [-(-time.numerator * above // (time.denominator * below)) for time in times]
        found: list[int] = self.pts.searchsorted(ticks).tolist()
        return found


def source_clock(index: FrameIndex) -> OutputClock:
    """The clock of an output that has exactly the frames of one video."""
    return OutputClock(index.time_base, index.pts - index.pts[0], int(index.pts[-1] - index.pts[0] + index.durations[-1]))


def output_clock(
    project: Project, spans: tuple[Span, ...], facts: MediaFacts, rate: Fraction | None = None, kept: Kept | None = None
) -> OutputClock:
    """The times of all output frames; `rate` is that of a preset which has one of its own. `kept`: what an earlier clock had."""
    end, kept = spans[-1].range.end if spans else Fraction(0), kept or Kept()
    if rate is not None:
        return _joined([_grid(TimeRange(Fraction(0), end), rate)], end, Kept())
    kept.turn()
    return _joined([_run_times(run, base, project.canvas.rate, kept) for run, base in _runs(project, spans, facts)], end, kept)


@dataclass(frozen=True, slots=True)
class _Times:
    """Times `offset + ticks × time_base`, and an extra one before them where a run starts inside a frame."""

    offset: Fraction
    time_base: Fraction
    ticks: Int64s
    first: Fraction | None
    common: int
    """So many parts of a second are the longest that all of these times are multiples of."""

    @classmethod
    def of(cls, offset: Fraction, time_base: Fraction, ticks: Int64s, first: Fraction | None = None) -> "_Times":
        common = lcm(offset.denominator, time_base.denominator, first.denominator if first is not None else 1)
        return cls(offset, time_base, ticks, first, common)


@dataclass(frozen=True, slots=True)
class _Base:
    """A video at the bottom: its frames, and timeline time minus source time."""

    index: FrameIndex
    offset: Fraction


def _runs(project: Project, spans: tuple[Span, ...], facts: MediaFacts) -> Iterator[tuple[TimeRange, _Base | None]]:
    """Neighbouring spans with the same bottom video as one; everything else (gaps, stills, texts) is None."""
    videos = {media.id: media for media in project.media if media.kind is MediaKind.VIDEO}

    def shown(span: Span) -> tuple[Media, Fraction] | None:
        media = videos.get(span.recipe[0].media_id or "") if span.recipe else None
        return (media, span.recipe[0].offset) if media is not None else None

    for base, run in groupby(spans, shown):
        first, *others = run
        last = others[-1] if others else first
        whole = TimeRange.between(first.range.start, last.range.end) if others else first.range
        yield whole, _Base(facts.video(base[0]).index, base[1]) if base is not None else None


def _run_times(run: TimeRange, base: _Base | None, rate: Fraction, kept: Kept) -> _Times:
    if base is None:
        return kept.get(("grid", run.start), (run, rate), partial(_grid, run, rate))
    made_of = run, base.offset, Same(base.index)
    return kept.get(("video", run.start), made_of, partial(_video_times, run, base))


def _video_times(run: TimeRange, base: _Base) -> _Times:
    index = base.index
    frames = index.frames_between(run.start - base.offset, run.end - base.offset)
    ticks = index.pts[frames.start : frames.stop] - index.pts[0]
    starts_inside = not len(ticks) or int(ticks[0]) * index.time_base + base.offset > run.start
    return _Times.of(base.offset, index.time_base, ticks, run.start if starts_inside else None)


def _grid(run: TimeRange, rate: Fraction) -> _Times:
    return _Times.of(run.start, 1 / rate, np.arange(ceil(run.duration * rate), dtype=np.int64))


def _joined(pieces: list[_Times], end: Fraction, kept: Kept) -> OutputClock:
    time_base, is_exact = _common_time_base(pieces, end)
    parts = [kept.get(id(piece), (Same(piece), time_base), partial(_in_ticks, piece, time_base)) for piece in pieces]
    pts = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return OutputClock(time_base, np.unique(pts) if not is_exact else pts, _round(end / time_base), is_exact)


def _common_time_base(pieces: list[_Times], end: Fraction) -> tuple[Fraction, bool]:
    if len(pieces) == 1 and pieces[0].first is None and _is_multiple(pieces[0].offset, pieces[0].time_base):
        return pieces[0].time_base, True
    ticks = lcm(*{piece.common for piece in pieces}) if pieces else end.denominator
    return (Fraction(1, ticks), True) if ticks <= FINEST_TICKS_PER_SECOND else (Fraction(1, ROUNDED_TICKS), False)


def _in_ticks(piece: _Times, time_base: Fraction) -> Int64s:
    scale = piece.time_base / time_base
    offset = piece.offset / time_base
    if scale.denominator == 1 and offset.denominator == 1:
        ticks = piece.ticks * int(scale) + int(offset)
    else:
        exact = (offset + int(tick) * scale for tick in piece.ticks)
        ticks = np.fromiter((_round(tick) for tick in exact), np.int64, len(piece.ticks))
    return ticks if piece.first is None else np.concatenate(([np.int64(_round(piece.first / time_base))], ticks))


def _is_multiple(time: Fraction, step: Fraction) -> bool:
    return (time / step).denominator == 1


def _round(value: Fraction) -> int:
    return int(value + Fraction(1, 2)) if value >= 0 else -int(-value + Fraction(1, 2))
