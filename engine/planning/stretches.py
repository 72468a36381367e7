"""The timeline in stretches of some thirty clips, each worked out by itself: an edit costs the stretches that it touches.

    V2      | a  |        | b      |          a clip whose id falls on it begins a stretch on all tracks, so where the
    V1   | c | d | e | f | g | h | i |        borders lie depends on the clips and not on how many come before them
             |<- stretch ->|<- stretch -> …   and an edit moves none but its own

A stretch is a value: its clips, and the patches that may show in them. Must not know what they show.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import accumulate, pairwise

from engine.planning.kept import Kept
from engine.project.model import Clip, Media, Patch, Project, Track
from engine.rational_time import ZERO, TimeRange

CLIPS_TOGETHER = 32
"""About so many clips make a stretch: fewer make an edit cheaper, and what it leaves alone dearer."""
NEAR_S = 1e-3
"""Floats find the patches that may show, exact times decide later."""

_Bounds = dict[str, list[tuple[float, float]]]
"""By media id, the source seconds that some clips use, ascending, apart from each other."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the timeline and all that can show in it."""

    start: Fraction
    end: Fraction
    rows: tuple[tuple[Clip, ...], ...]
    """Of each track, bottom to top, the clips that lie in it, in order; the first and last may reach out of it."""
    patches: tuple[Patch, ...]
    """In the project's order; some may not show after all."""
    media: tuple[Media, ...]
    """Those that the clips use."""

    @property
    def values(self) -> tuple[object, ...]:
        """All of it, to compare."""
        return self.start, self.end, self.rows, self.patches, self.media


def stretches(project: Project, tracks: list[Track], patches: tuple[Patch, ...], end: Fraction,
              kept: Kept) -> Iterator[tuple[str, Stretch]]:  # fmt: skip
    """The timeline from 0 to `end` without gap or overlap, each part with a name that it keeps while its first clip stays."""
    rows = [_Row(track, end) for track in tracks]
    names: dict[Fraction, str] = {ZERO: ""}
    for row in rows:
        names |= row.borders
    borders = [*sorted(names), end]
    cuts = [row.cut(borders) for row in rows]
    by_media = kept.get("patches", (patches,), lambda: _PatchesOfMedia(patches))
    media = {item.id: item for item in project.media}
    for number, (start, stop) in enumerate(pairwise(borders)):
        clips, name = tuple(cut[number] for cut in cuts), names[start]
        used = kept.get(("used", name), clips, partial(_used, clips))
        shown = tuple(media[media_id] for media_id in used)
        yield name, Stretch(start, stop, clips, by_media.near(used), shown)


class _Row:
    """The clips of a track, parted."""

    def __init__(self, track: Track, end: Fraction) -> None:
        self._clips = track.clips
        first_ones = [place for place, clip in enumerate(track.clips) if not hash(clip.id) % CLIPS_TOGETHER]
        self._places = {track.clips[place].start: place for place in first_ones if ZERO < track.clips[place].start < end}
        self.borders = {start: track.clips[place].id for start, place in self._places.items()}

    def cut(self, borders: list[Fraction]) -> list[tuple[Clip, ...]]:
        """Between each two borders the clips that lie there."""
        clips = self._clips
        if not clips:
            return [()] * (len(borders) - 1)
        places = [self._places[at] if at in self._places else self._from(at) for at in borders[:-1]]
        cuts = []
        for number, (place, (start, stop)) in enumerate(zip(places, pairwise(borders), strict=True)):
            following = places[number + 1] if number + 1 < len(places) else self._from(stop)
            reaches_in = place > 0 and start not in self._places and clips[place - 1].end > start
            cuts.append(clips[place - reaches_in : following])
        return cuts

    def _from(self, time: Fraction) -> int:
        """The first clip that begins at a time or later."""
        return bisect_left(self._clips, time, key=_start)


def _start(clip: Clip) -> Fraction:
    return clip.start


def _used(rows: Iterable[tuple[Clip, ...]]) -> _Bounds:
    found: dict[str, list[tuple[float, float]]] = {}
    for clips in rows:
        for clip in clips:
            if clip.media_id is not None:
                found.setdefault(clip.media_id, []).append(_seconds(clip.source_range))
    return {media_id: list(_joined(sorted(bounds))) for media_id, bounds in found.items()}


def _seconds(span: TimeRange) -> tuple[float, float]:
    """Start and end, a little further out."""
    start = span.start.numerator / span.start.denominator
    return start - NEAR_S, start + span.duration.numerator / span.duration.denominator + NEAR_S


def _joined(bounds: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    start, end = bounds[0]
    for following in bounds:
        if following[0] > end:
            yield start, end
            start, end = following
        end = max(end, following[1])
    yield start, end


class _PatchesOfMedia:
    """Patches by media, in order of their windows, so that a stretch finds its own without looking at all."""

    def __init__(self, patches: tuple[Patch, ...]) -> None:
        entries: dict[str, list[tuple[float, float, int, Patch]]] = {}
        for order, patch in enumerate(patches):
            entries.setdefault(patch.media_id, []).append((*_seconds(patch.window), order, patch))
        for found in entries.values():
            found.sort(key=lambda entry: entry[0])
        self._entries = entries
        self._starts = {key: [entry[0] for entry in found] for key, found in entries.items()}
        self._ends = {key: list(accumulate((entry[1] for entry in found), max)) for key, found in entries.items()}
        """The latest end so far: it never falls, so that it can be searched as the starts can."""

    def near(self, used: _Bounds) -> tuple[Patch, ...]:
        """Those whose window may meet what is used, in the project's order."""
        found: dict[int, Patch] = {}
        for media_id, bounds in used.items():
            if media_id not in self._entries:
                continue
            entries, starts, ends = self._entries[media_id], self._starts[media_id], self._ends[media_id]
            for start, end in bounds:
                near = entries[bisect_left(ends, start) : bisect_right(starts, end)]
                found |= {order: patch for _, last, order, patch in near if last >= start}
        return tuple(found[order] for order in sorted(found))
