"""The patch side of the window with real mouse and key events: draw, run, look, judge, take back."""

import shutil
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.session import Tool, ViewMode
from editor.wiring import Wiring
from engine import folders
from engine.compositing.frame import frame, original_frame
from engine.media.display import to_display_rgb
from engine.project.model import Patch, PatchState, Recipe, RegionKind
from engine.project.patch_edits import lock_window, set_patch_recipe
from engine.project.version_edits import set_patch_state
from engine.providers.local.pixelate import Pixelate
from engine.rational_time import TimeRange
from tests import pointer
from tests.editor.conftest import FRAMES, PATIENCE_MS, RATE
from tests.editor.stalls import NoStalls, no_stalls  # noqa: F401 - a fixture is used by its name
from widgets.frame_image import from_qimage
from widgets.roi_canvas import Region
from widgets.roi_canvas.region import box

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR, BEFORE, AFTER = 30, 4, 4
BOX = (0.3, 0.3, 0.6, 0.7)
QUICK = Recipe("local.pixelate")


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    """The playhead on frame 30; new patches ask the quickest provider and have small windows."""
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", BEFORE)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", AFTER)
    desk_with_clip.patch_side.regions.recipe = QUICK
    desk_with_clip.playback.seek(ANCHOR * FRAME)
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    return desk_with_clip


def test_a_box_becomes_a_patch_on_the_frame_under_the_playhead(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    patch = _patch(bench)
    assert patch.anchor == ANCHOR * FRAME and patch.state is PatchState.QUEUED
    assert patch.window == TimeRange.between((ANCHOR - BEFORE) * FRAME, (ANCHOR + AFTER + 1) * FRAME)
    assert patch.region.kind is RegionKind.BOX
    assert np.allclose(np.ravel(patch.region.points), BOX, atol=0.01)
    assert bench.services.session.selection == {patch.id} and bench.services.session.tool is Tool.SELECT
    panel = bench.window.patch
    assert not panel.is_empty() and panel.header.extent() == "Frames 27 to 35, anchor 31"
    assert panel.foot.run.isVisible() and "Nothing leaves this computer" in panel.sent.words()


def test_the_whole_way_from_a_box_to_an_accepted_patch_and_back(bench: Wiring, qtbot: QtBot) -> None:
    steps = bench.services.document.undo_stack.count()
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    patch = _patch(bench)
    assert patch.state is PatchState.QA_READY and len(patch.versions) == 1
    trust = bench.patch_side.trust.frames(patch)
    assert [t.time for t in trust] == [n * FRAME for n in range(ANCHOR - BEFORE, ANCHOR + AFTER + 1)]
    assert bench.window.patch.review.claim.text() == "Outside: 0 px changed"
    _look_at_heatmap(bench, qtbot)
    _press(bench, qtbot, Qt.Key.Key_A)
    assert _patch(bench).state is PatchState.PUBLISHED
    accepted = bench.services.document.project
    _undo(bench, qtbot, times=3)
    assert bench.services.document.project.patches == () and bench.services.document.undo_stack.index() == steps
    assert bench.window.patch.is_empty()
    _redo(bench, qtbot, times=3)
    assert bench.services.document.project.patches == accepted.patches


def test_the_viewer_shows_what_the_engine_composes(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    qtbot.waitUntil(lambda: bench.preview.is_current and not _same_pictures(bench), timeout=PATIENCE_MS)
    shown = bench.preview.last
    assert shown is not None and shown.original is not None
    project, output = bench.services.document.project, shown.frame.request.output
    with bench.services.workspace().sources() as sources:
        result = frame(project, ANCHOR * FRAME, sources, output, accepted_only=False)
        plain = original_frame(project, ANCHOR * FRAME, sources, output)
    assert np.array_equal(from_qimage(shown.result), to_display_rgb(result, output.rotation, output.pixel_aspect))
    assert np.array_equal(from_qimage(shown.original), to_display_rgb(plain, output.rotation, output.pixel_aspect))


def test_a_lasso_becomes_a_patch_too(bench: Wiring, qtbot: QtBot) -> None:
    QTest.keyClick(bench.window.timeline.timeline, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert bench.services.session.tool is Tool.LASSO
    canvas = bench.window.viewer.canvas
    for x, y in ((0.3, 0.3), (0.6, 0.35), (0.5, 0.7)):
        pointer.click(canvas, _at(bench, x, y))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    patch = _patch(bench)
    assert patch.region.kind is RegionKind.LASSO and len(patch.region.points) == 3
    assert patch.state is PatchState.QUEUED, "Enter closed the lasso and did not run the patch"
    _run(bench, qtbot)
    assert _patch(bench).state is PatchState.QA_READY


def test_dragging_the_region_is_one_step_of_undo(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    before, steps = _patch(bench).region, bench.services.document.undo_stack.count()
    canvas = bench.window.viewer.canvas
    _drag(canvas, _at(bench, 0.45, 0.5), _at(bench, 0.55, 0.55))
    moved = _patch(bench).region
    assert moved.bounds[0] > before.bounds[0] + 0.05
    assert bench.services.document.undo_stack.count() == steps + 1
    _undo(bench, qtbot)
    assert _patch(bench).region == before
    shown = canvas.region()
    assert shown is not None and shown.points == before.points


def test_cancel_leaves_the_patch_queued(bench: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, slow = threading.Event(), _Slow()
    monkeypatch.setattr(bench.services.registry, "_editors", {**bench.services.registry._editors, "local.pixelate": slow})
    slow.begun = begun
    _draw_box(bench, qtbot)
    _press(bench, qtbot, Qt.Key.Key_Return)
    assert _patch(bench).state is PatchState.PROCESSING
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)
    qtbot.waitUntil(bench.window.patch.foot.cancel.isVisible, timeout=PATIENCE_MS)
    pointer.click(bench.window.patch.foot.cancel)
    checked = slow.checks
    qtbot.waitUntil(slow.ended.is_set, timeout=PATIENCE_MS)
    assert slow.checks <= checked + 1, "the provider hears of it the next time it asks"
    assert _patch(bench).state is PatchState.QUEUED and _patch(bench).versions == ()
    qtbot.waitUntil(bench.window.patch.foot.run.isVisible, timeout=PATIENCE_MS)


def test_a_wider_window_carries_the_new_side_only(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    carried: list[Fraction] = []
    bench.patch_side.runs.frame_carried.connect(lambda _patch, time: carried.append(time))
    _drag_window_end(bench, frames=6)
    assert _patch(bench).window.end == (ANCHOR + AFTER + 7) * FRAME
    qtbot.waitUntil(lambda: len(bench.patch_side.trust.frames(_patch(bench))) == BEFORE + AFTER + 7, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bench.patch_side.runs.run_of(_patch(bench).id) is None, timeout=PATIENCE_MS)
    assert min(carried) >= ANCHOR * FRAME, "the side before the anchor was known already"


def test_keys_set_and_grow_the_window(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    bench.playback.seek((ANCHOR - 3) * FRAME)
    _press(bench, qtbot, Qt.Key.Key_BracketLeft)
    bench.playback.seek((ANCHOR + 2) * FRAME)
    _press(bench, qtbot, Qt.Key.Key_BracketRight)
    assert _patch(bench).window == TimeRange.between((ANCHOR - 3) * FRAME, (ANCHOR + 3) * FRAME)
    bench.services.actions.action("patch.grow_end").trigger()
    bench.services.actions.action("patch.grow_start").trigger()
    assert _patch(bench).window == TimeRange.between((ANCHOR - 4) * FRAME, (ANCHOR + 4) * FRAME)


def test_a_locked_window_refuses_and_says_so(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    QTest.mouseClick(bench.window.patch.window_form.lock_window, Qt.MouseButton.LeftButton)
    assert _patch(bench).window_locked
    qtbot.waitUntil(lambda: not bench.window.patch.window_form.before.isEnabled(), timeout=PATIENCE_MS)
    before = _patch(bench)
    with qtbot.waitSignal(bench.services.notifications.posted):
        bench.services.actions.action("patch.grow_end").trigger()
    assert _patch(bench) == before


def test_retry_makes_another_version_and_the_first_can_be_chosen_again(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    qtbot.waitUntil(bench.window.patch.foot.retry.isVisible, timeout=PATIENCE_MS)
    _press(bench, qtbot, Qt.Key.Key_T)
    _finished(bench, qtbot)
    assert [v.number for v in _patch(bench).versions] == [1, 2] and _patch(bench).current_version == 2
    qtbot.waitUntil(lambda: len(bench.window.patch.versions.cards()) == 2, timeout=PATIENCE_MS)
    QTest.mouseClick(bench.window.patch.versions.cards()[1], Qt.MouseButton.LeftButton)
    assert _patch(bench).current_version == 1
    _undo(bench, qtbot)
    assert _patch(bench).current_version == 2


def test_letters_stay_in_a_text_field(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    name = bench.window.patch.header.name
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "axtry")
    assert name.text() == "axtry"
    assert _patch(bench).state is PatchState.QA_READY and bench.services.session.tool is Tool.SELECT
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert _patch(bench).name == "axtry" and bench.patch_side.runs.run_of(_patch(bench).id) is None


def test_the_original_while_y_is_held(bench: Wiring, qtbot: QtBot) -> None:
    viewer, window = bench.window.viewer.viewer, bench.window
    QTest.keyPress(window, Qt.Key.Key_Y)
    assert viewer.shown_mode() == "Original" and window.viewer.modes.current == "Original"
    QTest.keyRelease(window, Qt.Key.Key_Y)
    assert viewer.shown_mode() == "Result" and bench.services.session.view_mode is ViewMode.RESULT


def test_a_parameter_that_is_dragged_is_one_step_and_asks_for_another_run(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    steps = bench.services.document.undo_stack.count()
    slider: Any = bench.window.patch.recipe.parameters.field("block")
    for value in (20.0, 24.0, 30.0):
        slider.value_changed.emit(value)
    slider.editing_finished.emit()
    assert dict(_patch(bench).recipe.params) == {"block": "30"}
    assert bench.services.document.undo_stack.count() == steps + 1
    qtbot.waitUntil(bench.window.patch.foot.run.isVisible, timeout=PATIENCE_MS)


def test_the_result_of_a_patch_that_was_taken_away_is_kept(bench: Wiring, qtbot: QtBot) -> None:
    slow = _Slow()
    bench.services.registry._editors["local.pixelate"] = slow
    _draw_box(bench, qtbot)
    _press(bench, qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(slow.begun.is_set, timeout=PATIENCE_MS)
    patch_id = _patch(bench).id
    bench.services.actions.action("patch.delete").trigger()
    slow.go_on.set()
    qtbot.waitUntil(lambda: len(bench.services.document.project.unattached) == 1, timeout=PATIENCE_MS)
    assert bench.services.document.project.unattached[0][0] == patch_id


def test_a_failure_is_a_sentence_and_the_patch_waits_again(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    bench.services.edit("Ask nobody", lambda p: set_patch_recipe(p, _patch(bench).id, Recipe("nobody")))
    with qtbot.waitSignal(bench.services.notifications.posted, timeout=PATIENCE_MS) as told:
        bench.patch_side.runs.run(_patch(bench).id)
    assert "The patch was not made" in told.args[0]
    assert _patch(bench).state is PatchState.QUEUED


def test_a_patch_that_only_seems_at_work_waits_again(bench: Wiring, qtbot: QtBot) -> None:
    """A project may have been written while a job ran."""
    _draw_box(bench, qtbot)
    bench.services.document.note(lambda p: set_patch_state(p, _patch(bench).id, PatchState.PROCESSING))
    qtbot.waitUntil(lambda: _patch(bench).state is PatchState.QUEUED, timeout=PATIENCE_MS)


def test_frames_whose_cache_is_gone_are_carried_again(bench: Wiring, qtbot: QtBot, tmp_path: Path) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    path = tmp_path / "kept.patchreel"
    bench.services.document.save_as(path)
    bench.services.document.new()
    shutil.rmtree(folders.cache_dir())
    bench.patch_side.trust.forget()
    bench.services.document.open(path)
    qtbot.waitUntil(lambda: len(bench.services.document.project.patches) == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(bench.patch_side.trust.frames(_patch(bench))) == BEFORE + AFTER + 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bench.patch_side.runs.run_of(_patch(bench).id) is None, timeout=PATIENCE_MS)


def test_no_box_on_a_gap(bench: Wiring, qtbot: QtBot) -> None:
    bench.services.session.set_playhead(FRAMES * FRAME + 1)
    with qtbot.waitSignal(bench.services.notifications.posted):
        bench.patch_side.regions._region_drawn(_canvas_box())
    assert bench.services.document.project.patches == ()


def test_a_shorter_reach_is_no_step_and_a_locked_window_keeps_its_length(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    bench.services.edit("Lock", lambda p: lock_window(p, _patch(bench).id, True))
    window = _patch(bench).window
    _run(bench, qtbot)
    assert _patch(bench).window == window


def test_the_window_is_served_while_a_patch_is_made_and_carried(bench: Wiring, qtbot: QtBot, no_stalls: NoStalls) -> None:  # noqa: F811
    _draw_box(bench, qtbot)
    with no_stalls(150.0):
        _run(bench, qtbot)
    assert _patch(bench).state is PatchState.QA_READY


def test_frames_that_need_a_look_are_found_by_key_and_by_click(bench: Wiring, qtbot: QtBot) -> None:
    _draw_box(bench, qtbot)
    _run(bench, qtbot)
    sure = [replace(trust, confidence=1.0, reasons=()) for trust in bench.patch_side.trust.frames(_patch(bench))]
    doubtful = replace(sure[2], confidence=0.1, reasons=("fast motion",))
    bench.patch_side.trust.add_frames(_patch(bench), [*sure, doubtful])
    qtbot.waitUntil(lambda: len(bench.window.patch.review.rows()) == 1, timeout=PATIENCE_MS)
    assert bench.window.patch.review.sentence.text() == "1 of 9 frames needs a look"
    bench.playback.go_start()
    _press(bench, qtbot, Qt.Key.Key_F8)
    assert bench.services.session.playhead == doubtful.time
    bench.playback.go_start()
    QTest.mouseClick(bench.window.patch.review.rows()[0], Qt.MouseButton.LeftButton)
    assert bench.services.session.playhead == doubtful.time
    assert bench.window.viewer.canvas.region() is not None, "the region is seen where it was followed to"


def test_a_picture_of_the_users_is_laid_into_the_region(bench: Wiring, qtbot: QtBot, tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    Image.new("RGB", (64, 48), (0, 200, 0)).save(picture)
    bench.patch_side.regions.recipe = Recipe("local.image")
    _draw_box(bench, qtbot)
    with qtbot.waitSignal(bench.services.notifications.posted):
        _press(bench, qtbot, Qt.Key.Key_Return)
    assert _patch(bench).state is PatchState.QUEUED, "without a picture nothing is run"
    bench.patch_side.images.ask_for(_patch(bench).id)
    with qtbot.waitSignal(bench.patch_side.images.chosen, timeout=PATIENCE_MS):
        bench.patch_side.images.take(str(picture))
    _run(bench, qtbot)
    assert bench.services.workspace().assets.has(_patch(bench).recipe.image)
    qtbot.waitUntil(lambda: bench.preview.is_current and not _same_pictures(bench), timeout=PATIENCE_MS)
    shown = bench.preview.last
    assert shown is not None
    middle = from_qimage(shown.result)[90, 144].astype(int)
    assert middle[1] > middle[0] + 60 and middle[1] > middle[2] + 60


# What the hand does


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    pointer.drag(widget, start, end)


def _draw_box(desk: Wiring, qtbot: QtBot) -> None:
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_R)
    assert desk.services.session.tool is Tool.BOX
    _drag(desk.window.viewer.canvas, _at(desk, BOX[0], BOX[1]), _at(desk, BOX[2], BOX[3]))


def _press(desk: Wiring, qtbot: QtBot, key: Qt.Key) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key)


def _run(desk: Wiring, qtbot: QtBot) -> None:
    _press(desk, qtbot, Qt.Key.Key_Return)
    _finished(desk, qtbot)


def _finished(desk: Wiring, qtbot: QtBot) -> None:
    """Made, carried and measured, and shown in the panel."""

    def done() -> bool:
        patch = _patch(desk)
        return desk.patch_side.runs.run_of(patch.id) is None and desk.patch_side.trust.review(patch) is not None

    qtbot.waitUntil(done, timeout=PATIENCE_MS)
    qtbot.waitUntil(desk.window.patch.foot.accept.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.window.patch.review.claim.text().startswith("Outside"), timeout=PATIENCE_MS)


def _look_at_heatmap(desk: Wiring, qtbot: QtBot) -> None:
    for _ in range(3):
        _press(desk, qtbot, Qt.Key.Key_D)
    assert desk.services.session.view_mode is ViewMode.HEATMAP

    def has_heat() -> bool:
        shown = desk.preview.last
        return desk.preview.is_current and shown is not None and shown.heat is not None

    qtbot.waitUntil(has_heat, timeout=PATIENCE_MS)
    stats = desk.preview.last.frame.stats if desk.preview.last else None
    assert stats is not None and 0 < stats.changed_share < 0.25


def _same_pictures(desk: Wiring) -> bool:
    shown = desk.preview.last
    return shown is None or shown.original is None or shown.result == shown.original


def _drag_window_end(desk: Wiring, frames: int) -> None:
    timeline = desk.window.timeline.timeline
    patch = _patch(desk)
    rect = timeline.rect_of(patch.id)
    scale = rect.width() / float(patch.window.duration)
    start = QPoint(rect.right() - 2, rect.top() + 6)
    _drag(timeline.viewport(), start, start + QPoint(round(float(frames * FRAME) * scale), 0))


def _undo(desk: Wiring, qtbot: QtBot, times: int = 1) -> None:
    for _ in range(times):
        QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def _redo(desk: Wiring, qtbot: QtBot, times: int = 1) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    for _ in range(times):
        QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Z, both)


def _canvas_box() -> Region:
    return box(*BOX)


class _Slow:
    """A provider that waits until it may go on, or is cancelled."""

    def __init__(self) -> None:
        self._real = Pixelate()
        self.info = self._real.info
        self.begun, self.go_on, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.checks = 0

    def edit(self, request: Any, context: Any, *, cancel: Any, report: Any) -> Any:
        self.begun.set()
        try:
            while not self.go_on.wait(0.01):
                self.checks += 1
                cancel.check()
            return self._real.edit(request, context, cancel=cancel, report=report)
        finally:
            self.ended.set()
