"""A correction on a further frame is run and carried by itself, between its neighbours only; one undo takes all of it back."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.controllers import patch_runs, region_controller
from editor.controllers.patch_run import Phase
from editor.patch_facts import is_outdated
from editor.wiring import Wiring
from engine.jobs import patch as patch_job
from engine.jobs import propagate
from engine.project.model import Method, Patch, PatchState, Recipe
from engine.project.version_edits import set_patch_state
from tests import pointer
from tests.editor.conftest import PATIENCE_MS, RATE

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR, REACH = 30, 12
LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    """A patch over the moving bar, run and measured."""
    desk = desk_with_clip
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", REACH)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", REACH)
    desk.patch_side.regions.recipe = Recipe("local.inpaint")
    _go_to(desk, qtbot, ANCHOR)
    _key(desk, Qt.Key.Key_R)
    _drag(desk, (0.36, 0.3), (0.52, 0.6))
    _key(desk, Qt.Key.Key_Return)
    _rests(desk, qtbot)
    return desk


@pytest.fixture
def carried(bench: Wiring) -> Iterator[list[int]]:
    """The frames that jobs tell of from now on while carrying."""
    told: list[int] = []

    def note(_ticket: int, outcome: Any) -> None:
        if isinstance(outcome.request, propagate.PropagateRequest):
            told.append(round(outcome.result.time / FRAME))

    thread = bench.services.threads.jobs
    thread.partial.connect(note)
    yield told
    thread.partial.disconnect(note)


def test_an_anchor_that_is_added_carries_only_the_span_to_its_neighbours(
    bench: Wiring, carried: list[int], qtbot: QtBot
) -> None:
    _go_to(bench, qtbot, ANCHOR + 6)
    steps = bench.services.document.undo_stack.count()
    _key(bench, Qt.Key.Key_K, SHIFT)
    assert is_outdated(_patch(bench))
    _rests(bench, qtbot)
    patch = _patch(bench)
    assert patch.version is not None and [other.anchor for other in patch.version.others] == [(ANCHOR + 6) * FRAME]
    assert not is_outdated(patch) and len(patch.versions) == 1
    assert sorted(set(carried)) == list(range(ANCHOR + 1, ANCHOR + REACH + 1)), "left of the anchor nothing is carried again"
    carried.clear()
    _go_to(bench, qtbot, ANCHOR + 3)
    _key(bench, Qt.Key.Key_K, SHIFT)
    _rests(bench, qtbot)
    assert sorted(set(carried)) == list(range(ANCHOR + 1, ANCHOR + 6)), "only between the two anchors beside it"
    assert bench.services.document.undo_stack.count() == steps + 2, "a correction and what it leads to are one step"
    assert [version.number for version in _patch(bench).versions] == [1], "only a run makes a version"
    shown = next(patch for track in bench.window.timeline.timeline.view.tracks for patch in track.patches)
    assert shown.anchors == tuple((ANCHOR + away) * FRAME for away in (0, 3, 6)), "each has its diamond"


def test_a_correction_by_hand_is_carried_and_one_undo_takes_it_back(bench: Wiring, carried: list[int], qtbot: QtBot) -> None:
    before = _patch(bench)
    _go_to(bench, qtbot, ANCHOR + 4)
    canvas = bench.window.viewer.canvas
    canvas.set_selected(True)
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    _rests(bench, qtbot)
    patch = _patch(bench)
    assert len(patch.keys) == 1 and patch.current_version == 1 and not is_outdated(patch)
    carried.clear()
    while _patch(bench).keys:
        _key(bench, Qt.Key.Key_Z, CONTROL)
    assert _patch(bench) == before, "with the correction what it led to goes"
    _rests(bench, qtbot)
    assert carried == [], "what was shown before is kept"
    _key(bench, Qt.Key.Key_Z, CONTROL | SHIFT)
    _rests(bench, qtbot)
    assert len(_patch(bench).keys) == 1


def test_an_accepted_patch_that_is_corrected_is_to_be_judged_again(bench: Wiring, qtbot: QtBot) -> None:
    bench.services.edit("Accept", lambda p: set_patch_state(p, _patch(bench).id, PatchState.PUBLISHED))
    _go_to(bench, qtbot, ANCHOR - 4)
    _key(bench, Qt.Key.Key_K, SHIFT)
    _rests(bench, qtbot)
    assert _patch(bench).state is PatchState.QA_READY and _patch(bench).current_version == 2
    accepted = _patch(bench).versions[0]
    assert accepted.others == (), "what was accepted stays as it was"
    _go_to(bench, qtbot, ANCHOR + 4)
    _key(bench, Qt.Key.Key_K, SHIFT)
    _rests(bench, qtbot)
    assert len(_patch(bench).versions) == 2 and _patch(bench).versions[0] == accepted and not is_outdated(_patch(bench))
    _key(bench, Qt.Key.Key_Z, CONTROL)
    _key(bench, Qt.Key.Key_Z, CONTROL)
    assert _patch(bench).state is PatchState.PUBLISHED and _patch(bench).current_version == 1


def test_a_correction_is_cancelled_and_run_again_only_when_asked(
    bench: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun, go_on = patch_job.run, threading.Event(), threading.Event()

    def slow(request: Any, *args: Any, cancel: Any, report: Any, **more: Any) -> Any:
        begun.set()
        while not go_on.wait(0.01):
            cancel.check()
        return real(request, *args, cancel=cancel, report=report, **more)

    monkeypatch.setattr(patch_job, "run", slow)
    _go_to(bench, qtbot, ANCHOR + 6)
    _key(bench, Qt.Key.Key_K, SHIFT)
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)
    foot = bench.window.patch.foot
    qtbot.waitUntil(foot.cancel.isVisible, timeout=PATIENCE_MS)
    run = bench.patch_side.runs.run_of(_patch(bench).id)
    assert run is not None and run.phase is Phase.PATCH and "further anchors" in run.words
    pointer.click(foot.cancel)
    _idle(bench, qtbot)
    assert is_outdated(_patch(bench)) and _patch(bench).state is PatchState.QA_READY
    go_on.set()
    _key(bench, Qt.Key.Key_Return)
    _rests(bench, qtbot)
    assert not is_outdated(_patch(bench))


def test_a_changed_recipe_is_never_asked_for_by_a_correction(bench: Wiring, qtbot: QtBot) -> None:
    bench.window.patch.recipe.recipe_edited.emit(Recipe("local.inpaint", params=(("method", "telea"),)), 7)
    _go_to(bench, qtbot, ANCHOR + 6)
    _key(bench, Qt.Key.Key_K, SHIFT)
    qtbot.wait(2 * patch_runs.REST_MS)
    assert bench.patch_side.runs.run_of(_patch(bench).id) is None and len(_patch(bench).versions) == 1


def test_between_two_anchors_it_is_rebuilt_when_that_is_chosen(bench: Wiring, carried: list[int], qtbot: QtBot) -> None:
    _go_to(bench, qtbot, ANCHOR + 6)
    _key(bench, Qt.Key.Key_K, SHIFT)
    _rests(bench, qtbot)
    carried.clear()
    method = bench.window.patch.carrying.method
    method.setFocus()
    QTest.keyClick(method, Qt.Key.Key_End)
    _rests(bench, qtbot)
    assert _patch(bench).carrying.method is Method.REBUILD and method.currentText() == "Rebuild between anchors"
    assert set(carried) == set(range(ANCHOR + 1, ANCHOR + 6)), "what lies outside them is known"
    _key(bench, Qt.Key.Key_Z, CONTROL)
    assert _patch(bench).carrying.method is Method.FLOW


# What the hand does


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _go_to(desk: Wiring, qtbot: QtBot, frame: int) -> None:
    desk.playback.seek(frame * FRAME)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)


def _key(desk: Wiring, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key, held)


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _drag(desk: Wiring, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas, a, b = desk.window.viewer.canvas, _at(desk, *start), _at(desk, *end)
    pointer.drag(canvas, a, b)


def _idle(desk: Wiring, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.patch_side.runs.run_of(_patch(desk).id) is None, timeout=PATIENCE_MS)


def _rests(desk: Wiring, qtbot: QtBot) -> None:
    """Nothing is at work or about to begin, and what is shown was carried and measured."""

    def done() -> bool:
        side, patch = desk.patch_side, _patch(desk)
        quiet = side.runs.run_of(patch.id) is None and not side.runs.is_waiting
        return quiet and side.trust.review(patch) is not None

    qtbot.waitUntil(done, timeout=PATIENCE_MS)
