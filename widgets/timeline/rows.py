"""Which row lies where, and which of its items a range of time touches. Pure geometry; draws nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Generic, Literal, Protocol, TypeVar

from widgets.timeline.values import ClipView, PatchView, TimelineView, TrackView


class Spanned(Protocol):
    """Anything with a place in time."""

    @property
    def start(self) -> Fraction: ...

    @property
    def end(self) -> Fraction: ...


Item = TypeVar("Item", bound=Spanned)
RowKind = Literal["caption", "overlay", "patch", "video", "audio"]

HEIGHTS: dict[RowKind, int] = {"caption": 26, "overlay": 28, "patch": 60, "video": 64, "audio": 45}
COMPACT_HEIGHTS: dict[RowKind, int] = {"caption": 20, "overlay": 20, "patch": 44, "video": 46, "audio": 27}
LEAST_HEIGHT_PX = 18
LANES_MAX = 4
"""Patches that share a time lie below each other; of more than so many the rest share the last lane."""


class Spans(Generic[Item]):
    """Items sorted by start, with a binary search for those that touch a range of seconds, overlapping ones too."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = sorted(items, key=lambda item: float(item.start))
        self._starts = [float(item.start) for item in self.items]
        self._ends = [float(item.end) for item in self.items]
        self._latest_ends = list(accumulate(self._ends, max))

    def touching(self, start: float, end: float) -> Iterator[tuple[Item, float, float]]:
        """(item, its start, its end) in seconds for all that share a time with `[start, end)`, in order of start."""
        first = bisect_right(self._latest_ends, start)
        for index in range(first, bisect_left(self._starts, end)):
            if self._ends[index] > start:
                yield self.items[index], self._starts[index], self._ends[index]

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


def lay_out(view: TimelineView, scale: float, compact: bool, stretch: float = 1.0) -> Rows:
    """The rows of a view at a theme's scale; `stretch` multiplies the heights of the rows with pictures and waves."""
    made: list[Row] = []
    top = 0
    for track in view.tracks:
        for kind in _kinds(track):
            height = _height(kind, scale, compact, stretch)
            clips = Spans(() if kind == "patch" else track.clips)
            patches = Spans(track.patches if kind == "patch" else ())
            lanes = lanes_of(patches.items)
            made.append(Row(track, kind, top, height * (1 + max(lanes.values(), default=0)), clips, patches, lanes, height))
            top = made[-1].bottom
    return Rows(tuple(made), top)


def lanes_of(patches: Sequence[PatchView]) -> dict[str, int]:
    """Lanes in which no patch hides another, for patches in order of start; those of the first lane are left out."""
    ends: list[Fraction] = []
    found: dict[str, int] = {}
    for patch in patches:
        free = next((lane for lane, end in enumerate(ends) if end <= patch.start), len(ends))
        lane = min(free, LANES_MAX - 1)
        if lane == len(ends):
            ends.append(patch.end)
        else:
            ends[lane] = max(ends[lane], patch.end)
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
