"""The drags of the timeline, each from press to release: given pointer positions, they return requests.

A gesture remembers how things were at the press; the view may change under it while the editor follows.
They write only the overlays of the state (read-out, snap line, box). No signals, no painting.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from PySide6.QtCore import QPoint, QRect

from engine.rational_time import timecode
from widgets.timeline.hits import items_in
from widgets.timeline.requests import Edge, MoveClip, Pan, Request, Seek, Select, SetWindow, TrimClip
from widgets.timeline.rows import Row
from widgets.timeline.scale import MICROSECONDS, to_frame
from widgets.timeline.snapping import SnapPoints
from widgets.timeline.state import ReadOut, State
from widgets.timeline.values import ClipKind, ClipView, PatchView, TrackKind

START_DISTANCE_PX = 4
_HOMES: dict[ClipKind, frozenset[TrackKind]] = {
    "video": frozenset({"video", "overlay"}), "image": frozenset({"video", "overlay"}), "audio": frozenset({"audio"}),
    "text": frozenset({"overlay"}),
}  # fmt: skip
"""Where a clip may go besides tracks of the kind it lies on: a picture may lie over others."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is and what is held."""

    at: QPoint
    ctrl: bool = False
    shift: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a drag began: a point, and its time, so that scrolling and zooming during the drag do no harm."""

    at: QPoint
    seconds: float

    @classmethod
    def of(cls, state: State, at: QPoint) -> "Origin":
        return cls(at, state.scale.seconds_at(at.x()))

    def way(self, state: State, pointer: Pointer) -> Fraction:
        """How much time the pointer has travelled, to the microsecond."""
        return Fraction(round((state.scale.seconds_at(pointer.at.x()) - self.seconds) * MICROSECONDS), MICROSECONDS)


class Gesture(Protocol):
    """A drag in progress. `changes`: it edits, and so can be cancelled. `scrolls`: content runs under it at the ends."""

    changes: bool
    scrolls: bool

    def moved(self, pointer: Pointer) -> list[Request]: ...


class Scrub:
    """Press or drag in the ruler: the playhead follows, frame by frame."""

    changes, scrolls = False, True

    def __init__(self, state: State) -> None:
        self._state = state

    def moved(self, pointer: Pointer) -> list[Request]:
        return [Seek(to_frame(self._state.scale.time_at(pointer.at.x()), self._state.view.rate))]


class Panning:
    """Middle button: the content sticks to the hand."""

    changes, scrolls = False, False

    def __init__(self, at: QPoint) -> None:
        self._last = at

    def moved(self, pointer: Pointer) -> list[Request]:
        step = pointer.at - self._last
        self._last = pointer.at
        return [Pan(float(step.x()), step.y())]


class BoxSelect:
    """Drag from an empty place: everything the box touches is selected, with Ctrl added to what was."""

    changes, scrolls = False, True

    def __init__(self, state: State, at: QPoint) -> None:
        self._state, self._from = state, Origin.of(state, at)
        self._before = state.selection

    def moved(self, pointer: Pointer) -> list[Request]:
        corner = QPoint(round(self._state.scale.x_of(self._from.seconds)), self._from.at.y())
        self._state.box = QRect(corner, pointer.at).normalized()
        found = items_in(self._state, self._state.box)
        kept = self._before if pointer.ctrl else ()
        return [Select((*kept, *(item for item in found if item not in kept)))]


class MoveClips:
    """Drag of one or more clips; the one under the pointer may change to another track that takes it."""

    changes, scrolls = True, True

    def __init__(self, state: State, at: QPoint, held: ClipView, row: Row) -> None:
        self._state, self._from, self._held, self._row = state, Origin.of(state, at), held, row
        ids = state.selected if held.id in state.selected else frozenset({held.id})
        self._clips = [(clip, r.track.id) for r in state.rows.rows if not r.track.locked
                       for clip in r.clips.items if clip.id in ids]  # fmt: skip
        self._points = state.snap_points(frozenset(clip.id for clip, _ in self._clips))
        self._last: tuple[Fraction, str] = (Fraction(0), row.track.id)

    def moved(self, pointer: Pointer) -> list[Request]:
        shift = self._shift(pointer)
        track = self._track_under(pointer)
        state = self._state
        state.read_out = ReadOut(pointer.at, _signed(shift, state.view.rate),
                                 f"at {timecode(self._held.start + shift, state.view.rate)}")  # fmt: skip
        if (shift, track) == self._last:
            return []
        forward = shift > self._last[0]
        self._last = (shift, track)
        ordered = sorted(self._clips, key=lambda pair: pair[0].start, reverse=forward)
        return [MoveClip(clip.id, track if clip is self._held else own, clip.start + shift) for clip, own in ordered]

    def _shift(self, pointer: Pointer) -> Fraction:
        """The common shift: snapped, on a frame, and never before time 0."""
        state = self._state
        step = pointer.at - self._from.at
        if pointer.shift and abs(step.y()) > abs(step.x()):
            return Fraction(0)
        raw = self._from.way(state, pointer)
        ends = [time + raw for clip, _ in self._clips for time in (clip.start, clip.end)]
        found = self._points.shift_for(ends, state.reach) if state.snapping != pointer.ctrl else None
        state.snap_time = found[1] if found else None
        earliest = min(clip.start for clip, _ in self._clips)
        wanted = raw + found[0] if found else to_frame(self._held.start + raw, state.view.rate) - self._held.start
        return max(wanted, -earliest)

    def _track_under(self, pointer: Pointer) -> str:
        step = pointer.at - self._from.at
        if pointer.shift and abs(step.x()) >= abs(step.y()):
            return self._row.track.id
        row = self._state.row_at(pointer.at.y())
        if row is None or row.track.locked:
            return self._last[1]
        fits = row.kind == self._row.kind or row.kind in _HOMES[self._held.kind]
        return row.track.id if fits else self._last[1]


class Trim:
    """Drag of a clip's edge, between its source's end, its neighbour and one frame of length."""

    changes, scrolls = True, True

    def __init__(self, state: State, at: QPoint, clip: ClipView, row: Row, edge: Edge) -> None:
        self._state, self._from, self._clip, self._edge = state, Origin.of(state, at), clip, edge
        self._points = state.snap_points(frozenset({clip.id}))
        self._origin = clip.start if edge == "start" else clip.end
        self._last = self._origin
        before, after = row.clips.neighbours(clip)
        self._source_limit: Fraction | None
        self._neighbour: Fraction | None
        if edge == "start":
            self._source_limit = None if clip.room_before is None else clip.start - clip.room_before
            self._neighbour = before.end if before is not None and before.end <= clip.start else Fraction(0)
        else:
            self._source_limit = None if clip.room_after is None else clip.end + clip.room_after
            self._neighbour = after.start if after is not None and after.start >= clip.end else None

    def moved(self, pointer: Pointer) -> list[Request]:
        state = self._state
        wanted = _snapped(state, self._points, self._origin, pointer, self._from)
        time = self._limited(wanted)
        if time != wanted:
            state.snap_time = None
        state.blocked_edge = self._clip.id if self._source_limit is not None and time == self._source_limit else ""
        length = self._clip.end - time if self._edge == "start" else time - self._clip.start
        rate = state.view.rate
        state.read_out = ReadOut(pointer.at, _signed(time - self._origin, rate), f"length {timecode(length, rate)}")
        if time == self._last:
            return []
        self._last = time
        return [TrimClip(self._clip.id, self._edge, time)]

    def _limited(self, time: Fraction) -> Fraction:
        frame = self._state.frame
        bounds = [bound for bound in (self._source_limit, self._neighbour) if bound is not None]
        if self._edge == "start":
            return min(max([time, Fraction(0), *bounds]), self._clip.end - frame)
        return max(min([time, *bounds]), self._clip.start + frame)


class WindowDrag:
    """Drag of a patch's end: the window grows and shrinks, its anchors stay inside."""

    changes, scrolls = True, True

    def __init__(self, state: State, at: QPoint, patch: PatchView, edge: Edge) -> None:
        self._state, self._from, self._patch, self._edge = state, Origin.of(state, at), patch, edge
        self._points = state.snap_points(frozenset({patch.id}))
        self._origin = patch.start if edge == "start" else patch.end
        self._last = self._origin

    def moved(self, pointer: Pointer) -> list[Request]:
        state, patch = self._state, self._patch
        time = _snapped(state, self._points, self._origin, pointer, self._from)
        if self._edge == "start":
            time = max(Fraction(0), min(time, patch.anchors[0]))
        else:
            time = max(time, patch.anchors[-1] + state.frame)
        start, end = (time, patch.end) if self._edge == "start" else (patch.start, time)
        frames = round((end - start) * state.view.rate)
        change = _signed(time - self._origin, state.view.rate)
        state.read_out = ReadOut(pointer.at, change, f"{frames} {'frame' if frames == 1 else 'frames'}")
        if time == self._last:
            return []
        self._last = time
        return [SetWindow(patch.id, start, end)]


def _snapped(state: State, points: SnapPoints, origin: Fraction, pointer: Pointer, start: Origin) -> Fraction:
    """The dragged time: at a snap point within reach, else on a frame. Notes the point for the yellow line."""
    raw = origin + start.way(state, pointer)
    found = points.shift_for([raw], state.reach) if state.snapping != pointer.ctrl else None
    state.snap_time = found[1] if found else None
    return found[1] if found else to_frame(raw, state.view.rate)


def _signed(time: Fraction, rate: Fraction) -> str:
    text = timecode(time, rate)
    return text if time < 0 else f"+{text}"
