"""The chart finds frames by position, counts what needs a look and speaks its numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.change_chart import ChangeChart, FrameChange
from widgets.change_chart.values import runs, tick_step

LEFT = Qt.MouseButton.LeftButton


def changes(count: int = 91, first: int = 30) -> list[FrameChange]:
    return [FrameChange(first + i, 0.054, 0.7, "red" if i < 3 else "green") for i in range(count)]


@pytest.fixture
def chart(qtbot: QtBot) -> ChangeChart:
    made = ChangeChart()
    qtbot.addWidget(made)
    made.resize(942, 112)  # 910 px for 91 frames
    made.set_changes(changes(), anchors=(70,))
    made.show()
    return made


def test_a_click_seeks_and_a_drag_scrubs(chart: ChangeChart, qtbot: QtBot) -> None:
    heard: list[int] = []
    chart.frame_chosen.connect(heard.append)
    QTest.mousePress(chart, LEFT, pos=QPoint(16 + 5, 60))
    QTest.mouseMove(chart, QPoint(16 + 405, 60))
    QTest.mouseMove(chart, QPoint(5000, 60))
    QTest.mouseRelease(chart, LEFT, pos=QPoint(5000, 60))
    assert heard == [30, 70, 120]


def test_the_title_does_not_seek(chart: ChangeChart, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(chart.frame_chosen):
        QTest.mouseClick(chart, LEFT, pos=QPoint(300, 10))


def test_arrows_step_and_stop_at_the_ends(chart: ChangeChart, qtbot: QtBot) -> None:
    heard: list[int] = []
    chart.frame_chosen.connect(heard.append)
    chart.set_current(119)
    for _ in range(3):
        QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert heard == [120, 119]


def test_it_says_how_many_frames_need_a_look(chart: ChangeChart) -> None:
    assert chart.accessibleDescription() == "3 of 91 frames need a look"


def test_the_anchor_is_orange(chart: ChangeChart) -> None:
    picture = chart.grab().toImage()
    colors = {picture.pixelColor(421, y).name() for y in range(36, 92)}
    assert "#ff8b4a" in colors


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_any_number_of_frames_is_painted(chart: ChangeChart, count: int) -> None:
    chart.set_changes(changes(count, 0), anchors=())
    assert not chart.grab().isNull()


def test_one_doubtful_frame_among_thousands_is_seen(chart: ChangeChart) -> None:
    rows = [FrameChange(i, 0.05, 0.5, "red" if i == 3001 else "amber") for i in range(5000)]
    chart.set_changes(rows, anchors=())
    picture = chart.grab().toImage()
    assert "#3b262c" in {picture.pixelColor(x, 50).name() for x in range(picture.width())}


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_exactly_the_frames_that_need_a_look(flags: list[bool]) -> None:
    rows = [FrameChange(i, 0, 0, "amber" if flag else "green") for i, flag in enumerate(flags)]
    found = runs(rows)
    assert [i for first, end in found for i in range(first, end)] == [i for i, flag in enumerate(flags) if flag]
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(st.integers(1, 100_000), st.floats(50, 4000))
def test_numbers_do_not_crowd(count: int, width: float) -> None:
    step = tick_step(count, width, 48)
    assert width / count * step >= 48 and str(step).strip("0") in {"1", "2", "5"}
