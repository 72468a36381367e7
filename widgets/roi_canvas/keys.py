"""Which key means what on the canvas, now. A key that means nothing here belongs to the program's shortcuts.

arrows            move by 1 px, with Shift by 10; with Ctrl the right and lower edge
Page Up / Down    the points of a lasso or a stroke, one by one
Delete            the chosen point, shape or region
Enter             closes the lasso, or places a shape of the tool in the hand; Insert places one always
Alt+Up / Down     the brush larger or smaller
Esc               the gesture, then the tool, then the point, then the selection
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent

from widgets.roi_canvas.editing import RegionEditing
from widgets.roi_canvas.hit import has_points
from widgets.roi_canvas.key_steps import KeySteps

BIG_STEP_PX = 10
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
CLOSING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
REMOVING = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
PAGES = {Qt.Key.Key_PageUp: False, Qt.Key.Key_PageDown: True}
_NONE, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_CONTROL, _ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier

Meaning = Callable[[], bool]


def meaning(event: QKeyEvent, editing: RegionEditing, steps: KeySteps, seen: QRectF) -> Meaning | None:
    """What to do for a key; None where it means nothing here. `seen` is the visible part of the widget."""
    key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key in ARROWS:
        return _arrow(key, modifiers, editing, steps)
    if key == Qt.Key.Key_Escape:
        return _escape(modifiers, editing, steps)
    if modifiers != _NONE:
        return None
    if editing.draft is not None:
        return {**dict.fromkeys(CLOSING, editing.close_lasso), Qt.Key.Key_Backspace: steps.remove_last_point}.get(key)
    if (key in CLOSING and _enter_places(editing)) or (key == Qt.Key.Key_Insert and editing.tool != "select"):
        return partial(steps.place, seen)
    in_hand = editing.selected and not editing.busy
    if key in REMOVING and in_hand:
        return steps.remove
    if key in PAGES and in_hand and has_points(editing.chosen):
        return partial(steps.cycle_points, forward=PAGES[key])
    return None


def _arrow(key: Qt.Key, modifiers: Qt.KeyboardModifier, editing: RegionEditing, steps: KeySteps) -> Meaning | None:
    if modifiers == _ALT and editing.tool == "brush" and not ARROWS[key][0]:
        return partial(steps.change_pen, larger=key == Qt.Key.Key_Up)
    if modifiers & ~(_SHIFT | _CONTROL) or not editing.selected or editing.busy:
        return None
    step = BIG_STEP_PX if modifiers & _SHIFT else 1
    across, down = ARROWS[key]
    change = steps.grow if modifiers & _CONTROL else steps.nudge
    return partial(change, across * step, down * step)


def _escape(modifiers: Qt.KeyboardModifier, editing: RegionEditing, steps: KeySteps) -> Meaning | None:
    if editing.busy:
        return steps.cancel
    idle = editing.tool == "select" and not editing.selected
    return None if idle or modifiers != _NONE else steps.cancel


def _enter_places(editing: RegionEditing) -> bool:
    """After a stroke of the brush the tool stays in the hand, and Enter runs the patch as everywhere."""
    if editing.tool == "select" or editing.busy:
        return False
    return editing.tool != "brush" or editing.region is None


def shaping(modifiers: Qt.KeyboardModifier) -> dict[str, bool]:
    """What Shift and Alt mean to a drag."""
    return {
        "square": bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
        "centred": bool(modifiers & Qt.KeyboardModifier.AltModifier),
    }


def with_key(event: QKeyEvent, *, held: bool) -> Qt.KeyboardModifier:
    """The modifiers as they are after this event: systems differ in whether the key itself is among them."""
    shift = event.key() == Qt.Key.Key_Shift
    flag = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.AltModifier
    return event.modifiers() | flag if held else event.modifiers() & ~flag
