"""The layer stack reports wishes and shows what it is told; nothing changes by itself."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.layer_stack import LayerRow, LayerStack

ROWS = (
    LayerRow("p", "motion patch", "Motion patch", "Remove boulders", version=3, versions=("Blur", "Inpaint", "Gemini")),
    LayerRow("c", "captions", "Captions", "English, 14 cues", movable=True),
    LayerRow("o", "overlay", "Overlay", "logo.png", visible=False, movable=True),
    LayerRow("m", "music", "Music", "vibe_ace.ogg", locked=True),
)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def stack(qtbot: QtBot) -> LayerStack:
    made = LayerStack()
    qtbot.addWidget(made)
    made.resize(288, 200)
    made.set_rows(ROWS)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_eye_and_padlock_report_the_wish_and_change_nothing(stack: LayerStack, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stack.visible_toggled) as seen:
        QTest.mouseClick(stack.row_view("o").button("eye"), LEFT)
    assert seen.args == ["o", True]
    with qtbot.waitSignal(stack.locked_toggled) as locked:
        QTest.mouseClick(stack.row_view("m").button("lock"), LEFT)
    assert locked.args == ["m", False]
    assert stack.rows() == ROWS


def test_the_version_menu_offers_all_newest_first(stack: LayerStack, qtbot: QtBot) -> None:
    actions = stack.row_view("p").menu().actions()
    assert [action.text() for action in actions] == ["v3 Gemini", "v2 Inpaint", "v1 Blur"]
    assert [action.isChecked() for action in actions] == [True, False, False]
    with qtbot.waitSignal(stack.version_chosen) as chosen:
        actions[1].trigger()
    assert chosen.args == ["p", 2]
    assert not stack.row_view("c").button("version").isEnabled()


def test_a_click_selects_once(stack: LayerStack, qtbot: QtBot) -> None:
    view = stack.row_view("c")
    with qtbot.waitSignal(stack.selected) as chosen:
        QTest.mouseClick(view, LEFT, pos=QPoint(150, 10))
    assert chosen.args == ["c"]
    with qtbot.assertNotEmitted(stack.selected):
        QTest.mouseClick(view, LEFT, pos=QPoint(150, 10))


def test_keys_choose_show_and_move(stack: LayerStack, qtbot: QtBot) -> None:
    stack.row_view("p").setFocus()
    with qtbot.waitSignal(stack.selected) as chosen:
        QTest.keyClick(stack.row_view("p"), Qt.Key.Key_Down)
    assert chosen.args == ["c"]
    with qtbot.waitSignal(stack.visible_toggled) as hidden:
        QTest.keyClick(stack.row_view("c"), Qt.Key.Key_Space)
    assert hidden.args == ["c", False]
    with qtbot.waitSignal(stack.moved) as moved:
        QTest.keyClick(stack.row_view("c"), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert moved.args == ["c", 2]


def test_a_grip_drag_asks_for_the_place_where_it_was_dropped(stack: LayerStack, qtbot: QtBot) -> None:
    view = stack.row_view("c")
    below = QPoint(10, 2 * view.height() + view.height() // 2 + 8)  # past the middle of the last row
    with qtbot.waitSignal(stack.moved) as moved:
        QTest.mousePress(view, LEFT, pos=QPoint(10, 10))
        QTest.mouseMove(view, below)
        QTest.mouseRelease(view, LEFT, pos=below)
    assert moved.args == ["c", 3]


def test_a_row_without_a_grip_is_not_dragged(stack: LayerStack, qtbot: QtBot) -> None:
    view = stack.row_view("p")
    with qtbot.assertNotEmitted(stack.moved):
        QTest.mousePress(view, LEFT, pos=QPoint(10, 10))
        QTest.mouseMove(view, QPoint(10, 90))
        QTest.mouseRelease(view, LEFT, pos=QPoint(10, 90))


def test_an_update_keeps_the_rows_and_the_focus(stack: LayerStack) -> None:
    view = stack.row_view("o")
    view.setFocus()
    stack.set_rows([*ROWS[:2], LayerRow("o", "overlay", "Overlay", "logo.png", visible=True), ROWS[3]])
    assert stack.row_view("o") is view and view.row.visible and view.hasFocus()


def test_names_say_the_state(stack: LayerStack) -> None:
    assert stack.row_view("o").accessibleName() == "Overlay, logo.png, hidden"
    assert stack.row_view("m").button("lock").accessibleName() == "Unlock Music"
    assert stack.row_view("m").button("eye").toolTip() == "Mute Music"


def test_the_chosen_patch_has_the_orange_bar(stack: LayerStack) -> None:
    view = stack.row_view("p")
    before = view.grab().toImage().pixelColor(1, 10)
    stack.set_selected("p")
    after = view.grab().toImage().pixelColor(1, 10)
    assert before != after and after.name() == "#ff8b4a"


def test_compact_rows_are_lower(stack: LayerStack) -> None:
    stack.set_compact(True)
    assert {stack.row_view(row.id).height() for row in ROWS} == {28}


def test_an_unknown_row_is_an_error(stack: LayerStack) -> None:
    with pytest.raises(KeyError):
        stack.row_view("x")
