"""What a hand does in the patch workspace, by real events: gestures for tests and figures of how long its thread is kept.

Each is called with an open desk whose playhead stands on a clip; those in `DRAWN_FIRST` want a region in hand.
"""

from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot

from editor.session import ViewMode
from editor.wiring import Wiring
from tests import pointer
from tests.editor.conftest import PATIENCE_MS, RATE

FRAME = Fraction(1, RATE)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
PER_PAINT = 10
"""Moves of a quick hand that come between two paints."""
Gesture = Callable[[Wiring, QtBot], None]


def draw_a_box(desk: Wiring, qtbot: QtBot) -> None:
    press(desk, Qt.Key.Key_R)
    stroke(desk, [(0.3 + 0.005 * n, 0.3 + 0.005 * n) for n in range(50)])


def draw_a_lasso(desk: Wiring, qtbot: QtBot) -> None:
    press(desk, Qt.Key.Key_R, SHIFT)
    stroke(desk, [(0.3 + 0.1 * (n % 20) / 20, 0.3 + 0.005 * n) for n in range(60)])


def paint_500_points_twice(desk: Wiring, qtbot: QtBot) -> None:
    press(desk, Qt.Key.Key_B)
    for row in (0.3, 0.5):
        stroke(desk, [(0.1 + 0.0016 * n, row + 0.12 * ((n // 25) % 2) * (n % 25) / 25) for n in range(500)])


def drag_the_region(desk: Wiring, qtbot: QtBot) -> None:
    stroke(desk, [(0.45 + 0.002 * n, 0.4 + 0.001 * n) for n in range(60)])


def nudge_with_keys(desk: Wiring, qtbot: QtBot) -> None:
    canvas = desk.window.viewer.canvas
    canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        for held in (NONE, SHIFT, CONTROL):
            QTest.keyClick(canvas, key, held)
            QApplication.processEvents()


def undo_and_redo(desk: Wiring, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Z, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_Y):
        press(desk, key, CONTROL)


def switch_views(desk: Wiring, qtbot: QtBot) -> None:
    for mode in ViewMode:
        desk.services.session.set_view_mode(mode)
        qtbot.waitUntil(lambda: desk.preview._is_answered, timeout=PATIENCE_MS)


def step_the_playhead(desk: Wiring, qtbot: QtBot) -> None:
    for key in [Qt.Key.Key_Right] * 12 + [Qt.Key.Key_Left] * 12 + [Qt.Key.Key_Down, Qt.Key.Key_Up]:
        press(desk, key)


def scrub(desk: Wiring, qtbot: QtBot) -> None:
    surface = desk.window.timeline.timeline.viewport()
    y, left, width = 30, 200, surface.width() - 260
    ends = QPoint(left, y), QPoint(left + width, y)
    pointer.drag(surface, *ends, steps=60, moved=lambda _: QApplication.processEvents())


def zoom_the_timeline(desk: Wiring, qtbot: QtBot) -> None:
    for key in [Qt.Key.Key_Equal] * 8 + [Qt.Key.Key_Minus] * 8 + [Qt.Key.Key_Backslash]:
        press(desk, key)


def choose_clips(desk: Wiring, qtbot: QtBot) -> None:
    ids = [clip.id for track in desk.services.document.project.tracks for clip in track.clips][:4]
    for item in (*ids, *(patch.id for patch in desk.services.document.project.patches[:4])):
        desk.services.session.select(item)
        QApplication.processEvents()


def open_the_export_plan(desk: Wiring, qtbot: QtBot) -> None:
    dialog = desk.export_side.export.dialog
    press(desk, Qt.Key.Key_E, CONTROL)
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.plan.forecast is not None, timeout=4 * PATIENCE_MS)
    QApplication.processEvents()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=PATIENCE_MS)


def switch_workspaces(desk: Wiring, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_1, Qt.Key.Key_2) * 3:
        press(desk, key, ALT)


def feather_by_the_slider(desk: Wiring, qtbot: QtBot) -> None:
    slider = desk.window.patch.recipe.feather.findChild(QSlider)
    assert slider is not None
    slider.setFocus()
    for key in [Qt.Key.Key_Right] * 8:
        QTest.keyClick(slider, key)
        QApplication.processEvents()


def drag_the_windows_edge(desk: Wiring, qtbot: QtBot) -> None:
    edit = desk.timeline
    (patch,) = desk.services.document.project.patches[-1:]
    for n in range(10):
        edit.set_window(patch.id, patch.window.start, patch.window.end - (n % 3) * FRAME, 77)
        QApplication.processEvents()
    edit.finish(77)


DRAWN_FIRST = (drag_the_region, nudge_with_keys, undo_and_redo, switch_views, feather_by_the_slider, drag_the_windows_edge)
GESTURES: tuple[Gesture, ...] = (
    draw_a_box, draw_a_lasso, paint_500_points_twice, drag_the_region, nudge_with_keys, undo_and_redo, switch_views,
    step_the_playhead, scrub, zoom_the_timeline, choose_clips, open_the_export_plan, switch_workspaces,
    feather_by_the_slider, drag_the_windows_edge,
)  # fmt: skip


def press(desk: Wiring, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key, held)
    QApplication.processEvents()


def at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def stroke(desk: Wiring, places: list[tuple[float, float]]) -> None:
    canvas: QWidget = desk.window.viewer.canvas
    hand = pointer.Hand(canvas, at(desk, *places[0]))
    for number, place in enumerate(places[1:]):
        hand.move(at(desk, *place))
        if number % PER_PAINT == 0:
            QApplication.processEvents()
    QApplication.processEvents()  # a hand stops before it lets go
    hand.release(at(desk, *places[-1]))
