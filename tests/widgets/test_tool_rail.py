"""The tool rail asks and is told: the light follows the canvas, never the click alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.roi_canvas import RoiCanvas, ToolRail


@pytest.fixture
def rail(qtbot: QtBot) -> ToolRail:
    made = ToolRail()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_click_asks_and_the_canvas_decides(rail: ToolRail, qtbot: QtBot) -> None:
    canvas = RoiCanvas()
    qtbot.addWidget(canvas)
    canvas.tool_changed.connect(rail.set_tool)
    with qtbot.waitSignal(rail.tool_chosen) as asked:
        QTest.mouseClick(rail.button("box"), Qt.MouseButton.LeftButton)
    assert asked.args == ["box"] and not rail.button("box").isChecked()
    canvas.set_tool("box")
    assert rail.button("box").isChecked() and not rail.button("select").isChecked()


def test_a_second_press_goes_back_to_new(rail: ToolRail, qtbot: QtBot) -> None:
    rail.set_tool("lasso")
    heard: list[str] = []
    rail.combine_chosen.connect(heard.append)
    QTest.mouseClick(rail.button("add"), Qt.MouseButton.LeftButton)
    rail.set_combine("add")
    QTest.mouseClick(rail.button("add"), Qt.MouseButton.LeftButton)
    assert heard == ["add", "new"]


def test_without_a_drawing_tool_there_is_nothing_to_combine(rail: ToolRail) -> None:
    assert not rail.button("add").isEnabled()
    rail.set_tool("box")
    assert rail.button("add").isEnabled()
    rail.set_tool("hand")
    assert not rail.button("add").isEnabled()


def test_every_tool_has_a_name_and_a_tip(rail: ToolRail) -> None:
    for name in ("select", "box", "lasso", "hand", "add", "subtract"):
        assert rail.button(name).accessibleName() and rail.button(name).toolTip()
    assert rail.button("lasso").toolTip() == "Lasso region (Shift+R)"
