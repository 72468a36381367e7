"""Drop-down lists by keys alone: what is open answers to Enter, and its letters are nobody else's commands."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from editor.session import Tool
from editor.wiring import Wiring
from tests.editor.conftest import PATIENCE_MS

pytestmark = pytest.mark.integration


@pytest.fixture
def providers(desk_with_clip: Wiring, qtbot: QtBot) -> QComboBox:
    """The list of providers, open, of a region that was just drawn."""
    desk = desk_with_clip
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_R)
    QTest.keyClick(desk.window.viewer.canvas, Qt.Key.Key_Return)
    box = desk.window.patch.recipe.provider
    qtbot.waitUntil(box.isVisible, timeout=PATIENCE_MS)
    box.setFocus()
    box.showPopup()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is box.view(), timeout=PATIENCE_MS)
    return box


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_takes_what_is_marked_in_an_open_list(desk: Wiring, providers: QComboBox, qtbot: QtBot, key: Qt.Key) -> None:
    before = providers.currentIndex()
    QTest.keyClick(providers.view(), Qt.Key.Key_Down)
    QTest.keyClick(providers.view(), key)
    qtbot.waitUntil(lambda: not providers.view().isVisible(), timeout=PATIENCE_MS)
    assert providers.currentIndex() == before + 1
    (patch,) = desk.services.document.project.patches
    assert patch.recipe.provider == providers.currentData() and patch.version is None


def test_letters_in_an_open_list_are_no_commands(desk: Wiring, providers: QComboBox) -> None:
    QTest.keyClick(providers.view(), Qt.Key.Key_B)
    assert desk.services.session.tool is Tool.SELECT, "B is the brush elsewhere"
    assert providers.view().currentIndex().data().startswith("B"), "in a list it goes to the names that begin so"
    QTest.keyClick(providers.view(), Qt.Key.Key_Escape)
