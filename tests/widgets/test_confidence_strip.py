"""No bad frame is lost in zooming out, and a click finds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.confidence_strip import ConfidenceBar, ConfidenceStrip, Level, bar_at, columns, summary, worst_index

LEVELS: tuple[Level, ...] = ("green", "amber", "red")
levels = st.sampled_from(LEVELS)
bars = st.lists(st.tuples(levels, st.floats(0, 1)), min_size=1, max_size=400).map(
    lambda rows: [ConfidenceBar(30 + index, level, value) for index, (level, value) in enumerate(rows)]
)


@given(bars, st.floats(1, 2000))
def test_columns_cover_every_frame_once_and_keep_the_worst(frames: list[ConfidenceBar], width: float) -> None:
    shown = columns(frames, width)
    covered = [index for column in shown for index in range(column.first, column.last + 1)]
    assert covered == list(range(len(frames)))
    rank = {"green": 0, "amber": 1, "red": 2}
    for column in shown:
        inside = frames[column.first : column.last + 1]
        assert rank[frames[column.worst].level] == max(rank[bar.level] for bar in inside)


@given(bars, st.floats(10, 2000))
def test_the_worst_frame_of_all_can_be_clicked(frames: list[ConfidenceBar], width: float) -> None:
    worst = worst_index(frames)
    assert worst is not None
    shown = columns(frames, width)
    number = next(i for i, column in enumerate(shown) if column.first <= worst <= column.last)
    found = bar_at(frames, width, (number + 0.5) * width / len(shown))
    assert found is not None and frames[found].level == frames[worst].level


def five(*words: Level) -> list[ConfidenceBar]:
    return [ConfidenceBar(10 + i, word, 0.5) for i, word in enumerate(words)]


@pytest.fixture
def strip(qtbot: QtBot) -> ConfidenceStrip:
    made = ConfidenceStrip()
    qtbot.addWidget(made)
    made.resize(100, 24)
    made.set_bars(five("red", "green", "green", "amber", "green"))
    made.show()
    return made


def test_heights_and_colours_say_the_same(strip: ConfidenceStrip) -> None:
    picture = strip.grab().toImage()

    def height(x: int, color: str) -> int:
        return sum(picture.pixelColor(x, y).name() == color for y in range(24))

    assert height(2, "#ff6b80") == 24
    assert height(30, "#57c98a") == 6
    assert height(70, "#e9c53d") == 16


def test_a_click_asks_for_the_frame(strip: ConfidenceStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.frame_chosen) as chosen:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(70, 10))
    assert chosen.args == [13]


def test_arrows_go_to_the_frames_that_need_a_look(strip: ConfidenceStrip, qtbot: QtBot) -> None:
    heard: list[int] = []
    strip.frame_chosen.connect(heard.append)
    strip.set_current(10)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert heard == [13, 10]


def test_the_sentence_counts(strip: ConfidenceStrip) -> None:
    assert summary(five("red", "green", "amber")) == "2 of 3 frames need a look"
    assert summary(five("red", "green")) == "1 of 2 frames needs a look"
    assert summary(five("green", "green")) == "All 2 frames hold"
    assert strip.accessibleDescription() == "2 of 5 frames need a look"
    assert strip.tip_at(70).startswith("Frame 13: check, confidence 0.50")
