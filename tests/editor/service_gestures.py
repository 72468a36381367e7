"""What a hand does while services are asked: every workspace, typing, playing, all that opens. Each ends where the patch is."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from tests.editor.conftest import PATIENCE_MS
from tests.editor.gestures import ALT, CONTROL, LEFT, press

RESTS_MS = 30


def all_workspaces(desk: Wiring, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_2):
        _go(desk, key, qtbot)


def play_for_a_while(desk: Wiring, qtbot: QtBot) -> None:
    press(desk, Qt.Key.Key_Home)
    press(desk, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: desk.services.session.playhead > 1, timeout=PATIENCE_MS)
    press(desk, Qt.Key.Key_K)


def write_a_prompt(desk: Wiring, qtbot: QtBot) -> None:
    """Typed letter by letter, on every tab of the form, with the gallery as cards and as a list."""
    _go(desk, Qt.Key.Key_3, qtbot)
    page = desk.generate.page
    qtbot.waitUntil(page.form.isEnabled, timeout=PATIENCE_MS)
    for tab in range(3):
        page.form.tabs.set_current(tab)
        page.form.tabs.tab_changed.emit(tab)
        qtbot.wait(RESTS_MS)
    page.form.tabs.set_current(0)
    page.form.tabs.tab_changed.emit(0)
    page.form.prompt.setFocus()
    page.form.prompt.selectAll()
    for letter in "rain on a window":
        QTest.keyClicks(page.form.prompt, letter)
        QApplication.processEvents()
    for button in (page.gallery.list_button, page.gallery.grid_button):
        QTest.mouseClick(button, LEFT)
        qtbot.wait(RESTS_MS)
    _go(desk, Qt.Key.Key_2, qtbot)


def ask_the_gate(desk: Wiring, qtbot: QtBot) -> None:
    """What the form holds is to be sent, the gate asks, and the answer is no."""
    _go(desk, Qt.Key.Key_3, qtbot)
    form = desk.generate.page.form
    qtbot.waitUntil(form.send.isEnabled, timeout=PATIENCE_MS)
    QTest.mouseClick(form.send, LEFT)
    qtbot.waitUntil(desk.gate.panel.isVisible, timeout=PATIENCE_MS)
    QTest.mouseClick(desk.gate.panel.decline, LEFT)
    qtbot.waitUntil(lambda: not desk.gate.panel.isVisible(), timeout=PATIENCE_MS)
    _go(desk, Qt.Key.Key_2, qtbot)


def type_a_caption(desk: Wiring, qtbot: QtBot) -> None:
    _go(desk, Qt.Key.Key_4, qtbot)
    press(desk, Qt.Key.Key_T, CONTROL)
    qtbot.wait(RESTS_MS)
    for page in desk.window.captions.table.viewport().findChildren(QPlainTextEdit):
        for letter in "Spring starts small.":
            QTest.keyClicks(page, letter)
            QApplication.processEvents()
        QTest.keyClick(page, Qt.Key.Key_Return)
    qtbot.wait(RESTS_MS)
    desk.services.document.undo_stack.undo()
    _go(desk, Qt.Key.Key_2, qtbot)


def open_every_dialog(desk: Wiring, qtbot: QtBot) -> None:
    window = desk.window
    for wish in (*(desk.services.actions.action(name).trigger for name in ("view.costs", "edit.provider_keys", "file.export")),
                 desk.patch_side.fallback.open):  # fmt: skip
        wish()
        qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(QDialog)), timeout=PATIENCE_MS)
        qtbot.wait(RESTS_MS)
        for dialog in window.findChildren(QDialog):
            if dialog.isVisible():
                QTest.keyClick(dialog, Qt.Key.Key_Escape)
        _to_front(desk, qtbot)


SERVICE_GESTURES = (
    all_workspaces, write_a_prompt, ask_the_gate, type_a_caption, play_for_a_while, open_every_dialog,
)  # fmt: skip


def _go(desk: Wiring, key: Qt.Key, qtbot: QtBot) -> None:
    QTest.keyClick(desk.window, key, ALT)
    qtbot.wait(RESTS_MS)


def _to_front(desk: Wiring, qtbot: QtBot) -> None:
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
