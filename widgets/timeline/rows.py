"""Which row lies where, and which of its items a range of time touches. Pure geometry; draws nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from operator import itemgetter
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from widgets.timeline.scale import TimeScale
from widgets.timeline.values import ClipView, PatchView, StripSpan, TimelineView, TrackView


class Spanned(Protocol):
    """Anything with a place in time."""

    @property
    def start(self) -> Fraction: ...

    @property
    def end(self) -> Fraction: ...

    @property
    def end_s(self) -> float:
        """`end` in seconds."""
        ...


Item = TypeVar("Item", bound=Spanned)
RowKind = Literal["caption", "overlay", "patch", "video", "audio"]

HEIGHTS: dict[RowKind, int] = {"caption": 26, "overlay": 28, "patch": 60, "video": 64, "audio": 45}
COMPACT_HEIGHTS: dict[RowKind, int] = {"caption": 20, "overlay": 20, "patch": 44, "video": 46, "audio": 27}
LEAST_HEIGHT_PX = 18
LANES_MAX = 4
"""Patches that share a time lie below each other; of more than so many the rest share the last lane."""


def _seconds(time: Fraction) -> float:
    return time.numerator / time.denominator


class Spans(Generic[Item]):
    """Items sorted by start, with a binary search for those that touch a range of seconds, overlapping ones too.

    `before`: spans of much the same items; of the very same ones the seconds are known.
    """

    def __init__(self, items: Sequence[Item], before: "Spans[Item] | None" = None) -> None:
        known: dict[int, tuple[float, float, Item]] = before._known if before is not None else {}
        found = [known.get(id(item)) or (_seconds(item.start), item.end_s, item) for item in items]
        self._known: dict[int, tuple[float, float, Item]] = {id(entry[2]): entry for entry in found}  # held: no other gets the id
        found.sort(key=itemgetter(0))
        self.items = [item for _, _, item in found]
        self._starts = [start for start, _, _ in found]
        self._ends = [end for _, end, _ in found]
        self._latest_ends = list(accumulate(self._ends, max))

    def touching(self, start: float, end: float) -> Iterator[tuple[Item, float, float]]:
        """(item, its start, its end) in seconds for all that share a time with `[start, end)`, in order of start."""
        first = bisect_right(self._latest_ends, start)
        for index in range(first, bisect_left(self._starts, end)):
            if self._ends[index] > start:
                yield self.items[index], self._starts[index], self._ends[index]

    def seen(self, start: float, end: float, scale: TimeScale, thin_px: int) -> Iterator[tuple[Item, float, float]]:
        """As `touching`, without those no wider than `thin_px` whose last pixel another of them shows that begins earlier."""
        first, last = bisect_right(self._latest_ends, start), bisect_left(self._starts, end)
        starts, ends = (array[first:last] for array in self._arrays)
        inside = np.flatnonzero(ends > start)
        left, right = (np.rint(scale.left_px + times[inside] * scale.px_per_s - scale.offset_px) for times in (starts, ends))
        last_px, is_thin = np.maximum(left, right - 1), right - left <= thin_px
        shown = np.maximum.accumulate(np.where(is_thin, last_px, -np.inf))
        hidden = is_thin & (last_px <= np.concatenate(([-np.inf], shown[:-1])))
        for index in (inside[~hidden] + first).tolist():
            yield self.items[index], self._starts[index], self._ends[index]

    @cached_property
    def _arrays(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        return np.array(self._starts), np.array(self._ends)

    def edges(self) -> Iterator[tuple[float, float]]:
        """Start and end of every item in seconds, in order of start."""
        return zip(self._starts, self._ends, strict=True)

    def neighbours(self, item: Item) -> tuple[Item | None, Item | None]:
        """The items right before and after one of them, or None at the ends."""
        index = self.items.index(item)
        before = self.items[index - 1] if index else None
        after = self.items[index + 1] if index + 1 < len(self.items) else None
        return before, after


@dataclass(frozen=True)
class Row:
    """A drawn row: clips of a track, or its patches with the confidence strip. `top` counts from the first row."""

    track: TrackView
    kind: RowKind
    top: int
    height: int
    clips: Spans[ClipView]
    patches: Spans[PatchView]
    lanes: Mapping[str, int] = field(default_factory=dict)
    """The lane of each patch that is not in the first, by id."""
    lane_height: int = 0

    def lane_top(self, item_id: str) -> int:
        """How far below the first lane an item lies."""
        return self.lanes.get(item_id, 0) * self.lane_height

    @property
    def items(self) -> tuple[ClipView | PatchView, ...]:
        return (*self.clips.items, *self.patches.items)

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True)
class Rows:
    """All rows of a view, from the top, with look-ups by place and by id."""

    rows: tuple[Row, ...]
    height: int

    def at(self, y: int) -> Row | None:
        """The row at a distance from the top of the first row."""
        index = bisect_right([row.top for row in self.rows], y) - 1
        return self.rows[index] if index >= 0 and y < self.rows[index].bottom else None

    def find(self, item_id: str) -> tuple[Row, ClipView | PatchView] | None:
        """The row and the clip or patch of an id."""
        return self._by_id.get(item_id)

    @cached_property
    def _by_id(self) -> dict[str, tuple[Row, ClipView | PatchView]]:
        return {item.id: (row, item) for row in self.rows for item in row.items}


class KeptSpans:
    """The spans of each row, as long as its items are the very same tuple: thousands of exact times become floats once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sequence[Any], Spans[Any], dict[str, int]]] = {}

    def clips(self, track: TrackView) -> Spans[ClipView]:
        return self._get(f"clips {track.id}", track.clips)[1]

    def patches(self, track: TrackView) -> tuple[Spans[PatchView], dict[str, int]]:
        """With their lanes."""
        return self._get(f"patches {track.id}", track.patches)[1:]

    def plan(self, spans: Sequence[StripSpan]) -> Spans[StripSpan]:
        return self._get("plan", spans)[1]

    def _get(self, name: str, items: Sequence[Any]) -> tuple[Sequence[Any], Spans[Any], dict[str, int]]:
        known = self._known.get(name)
        if known is None or known[0] is not items:
            spans = Spans(items, known[1] if known is not None else None)
            lanes = lanes_of(spans) if name.startswith("patches") else {}
            known = self._known[name] = items, spans, lanes
        return known


def lay_out(
    view: TimelineView, scale: float, compact: bool, stretch: float = 1.0, kept: KeptSpans | None = None
) -> Rows:
    """The rows of a view at a theme's scale; `stretch` multiplies the heights of the rows with pictures and waves."""
    made: list[Row] = []
    kept = kept or KeptSpans()
    top = 0
    for track in view.tracks:
        for kind in _kinds(track):
            height = _height(kind, scale, compact, stretch)
            clips: Spans[ClipView] = Spans(()) if kind == "patch" else kept.clips(track)
            patches, lanes = kept.patches(track) if kind == "patch" else (Spans[PatchView](()), dict[str, int]())
            made.append(Row(track, kind, top, height * (1 + max(lanes.values(), default=0)), clips, patches, lanes, height))
            top = made[-1].bottom
    return Rows(tuple(made), top)


def lanes_of(patches: Spans[PatchView]) -> dict[str, int]:
    """Lanes in which no patch hides another; those of the first lane are left out."""
    ends: list[float] = []
    found: dict[str, int] = {}
    for patch, (start, end) in zip(patches.items, patches.edges(), strict=True):  # equal times are equal floats
        free = next((lane for lane, lane_end in enumerate(ends) if lane_end <= start), len(ends))
        lane = min(free, LANES_MAX - 1)
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = max(ends[lane], end)
        if lane:
            found[patch.id] = lane
    return found


def _kinds(track: TrackView) -> tuple[RowKind, ...]:
    """A track with patches shows them in a lane right above its own."""
    if track.patches and track.kind != "patch":
        return ("patch", track.kind)
    return (track.kind,)


def _height(kind: RowKind, scale: float, compact: bool, stretch: float) -> int:
    base = (COMPACT_HEIGHTS if compact else HEIGHTS)[kind] * scale
    wanted = base * stretch if kind in {"video", "audio"} else base
    return max(round(LEAST_HEIGHT_PX * scale), round(wanted))
