"""Handles on the picture: the source of a healing and the corners of a picture, by mouse and by keys, one step of undo each."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.patch_points import Box, box_of, corners_of, source_of, with_corner, with_source
from editor.session import ViewMode
from editor.wiring import Wiring
from engine.compositing.mask import region_mask
from engine.project.model import Media, MediaKind, Patch, Recipe, Region, RegionKind, Shape
from engine.project.patch_edits import set_patch_recipe
from engine.providers.local.perspective import corners_of as provider_corners
from tests import pointer
from tests.editor.conftest import HEIGHT, PATIENCE_MS, RATE, WIDTH
from widgets.picture_handles.handle import Handle

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR = 30
LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bench(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    """A region in the middle of frame 30."""
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", 2)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", 2)
    desk = desk_with_clip
    desk.patch_side.regions.recipe = Recipe("local.heal")
    desk.playback.seek(ANCHOR * FRAME)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_R)
    canvas = desk.window.viewer.canvas
    a, b = _at(desk, 0.4, 0.4), _at(desk, 0.55, 0.6)
    pointer.drag(canvas, a, b)
    return desk


def test_the_source_is_dragged_and_what_is_seen_is_taken(bench: Wiring, qtbot: QtBot) -> None:
    (handle,) = _handles(bench)
    assert handle.accessibleName() == "Source of the healing" and "found by itself" in handle.toolTip()
    steps = bench.services.document.undo_stack.count()
    _drag(handle, _at(bench, 0.8, 0.5) - _centre(handle))
    across, down = source_of(_patch(bench).recipe)
    left, top, right, bottom = _patch(bench).region.bounds
    assert across == pytest.approx(0.8 - (left + right) / 2, abs=0.01)
    assert down == pytest.approx(0.5 - (top + bottom) / 2, abs=0.01)
    assert bench.services.document.undo_stack.count() == steps + 1, "one drag is one step"
    assert np.hypot(*(_centre(handle) - _at(bench, 0.8, 0.5)).toTuple()) < 3
    QTest.keyClick(bench.window.timeline.timeline, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _patch(bench).version is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bench.patch_side.runs.run_of(_patch(bench).id) is None, timeout=PATIENCE_MS)
    version = _patch(bench).version
    assert version is not None and source_of(version.recipe) == (across, down)


def test_the_source_goes_by_keys_stays_in_the_picture_and_is_found_again(bench: Wiring) -> None:
    (handle,) = _handles(bench)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Right)
    begun = source_of(_patch(bench).recipe)
    QTest.keyClick(handle, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(handle, Qt.Key.Key_Up)
    across, down = source_of(_patch(bench).recipe)
    assert across - begun[0] == pytest.approx(10 / WIDTH, abs=2e-4) and down - begun[1] == pytest.approx(-1 / HEIGHT, abs=2e-4)
    for _ in range(40):
        QTest.keyClick(handle, Qt.Key.Key_Right, SHIFT)
    box = box_of(_patch(bench).region, bench.services.document.project.media[0])
    assert box is not None and box.right + source_of(_patch(bench).recipe)[0] == pytest.approx(0.99, abs=1e-4)
    QTest.keyClick(handle, Qt.Key.Key_Delete)
    assert source_of(_patch(bench).recipe) == (0, 0)
    QTest.keyClick(handle, Qt.Key.Key_Z, CONTROL)
    hand, before = pointer.Hand(handle), _patch(bench).recipe
    hand.move(handle.rect().center() - QPoint(40, 10))
    assert _patch(bench).recipe != before
    QTest.keyClick(handle, Qt.Key.Key_Escape)
    assert source_of(_patch(bench).recipe) == pytest.approx(source_of(before), abs=1e-4), "Esc takes the drag back"


def test_four_corners_are_dragged_and_keyed_and_never_cross(bench: Wiring, qtbot: QtBot) -> None:
    _ask(bench, Recipe("local.image"))
    handles = _handles(bench)
    assert [handle.accessibleName() for handle in handles] == [
        "Left top corner", "Right top corner", "Right bottom corner", "Left bottom corner",
    ]  # fmt: skip
    box = box_of(_patch(bench).region, bench.services.document.project.media[0])
    assert box is not None
    _drag(handles[1], QPoint(20, -15))
    rect = bench.window.viewer.viewer.image_rect()
    moved = corners_of(_patch(bench).recipe)[1]
    assert moved[0] == pytest.approx(1 + 20 / rect.width() / (box.right - box.left), abs=0.01)
    assert moved[1] == pytest.approx(-15 / rect.height() / (box.bottom - box.top), abs=0.01)
    handles[3].setFocus()
    QTest.keyClick(handles[3], Qt.Key.Key_Down, SHIFT)
    assert corners_of(_patch(bench).recipe)[3][1] == pytest.approx(1 + 10 / HEIGHT / (box.bottom - box.top), abs=0.01)
    _drag(handles[0], QPoint(round(rect.width() * 0.4), round(rect.height() * 0.4)))
    provider_corners(dict(_patch(bench).recipe.params)["corners"])
    QTest.keyClick(handles[3], Qt.Key.Key_Delete)
    assert "corners" not in dict(_patch(bench).recipe.params)


def test_a_picture_lies_where_its_corners_were_put(bench: Wiring, qtbot: QtBot, tmp_path: Path) -> None:
    """What the handles say is what the provider draws: the picture's red reaches the dragged corner and not beyond."""
    path = tmp_path / "red.png"
    Image.new("RGB", (64, 64), (250, 10, 10)).save(path)
    asset = bench.services.document.assets.put(path.read_bytes(), ".png")
    _ask(bench, Recipe("local.image", image=asset))
    handles = _handles(bench)
    rect = bench.window.viewer.viewer.image_rect()
    _drag(handles[0], QPoint(round(0.06 * rect.width()), round(0.08 * rect.height())))
    QTest.keyClick(bench.window.timeline.timeline, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _patch(bench).version is not None, timeout=PATIENCE_MS)
    version = _patch(bench).version
    assert version is not None
    with Image.open(bench.services.document.assets.path(version.pixels)) as opened:
        pixels = np.asarray(opened.convert("RGB")).astype(int)
    red = (pixels[..., 0] - pixels[..., 1]) > 150
    rows, columns = np.nonzero(red)
    spot = bench.window.viewer.handles.look()
    assert spot is not None
    x, y = spot.spots[0].at[0] * WIDTH - version.crop[0], spot.spots[0].at[1] * HEIGHT - version.crop[1]
    nearest = np.hypot(columns + 0.5 - x, rows + 0.5 - y).min()
    assert nearest < 2.5, "the picture begins at the corner"
    assert not red[: max(0, round(y) - 4), : max(0, round(x) - 4)].any(), "and nothing of it lies beyond"


def test_handles_are_there_for_the_hand_only(bench: Wiring, qtbot: QtBot) -> None:
    assert len(_handles(bench)) == 1
    bench.services.session.set_view_mode(ViewMode.HEATMAP)
    assert not _handles(bench)
    bench.services.session.set_view_mode(ViewMode.RESULT)
    assert len(_handles(bench)) == 1
    bench.playback.seek((ANCHOR + 1) * FRAME)
    assert not _handles(bench), "the source belongs to the frame the region was drawn on"
    bench.playback.seek(ANCHOR * FRAME)
    QTest.keyClick(bench.window.timeline.timeline, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: bench.playback.player.is_playing, timeout=PATIENCE_MS)
    assert not _handles(bench)
    QTest.keyClick(bench.window.timeline.timeline, Qt.Key.Key_K)
    bench.playback.seek(ANCHOR * FRAME)
    _ask(bench, Recipe("local.blur"))
    assert not _handles(bench)


@pytest.mark.parametrize("region", [
    Region(RegionKind.BOX, ((0.3, 0.2), (0.5, 0.7)), 6), Region(RegionKind.ELLIPSE, ((0.0, 0.1), (0.2, 0.4)), 0),
    Region(RegionKind.LASSO, ((0.2, 0.2), (0.8, 0.3), (0.4, 0.9)), 12, grow_px=5),
    Region(RegionKind.BOX, ((0.3, 0.2), (0.5, 0.7)), 3, more=(Shape(RegionKind.ELLIPSE, ((0.6, 0.6), (0.9, 0.95))),)),
])  # fmt: skip
def test_the_box_is_the_providers_to_a_pixel(region: Region) -> None:
    media = Media("m", MediaKind.VIDEO, "clip", "/clip.mp4", "f", 1, 1, None, 640, 360)
    mask, box = region_mask(region, 640, 360), box_of(region, media)
    rows, columns = np.nonzero(mask.alpha)
    there = (mask.x + columns.min(), mask.y + rows.min(), mask.x + columns.max() + 1, mask.y + rows.max() + 1)
    assert box is not None
    assert np.allclose((box.left * 640, box.top * 360, box.right * 640, box.bottom * 360), there, atol=1.5)


def test_corners_that_are_none_are_those_of_the_box_and_a_source_keeps_inside() -> None:
    box = Box(0.4, 0.4, 0.6, 0.6)
    assert corners_of(Recipe("local.image", params=(("corners", "1,2 nonsense"),))) == ((0, 0), (1, 0), (1, 1), (0, 1))
    assert with_corner(Recipe("local.image"), 0, (2.0, 2.0)) == Recipe("local.image")
    assert source_of(with_source(Recipe("local.heal"), (5, -5), box)) == pytest.approx((0.39, -0.39))


# What the hand does


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _ask(desk: Wiring, recipe: Recipe) -> None:
    desk.services.edit("Ask", lambda project: set_patch_recipe(project, _patch(desk).id, recipe))


def _handles(desk: Wiring) -> list[Handle]:
    return [handle for handle in desk.window.viewer.handles.handles() if handle.isVisible()]


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _centre(handle: Handle) -> QPoint:
    return handle.geometry().center()


def _drag(handle: Handle, way: QPoint) -> None:
    """The handle follows the pointer; nothing else may lie over it."""
    start = handle.rect().center()
    assert pointer.drag(handle, start, start + way, steps=4) is handle
