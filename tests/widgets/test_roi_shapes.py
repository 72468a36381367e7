"""Ellipses, strokes and regions of several shapes: drawn, chosen, moved and deleted with real mouse and key events."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets.frame_image import from_qimage
from widgets.roi_canvas import ALL, Other, Region, RoiCanvas, Shape
from widgets.roi_canvas.whole import outline, stage

PICTURE = QSize(400, 200)
IMAGE = QRectF(50, 40, 400, 200)  # one widget pixel is one picture pixel
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
TWO = Region(
    "box", ((0.1, 0.2), (0.3, 0.6)), 6, more=(Shape("ellipse", ((0.5, 0.2), (0.7, 0.6))), Shape("brush", ((0.85, 0.5),), 0.1))
)


@pytest.fixture
def canvas(qtbot: QtBot) -> RoiCanvas:
    made = RoiCanvas()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.set_view(IMAGE, PICTURE)
    with qtbot.waitExposed(made):
        made.show()
    return made


def at(x: float, y: float) -> QPoint:
    return QPoint(round(IMAGE.x() + x), round(IMAGE.y() + y))


def drag(canvas: RoiCanvas, *path: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(canvas, LEFT, keys, at(*path[0]))
    for point in path[1:]:
        QTest.mouseMove(canvas, at(*point))
    QTest.mouseRelease(canvas, LEFT, keys, at(*path[-1]))


def pixels(shape: Shape) -> list[tuple[float, float]]:
    return [(round(x * 400, 3), round(y * 200, 3)) for x, y in shape.points]


def region_of(canvas: RoiCanvas) -> Region:
    region = canvas.region()
    assert region is not None
    return region


# Drawing


def test_an_ellipse_is_drawn_by_its_bounds_and_shift_makes_a_circle(canvas: RoiCanvas) -> None:
    canvas.set_tool("ellipse")
    drag(canvas, (20, 30), (120, 90))
    assert region_of(canvas).kind == "ellipse" and pixels(region_of(canvas).shapes[0]) == [(20, 30), (120, 90)]
    canvas.set_region(None)
    drag(canvas, (100, 100), (130, 120), keys=SHIFT | ALT)
    assert pixels(region_of(canvas).shapes[0]) == [(70, 70), (130, 130)]


def test_a_stroke_follows_the_hand_with_the_pen_it_has(canvas: RoiCanvas) -> None:
    drawn: list[Region] = []
    canvas.region_drawn.connect(drawn.append)
    canvas.set_tool("brush")
    canvas.set_pen(0.05)
    drag(canvas, (50, 50), (60, 52), (100, 60), (150, 60))
    region = region_of(canvas)
    assert drawn == [region] and region.kind == "brush" and region.radius == 0.05
    assert pixels(region.shapes[0])[0] == (50, 50) and pixels(region.shapes[0])[-1] == (150, 60)


def test_a_click_with_the_brush_is_a_dot_and_shift_paints_straight(canvas: RoiCanvas) -> None:
    canvas.set_tool("brush")
    QTest.mouseClick(canvas, LEFT, NONE, at(200, 100))
    assert pixels(region_of(canvas).shapes[0]) == [(200, 100)]
    canvas.set_combine("add")
    QTest.mousePress(canvas, LEFT, SHIFT, at(20, 20))
    for x in range(30, 100, 10):
        event = at(x, 20 + (x % 20))
        QTest.mouseMove(canvas, event)
        QTest.keyPress(canvas, Qt.Key.Key_Shift)
    QTest.mouseRelease(canvas, LEFT, SHIFT, at(100, 60))
    assert pixels(region_of(canvas).shapes[1]) == [(20, 20), (100, 60)]


def test_the_pen_is_set_by_the_wheel_and_by_keys(canvas: RoiCanvas) -> None:
    told: list[float] = []
    canvas.pen_changed.connect(told.append)
    before = canvas.pen()
    _wheel(canvas, 120, CONTROL)
    assert canvas.pen() == before, "only the brush has a pen"
    canvas.set_tool("brush")
    _wheel(canvas, 120, CONTROL)
    assert canvas.pen() > before
    QTest.keyClick(canvas, Qt.Key.Key_Down, ALT)
    assert canvas.pen() == pytest.approx(before) and len(told) == 2
    for _ in range(200):
        QTest.keyClick(canvas, Qt.Key.Key_Up, ALT)
    assert canvas.pen() <= 0.5


def _wheel(canvas: RoiCanvas, turned: int, keys: Qt.KeyboardModifier) -> None:
    place = QPointF(at(200, 100))
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


# Choosing and changing


def test_a_click_chooses_a_shape_and_a_drag_moves_it_alone(canvas: RoiCanvas) -> None:
    canvas.set_region(TWO)
    QTest.mouseClick(canvas, LEFT, NONE, at(80, 80))
    assert canvas.is_selected() and canvas.active_shape() == 0
    drag(canvas, (240, 80), (250, 90))
    assert canvas.active_shape() == 1
    after = region_of(canvas).shapes
    assert after[0] == TWO.shapes[0] and after[2] == TWO.shapes[2] and pixels(after[1]) == [(210, 50), (290, 130)]


def test_a_drag_before_a_click_moves_all_and_so_does_one_after_a_double_click(canvas: RoiCanvas) -> None:
    canvas.set_region(TWO)
    canvas.set_selected(True)
    drag(canvas, (80, 80), (100, 70))
    assert [pixels(s)[0] for s in region_of(canvas).shapes] == [(60, 30), (220, 30), (360, 90)]
    QTest.mouseClick(canvas, LEFT, NONE, at(100, 80))
    assert canvas.active_shape() == 0
    QTest.mouseDClick(canvas, LEFT, NONE, at(100, 80))
    QTest.mouseRelease(canvas, LEFT, NONE, at(100, 80))
    assert canvas.active_shape() == ALL


def test_handles_stretch_all_shapes_together(canvas: RoiCanvas) -> None:
    canvas.set_region(Region("box", ((0, 0), (0.25, 0.5)), more=(Shape("ellipse", ((0.25, 0.5), (0.5, 1.0))),)))
    canvas.set_selected(True)
    drag(canvas, (200, 100), (250, 100), (300, 100))
    assert [pixels(s) for s in region_of(canvas).shapes] == [[(0, 0), (150, 100)], [(150, 100), (300, 200)]]


def test_escape_during_a_stroke_leaves_what_was_there(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_region(TWO)
    canvas.set_selected(True)
    canvas.set_tool("brush")
    canvas.set_combine("subtract")
    with qtbot.assertNotEmitted(canvas.region_changed):
        QTest.mousePress(canvas, LEFT, NONE, at(80, 80))
        QTest.mouseMove(canvas, at(90, 90))
        assert len(region_of(canvas).shapes) == 4, "what it will be is seen while it is painted"
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(canvas, LEFT, NONE, at(90, 90))
    assert canvas.region() == TWO


def test_another_region_is_chosen_by_a_click(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_others([Other("p2", "Patch 2", Region("ellipse", ((0.5, 0.5), (0.9, 0.9))))])
    with qtbot.waitSignal(canvas.other_chosen) as told:
        QTest.mouseClick(canvas, LEFT, NONE, at(280, 140))
    assert told.args == ["p2"]
    canvas.set_tool("box")
    with qtbot.assertNotEmitted(canvas.other_chosen):
        drag(canvas, (280, 140), (300, 160))


def test_a_mark_is_seen_and_never_chosen(canvas: RoiCanvas, qtbot: QtBot) -> None:
    before = canvas.grab().toImage()
    canvas.set_others([Other("p1", "In front", Region("box", ((0.5, 0.5), (0.9, 0.9))), is_after=True, is_mark=True)])
    assert canvas.grab().toImage() != before
    canvas.set_region(None)
    with qtbot.assertNotEmitted(canvas.other_chosen):
        QTest.mouseClick(canvas, LEFT, NONE, at(280, 140))
        QTest.keyClick(canvas, Qt.Key.Key_Tab)


# By keys alone


@pytest.mark.parametrize("tool", ["box", "ellipse", "lasso", "brush"])
def test_enter_places_a_shape_of_the_tool_in_the_hand(canvas: RoiCanvas, tool: str) -> None:
    drawn: list[Region] = []
    canvas.region_drawn.connect(drawn.append)
    canvas.set_tool(tool)  # type: ignore[arg-type]
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert [region.kind for region in drawn] == [tool] and canvas.is_selected()
    xs, ys = zip(*drawn[0].points, strict=True)
    assert (min(xs) + max(xs)) / 2 == pytest.approx(0.5, abs=0.01) and (min(ys) + max(ys)) / 2 == pytest.approx(0.5, abs=0.01)


def test_a_placed_shape_lies_in_what_is_seen_of_the_picture(canvas: RoiCanvas) -> None:
    canvas.set_view(QRectF(-4000, -2000, 8000, 4000), PICTURE)
    canvas.set_tool("box")
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    (left, top), (right, bottom) = region_of(canvas).points
    assert left >= 0.5 and right <= 0.5 + 500 / 8000 and top >= 0.5 and bottom <= 0.5 + 300 / 4000


def test_after_a_stroke_enter_belongs_to_the_program_and_insert_still_places(canvas: RoiCanvas) -> None:
    canvas.set_region(TWO)
    canvas.set_selected(True)
    canvas.set_tool("brush")
    canvas.set_combine("add")
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Return, NONE)
    override.ignore()
    QApplication.sendEvent(canvas, override)
    assert not override.isAccepted()
    QTest.keyClick(canvas, Qt.Key.Key_Insert)
    assert len(region_of(canvas).shapes) == 4


def test_page_keys_go_through_points_that_arrows_move_and_delete_removes(canvas: RoiCanvas) -> None:
    canvas.set_region(Region("lasso", ((0.25, 0.25), (0.75, 0.25), (0.5, 0.5), (0.5, 0.9))))
    canvas.set_selected(True)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert "point 2 of 4 at 300, 50" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    assert pixels(region_of(canvas).shapes[0]) == [(100, 50), (310, 50), (200, 100), (200, 180)]
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert pixels(region_of(canvas).shapes[0]) == [(100, 50), (200, 100), (200, 180)]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.is_selected() and "point" not in canvas.accessibleDescription()


def test_delete_removes_the_chosen_shape_and_the_last_one_is_the_owners_business(canvas: RoiCanvas, qtbot: QtBot) -> None:
    committed: list[Region] = []
    canvas.region_committed.connect(committed.append)
    canvas.set_region(TWO)
    canvas.set_active_shape(1)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert region_of(canvas).shapes == (TWO.shapes[0], TWO.shapes[2]) and len(committed) == 1
    assert canvas.active_shape() == 1
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert region_of(canvas).shapes == (TWO.shapes[0],)
    with qtbot.waitSignal(canvas.region_emptied):
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert region_of(canvas).shapes == (TWO.shapes[0],), "it is there until its owner takes it away"


def test_tab_goes_through_the_shapes_then_to_the_next_region_then_on(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column, canvas, field = QVBoxLayout(window), RoiCanvas(), QLineEdit()
    column.addWidget(canvas, 1)
    column.addWidget(field)
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    canvas.set_view(IMAGE, PICTURE)
    canvas.set_region(TWO)
    canvas.set_others([Other("p2", "Patch 2", Region("box", ((0.5, 0.7), (0.9, 0.9))), is_after=True)])
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert canvas.is_selected() and canvas.active_shape() == ALL
    for expected in (0, 1, 2):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
        assert canvas.active_shape() == expected
    assert "shape 3 of 3, added" in canvas.accessibleDescription()
    with qtbot.waitSignal(canvas.other_chosen) as told:
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert told.args == ["p2"]
    canvas.set_others([])
    QTest.keyClick(canvas, Qt.Key.Key_Backtab)
    assert canvas.active_shape() == 1
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
    qtbot.waitUntil(field.hasFocus)


# Looks


def _inside(shapes: tuple[Shape, ...], x: float, y: float, grow: float = 0) -> bool:
    return outline(shapes, stage(IMAGE, QRectF(0, 0, 500, 300), grow)).contains(QPointF(IMAGE.x() + x, IMAGE.y() + y))


def test_the_outline_of_the_whole_is_what_is_added_without_what_is_taken_away() -> None:
    hole = Shape("ellipse", ((0.2, 0.3), (0.3, 0.5)), is_subtracted=True)
    again = Shape("box", ((0.24, 0.38), (0.26, 0.42)))
    shapes = (Shape("box", ((0.1, 0.2), (0.4, 0.6))), hole, again)
    assert _inside(shapes, 50, 50) and not _inside(shapes, 86, 76) and _inside(shapes, 100, 80)
    assert not _inside(shapes, 38, 80) and _inside(shapes, 38, 80, grow=4) and not _inside(shapes, 42, 80, grow=-4)


def test_the_traced_outline_lies_within_a_pixel_of_the_true_one() -> None:
    shapes = (Shape("ellipse", ((0.1, 0.1), (0.5, 0.9))), Shape("brush", ((0.2, 0.5), (0.3, 0.5)), 0.05))
    path = outline(shapes, stage(IMAGE, QRectF(0, 0, 500, 300), 0))
    points = [path.pointAtPercent(share) for share in np.linspace(0, 1, 200, endpoint=False)]
    away = [math.hypot((p.x() - 170) / 80, (p.y() - 140) / 80) * 80 for p in points]
    assert all(abs(distance - 80) <= 1 for distance in away)


def test_an_inverted_region_darkens_its_inside_and_leaves_the_rest(canvas: RoiCanvas) -> None:
    canvas.setAutoFillBackground(True)
    canvas.setStyleSheet("background: #c8c8c8")
    bright = {}
    for is_inverted in (False, True):
        canvas.set_region(Region("ellipse", ((0.25, 0.25), (0.5, 0.75)), is_inverted=is_inverted))
        canvas.set_selected(True)
        seen = from_qimage(canvas.grab().toImage())
        bright[is_inverted] = (int(seen[140, 220, 0]), int(seen[60, 400, 0]))
    assert bright[False][0] > bright[False][1] + 50 and bright[True][1] > bright[True][0] + 50


def test_sizes_are_told_in_pixels_of_the_source(canvas: RoiCanvas) -> None:
    canvas.set_source_scale(0.5)
    canvas.set_region(Region("box", ((0.1, 0.2), (0.35, 0.7)), 6), "Sky")
    assert canvas.accessibleDescription() == "Sky, box, 200 × 200 px, at 80, 80"
