"""The whole loop with key events only, sent to whatever has the focus; and a name for everything that the focus can meet."""

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from editor.controllers import region_controller
from editor.session import ViewMode
from editor.wiring import Wiring
from engine.project.model import Patch, PatchState, RegionKind
from tests.editor.conftest import FRAMES, PATIENCE_MS, RATE

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
ANCHOR = 25
NO_KEYS = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
MOST_TABS = 150


def test_the_whole_loop_by_keys(
    desk: Wiring, clip_file: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(region_controller, "DEFAULT_BEFORE", 4)
    monkeypatch.setattr(region_controller, "DEFAULT_AFTER", 4)
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
    _import(desk, clip_file, qtbot)
    _put_on_the_timeline(desk, qtbot)
    _stop_on_a_frame(desk, qtbot)
    _place_a_region(desk, qtbot)
    _run(desk, qtbot)
    _review(desk, qtbot)
    _key(Qt.Key.Key_A)
    assert _patch(desk).state is PatchState.PUBLISHED
    _export(desk, tmp_path, qtbot)


def _import(desk: Wiring, clip: Path, qtbot: QtBot) -> None:
    """The dialog runs a loop of its own, so its keys wait for it."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        for letter in str(clip):
            _key_text(letter)
        _key(Qt.Key.Key_Return)

    QTimer.singleShot(200, answer)
    _key(Qt.Key.Key_I, CONTROL)
    qtbot.waitUntil(lambda: len(desk.services.document.project.media) == 1, timeout=PATIENCE_MS)
    desk.window.activateWindow()  # as a window manager does when a dialog closes
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)


def _put_on_the_timeline(desk: Wiring, qtbot: QtBot) -> None:
    _tab_to(desk.window.bin.view)
    _key(Qt.Key.Key_Down)
    _key(Qt.Key.Key_Home)
    _key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.services.document.project.duration == FRAMES * FRAME, timeout=PATIENCE_MS)
    media = desk.services.document.project.media[0]
    qtbot.waitUntil(lambda: desk.services.files.index(media) is not None, timeout=PATIENCE_MS)


def _stop_on_a_frame(desk: Wiring, qtbot: QtBot) -> None:
    _tab_to(desk.window.timeline.timeline)
    _key(Qt.Key.Key_Home)
    _key(Qt.Key.Key_Right, SHIFT)
    assert desk.services.session.playhead == ANCHOR * FRAME
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)


def _place_a_region(desk: Wiring, qtbot: QtBot) -> None:
    """The tool takes the keys to the picture; Enter places a box, arrows move it, Esc lets it go."""
    _key(Qt.Key.Key_R)
    _key(Qt.Key.Key_Return)
    before = _patch(desk).region
    assert before.kind is RegionKind.BOX and _patch(desk).anchor == ANCHOR * FRAME
    for _ in range(2):
        _key(Qt.Key.Key_Right, SHIFT)
    moved = _patch(desk).region
    assert moved.bounds[0] == pytest.approx(before.bounds[0] + 20 / 320) and desk.services.session.playhead == ANCHOR * FRAME
    _key(Qt.Key.Key_Escape)


def _run(desk: Wiring, qtbot: QtBot) -> None:
    _tab_to(desk.window.timeline.timeline)
    _key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _patch(desk).version is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.patch_side.runs.run_of(_patch(desk).id) is None, timeout=4 * PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.window.patch.review.claim.text() == "Outside: 0 px changed", timeout=PATIENCE_MS)


def _review(desk: Wiring, qtbot: QtBot) -> None:
    viewer, session = desk.window.viewer.viewer, desk.services.session
    for mode in (ViewMode.ORIGINAL, ViewMode.SPLIT, ViewMode.HEATMAP, ViewMode.RESULT):
        _key(Qt.Key.Key_D)
        assert session.view_mode is mode
    for mode in (ViewMode.LOCATION, ViewMode.DIFFERENCE, ViewMode.MAGNITUDE):
        _key(Qt.Key.Key_D, SHIFT)
        assert session.view_mode is mode
    _key(Qt.Key.Key_D)
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyPress(focus, Qt.Key.Key_Y)
    assert viewer.shown_mode() == "Original"
    QTest.keyRelease(focus, Qt.Key.Key_Y)
    assert viewer.shown_mode() == "Result"
    _key(Qt.Key.Key_Z)
    assert viewer.magnifier.is_on and viewer.magnifier.loupe.hasFocus()
    _key(Qt.Key.Key_Escape)
    assert not viewer.magnifier.is_on
    doubtful = [time for time, _, _ in desk.patch_side.choice.looks()]
    _key(Qt.Key.Key_F8)
    assert session.playhead in (doubtful or [ANCHOR * FRAME])
    _key(Qt.Key.Key_Space, SHIFT)
    assert desk.playback.player.is_playing
    qtbot.waitUntil(lambda: session.playhead != ANCHOR * FRAME, timeout=PATIENCE_MS)
    _key(Qt.Key.Key_K)
    assert not desk.playback.player.is_playing and _patch(desk).window.contains(session.playhead)


def _export(desk: Wiring, folder: Path, qtbot: QtBot) -> None:
    _key(Qt.Key.Key_E, CONTROL)
    dialog = desk.export_side.export.dialog
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    dialog.plan.form.add_folder(folder)  # where to, the system's own dialog asks
    qtbot.waitUntil(lambda: dialog.isActiveWindow(), timeout=PATIENCE_MS)
    _tab_to(dialog.plan.form.name)
    _key(Qt.Key.Key_A, CONTROL)
    for letter in "out.mp4":
        _key_text(letter)
    qtbot.waitUntil(lambda: dialog.plan.forecast is not None and dialog.plan.export.isEnabled(), timeout=PATIENCE_MS)
    _tab_to(dialog.plan.export)
    _key(Qt.Key.Key_Space)
    qtbot.waitUntil((folder / "out.mp4").is_file, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.verdict, timeout=PATIENCE_MS)
    _key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=PATIENCE_MS)


# Names


INTERACTIVE = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


def test_everything_that_can_be_reached_has_a_name(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.window.activateWindow()
    _tab_to(desk.window.timeline.timeline)
    _key(Qt.Key.Key_R)
    _key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.services.document.project.patches != (), timeout=PATIENCE_MS)
    reachable = [widget for window in QApplication.topLevelWidgets() for widget in _interactive(window)]
    assert len(reachable) > 100
    nameless = {_path(widget) for widget in reachable if not _name(widget)}
    assert not nameless, "\n".join(sorted(nameless))


def test_tab_reaches_every_part_of_the_window(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
    window = desk.window
    for part in (window.bin.view, window.viewer.canvas, window.timeline.timeline, window.viewer.outputs.arrow,
                 window.viewer.transport.button("loop")):  # fmt: skip
        _tab_to(part)


def _interactive(window: QWidget) -> list[QWidget]:
    """What takes the focus or the hand; parts of a compound widget, and scroll bars, belong to their whole."""
    found = [window, *window.findChildren(QWidget)]
    return [
        widget for widget in found
        if (isinstance(widget, INTERACTIVE) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus)
        and not widget.objectName().startswith("qt_") and not _is_in_compound(widget)
        and not isinstance(widget, (QLabel, QScrollBar))
    ]  # fmt: skip


def _is_in_compound(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, (QAbstractSpinBox, QComboBox, QLineEdit)):
        parent = parent.parentWidget()
    return parent is not None


def _name(widget: QWidget) -> str:
    """What a reader says: the name, or the words on a button."""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def _path(widget: QWidget | None) -> str:
    names = []
    while widget is not None:
        names.append(type(widget).__name__)
        widget = widget.parentWidget()
    return " < ".join(names[:5])


# Keys


def _patch(desk: Wiring) -> Patch:
    return desk.services.document.project.patches[0]


def _key(key: Qt.Key, held: Qt.KeyboardModifier = NO_KEYS) -> None:
    """To what has the focus in the active window, as the keyboard sends it."""
    active = QApplication.activeModalWidget() or QApplication.activeWindow()
    assert active is not None
    QTest.keyClick(QApplication.focusWidget() or active, key, held)


def _key_text(letter: str) -> None:
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClicks(target, letter)


def _tab_to(wanted: QWidget) -> None:
    """Tab until the focus is there: nothing is out of reach, and nothing holds the focus."""
    for _ in range(MOST_TABS):
        focus = QApplication.focusWidget()
        if focus is wanted or (focus is not None and wanted.isAncestorOf(focus)):
            return
        held = CONTROL if isinstance(focus, QPlainTextEdit) and not focus.tabChangesFocus() else NO_KEYS
        _key(Qt.Key.Key_Tab, held)
    raise AssertionError(f"Tab never reached {_path(wanted)}; it is at {_path(QApplication.focusWidget())}")
