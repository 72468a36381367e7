"""Slow motion in the window: by its key, in the list of jobs, undone in one step, cancelled at once."""

from time import monotonic

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.jobs_board import JobState
from editor.wiring import Wiring
from engine.project.clip_edits import Edge, split_clip, trim_clip
from engine.project.model import Clip
from tests.editor.conftest import PATIENCE_MS, RATE

pytestmark = pytest.mark.integration


def clips(desk: Wiring) -> list[Clip]:
    return [clip for track in desk.services.document.project.tracks for clip in track.clips]


def shorten(desk: Wiring, frames: int) -> None:
    clip = clips(desk)[0]
    end = clip.start + clip.source_range.duration * frames / 60
    desk.services.edit("Trim clip", lambda project: trim_clip(project, clip.id, Edge.END, end))


def press(desk: Wiring, *, also_shift: bool = False) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier if also_shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(desk.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | shift)



def test_the_key_slows_the_clip_and_undo_brings_it_back(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    shorten(desk, 4)
    before, steps = clips(desk), desk.services.document.undo_stack.count()
    press(desk)
    assert desk.export_side.slow.is_working and desk.export_side.board.running == 1
    qtbot.waitUntil(lambda: not desk.export_side.slow.is_working, timeout=PATIENCE_MS)
    (slowed,) = clips(desk)
    assert slowed.source_range.duration == 2 * before[0].source_range.duration and slowed.id in desk.services.session.selection
    assert desk.export_side.board.entries[-1].state is JobState.DONE
    media = desk.services.document.project.media_by_id(slowed.media_id or "")
    assert media.rate == RATE and "slowed 2×" in media.name and media.derived_from
    assert desk.services.document.undo_stack.count() == steps + 1
    desk.services.actions.action("edit.undo").trigger()
    assert clips(desk) == before


def test_a_clip_that_was_changed_meanwhile_keeps_its_place(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    shorten(desk, 6)
    press(desk)
    cut = clips(desk)[0]
    desk.services.edit("Split clip", lambda project: split_clip(project, cut.id, cut.source_range.duration / 2))
    after = clips(desk)
    qtbot.waitUntil(lambda: not desk.export_side.slow.is_working, timeout=PATIENCE_MS)
    assert clips(desk) == after and len(desk.services.document.project.media) == 2


def test_it_is_cancelled_at_once_and_nothing_changes(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    before = clips(desk)
    press(desk, also_shift=True)
    one = desk.export_side.board.entries[-1]
    qtbot.waitUntil(lambda: one.progress.fraction > 0.02, timeout=PATIENCE_MS)
    began = monotonic()
    one.cancel()
    qtbot.waitUntil(lambda: not desk.export_side.slow.is_working, timeout=PATIENCE_MS)
    assert monotonic() - began < 2.0, "half a second on a quiet machine"
    assert one.state is JobState.CANCELLED and clips(desk) == before


def test_what_is_no_video_is_refused(desk: Wiring, qtbot: QtBot) -> None:
    assert not desk.services.actions.action("clip.slow_2").isEnabled()
    desk.services.actions.action("clip.text").trigger()
    with qtbot.waitSignal(desk.services.notifications.posted) as said:
        desk.export_side.slow.slow(2)
    assert "Only the clip of a video" in said.args[0] and not desk.export_side.slow.is_working
