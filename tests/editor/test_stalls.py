"""What the window's own thread does for one gesture stays below 50 ms of its processor time, also on a long timeline."""

import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.project.clip_edits import insert_clip, move_clip
from engine.project.model import Project
from engine.rational_time import TimeRange
from tests.editor.conftest import FRAMES, PATIENCE_MS, RATE

pytestmark = pytest.mark.performance
BOUND_S = 0.05
CLIPS = 300
FRAME = Fraction(1, RATE)


def worked(act: Callable[[], object]) -> float:
    """Processor seconds of this thread for an act and every event that follows from it at once. The best of three."""
    spent = []
    for _ in range(3):
        start = time.thread_time()
        act()
        QApplication.processEvents()
        spent.append(time.thread_time() - start)
    return min(spent)


@pytest.fixture
def long_desk(desk_with_clip: Wiring, qtbot: QtBot) -> Wiring:
    """300 clips of half a second each."""
    media = desk_with_clip.services.document.project.media[0]

    def many(project: Project) -> Project:
        end = FRAMES * FRAME
        for number in range(CLIPS):
            start = end + number * Fraction(1, 2)
            project = insert_clip(project, media.id, start, source_range=TimeRange(Fraction(0), Fraction(1, 2)))
        return project

    desk_with_clip.services.edit("Many clips", many)
    qtbot.waitUntil(lambda: desk_with_clip.preview.is_current, timeout=PATIENCE_MS)
    return desk_with_clip


def test_scrubbing(long_desk: Wiring) -> None:
    times = iter(range(1, 50))
    assert worked(lambda: long_desk.playback.seek(next(times) * FRAME)) < BOUND_S


def test_an_edit(long_desk: Wiring) -> None:
    clips = long_desk.services.document.project.track_by_id("V1").clips
    places = iter(range(1, 9))

    def move() -> None:
        last = clips[-1]
        long_desk.services.edit("Move", lambda p: move_clip(p, last.id, last.start + next(places)))

    assert worked(move) < BOUND_S


def test_choosing_a_clip(long_desk: Wiring) -> None:
    clips = iter(long_desk.services.document.project.track_by_id("V1").clips)
    assert worked(lambda: long_desk.services.session.select(next(clips).id)) < BOUND_S
