"""Regions in the window with real keys and mouse events: every tool, several shapes, numbers, edges, several patches."""

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.main_window import INSPECTOR_TAB
from editor.panels.region_shapes import ShapeList
from editor.session import Tool
from editor.wiring import Wiring
from engine.compositing import refine
from engine.project.model import Patch, PatchState, Recipe, Region, RegionKind
from tests import pointer
from tests.editor.conftest import HEIGHT, PATIENCE_MS, RATE, WIDTH
from widgets.controls.fields import NumberField

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR = 30
BAR = (4 * ANCHOR / WIDTH, (4 * ANCHOR + 40) / WIDTH)
"""Left and right edge of the bar on the anchor frame, as fractions of the width."""
LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", 2)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", 2)
    desk_with_clip.patch_side.regions.recipe = Recipe("local.pixelate")
    desk_with_clip.playback.seek(ANCHOR * FRAME)
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    return desk_with_clip


def test_every_kind_of_region_is_made_and_changed_by_keys_alone(bench: Wiring) -> None:
    canvas = bench.window.viewer.canvas
    kinds = {Qt.Key.Key_R: RegionKind.BOX, Qt.Key.Key_E: RegionKind.ELLIPSE, Qt.Key.Key_B: RegionKind.BRUSH}
    for number, (key, kind) in enumerate(kinds.items()):
        _key(bench, key)
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        assert _patches(bench)[number].region.kind is kind
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert bench.services.session.tool is Tool.SELECT
    _key(bench, Qt.Key.Key_R, SHIFT)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    patch = _patches(bench)[3]
    assert patch.region.kind is RegionKind.LASSO and patch.state is PatchState.QUEUED
    before = patch.region.bounds
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(canvas, Qt.Key.Key_Down, CONTROL)
    after = _patches(bench)[3].region.bounds
    assert after[0] - before[0] == pytest.approx(10 / WIDTH) and after[3] - before[3] == pytest.approx(1 / HEIGHT)
    _key(bench, Qt.Key.Key_A, SHIFT)
    assert bench.services.session.tool is Tool.BOX and canvas.combine() == "add"
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert [s.kind for s in _patches(bench)[3].region.shapes] == [RegionKind.LASSO, RegionKind.BOX]
    assert "shape 2 of 2, added" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(_patches(bench)[3].region.shapes) == 1


def test_strokes_belong_to_one_patch_until_the_brush_is_put_away(bench: Wiring) -> None:
    _key(bench, Qt.Key.Key_B)
    for y in (0.3, 0.5, 0.7):
        _drag(bench, (0.2, y), (0.4, y))
    (patch,) = _patches(bench)
    assert [s.kind for s in patch.region.shapes] == [RegionKind.BRUSH] * 3
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Escape)
    assert bench.window.viewer.canvas.combine() == "new"
    _key(bench, Qt.Key.Key_E)
    _drag(bench, (0.6, 0.3), (0.8, 0.6))
    assert len(_patches(bench)) == 2 and _patches(bench)[1].region.kind is RegionKind.ELLIPSE
    _undo(bench, 4)
    assert _patches(bench) == ()


def test_another_patch_of_the_frame_is_chosen_on_the_picture(bench: Wiring) -> None:
    for left in (0.1, 0.6):
        _key(bench, Qt.Key.Key_R)
        _drag(bench, (left, 0.3), (left + 0.2, 0.6))
    first, second = _patches(bench)
    assert [other.id for other in bench.window.viewer.canvas.others()] == [first.id]
    _key(bench, Qt.Key.Key_E)
    assert len(bench.window.viewer.canvas.others()) == 2, "while a new one is drawn, all that are there stay in sight"
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Escape)
    assert bench.services.session.selection == {second.id}
    pointer.click(bench.window.viewer.canvas, _at(bench, 0.2, 0.45))
    assert bench.services.session.selection == {first.id} and bench.window.viewer.canvas.is_selected()
    bench.playback.seek((ANCHOR + 1) * FRAME)
    pointer.click(bench.window.viewer.canvas, _at(bench, 0.7, 0.45))
    assert bench.services.session.selection == {first.id}, "the other one was not drawn on this frame"


def test_the_numbers_say_and_change_what_is_drawn(bench: Wiring) -> None:
    _key(bench, Qt.Key.Key_R)
    _drag(bench, (0.25, 0.25), (0.5, 0.5))
    form = bench.window.inspector.region
    bench.window.show_right(INSPECTOR_TAB)
    left, top, right, bottom = _patches(bench)[0].region.bounds
    shown = [form.fields[name].value() for name in ("x", "y", "width", "height")]
    assert shown == pytest.approx([left * WIDTH, top * HEIGHT, (right - left) * WIDTH, (bottom - top) * HEIGHT], abs=0.06)
    steps = bench.services.document.undo_stack.count()
    _type(form.fields["x"], "100")
    _type(form.fields["width"], "64")
    region = _patches(bench)[0].region
    assert region.bounds[0] == pytest.approx(100 / WIDTH) and region.bounds[2] == pytest.approx(164 / WIDTH)
    assert region.bounds[1::2] == (top, bottom)
    assert bench.services.document.undo_stack.count() == steps + 2
    QTest.mouseClick(form.unit.button("share"), LEFT)
    _type(form.fields["y"], "0.5")
    assert _patches(bench)[0].region.bounds[1] == pytest.approx(0.5)
    QTest.mouseClick(form.invert, LEFT)
    form.changed.emit("grow", 4.0)
    form.changed.emit("grow", 5.0)
    region = _patches(bench)[0].region
    assert region.is_inverted and region.grow_px == 5 and bench.window.viewer.rail.button("invert").isChecked()
    assert bench.services.document.undo_stack.count() == steps + 5, "one drag of a slider is one step"
    bench.window.patch.recipe.grow_edited.emit(7.0, 99)
    assert _patches(bench)[0].region.grow_px == 7 and form.sliders["grow"].value == 7
    _undo(bench, 6)
    assert _patches(bench)[0].region.bounds == (left, top, right, bottom)


def test_shapes_are_chosen_turned_over_and_deleted_in_the_list(bench: Wiring, qtbot: QtBot) -> None:
    _key(bench, Qt.Key.Key_R)
    _drag(bench, (0.2, 0.2), (0.6, 0.7))
    _key(bench, Qt.Key.Key_E)
    bench.window.viewer.set_combine("subtract")
    _drag(bench, (0.3, 0.3), (0.5, 0.5))
    shapes = bench.window.inspector.region.shapes
    bench.window.show_right(INSPECTOR_TAB)
    assert _patches(bench)[0].region.more[0].is_subtracted
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Escape)
    _laid_out(shapes, qtbot)
    QTest.mouseClick(shapes.rows()[0], LEFT)
    assert bench.window.viewer.canvas.active_shape() == -1 and shapes.rows()[0].isChecked()
    _laid_out(shapes, qtbot)
    QTest.mouseClick(shapes.button("sense", 1), LEFT)
    assert not _patches(bench)[0].region.more[0].is_subtracted
    _laid_out(shapes, qtbot)
    QTest.mouseClick(shapes.button("delete", 0), LEFT)
    assert [s.kind for s in _patches(bench)[0].region.shapes] == [RegionKind.ELLIPSE]
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Delete)
    assert _patches(bench) == ()
    _undo(bench, 1)
    assert len(_patches(bench)) == 1


def test_the_outline_is_fitted_to_the_edges_behind_the_scenes(bench: Wiring, qtbot: QtBot) -> None:
    _key(bench, Qt.Key.Key_R)
    _drag(bench, (BAR[0] - 0.03, 0.2), (BAR[1] + 0.03, 0.8))
    before, steps = _patches(bench)[0].region, bench.services.document.undo_stack.count()
    pointer.click(bench.window.viewer.rail.button("fit"))
    assert "stop" in bench.window.viewer.rail.button("fit").toolTip(), "it is not asked twice, but stopped"
    qtbot.waitUntil(lambda: _patches(bench)[0].region != before, timeout=PATIENCE_MS)
    left, _, right, _ = _patches(bench)[0].region.bounds
    assert np.allclose((left, right), BAR, atol=3 / WIDTH)
    assert bench.services.document.undo_stack.count() == steps + 1
    assert bench.window.viewer.rail.button("fit").isEnabled()
    _undo(bench, 1)
    assert _patches(bench)[0].region == before


def test_looking_for_edges_is_stopped_by_the_button_and_by_esc(
    bench: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _key(bench, Qt.Key.Key_R)
    _drag(bench, (BAR[0] - 0.03, 0.2), (BAR[1] + 0.03, 0.8))
    before, go_on, ended = _patches(bench)[0].region, threading.Event(), threading.Event()

    def slow(region: Region, *_place: object) -> Region:
        go_on.wait(10)
        ended.set()
        return replace(region, feather_px=region.feather_px + 1)

    monkeypatch.setattr(refine, "refined", slow)
    form, button = bench.window.inspector.region, bench.window.viewer.rail.button("fit")
    ways: list[Callable[[], None]] = [lambda: QTest.mouseClick(button, LEFT), lambda: _key(bench, Qt.Key.Key_Escape)]
    for stop in ways:
        with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS):  # it takes long, and says so
            QTest.mouseClick(button, LEFT)
        assert form.fit.text() == "Stop looking"
        stop()
        assert form.fit.text() == "Fit to edges", "at once, though the work goes on for a moment"
        go_on.set()
        qtbot.waitUntil(ended.is_set, timeout=PATIENCE_MS)
        qtbot.wait(50)
        assert _patches(bench)[0].region == before, "what was found is dropped"
        go_on.clear()
        ended.clear()


def test_where_there_is_no_edge_it_says_so(bench: Wiring, qtbot: QtBot) -> None:
    _key(bench, Qt.Key.Key_R)
    _drag(bench, (0.7, 0.3), (0.9, 0.7))
    before = _patches(bench)[0].region
    with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS):
        _key(bench, Qt.Key.Key_F, SHIFT)
    assert _patches(bench)[0].region == before and bench.window.viewer.rail.button("fit").isEnabled()


def test_a_region_is_put_right_on_another_frame_and_follows_again(bench: Wiring) -> None:
    _key(bench, Qt.Key.Key_E)
    _drag(bench, (0.3, 0.3), (0.5, 0.6))
    before = _patches(bench)[0].region
    bench.playback.seek((ANCHOR + 2) * FRAME)
    assert bench.window.viewer.canvas.region() is None
    _key(bench, Qt.Key.Key_K, SHIFT)
    canvas = bench.window.viewer.canvas
    assert canvas.is_selected() and [key.time for key in _patches(bench)[0].keys] == [(ANCHOR + 2) * FRAME]
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    patch = _patches(bench)[0]
    assert patch.region == before and patch.keys[0].region.bounds[0] == pytest.approx(before.bounds[0] + 10 / WIDTH)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert _patches(bench)[0].keys == () and _patches(bench)[0].region == before


def test_a_region_of_several_shapes_runs_and_the_outline_follows(bench: Wiring, qtbot: QtBot) -> None:
    _key(bench, Qt.Key.Key_E)
    _drag(bench, (0.3, 0.3), (0.5, 0.6))
    _key(bench, Qt.Key.Key_B)
    bench.window.viewer.set_combine("add")
    _drag(bench, (0.4, 0.5), (0.6, 0.7))
    QTest.keyClick(bench.window.viewer.canvas, Qt.Key.Key_Escape)
    _key(bench, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _patches(bench)[0].version is not None, timeout=2 * PATIENCE_MS)
    qtbot.waitUntil(lambda: bench.patch_side.runs.run_of(_patches(bench)[0].id) is None, timeout=4 * PATIENCE_MS)
    claim = bench.window.patch.review.claim
    qtbot.waitUntil(lambda: claim.text().startswith("Outside"), timeout=PATIENCE_MS)
    assert "0 px" in claim.text()
    bench.playback.seek((ANCHOR + 1) * FRAME)
    shown = bench.patch_side.regions.shown()
    assert shown is not None and not shown.is_drawn and len(shown.region.shapes) == 2
    assert bench.window.viewer.canvas.region() is not None


def _patches(desk: Wiring) -> tuple[Patch, ...]:
    return desk.services.document.project.patches


def _key(desk: Wiring, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key, keys)


def _undo(desk: Wiring, times: int) -> None:
    for _ in range(times):
        _key(desk, Qt.Key.Key_Z, CONTROL)


def _laid_out(shapes: ShapeList, qtbot: QtBot) -> None:
    """New rows are where they belong once the window has come to it."""
    qtbot.waitUntil(lambda: shapes.rows()[-1].isVisible() and shapes.rows()[-1].height() > 0, timeout=PATIENCE_MS)


def _type(field: NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _drag(desk: Wiring, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas, first, last = desk.window.viewer.canvas, _at(desk, *start), _at(desk, *end)
    pointer.drag(canvas, first, last)
