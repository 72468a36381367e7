"""Every button of the transport reports, has a name and a tooltip with its key, and the bar has its height."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.transport import ACTIONS, Transport


@pytest.fixture
def bar(qtbot: QtBot) -> Transport:
    made = Transport()
    qtbot.addWidget(made)
    made.resize(1000, 44)
    made.show()
    return made


SIGNALS = {
    "mark_in": "mark_in",
    "go_start": "go_start",
    "step_back": "step_back",
    "play": "play_clicked",
    "step_forward": "step_forward",
    "go_end": "go_end",
    "mark_out": "mark_out",
}


@pytest.mark.parametrize(("name", "signal"), SIGNALS.items())
def test_each_button_reports(bar: Transport, qtbot: QtBot, name: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(bar, signal)):
        QTest.mouseClick(bar.button(name), Qt.MouseButton.LeftButton)


def test_loop_reports_its_state_but_not_when_told(bar: Transport, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.loop_toggled) as told:
        QTest.mouseClick(bar.button("loop"), Qt.MouseButton.LeftButton)
    assert told.args == [True]
    with qtbot.assertNotEmitted(bar.loop_toggled):
        bar.set_looping(False)
    assert not bar.button("loop").isChecked()


def test_every_button_names_itself_and_its_key(bar: Transport) -> None:
    for name, action in ACTIONS.items():
        assert bar.button(name).accessibleName() == action.text
        assert bar.button(name).toolTip() == f"{action.text} ({action.key})"
    bar.set_keys({"play": "K"})
    bar.set_playing(True)
    assert bar.button("play").toolTip() == "Pause (K)"


def test_disabled_buttons_say_why(bar: Transport) -> None:
    bar.set_available(False)
    assert not bar.button("play").isEnabled() and bar.button("play").toolTip() == "Nothing on the timeline yet"


def test_the_buttons_stay_in_the_middle(bar: Transport) -> None:
    bar.set_timecode("00:00:06:23")
    bar.set_anchor(True)
    bar.set_format("1280 × 720, 25 fps")
    bar.set_duration("00:00:34:09")
    bar.repaint()
    first, last = bar.button("mark_in").geometry(), bar.button("loop").geometry()
    assert abs((first.left() + last.right()) / 2 - bar.width() / 2) <= 2


def test_compact_is_lower_and_leaves_out_what_has_a_key(bar: Transport) -> None:
    assert bar.height() == 44
    bar.set_compact(True)
    assert bar.height() == 36 and not bar.button("mark_in").isVisible()
    assert bar.button("play").height() <= 28
    bar.set_compact(False)
    assert bar.height() == 44 and bar.button("mark_in").isVisible()
