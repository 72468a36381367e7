"""Whatever the hand does, the region stays inside the picture, reports come in order, and painting never fails."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.roi_canvas import TOOLS, Combine, Other, Region, RoiCanvas, Shape

KEYS = (
    Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Space,
    Qt.Key.Key_Delete, Qt.Key.Key_Insert, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
)  # fmt: skip
CONTROL = Qt.KeyboardModifier.ControlModifier
COMBINES: tuple[Combine, ...] = ("new", "add", "subtract")
NONE, SHIFT, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier

places = st.tuples(st.integers(-20, 420), st.integers(-20, 320))
steps = st.one_of(
    st.tuples(st.just("press"), places, st.sampled_from([NONE, SHIFT, ALT])),
    st.tuples(st.just("move"), places, st.just(NONE)),
    st.tuples(st.just("drag"), st.lists(places, min_size=2, max_size=6), st.sampled_from([NONE, SHIFT, ALT])),
    st.tuples(st.just("click"), st.lists(places, min_size=1, max_size=4), st.just(NONE)),
    st.tuples(st.just("release"), places, st.sampled_from([NONE, SHIFT, ALT])),
    st.tuples(st.just("double"), places, st.just(NONE)),
    st.tuples(st.just("key"), st.sampled_from(KEYS), st.sampled_from([NONE, SHIFT, CONTROL])),
    st.tuples(st.just("tool"), st.sampled_from(TOOLS), st.just(NONE)),
    st.tuples(st.just("combine"), st.sampled_from(COMBINES), st.just(NONE)),
    st.tuples(st.just("active"), st.integers(-1, 4), st.just(NONE)),
    st.tuples(st.just("pen"), st.integers(-1, 900), st.just(NONE)),
    st.tuples(st.just("view"), st.integers(2, 40), st.just(NONE)),
)


def do(canvas: RoiCanvas, step: tuple[str, object, Qt.KeyboardModifier]) -> None:
    kind, what, keys = step
    left = Qt.MouseButton.LeftButton
    if isinstance(what, list):
        for place in what if kind == "click" else ():
            QTest.mouseClick(canvas, left, keys, QPoint(*place))
        if kind == "drag":
            QTest.mousePress(canvas, left, keys, QPoint(*what[0]))
            for place in what[1:]:
                QTest.mouseMove(canvas, QPoint(*place))
            QTest.mouseRelease(canvas, left, keys, QPoint(*what[-1]))
    elif isinstance(what, tuple):
        at = QPoint(*what)
        if kind == "move":
            QTest.mouseMove(canvas, at)
        elif kind == "double":
            QTest.mouseDClick(canvas, left, keys, at)
        else:
            (QTest.mousePress if kind == "press" else QTest.mouseRelease)(canvas, left, keys, at)
    elif isinstance(what, Qt.Key):
        QTest.keyClick(canvas, what, keys)
    elif kind == "tool":
        canvas.set_tool(what)  # type: ignore[arg-type]
    elif kind == "combine":
        canvas.set_combine(what)  # type: ignore[arg-type]
    elif kind == "active" and isinstance(what, int):
        region = canvas.region()
        if region is not None and what < len(region.shapes):
            canvas.set_active_shape(what)
    elif kind == "pen" and isinstance(what, int):
        canvas.set_pen(what / 1000)
    elif isinstance(what, int):
        canvas.set_view(QRectF(40 - what, 30, 16 * what, 9 * what), QSize(320, 180))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(script=st.lists(steps, max_size=30))
def test_any_script_keeps_the_promises(qtbot: QtBot, script: list[tuple[str, object, Qt.KeyboardModifier]]) -> None:
    canvas = RoiCanvas()
    canvas.resize(400, 300)
    canvas.set_view(QRectF(40, 30, 320, 180), QSize(320, 180))
    more = (Shape("ellipse", ((0.5, 0.5), (0.8, 0.9)), is_subtracted=True), Shape("brush", ((0.1, 0.1), (0.3, 0.2)), 0.05))
    canvas.set_region(Region("lasso", ((0.2, 0.2), (0.7, 0.3), (0.4, 0.8)), 5, more=more, grow_px=2))
    canvas.set_others([Other("other", "Patch 2", Region("box", ((0.6, 0.1), (0.9, 0.4))), is_after=True)])
    canvas.set_selected(True)
    numbers: list[int] = []
    regions: list[Region] = []

    def changed(region: Region, number: int) -> None:
        numbers.append(number)
        regions.append(region)

    canvas.region_changed.connect(changed)
    canvas.region_committed.connect(regions.append)
    canvas.region_drawn.connect(regions.append)
    for step in script:
        do(canvas, step)
        assert not canvas.grab().isNull()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(100, 100))
    for region in [*regions, *([canvas.region()] if canvas.region() else [])]:
        assert region is not None and not region.shapes[0].is_subtracted
        assert all(0 <= x <= 1 and 0 <= y <= 1 for shape in region.shapes for x, y in shape.points)
        assert all(0 < shape.radius <= 20 if shape.kind == "brush" else not shape.radius for shape in region.shapes)
    assert numbers == sorted(numbers)
    canvas.deleteLater()
