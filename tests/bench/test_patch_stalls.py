"""The gestures on the picture never hold the window's thread for 50 ms of its processor time."""

import gc
from collections.abc import Iterator
from fractions import Fraction

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.session import ViewMode
from editor.wiring import Wiring
from engine.project.model import Patch, Recipe, RegionKind
from engine.project.patch_edits import set_patch_recipe
from tests import pointer
from tests.editor.conftest import PATIENCE_MS, RATE
from tests.editor.stalls import NoStalls, StallWatch, no_stalls  # noqa: F401 - a fixture is used by its name

pytestmark = pytest.mark.performance
FRAME = Fraction(1, RATE)
ANCHOR = 30
BOUND_MS = 50
PER_PAINT = 10
"""Moves of a quick hand that come between two paints."""
LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", 6)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", 6)
    desk_with_clip.patch_side.regions.recipe = Recipe("local.pixelate")
    desk_with_clip.playback.seek(ANCHOR * FRAME)
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    gc.freeze()  # as the program does once its window is there
    yield desk_with_clip
    gc.unfreeze()


@pytest.fixture
def ran(bench: Wiring, qtbot: QtBot) -> Wiring:
    """A patch that was run, carried and measured."""
    _key(bench, Qt.Key.Key_R)
    _stroke(bench, [(0.35 + 0.02 * n, 0.3 + 0.03 * n) for n in range(10)])
    _key(bench, Qt.Key.Key_Return)
    _rests(bench, qtbot)
    return bench


def test_a_stroke_of_500_points_and_another_over_it(bench: Wiring) -> None:
    """The best of three, as everywhere where one paint of the whole window is judged."""
    longest = []
    for _ in range(3):
        _key(bench, Qt.Key.Key_B)
        watch = StallWatch(BOUND_MS)
        watch.start()
        for row in (0.3, 0.5):
            _stroke(bench, [(0.1 + 0.0016 * n, row + 0.12 * ((n // 25) % 2) * (n % 25) / 25) for n in range(500)])
            QApplication.processEvents()
        watch.stop()
        longest.append(watch.longest_ms)
        (patch,) = bench.services.document.project.patches
        assert [shape.kind for shape in patch.region.shapes] == [RegionKind.BRUSH] * 2
        _key(bench, Qt.Key.Key_V)
        bench.services.document.undo_stack.setIndex(bench.services.document.undo_stack.index() - 2)
    assert min(longest) < BOUND_MS, longest


def test_the_loupe_that_is_moved(ran: Wiring, no_stalls: NoStalls) -> None:  # noqa: F811
    _key(ran, Qt.Key.Key_Z)
    assert ran.window.viewer.viewer.magnifier.is_on
    with no_stalls(BOUND_MS):
        for n in range(40):
            pointer.hover(ran.window.viewer.canvas, _at(ran, 0.1 + 0.018 * n, 0.2 + 0.012 * n))
            QApplication.processEvents()


def test_a_followed_region_that_is_dragged(ran: Wiring, qtbot: QtBot, no_stalls: NoStalls) -> None:  # noqa: F811
    ran.playback.seek((ANCHOR + 3) * FRAME)
    qtbot.waitUntil(lambda: ran.preview.is_current, timeout=PATIENCE_MS)
    canvas = ran.window.viewer.canvas
    canvas.set_selected(True)
    region = canvas.region()
    assert region is not None
    xs, ys = [p[0] for p in region.points], [p[1] for p in region.points]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    with no_stalls(BOUND_MS):
        _stroke(ran, [(middle[0] + 0.002 * n, middle[1] + 0.001 * n) for n in range(60)])
        _rests(ran, qtbot)
    shown = _patch(ran).version
    assert len(_patch(ran).keys) == 1 and shown is not None and len(shown.others) == 1


def test_the_handle_of_a_source_that_is_dragged(ran: Wiring, no_stalls: NoStalls) -> None:  # noqa: F811
    ran.services.edit("Ask", lambda project: set_patch_recipe(project, _patch(ran).id, Recipe("local.heal")))
    (handle,) = ran.window.viewer.handles.handles()
    start = handle.rect().center()
    with no_stalls(BOUND_MS):
        pointer.drag(handle, start, start + QPoint(120, 60), steps=30, moved=lambda _: QApplication.processEvents())


def test_views_that_are_switched(ran: Wiring, qtbot: QtBot, no_stalls: NoStalls) -> None:  # noqa: F811
    with no_stalls(BOUND_MS):
        for mode in (*ViewMode, *ViewMode):
            ran.services.session.set_view_mode(mode)
            QApplication.processEvents()
            qtbot.waitUntil(lambda: ran.preview.is_current, timeout=PATIENCE_MS)


def test_versions_that_are_opened_and_compared(ran: Wiring, qtbot: QtBot, no_stalls: NoStalls) -> None:  # noqa: F811
    for _ in range(2):
        _key(ran, Qt.Key.Key_T)
        _rests(ran, qtbot)
    assert len(_patch(ran).versions) == 3
    versions = ran.window.patch.versions
    with no_stalls(BOUND_MS):
        for number in (1, 2, 3, 1):
            versions.chosen.emit(number)
            QApplication.processEvents()
            qtbot.waitUntil(lambda: ran.preview.is_current, timeout=PATIENCE_MS)
        for compact in (True, False):
            versions.set_compact(compact)
            QApplication.processEvents()
    assert _patch(ran).current_version == 1


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _key(desk: Wiring, key: Qt.Key) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key)


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _stroke(desk: Wiring, places: list[tuple[float, float]]) -> None:
    canvas = desk.window.viewer.canvas
    hand = pointer.Hand(canvas, _at(desk, *places[0]))
    for number, place in enumerate(places[1:]):
        hand.move(_at(desk, *place))
        if number % PER_PAINT == 0:
            QApplication.processEvents()
    hand.release(_at(desk, *places[-1]))


def _rests(desk: Wiring, qtbot: QtBot) -> None:
    """Nothing is at work or about to begin, and what is shown was carried and measured."""

    def done() -> bool:
        side, patch = desk.patch_side, _patch(desk)
        quiet = side.runs.run_of(patch.id) is None and not side.runs.is_waiting
        return quiet and side.trust.review(patch) is not None

    qtbot.waitUntil(done, timeout=PATIENCE_MS)
