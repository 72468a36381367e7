"""From mouse buttons to gestures: what a press, a move and a release mean, depending on what lies under them.

Returns requests; changes nothing but the overlays of the state. Knows no Qt events, so it can be read as rules.
"""

from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QPoint, Qt

from widgets.timeline.gestures import (
    START_DISTANCE_PX,
    BoxSelect,
    Gesture,
    MoveClips,
    Panning,
    Pointer,
    Scrub,
    Trim,
    WindowDrag,
)
from widgets.timeline.hits import hit_at, plan_span_at
from widgets.timeline.requests import ExplainSpan, Request, Seek, Select, ToggleLocked, ToggleVisible
from widgets.timeline.rows import Row
from widgets.timeline.scale import to_frame
from widgets.timeline.state import State
from widgets.timeline.values import ClipView, Hit, HitKind, PatchView


@dataclass(frozen=True, slots=True)
class _Press:
    """A left press that may become a drag or stay a click."""

    hit: Hit
    at: QPoint


class Mouse:
    """The state of the hand: what was pressed, and the drag that grew out of it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._press: _Press | None = None
        self._range_from = ""
        self.gesture: Gesture | None = None
        self.gesture_id = 0

    @property
    def is_editing(self) -> bool:
        """Whether a drag that edits is going on."""
        return self.gesture is not None and self.gesture.changes

    def pressed(self, button: Qt.MouseButton, pointer: Pointer) -> list[Request]:
        if button == Qt.MouseButton.MiddleButton:
            self.gesture = Panning(pointer.at)
            return []
        if button != Qt.MouseButton.LeftButton:
            return []
        hit = hit_at(self._state, pointer.at)
        if hit.kind is HitKind.RULER:
            self.gesture = Scrub(self._state)
            return self.gesture.moved(pointer)
        self._press = _Press(hit, pointer.at)
        return self._at_once(hit, pointer)

    def moved(self, pointer: Pointer) -> list[Request]:
        if self.gesture is None and self._press is not None:
            if (pointer.at - self._press.at).manhattanLength() < START_DISTANCE_PX:
                return []
            self._begin(self._press)
        return self.gesture.moved(pointer) if self.gesture is not None else []

    def released(self, pointer: Pointer) -> list[Request]:
        """End of a drag, or a click."""
        press, gesture = self._press, self.gesture
        self.forget()
        return self._clicked(press.hit, pointer) if press is not None and gesture is None else []

    def forget(self) -> None:
        """Drop the drag and everything it showed."""
        self._press, self.gesture = None, None
        self._state.clear_overlays()

    def _begin(self, press: _Press) -> None:
        self.gesture = self._gesture_for(press)
        if self.is_editing:
            self.gesture_id += 1
        if self.gesture is None:
            self._press = None

    def _gesture_for(self, press: _Press) -> Gesture | None:
        hit, state = press.hit, self._state
        if hit.kind in {HitKind.LANE, HitKind.NOTHING} and press.at.x() >= state.metrics.head_width:
            return BoxSelect(state, press.at)
        found = state.rows.find(hit.id) if hit.id else None
        if found is None or found[0].track.locked:
            return None
        return self._editing(press, *found)

    def _editing(self, press: _Press, row: Row, item: ClipView | PatchView) -> Gesture | None:
        kind, state = press.hit.kind, self._state
        if isinstance(item, PatchView):
            if item.window_locked or kind not in {HitKind.PATCH_START, HitKind.PATCH_END}:
                return None
            return WindowDrag(state, press.at, item, "start" if kind is HitKind.PATCH_START else "end")
        if kind is HitKind.CLIP:
            return MoveClips(state, press.at, item, row)
        return Trim(state, press.at, item, row, "start" if kind is HitKind.CLIP_START else "end")

    def _at_once(self, hit: Hit, pointer: Pointer) -> list[Request]:
        """What does not wait for the release: seeking on an anchor, selecting what will be dragged."""
        if hit.kind in {HitKind.ANCHOR, HitKind.CONFIDENCE}:
            return [Select((hit.id,)), Seek(self._frame_of(hit))]
        if hit.id and not pointer.ctrl and not pointer.shift and hit.id not in self._state.selection:
            self._range_from = hit.id
            return [Select((hit.id,))]
        return []

    def _frame_of(self, hit: Hit) -> Fraction:
        found = self._state.rows.find(hit.id)
        if hit.kind is HitKind.ANCHOR and found is not None and isinstance(found[1], PatchView):
            return min(found[1].anchors, key=lambda time: abs(time - hit.time))
        return to_frame(hit.time, self._state.view.rate)

    def _clicked(self, hit: Hit, pointer: Pointer) -> list[Request]:
        if hit.kind is HitKind.EYE:
            return [ToggleVisible(hit.track_id)]
        if hit.kind is HitKind.PADLOCK:
            return [ToggleLocked(hit.track_id)]
        if hit.kind is HitKind.PLAN:
            span = plan_span_at(self._state, pointer.at.x())
            return [ExplainSpan(span)] if span is not None else []
        if hit.kind in {HitKind.LANE, HitKind.NOTHING}:
            return [] if pointer.ctrl or pointer.shift else [Select(())]
        return self._chosen(hit.id, pointer) if hit.id else []

    def _chosen(self, item_id: str, pointer: Pointer) -> list[Request]:
        """A click on an item: alone, toggled with Ctrl, or up to it with Shift."""
        before = self._state.selection
        if pointer.ctrl:
            self._range_from = item_id
            without = tuple(one for one in before if one != item_id)
            return [Select(without if item_id in before else (*before, item_id))]
        if pointer.shift:
            return [Select(self._between(self._range_from, item_id))]
        self._range_from = item_id
        return [Select((item_id,))]

    def _between(self, first_id: str, last_id: str) -> tuple[str, ...]:
        """Everything in the rectangle of rows and times that two items span."""
        first, last = self._state.rows.find(first_id), self._state.rows.find(last_id)
        if first is None or last is None:
            return (last_id,)
        top, bottom = sorted((first[0].top, last[0].top))
        start = min(first[1].start, last[1].start)
        end = max(first[1].end, last[1].end)
        return tuple(
            item.id
            for row in self._state.rows.rows
            if top <= row.top <= bottom
            for items in (row.clips, row.patches)
            for item, _, _ in items.touching(float(start), float(end))
        )
