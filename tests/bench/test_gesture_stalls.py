"""Every gesture of the patch workspace, in a small project and in one of 2,000 clips and 500 patches: the longest time the
window's thread was kept by one event. `-s` prints the table.

Processor time is judged (50 ms the bound, 16 ms the target); the clock is printed beside it.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.session import ViewMode
from editor.wiring import Wiring
from engine.project.file import save
from engine.project.model import Recipe
from tests.bench.event_clock import reading
from tests.bench.large_project import CLIP_FRAMES, FRAME, made_large, write_long_clip
from tests.editor.conftest import PATIENCE_MS
from tests.editor.stalls import StallWatch

pytestmark = pytest.mark.performance
BOUND_MS = 50
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
Gesture = Callable[[Wiring, QtBot], None]
_rows: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    sys.stdout.write("\n| gesture | project | events | longest, CPU | by the clock | without being served | what it was |\n")
    sys.stdout.write("|---|---|---:|---:|---:|---:|---|\n" + "\n".join(_rows) + "\n")


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "long.mp4"
    write_long_clip(path)
    return path


@pytest.fixture
def small(desk_with_clip: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    yield from _ready(desk_with_clip, qtbot, monkeypatch, 30 * FRAME)


@pytest.fixture
def large(desk: Wiring, large_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    desk.open([str(large_file)])
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    media = desk.services.document.project.media[0]
    qtbot.waitUntil(lambda: desk.services.files.index(media) is not None, timeout=PATIENCE_MS)
    desk.services.document.apply("Fill", lambda project: made_large(project, media))
    yield from _ready(desk, qtbot, monkeypatch, (1002 * CLIP_FRAMES + 4) * FRAME)


def _ready(desk: Wiring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, start: Fraction) -> Iterator[Wiring]:
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", 3)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", 3)
    desk.patch_side.regions.recipe = Recipe("local.pixelate")
    desk.playback.seek(start)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=4 * PATIENCE_MS)
    _rests(desk, qtbot)
    qtbot.waitUntil(lambda: desk.export_side.export.is_prepared, timeout=PATIENCE_MS)
    gc.freeze()  # as the program does once its window is there
    yield desk
    gc.unfreeze()


# Gestures


def draw_a_box(desk: Wiring, qtbot: QtBot) -> None:
    _key(desk, Qt.Key.Key_R)
    _stroke(desk, [(0.3 + 0.005 * n, 0.3 + 0.005 * n) for n in range(50)])


def draw_a_lasso(desk: Wiring, qtbot: QtBot) -> None:
    _key(desk, Qt.Key.Key_R, SHIFT)
    _stroke(desk, [(0.3 + 0.1 * (n % 20) / 20, 0.3 + 0.005 * n) for n in range(60)])


def paint_500_points_twice(desk: Wiring, qtbot: QtBot) -> None:
    _key(desk, Qt.Key.Key_B)
    for row in (0.3, 0.5):
        _stroke(desk, [(0.1 + 0.0016 * n, row + 0.12 * ((n // 25) % 2) * (n % 25) / 25) for n in range(500)])


def drag_the_region(desk: Wiring, qtbot: QtBot) -> None:
    _stroke(desk, [(0.45 + 0.002 * n, 0.4 + 0.001 * n) for n in range(60)])


def nudge_with_keys(desk: Wiring, qtbot: QtBot) -> None:
    canvas = desk.window.viewer.canvas
    canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        for held in (NONE, SHIFT, CONTROL):
            QTest.keyClick(canvas, key, held)
            QApplication.processEvents()


def undo_and_redo(desk: Wiring, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Z, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_Y):
        _key(desk, key, CONTROL)


def switch_views(desk: Wiring, qtbot: QtBot) -> None:
    for mode in ViewMode:
        desk.services.session.set_view_mode(mode)
        qtbot.waitUntil(lambda: desk.preview._is_answered, timeout=PATIENCE_MS)


def step_the_playhead(desk: Wiring, qtbot: QtBot) -> None:
    for key in [Qt.Key.Key_Right] * 12 + [Qt.Key.Key_Left] * 12 + [Qt.Key.Key_Down, Qt.Key.Key_Up]:
        _key(desk, key)


def scrub(desk: Wiring, qtbot: QtBot) -> None:
    surface = desk.window.timeline.timeline.viewport()
    y, left, width = 30, 200, surface.width() - 260
    QTest.mousePress(surface, LEFT, NONE, QPoint(left, y))
    for n in range(60):
        QTest.mouseMove(surface, QPoint(left + width * n // 60, y))
        QApplication.processEvents()
    QTest.mouseRelease(surface, LEFT, NONE, QPoint(left + width, y))


def zoom_the_timeline(desk: Wiring, qtbot: QtBot) -> None:
    for key in [Qt.Key.Key_Equal] * 8 + [Qt.Key.Key_Minus] * 8 + [Qt.Key.Key_Backslash]:
        _key(desk, key)


def choose_clips(desk: Wiring, qtbot: QtBot) -> None:
    ids = [clip.id for track in desk.services.document.project.tracks for clip in track.clips][:4]
    for item in (*ids, *(patch.id for patch in desk.services.document.project.patches[:4])):
        desk.services.session.select(item)
        QApplication.processEvents()


def open_the_export_plan(desk: Wiring, qtbot: QtBot) -> None:
    dialog = desk.export_side.export.dialog
    _key(desk, Qt.Key.Key_E, CONTROL)
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.plan.forecast is not None, timeout=4 * PATIENCE_MS)
    QApplication.processEvents()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=PATIENCE_MS)


def switch_workspaces(desk: Wiring, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_1, Qt.Key.Key_2) * 3:
        _key(desk, key, ALT)


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


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda gesture: gesture.__name__)
@pytest.mark.parametrize("project", ["small", "large"])
def test_gesture(request: pytest.FixtureRequest, qtbot: QtBot, project: str, gesture: Gesture) -> None:
    desk: Wiring = request.getfixturevalue(project)
    if gesture in DRAWN_FIRST:
        draw_a_box(desk, qtbot)
        _rests(desk, qtbot)
    if gesture is undo_and_redo:
        nudge_with_keys(desk, qtbot)
    _judge(gesture, project, desk, qtbot)


def test_opening_a_large_project(desk: Wiring, large_file: Path, qtbot: QtBot, tmp_path: Path) -> None:
    desk.open([str(large_file)])
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    media = desk.services.document.project.media[0]
    qtbot.waitUntil(lambda: desk.services.files.index(media) is not None, timeout=PATIENCE_MS)
    file = tmp_path / "large.patchreel"
    save(made_large(desk.services.document.project, media), file)
    desk.services.document.new()
    _rests(desk, qtbot)

    def open_it(desk: Wiring, qtbot: QtBot) -> None:
        desk.open([str(file)])
        qtbot.waitUntil(lambda: len(desk.services.document.project.patches) == 500, timeout=PATIENCE_MS)

    _judge(open_it, "large", desk, qtbot)


# Inside


def _judge(gesture: Gesture, project: str, desk: Wiring, qtbot: QtBot) -> None:
    watch = StallWatch(BOUND_MS)
    with reading() as read:
        watch.start()
        gesture(desk, qtbot)
        _rests(desk, qtbot)
        watch.stop()
    name = gesture.__name__.replace("_", " ")
    _rows.append(f"| {name} | {project} | {read.events} | {read.longest_ms:.0f} ms | {read.longest_wall_ms:.0f} ms"
                 f" | {watch.longest_ms:.0f} ms | {read.slowest} |")  # fmt: skip
    assert read.longest_ms < BOUND_MS, [*read.over, *watch.suspects]


def _key(desk: Wiring, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(desk.window.timeline.timeline, key, held)
    QApplication.processEvents()


def _at(desk: Wiring, x: float, y: float) -> QPoint:
    rect = desk.window.viewer.viewer.image_rect()
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()


def _stroke(desk: Wiring, places: list[tuple[float, float]]) -> None:
    canvas: QWidget = desk.window.viewer.canvas
    QTest.mousePress(canvas, LEFT, NONE, _at(desk, *places[0]))
    for number, place in enumerate(places[1:]):
        QTest.mouseMove(canvas, _at(desk, *place))
        if number % 10 == 0:
            QApplication.processEvents()
    QTest.mouseRelease(canvas, LEFT, NONE, _at(desk, *places[-1]))


def _rests(desk: Wiring, qtbot: QtBot) -> None:
    """Nothing is at work, about to begin or waiting to be shown."""
    side = desk.patch_side

    def done() -> bool:
        runs = any(side.runs.run_of(patch.id) for patch in desk.services.document.project.patches)
        return not runs and not side.runs.is_waiting and desk.preview.is_current | (desk.preview.last is None)

    qtbot.waitUntil(done, timeout=4 * PATIENCE_MS)
    qtbot.wait(150)
