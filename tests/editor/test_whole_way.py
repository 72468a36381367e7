"""From a dropped file to a verified one and back, with real mouse, key and drop events; then the pixels are looked at."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from editor.session import ViewMode
from editor.wiring import Wiring
from engine.compositing.frame import frame, showing_patches
from engine.compositing.mask import region_mask
from engine.encoding.facts import SourceFacts
from engine.media.display import to_display_rgb
from engine.media.frames import picture_of
from engine.media.picture import Picture
from engine.planning.plan import Mode, RenderPlan
from engine.project.model import Patch, PatchState, Project, RegionKind
from tests import pointer
from tests.editor.commands.conftest import FRAMES, RATE, write_clip
from tests.editor.conftest import PATIENCE_MS
from widgets.frame_image import from_qimage

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR = 44
"""In the second GOP of three (30 … 59)."""
ENOUGH_DB = 40.0
LASSO = ((0.35, 0.3), (0.6, 0.25), (0.65, 0.6), (0.4, 0.65))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("whole") / "holiday film.mp4")


@pytest.mark.parametrize("shape", [RegionKind.BOX, RegionKind.LASSO])
def test_the_whole_way(desk: Wiring, clip: Path, tmp_path: Path, qtbot: QtBot, shape: RegionKind) -> None:
    _drop_on_the_timeline(desk, clip, qtbot)
    _scrub_to(desk, ANCHOR, qtbot)
    _draw(desk, shape)
    _run_with_enter(desk, qtbot)
    _look_at_the_heatmap(desk, qtbot)
    _key(desk, Qt.Key.Key_A)
    accepted = desk.services.document.project
    assert _patch(desk).state is PatchState.PUBLISHED

    _undo_all_and_redo_all(desk)
    assert desk.services.document.project == accepted
    plan = _strip(desk, qtbot)
    assert [s.mode for s in plan.segments] == [Mode.COPY, Mode.ENCODE, Mode.COPY]

    out = _export(desk, tmp_path, qtbot)
    _check_pixels(desk, accepted, plan, out)
    _save_close_and_open_again(desk, tmp_path / "film.patchreel", accepted, qtbot)


def _drop_on_the_timeline(desk: Wiring, clip: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip))])
    target, at = desk.window.timeline.empty, QPoint(300, 60)
    action, button, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(at, action, data, button, held))
    QApplication.sendEvent(target, QDropEvent(QPointF(at), action, data, button, held))
    qtbot.waitUntil(lambda: desk.services.document.project.duration == FRAMES * FRAME, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.plans.plan is not None and desk.preview.is_current, timeout=PATIENCE_MS)


def _scrub_to(desk: Wiring, number: int, qtbot: QtBot) -> None:
    """Drag along the ruler, then steps by key; the viewer then shows exactly that frame."""
    timeline = desk.window.timeline.timeline
    timeline.zoom_to_fit()
    start, end = (QPoint(round(timeline.x_at(n * FRAME)), 30) for n in (3, number - 2))
    _drag(timeline.viewport(), start, end)
    steps = number - round(desk.services.session.playhead / FRAME)
    for _ in range(abs(steps)):
        _key(desk, Qt.Key.Key_Right if steps > 0 else Qt.Key.Key_Left)
    assert desk.services.session.playhead == number * FRAME
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    shown = desk.preview.last
    assert shown is not None
    with desk.services.workspace().sources() as sources:
        picture = sources.picture(desk.services.document.project.media[0], number * FRAME)
    assert np.array_equal(from_qimage(shown.result), to_display_rgb(picture))


def _draw(desk: Wiring, shape: RegionKind) -> None:
    canvas = desk.window.viewer.canvas
    if shape is RegionKind.BOX:
        _key(desk, Qt.Key.Key_R)
        _drag(canvas, _at(desk, 0.35, 0.3), _at(desk, 0.6, 0.65))
    else:
        QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        for x, y in LASSO:
            pointer.click(canvas, _at(desk, x, y))
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert _patch(desk).region.kind is shape and _patch(desk).anchor == ANCHOR * FRAME


def _run_with_enter(desk: Wiring, qtbot: QtBot) -> None:
    _key(desk, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _patch(desk).version is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.patch_side.runs.run_of(_patch(desk).id) is None, timeout=4 * PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.window.patch.review.claim.text() == "Outside: 0 px changed", timeout=PATIENCE_MS)
    assert _patch(desk).state is PatchState.QA_READY


def _look_at_the_heatmap(desk: Wiring, qtbot: QtBot) -> None:
    for _ in range(3):
        _key(desk, Qt.Key.Key_D)
    assert desk.services.session.view_mode is ViewMode.HEATMAP

    def has_heat() -> bool:
        shown = desk.preview.last
        return desk.preview.is_current and shown is not None and shown.heat is not None

    qtbot.waitUntil(has_heat, timeout=PATIENCE_MS)
    shown = desk.preview.last
    assert shown is not None and shown.frame.stats is not None and 0.01 < shown.frame.stats.changed_share < 0.2
    with desk.services.workspace().sources() as sources:
        output = shown.frame.request.output
        result = frame(desk.services.document.project, ANCHOR * FRAME, sources, output, accepted_only=False)
    assert np.array_equal(from_qimage(shown.result), to_display_rgb(result, output.rotation, output.pixel_aspect))


def _undo_all_and_redo_all(desk: Wiring) -> None:
    stack, timeline = desk.services.document.undo_stack, desk.window.timeline.timeline
    steps = stack.count()
    assert steps >= 4, "import, draw, run and accept are steps of their own"
    for _ in range(steps):
        QTest.keyClick(timeline, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.services.document.project.patches == () and desk.services.document.project.media == ()
    for _ in range(steps):
        QTest.keyClick(timeline, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)


def _strip(desk: Wiring, qtbot: QtBot) -> RenderPlan:
    """The plan the timeline shows, once it is that of the document."""

    def is_current() -> bool:
        plan = desk.plans.plan
        return plan is not None and plan.encoded_frames > 0

    qtbot.waitUntil(is_current, timeout=PATIENCE_MS)
    assert desk.plans.plan is not None
    return desk.plans.plan


def _export(desk: Wiring, folder: Path, qtbot: QtBot) -> Path:
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
    QTest.keyClick(desk.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = desk.export_side.export.dialog
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    dialog.plan.form.add_folder(folder)
    dialog.plan.form.name.selectAll()
    QTest.keyClicks(dialog.plan.form.name, "out.mp4")
    qtbot.waitUntil(lambda: dialog.plan.forecast is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(dialog.plan.export.isEnabled, timeout=PATIENCE_MS)
    QTest.mouseClick(dialog.plan.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil((folder / "out.mp4").is_file, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.verdict, timeout=PATIENCE_MS)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=PATIENCE_MS)
    return folder / "out.mp4"


def _decoded(path: Path) -> Iterator[Picture]:
    with av.open(str(path)) as container:
        yield from (picture_of(shot) for shot in container.decode(video=0))


def _check_pixels(desk: Wiring, project: Project, plan: RenderPlan, out: Path) -> None:
    """Copied frames are the composed ones bit for bit; encoded ones are near, in the region and outside it."""
    encoded = [n for s in plan.segments if s.mode is not Mode.COPY for n in range(s.first_frame, s.first_frame + s.frames)]
    media, patch = project.media[0], project.patches[0]
    changed = 0
    with desk.services.workspace().sources() as sources:
        output = SourceFacts(sources).video(media).output
        for number, written in enumerate(_decoded(out)):
            wanted = frame(project, number * FRAME, sources, output, accepted_only=True)
            if number not in encoded:
                assert all(np.array_equal(a, b) for a, b in zip(written.planes, wanted.planes, strict=True)), number
                continue
            has_patch = bool(showing_patches(project, media, number * FRAME, accepted_only=True, clip_id=None))
            changed += has_patch
            inside = region_mask(patch.region, wanted.width, wanted.height).alpha.shape
            _check_near(written, wanted, patch, inside)
    assert changed == len(range(*patch_frames(patch)))


def patch_frames(patch: Patch) -> tuple[int, int]:
    return round(patch.window.start / FRAME), round(patch.window.end / FRAME)


def _check_near(written: Picture, wanted: Picture, patch: Patch, inside: tuple[int, ...]) -> None:
    mask = region_mask(patch.region, wanted.width, wanted.height)
    is_inside = np.zeros(wanted.planes[0].shape, np.bool_)
    is_inside[mask.y : mask.y + inside[0], mask.x : mask.x + inside[1]] = True
    error = (written.planes[0].astype(np.float64) - wanted.planes[0]) ** 2
    for part in (is_inside, ~is_inside):
        assert 10 * np.log10(255**2 / max(1e-9, error[part].mean())) >= ENOUGH_DB


def _save_close_and_open_again(desk: Wiring, path: Path, project: Project, qtbot: QtBot) -> None:
    document = desk.services.document
    document.save_as(path)
    qtbot.waitUntil(lambda: not document.is_modified and path.is_file(), timeout=PATIENCE_MS)
    document.new()
    assert document.project.patches == ()
    document.open(path)
    qtbot.waitUntil(lambda: document.project.patches != (), timeout=PATIENCE_MS)
    assert document.project == project and document.path == path
    qtbot.waitUntil(lambda: desk.preview.is_current and desk.plans.plan is not None, timeout=PATIENCE_MS)


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _key(desk: Wiring, key: Qt.Key) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key)


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    pointer.drag(widget, start, end)
