"""Workspaces of the window: the panels, or a page that takes the place of all of them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from editor.main_window import PATCH_TAB
from editor.wiring import Wiring

pytestmark = pytest.mark.integration


@pytest.fixture
def page(desk: Wiring) -> QWidget:
    """A page of its own beside the window's own workspaces."""
    made = QWidget()
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    desk.window.add_page("darkroom", "Darkroom", made)
    return made


def _tab(desk: Wiring, label: str) -> QPushButton:
    return next(tab for tab in desk.window.top_bar.findChildren(QPushButton) if tab.text() == label)


def test_a_page_takes_the_place_of_all_panels_and_gives_it_back(desk: Wiring, page: QWidget) -> None:
    QTest.mouseClick(_tab(desk, "Darkroom"), Qt.MouseButton.LeftButton)
    assert page.isVisible() and not desk.window.timeline.isVisible() and not desk.window.patch.isVisible()
    assert _tab(desk, "Darkroom").isChecked() and desk.window.workspace == "darkroom"
    QTest.mouseClick(_tab(desk, "Edit"), Qt.MouseButton.LeftButton)
    assert not page.isVisible() and desk.window.timeline.isVisible() and desk.window.inspector.isVisible()


def test_what_comes_up_at_the_right_meanwhile_does_not_push_the_page_away(desk: Wiring, page: QWidget) -> None:
    desk.window.show_workspace("darkroom")
    desk.window.show_right(PATCH_TAB)
    assert page.isVisible() and _tab(desk, "Darkroom").isChecked()


def test_keys_of_the_hidden_panels_rest(desk: Wiring, page: QWidget) -> None:
    split, undo = desk.services.actions.action("clip.split"), desk.services.actions.action("edit.undo")
    desk.window.show_workspace("darkroom")
    assert split.shortcuts() == [] and undo.shortcuts() == [QKeySequence("Ctrl+Z")]
    QTest.keyClick(page, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert desk.window.workspace == "edit" and QKeySequence("S") in split.shortcuts()


def test_the_workspace_is_there_again_after_a_restart(desk: Wiring, page: QWidget, qtbot: QtBot) -> None:
    desk.window.show_workspace("darkroom")
    desk.window.save_layout()
    desk.window.show_workspace("patch")
    desk.window.restore_window()
    assert desk.window.workspace == "darkroom"


def test_a_workspace_of_another_version_leaves_everything_as_it_is(desk: Wiring) -> None:
    before = desk.window.workspace
    desk.window.show_workspace("no such place")
    assert desk.window.workspace == before
