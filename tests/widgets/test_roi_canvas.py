"""Regions are drawn and changed with real mouse and key events, and never jump by themselves."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.diff_heatmap import Tag
from widgets.frame_image import from_qimage, to_qimage
from widgets.roi_canvas import Combine, Presentation, Region, RoiCanvas, Shape
from widgets.roi_canvas.hit import bounds_on_screen
from widgets.viewer import Viewer

PICTURE = QSize(400, 200)
IMAGE = QRectF(50, 40, 400, 200)  # one widget pixel is one picture pixel
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> RoiCanvas:
    made = RoiCanvas()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.set_view(IMAGE, PICTURE)
    with qtbot.waitExposed(made):
        made.show()
    return made


class Heard:
    """What the canvas reported, in order."""

    def __init__(self, canvas: RoiCanvas) -> None:
        self.drawn: list[Region] = []
        self.changed: list[tuple[Region, int]] = []
        self.committed: list[Region] = []
        canvas.region_drawn.connect(self.drawn.append)
        canvas.region_changed.connect(lambda region, number: self.changed.append((region, number)))
        canvas.region_committed.connect(self.committed.append)


def at(x: float, y: float) -> QPoint:
    """A picture pixel in widget coordinates."""
    return QPoint(round(IMAGE.x() + x), round(IMAGE.y() + y))


def drag(qtbot: QtBot, canvas: RoiCanvas, *path: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(canvas, LEFT, keys, at(*path[0]))
    for point in path[1:]:
        QTest.mouseMove(canvas, at(*point))
    QTest.mouseRelease(canvas, LEFT, keys, at(*path[-1]))


def in_pixels(region: Region | None) -> list[tuple[float, float]]:
    assert region is not None
    return [(round(x * 400, 3), round(y * 200, 3)) for x, y in region.points]


def with_box(canvas: RoiCanvas, left: float = 100, top: float = 50, right: float = 180, bottom: float = 120) -> Region:
    region = Region("box", ((left / 400, top / 200), (right / 400, bottom / 200)), 6)
    canvas.set_region(region)
    canvas.set_selected(True)
    return region


# Box


def test_a_drag_draws_a_box(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_tool("box")
    canvas.set_feather(6)
    drag(qtbot, canvas, (20, 30), (60, 50), (120, 90))
    assert in_pixels(canvas.region()) == [(20, 30), (120, 90)]
    assert heard.drawn == [canvas.region()] and heard.drawn[0].feather_px == 6
    assert not heard.changed and not heard.committed
    assert canvas.is_selected()


def test_a_new_box_over_a_region_of_two_shapes_of_which_one_is_chosen(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas)
    region = canvas.region()
    assert region is not None
    canvas.set_region(replace(region, more=(Shape("box", ((0.6, 0.6), (0.8, 0.8))),)))
    canvas.set_active_shape(1)
    canvas.set_tool("box")
    QTest.mousePress(canvas, LEFT, NONE, at(20, 30))
    QTest.mouseMove(canvas, at(60, 70))
    canvas.grab()  # painted while it is drawn, and has one shape
    QTest.mouseRelease(canvas, LEFT, NONE, at(60, 70))
    assert in_pixels(canvas.region()) == [(20, 30), (60, 70)]


def test_shift_makes_a_square_and_alt_grows_from_the_centre(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_tool("box")
    drag(qtbot, canvas, (20, 30), (120, 90), keys=SHIFT)
    assert in_pixels(canvas.region()) == [(20, 30), (120, 130)]
    canvas.set_region(None)
    drag(qtbot, canvas, (100, 100), (130, 120), keys=ALT)
    assert in_pixels(canvas.region()) == [(70, 80), (130, 120)]


def test_a_drag_beyond_the_picture_is_clamped(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_tool("box")
    drag(qtbot, canvas, (300, 150), (440, 250))
    assert in_pixels(canvas.region()) == [(300, 150), (400, 200)]


def test_a_click_without_a_drag_draws_nothing(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    before = with_box(canvas)
    canvas.set_tool("box")
    drag(qtbot, canvas, (300, 150), (300, 150))
    assert canvas.region() == before and not heard.drawn


HANDLE_CASES = [
    (0, (90, 40), [(90, 40), (180, 120)]),
    (1, (0, -20), [(100, 30), (180, 120)]),
    (2, (10, -10), [(100, 40), (190, 120)]),
    (3, (25, 99), [(100, 50), (205, 120)]),
    (4, (10, 5), [(100, 50), (190, 125)]),
    (5, (77, 10), [(100, 50), (180, 130)]),
    (6, (-10, 10), [(90, 50), (180, 130)]),
    (7, (-30, 0), [(70, 50), (180, 120)]),
]
STARTS = [(100, 50), (140, 50), (180, 50), (180, 85), (180, 120), (140, 120), (100, 120), (100, 85)]


@pytest.mark.parametrize(("index", "by", "expected"), HANDLE_CASES[1:])
def test_each_handle_moves_its_edges(
    canvas: RoiCanvas, qtbot: QtBot, index: int, by: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    heard = Heard(canvas)
    with_box(canvas)
    x, y = STARTS[index]
    drag(qtbot, canvas, (x, y), (x + by[0] / 2, y + by[1] / 2), (x + by[0], y + by[1]))
    assert in_pixels(canvas.region()) == expected
    assert len({number for _, number in heard.changed}) == 1
    assert heard.committed == [canvas.region()] and not heard.drawn


def test_a_handle_with_shift_keeps_a_square_and_with_alt_the_centre(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas)
    drag(qtbot, canvas, (180, 120), (200, 130), keys=SHIFT)
    assert in_pixels(canvas.region()) == [(100, 50), (200, 150)]
    with_box(canvas)
    drag(qtbot, canvas, (180, 85), (190, 85), keys=ALT)
    assert in_pixels(canvas.region()) == [(90, 50), (190, 120)]


def test_a_handle_past_the_other_edge_turns_the_box(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas)
    drag(qtbot, canvas, (180, 85), (60, 85))
    assert in_pixels(canvas.region()) == [(60, 50), (100, 120)]


def test_the_body_moves_and_stops_at_the_edge(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    with_box(canvas)
    drag(qtbot, canvas, (130, 80), (140, 95))
    assert in_pixels(canvas.region()) == [(110, 65), (190, 135)]
    drag(qtbot, canvas, (130, 80), (-500, 80))
    assert in_pixels(canvas.region())[0][0] == 0
    assert len(heard.committed) == 2
    assert heard.changed[0][1] != heard.changed[-1][1]


def test_escape_during_a_drag_restores(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    before = with_box(canvas)
    QTest.mousePress(canvas, LEFT, NONE, at(130, 80))
    QTest.mouseMove(canvas, at(170, 110))
    assert canvas.region() != before
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NONE, at(170, 110))
    assert canvas.region() == before
    assert heard.changed[-1][0] == before and not heard.committed


def test_escape_drops_gesture_then_tool_then_selection(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas)
    canvas.set_tool("box")
    with qtbot.waitSignal(canvas.tool_changed) as told:
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert told.args == ["select"] and canvas.is_selected()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.is_selected()


# Keys


def test_arrows_nudge_by_one_and_ten_pixels(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    with_box(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert in_pixels(canvas.region()) == [(101, 50), (181, 120)]
    QTest.keyClick(canvas, Qt.Key.Key_Up, SHIFT)
    assert in_pixels(canvas.region()) == [(101, 40), (181, 110)]
    assert len(heard.committed) == 2 and heard.changed[0][1] != heard.changed[1][1]


def test_arrows_with_ctrl_move_the_right_and_lower_edge(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(canvas, Qt.Key.Key_Right, control)
    QTest.keyClick(canvas, Qt.Key.Key_Up, control | SHIFT)
    assert in_pixels(canvas.region()) == [(100, 50), (181, 110)]
    for _ in range(20):
        QTest.keyClick(canvas, Qt.Key.Key_Left, control | SHIFT)
    assert in_pixels(canvas.region()) == [(100, 50), (102, 110)]


def test_held_arrows_are_one_gesture(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    with_box(canvas)
    for _ in range(3):
        QTest.keyPress(canvas, Qt.Key.Key_Right)
    QTest.keyRelease(canvas, Qt.Key.Key_Right)
    assert len(heard.changed) == 3 and len({number for _, number in heard.changed}) == 1
    assert heard.committed == [canvas.region()]


@pytest.mark.parametrize(("key", "selected"), [(Qt.Key.Key_Left, True), (Qt.Key.Key_Left, False)])
def test_arrows_are_kept_from_the_shortcuts_only_while_selected(canvas: RoiCanvas, key: Qt.Key, selected: bool) -> None:
    with_box(canvas)
    canvas.set_selected(selected)
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, NONE)
    override.ignore()
    QApplication.sendEvent(canvas, override)
    assert override.isAccepted() is selected


# Lasso


def circle(radius: float, count: int = 60) -> list[tuple[float, float]]:
    turns = [2 * math.pi * number / count for number in range(count)]
    return [(200 + radius * math.cos(turn), 100 + radius * math.sin(turn)) for turn in turns]


def test_a_freehand_drag_draws_a_lasso(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_tool("lasso")
    drag(qtbot, canvas, *circle(60))
    region = canvas.region()
    assert region is not None and region.kind == "lasso" and heard.drawn == [region]
    away = [math.hypot(x - 200, y - 100) for x, y in in_pixels(region)]
    assert min(away) > 58 and max(away) < 62 and 8 <= len(away) < 60


def click(qtbot: QtBot, canvas: RoiCanvas, *points: tuple[float, float]) -> None:
    for point in points:
        QTest.mouseMove(canvas, at(*point))
        QTest.mouseClick(canvas, LEFT, NONE, at(*point))


def test_clicked_points_with_backspace_and_enter(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_tool("lasso")
    click(qtbot, canvas, (100, 50), (200, 50), (333, 199))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    click(qtbot, canvas, (200, 150))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert in_pixels(canvas.region()) == [(100, 50), (200, 50), (200, 150)]
    assert heard.drawn == [canvas.region()]


def test_a_double_click_closes(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_tool("lasso")
    click(qtbot, canvas, (100, 50), (200, 50), (200, 150))
    QTest.mouseDClick(canvas, LEFT, NONE, at(200, 150))
    assert in_pixels(canvas.region()) == [(100, 50), (200, 50), (200, 150)]


def test_a_click_on_the_first_point_closes(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_tool("lasso")
    click(qtbot, canvas, (100, 50), (200, 50), (200, 150), (103, 48))
    assert in_pixels(canvas.region()) == [(100, 50), (200, 50), (200, 150)]


def test_two_points_are_not_closed_and_escape_drops_them(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    before = with_box(canvas)
    canvas.set_selected(False)
    canvas.set_tool("lasso")
    click(qtbot, canvas, (100, 50), (200, 50))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert not heard.drawn
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.region() == before and canvas.tool() == "lasso"


def test_a_point_is_dragged_later(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_region(Region("lasso", ((0.25, 0.25), (0.75, 0.25), (0.5, 0.5), (0.5, 0.9)), 0))
    canvas.set_selected(True)
    drag(qtbot, canvas, (200, 100), (210, 110), (220, 95))
    assert in_pixels(canvas.region())[2] == (220, 95)
    assert heard.committed == [canvas.region()]


def test_a_lasso_is_moved_by_its_body(canvas: RoiCanvas, qtbot: QtBot) -> None:
    canvas.set_region(Region("lasso", ((0.25, 0.25), (0.75, 0.25), (0.5, 0.9)), 0))
    canvas.set_selected(True)
    drag(qtbot, canvas, (200, 80), (210, 85))
    assert in_pixels(canvas.region()) == [(110, 55), (310, 55), (210, 185)]


def test_the_grip_above_turns_a_lasso(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_region(Region("lasso", ((0.4, 0.25), (0.6, 0.25), (0.6, 0.75), (0.4, 0.75)), 3))
    canvas.set_selected(True)
    drag(qtbot, canvas, (200, 30), (300, 60), (290, 101), keys=SHIFT)  # from above the middle to its right: a quarter
    assert in_pixels(canvas.region()) == [(250, 60), (250, 140), (150, 140), (150, 60)]
    assert heard.committed == [canvas.region()]


def test_a_small_box_is_still_moved_by_its_middle(canvas: RoiCanvas, qtbot: QtBot) -> None:
    with_box(canvas, 100, 50, 114, 64)
    drag(qtbot, canvas, (107, 57), (117, 57))
    assert in_pixels(canvas.region()) == [(110, 50), (124, 64)]


# Add and subtract


@pytest.mark.parametrize("how", ["add", "subtract"])
def test_a_shape_is_added_or_taken_away(canvas: RoiCanvas, qtbot: QtBot, how: Combine) -> None:
    heard = Heard(canvas)
    before = with_box(canvas)
    canvas.set_tool("ellipse")
    canvas.set_combine(how)
    drag(qtbot, canvas, (160, 60), (200, 90), (220, 80))
    region = canvas.region()
    assert region is not None and region.shapes[0] == before.shapes[0] and region.feather_px == 6
    assert region.more == (Shape("ellipse", ((0.4, 0.3), (0.55, 0.4)), is_subtracted=how == "subtract"),)
    assert heard.committed == [region] and len(heard.changed) == 1 and not heard.drawn
    assert canvas.active_shape() == 1


def test_taking_all_of_it_away_is_refused_with_a_sentence(canvas: RoiCanvas, qtbot: QtBot) -> None:
    before = with_box(canvas)
    canvas.set_tool("box")
    canvas.set_combine("subtract")
    with qtbot.waitSignal(canvas.refused) as said, qtbot.assertNotEmitted(canvas.region_committed):
        drag(qtbot, canvas, (90, 40), (300, 190))
    assert said.args[0].startswith("Nothing was taken away") and canvas.region() == before


def test_the_first_shape_is_new_whatever_the_mode(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    canvas.set_tool("lasso")
    canvas.set_combine("subtract")
    drag(qtbot, canvas, *circle(60))
    assert len(heard.drawn) == 1


def test_escape_while_adding_leaves_the_region(canvas: RoiCanvas, qtbot: QtBot) -> None:
    before = with_box(canvas)
    canvas.set_tool("lasso")
    canvas.set_combine("add")
    click(qtbot, canvas, (150, 60), (300, 60))
    assert not canvas.grab().isNull()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.region() == before


# Never jumps

parts = st.one_of(
    st.builds(lambda p, r, sub: Shape("brush", (p,), r, sub), st.tuples(st.floats(0, 1), st.floats(0, 1)), st.floats(0.01, 0.4),
              st.booleans()),
    st.just(Shape("ellipse", ((0.25, 0.25), (0.5, 0.75)), is_subtracted=True)),
)  # fmt: skip
outlines = st.one_of(
    st.tuples(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.5, 1), st.floats(0.5, 1)).map(
        lambda b: Region("box", ((b[0], b[1]), (b[2], b[3])))
    ),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6).map(lambda p: Region("lasso", tuple(p))),
)
regions = st.builds(
    lambda region, more, grow, inverted: replace(region, more=tuple(more), grow_px=grow, is_inverted=inverted),
    outlines, st.lists(parts, max_size=3), st.floats(-20, 20), st.booleans(),
)  # fmt: skip
views = st.lists(
    st.tuples(st.floats(-2000, 500), st.floats(-2000, 500), st.integers(16, 4000), st.integers(16, 4000)), max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(regions, views)
def test_a_region_never_jumps_when_zoom_or_size_change(
    canvas: RoiCanvas, region: Region, places: list[tuple[float, float, int, int]]
) -> None:
    canvas.set_view(IMAGE, PICTURE)
    canvas.set_region(region)
    for x, y, width, height in places:
        canvas.set_view(QRectF(x, y, width * 0.7, height * 0.7), QSize(width, height))
        assert canvas.region() == region
        seen = bounds_on_screen(region.shapes[:1], QRectF(x, y, width * 0.7, height * 0.7))
        xs = [point[0] for point in region.points]
        assert (seen.left() - x) / (width * 0.7) == pytest.approx(min(xs), abs=1e-9)


def test_a_click_on_a_handle_changes_nothing(canvas: RoiCanvas, qtbot: QtBot) -> None:
    heard = Heard(canvas)
    region = Region("box", ((0.2512, 0.2531), (0.4513, 0.6077)), 6)  # not on whole pixels
    canvas.set_region(region)
    canvas.set_selected(True)
    corner = at(0.4513 * 400, 0.6077 * 200)
    QTest.mouseClick(canvas, LEFT, NONE, corner)
    assert canvas.region() == region and not heard.committed


def test_while_a_hand_is_at_work_the_hand_wins(canvas: RoiCanvas, qtbot: QtBot) -> None:
    before = with_box(canvas)
    QTest.mousePress(canvas, LEFT, NONE, at(130, 80))
    QTest.mouseMove(canvas, at(140, 80))
    canvas.set_region(before)
    assert canvas.region() != before
    QTest.mouseRelease(canvas, LEFT, NONE, at(140, 80))
    assert in_pixels(canvas.region()) == [(110, 50), (190, 120)]


# Looks


def test_the_outline_marches_only_when_it_may(canvas: RoiCanvas) -> None:
    assert not canvas.is_marching()
    with_box(canvas)
    assert canvas.is_marching()
    canvas.set_reduced_motion(True)
    assert not canvas.is_marching()
    canvas.set_reduced_motion(False)
    canvas.set_presentation("hidden")
    assert not canvas.is_marching()
    canvas.set_presentation("outline")
    assert canvas.is_marching()
    canvas.hide()
    assert not canvas.is_marching()
    canvas.show()
    assert canvas.is_marching()
    canvas.set_region(None)
    assert not canvas.is_marching()


def test_the_tag_says_name_size_feather_and_never_covers_the_region(canvas: RoiCanvas) -> None:
    for top in (0, 40, 120):
        region = with_box(canvas, 150, top, 350, top + 80)
        tag = canvas.findChildren(Tag)[0]
        assert tag.accessibleName() == "Region 1 200 × 80 px feather 6"
        assert tag.isVisible()
        assert not QRectF(tag.geometry()).intersects(bounds_on_screen(region.shapes, IMAGE))
        assert IMAGE.contains(QRectF(tag.geometry()))


def test_outside_is_darkened_and_inside_is_not(canvas: RoiCanvas, qtbot: QtBot) -> None:
    viewer = Viewer()
    qtbot.addWidget(viewer)
    viewer.resize(460, 260)
    viewer.set_images(to_qimage(np.full((200, 400, 3), 200, np.uint8)), None, None)
    overlay = RoiCanvas()
    viewer.add_overlay(overlay)
    viewer.set_zoom(1.0)
    viewer.show()
    with_box(overlay)
    seen = from_qimage(viewer.grab().toImage())
    rect = viewer.image_rect().toRect()
    assert tuple(seen[rect.y() + 85, rect.x() + 140]) == (200, 200, 200)
    assert tuple(seen[rect.y() + 190, rect.x() + 390]) == (120, 120, 120)
    overlay.set_presentation("hidden")
    assert tuple(from_qimage(viewer.grab().toImage())[rect.y() + 190, rect.x() + 390]) == (200, 200, 200)


@pytest.mark.parametrize("presentation", ["outline", "hidden"])
def test_what_cannot_be_edited_lets_the_mouse_through(canvas: RoiCanvas, qtbot: QtBot, presentation: Presentation) -> None:
    before = with_box(canvas)
    canvas.set_tool("box")
    canvas.set_presentation(presentation)
    drag(qtbot, canvas, (130, 80), (170, 120))
    drag(qtbot, canvas, (300, 20), (350, 90))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.region() == before


def test_playback_in_the_middle_of_a_drag_puts_the_region_back(canvas: RoiCanvas, qtbot: QtBot) -> None:
    before = with_box(canvas)
    QTest.mousePress(canvas, LEFT, NONE, at(130, 80))
    QTest.mouseMove(canvas, at(170, 110))
    canvas.set_presentation("hidden")
    QTest.mouseRelease(canvas, LEFT, NONE, at(170, 110))
    assert canvas.region() == before


def test_the_canvas_follows_the_viewer(qtbot: QtBot) -> None:
    viewer = Viewer()
    qtbot.addWidget(viewer)
    viewer.resize(460, 260)
    viewer.set_images(to_qimage(np.full((200, 400, 3), 90, np.uint8)), None, None)
    overlay = RoiCanvas()
    viewer.add_overlay(overlay)
    viewer.show()
    overlay.set_tool("box")
    heard = Heard(overlay)
    viewer.set_zoom(0.5)
    viewer.resize(700, 500)
    rect = viewer.image_rect()
    start, end = rect.topLeft() + QPointF(10, 10), rect.topLeft() + QPointF(110, 60)
    QTest.mousePress(overlay, LEFT, NONE, start.toPoint())
    QTest.mouseMove(overlay, end.toPoint())
    QTest.mouseRelease(overlay, LEFT, NONE, end.toPoint())
    assert in_pixels(heard.drawn[0]) == [(20, 20), (220, 120)]
