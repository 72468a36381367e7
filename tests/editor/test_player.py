"""The playback clock, with a clock of its own."""

from fractions import Fraction

import pytest
from pytestqt.qtbot import QtBot

from editor.player import Player
from engine.rational_time import TimeRange

F = Fraction
WHOLE = TimeRange(F(0), F(10))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(qapp: object, clock: Clock) -> Player:
    return Player(now=clock)


def test_time_goes_by_the_clock_at_its_speed(player: Player, clock: Clock) -> None:
    player.play(F(2), WHOLE, 2)
    clock.now = 1.5
    assert player.time == 5
    player.play(F(5), WHOLE, -4)
    clock.now = 2.0
    assert player.time == 3
    player.stop()


def test_it_stops_at_the_end_and_says_so(player: Player, clock: Clock, qtbot: QtBot) -> None:
    told: list[object] = []
    player.time_due.connect(told.append)
    player.play(F(9), WHOLE)
    clock.now = 1.25
    with qtbot.waitSignal(player.playing_changed, timeout=5000) as stopped:
        pass
    assert stopped.args == [False] and told[-1] == 10 and not player.is_playing


def test_it_begins_again_where_it_loops(player: Player, clock: Clock, qtbot: QtBot) -> None:
    player.set_loops(True)
    player.play(F(5), TimeRange(F(4), F(2)))
    clock.now = 1.5
    with qtbot.waitSignal(player.time_due, timeout=5000, check_params_cb=lambda time: time == 4):
        pass
    assert player.is_playing
    player.stop()


def test_from_outside_the_range_it_begins_at_its_start(player: Player) -> None:
    player.play(F(1), TimeRange(F(4), F(2)))
    assert player.time == 4
    player.stop()


def test_speed_is_bounded(player: Player) -> None:
    player.play(F(0), WHOLE, 99)
    assert player.speed == 8
    player.stop()
