"""One stretch of the timeline as spans: its clips cut where a patch begins, changes or ends, and all tracks swept together.

In whole numbers: all times of a stretch are multiples of one tick, which is found first, so nothing is rounded and nothing of a
fraction's dearness is paid in the loops.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm

from engine.compositing.patch_alpha import whole_range
from engine.planning.span_values import PatchUse, PictureUse, Span
from engine.planning.stretches import Stretch
from engine.project.anchors import anchors_of
from engine.project.model import Clip, Media, MediaKind, Patch
from engine.rational_time import ZERO, TimeRange

_Piece = tuple[int, int, PictureUse]
_Event = tuple[int, int, PatchUse | None]
_Recipe = tuple[PictureUse, ...]


def spans_within(stretch: Stretch) -> tuple[Span, ...]:
    """The stretch without gap or overlap; neighbours with equal recipes are one span."""
    return _Sweep(stretch).spans()


class _Ticks:
    """Times as multiples of the longest time that all are multiples of."""

    def __init__(self, times: Iterable[Fraction]) -> None:
        self._per_second = lcm(*{time.denominator for time in times})

    def of(self, time: Fraction) -> int:
        return time.numerator * (self._per_second // time.denominator)

    def range(self, start: int, stop: int) -> TimeRange:
        return TimeRange(Fraction(start, self._per_second), Fraction(stop - start, self._per_second))


class _Window:
    """A patch in source ticks: from when on it is which use, and when it ends."""

    __slots__ = ("clip_id", "end", "order", "parts", "start")

    def __init__(self, order: int, patch: Patch, parts: list[tuple[Fraction, PatchUse]], ticks: _Ticks) -> None:
        self.order, self.clip_id = order, patch.clip_id
        self.start = ticks.of(patch.window.start)
        self.end = self.start + ticks.of(patch.window.duration)
        self.parts = [(ticks.of(time), use) for time, use in parts]


class _Sweep:
    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._media = {item.id: item for item in stretch.media}
        parts = [_parts(patch, self._media.get(patch.media_id)) for patch in stretch.patches]
        self._ticks = ticks = _Ticks(_times(stretch, parts))
        self._windows: dict[str, list[_Window]] = {}
        for order, (patch, found) in enumerate(zip(stretch.patches, parts, strict=True)):
            self._windows.setdefault(patch.media_id, []).append(_Window(order, patch, found, ticks))

    def spans(self) -> tuple[Span, ...]:
        rows = [[piece for clip in clips for piece in self._pieces(clip)] for clips in self._stretch.rows]
        swept = _swept([row for row in rows if row], self._ticks.of(self._stretch.start), self._ticks.of(self._stretch.end))
        return tuple(Span(self._ticks.range(start, stop), recipe) for start, stop, recipe in _merged(swept))

    def _pieces(self, clip: Clip) -> Iterator[_Piece]:
        """The clip cut at the ends of the patch windows, and at the places inside them where something else decides them."""
        kind = self._media[clip.media_id].kind if clip.media_id else None
        if kind is MediaKind.AUDIO:
            return
        start, into = self._ticks.of(clip.start), self._ticks.of(clip.source_range.start)
        end, shift = start + self._ticks.of(clip.source_range.duration), start - into
        offset = clip.start - clip.source_range.start if kind is MediaKind.VIDEO else ZERO
        showing = [
            window for window in self._windows.get(clip.media_id or "", ())
            if window.start + shift < end and start < window.end + shift and window.clip_id in {None, clip.id}
        ]  # fmt: skip
        for begins, stops, uses in _cut(start, end, shift, showing):
            yield begins, stops, PictureUse(clip.media_id, offset, clip.transform, clip.text, uses)


def _times(stretch: Stretch, parts: list[list[tuple[Fraction, PatchUse]]]) -> Iterator[Fraction]:
    yield from (stretch.start, stretch.end)
    for clips in stretch.rows:
        for clip in clips:
            yield from (clip.start, clip.source_range.start, clip.source_range.duration)
    for patch, found in zip(stretch.patches, parts, strict=True):
        yield from (patch.window.start, patch.window.duration)
        yield from (time for time, _ in found)


def _parts(patch: Patch, media: Media | None) -> list[tuple[Fraction, PatchUse]]:
    """(source time from which it holds, use): the window cut where other anchors decide it and where its fades end.

    So a further anchor, or another falloff, changes the recipe of those frames only whose pixels it changes.
    """
    version, window = patch.version, patch.window
    if version is None or (not version.others and not patch.carrying.falloff_frames):
        return [(window.start, PatchUse(patch.id, patch.current_version, (version.anchor,) if version else ()))]
    anchors = anchors_of(version)
    whole = whole_range(media, patch) if media is not None else window
    fades = (whole.start, whole.end) if whole is not None else ()
    starts = sorted({window.start, *(t for t in (*fades, *(a.anchor for a in anchors)) if window.contains(t))})
    parts = []
    for start in starts:
        next_one = next((number for number, a in enumerate(anchors) if a.anchor > start), len(anchors))
        decided = tuple(a.anchor for a in anchors[max(0, next_one - 1) : next_one + 1])
        is_faded = whole is None or not whole.contains(start)
        parts.append((start, PatchUse(patch.id, patch.current_version, decided, is_faded)))
    return parts


def _cut(start: int, end: int, shift: int, showing: list[_Window]) -> Iterator[tuple[int, int, tuple[PatchUse, ...]]]:
    """A clip from `start` to `end` with the uses that show in each part of it, bottom to top."""
    if not showing:
        yield start, end, ()
        return
    events: list[_Event] = [(start, -1, None), (end, -1, None)]
    for window in showing:
        begun = [(max(time + shift, start), window.order, use) for time, use in window.parts if time + shift < end]
        events += [*begun, (min(window.end + shift, end), window.order, None)]
    events.sort(key=lambda event: event[0])
    active: dict[int, PatchUse] = {}
    for (time, order, use), following in pairwise(events):
        if use is not None:
            active[order] = use
        else:
            active.pop(order, None)
        if time < following[0]:
            yield time, following[0], tuple(active[order] for order in sorted(active))


def _swept(rows: list[list[_Piece]], start: int, end: int) -> Iterator[tuple[int, int, _Recipe]]:
    times = {start, end}
    times.update(time for row in rows for piece in row for time in piece[:2] if start < time < end)
    positions = [0] * len(rows)
    for begins, stops in pairwise(sorted(times)):
        recipe: list[PictureUse] = []
        for number, row in enumerate(rows):
            while positions[number] < len(row) and row[positions[number]][1] <= begins:
                positions[number] += 1
            if positions[number] < len(row) and row[positions[number]][0] <= begins:
                recipe.append(row[positions[number]][2])
        yield begins, stops, tuple(recipe)


def _merged(swept: Iterable[tuple[int, int, _Recipe]]) -> Iterator[tuple[int, int, _Recipe]]:
    last: tuple[int, int, _Recipe] | None = None
    for start, stop, recipe in swept:
        if last is not None and last[2] == recipe:
            last = last[0], stop, recipe
            continue
        if last is not None:
            yield last
        last = start, stop, recipe
    if last is not None:
        yield last
