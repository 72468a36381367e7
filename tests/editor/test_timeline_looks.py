"""What the window says beside the timeline and at its foot: frames that need a look, and when unsaved work was kept."""

from fractions import Fraction

from PySide6.QtCore import QTime
from pytestqt.qtbot import QtBot

from editor.panels.timeline_looks import TimelineLooks
from editor.view_models import Trusted
from editor.wiring import Wiring
from engine.project.track_edits import set_track_visible
from tests.editor.conftest import PATIENCE_MS
from widgets.timeline.values import Level


def _trusted(*levels: Level) -> Trusted:
    return tuple((Fraction(number, 25), level) for number, level in enumerate(levels))


def test_frames_that_need_a_look_are_counted_over_all_patches(qtbot: QtBot) -> None:
    looks = TimelineLooks("F8")
    qtbot.addWidget(looks)
    looks.show_trust({"p": _trusted("green", "amber", "red"), "q": _trusted("green", "green")})
    assert looks.text() == "2 of 5 frames need a look" and not looks.isHidden()
    assert "F8" in looks.next.toolTip()
    with qtbot.waitSignal(looks.next_wanted):
        looks.next.click()


def test_where_all_hold_nothing_is_said(qtbot: QtBot) -> None:
    looks = TimelineLooks("F8")
    qtbot.addWidget(looks)
    looks.show_trust({"p": _trusted("green", "red")})
    looks.show_trust({"p": _trusted("green", "green")})
    assert looks.isHidden()
    looks.show_trust({})
    assert looks.isHidden()


def test_the_foot_says_when_unsaved_work_was_kept(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    before = QTime.currentTime().addSecs(-1)
    desk_with_clip.services.edit("Hide", lambda project: set_track_visible(project, "V1", False))
    desk_with_clip.services.document.journal.write_now()
    status = desk_with_clip.window.status
    qtbot.waitUntil(lambda: status.kept.startswith("Journal saved "), timeout=PATIENCE_MS)
    said = QTime.fromString(status.kept.removeprefix("Journal saved "), "HH:mm:ss")
    assert (said.isValid() and abs(before.secsTo(said)) < 60) or before.hour() != said.hour()
