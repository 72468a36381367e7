"""Clips are copied, cut, pasted and duplicated with the keys every editor has, and what a right click offers fits what it hit."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar
from pytestqt.qtbot import QtBot

from editor.clip_menu import commands_for
from editor.copies import copied, pasted
from editor.panels.patch_header import PatchHeader
from editor.wiring import Wiring
from engine.errors import EditError
from engine.project.consistency import check_consistency
from engine.project.content_edits import add_text
from engine.project.model import Clip, LayerKind, Text
from engine.project.track_edits import add_track, new_project
from widgets.controls import Menu
from widgets.timeline import Hit, HitKind

CONTROL = Qt.KeyboardModifier.ControlModifier


def clips(desk: Wiring) -> list[Clip]:
    return sorted((c for track in desk.services.document.project.tracks for c in track.clips), key=lambda c: c.start)


def press(desk: Wiring, key: Qt.Key) -> None:
    desk.window.timeline.timeline.setFocus()
    QTest.keyClick(desk.window.timeline.timeline, key, CONTROL)


def test_a_copy_goes_to_the_playhead_or_behind_what_is_there(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    (first,) = clips(desk)
    desk.services.session.select(first.id)
    press(desk, Qt.Key.Key_C)
    desk.services.session.set_playhead(Fraction(1))  # in the clip: no room
    press(desk, Qt.Key.Key_V)
    second = clips(desk)[1]
    assert second.start == first.end and second.source_range == first.source_range and second.id != first.id
    assert desk.services.session.selection == {second.id}
    desk.services.session.set_playhead(Fraction(20))
    press(desk, Qt.Key.Key_V)
    assert clips(desk)[2].start == 20
    for left in (2, 1):
        press(desk, Qt.Key.Key_Z)
        assert len(clips(desk)) == left


def test_cut_and_paste_keep_the_distances(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    desk.services.session.set_playhead(Fraction(1))
    desk.timeline.split()
    desk.services.session.select(*(clip.id for clip in clips(desk)))
    before = [clip.source_range for clip in clips(desk)]
    press(desk, Qt.Key.Key_X)
    assert clips(desk) == []
    desk.services.session.set_playhead(Fraction(7))
    press(desk, Qt.Key.Key_V)
    assert [clip.start for clip in clips(desk)] == [7, 8]
    assert [clip.source_range for clip in clips(desk)] == before


def test_duplicate_leaves_what_was_copied(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    (first,) = clips(desk)
    desk.services.session.select(first.id)
    press(desk, Qt.Key.Key_D)
    assert [clip.start for clip in clips(desk)] == [0, first.end]
    assert not desk.services.actions.action("edit.paste").isEnabled()


def test_copied_clips_go_into_another_project(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    (first,) = clips(desk)
    desk.services.session.select(first.id)
    press(desk, Qt.Key.Key_C)
    desk.services.document.new()
    assert clips(desk) == []
    press(desk, Qt.Key.Key_V)
    (pasted,) = clips(desk)
    media = desk.services.document.project.media_by_id(pasted.media_id or "")
    assert (pasted.source_range, media.name) == (first.source_range, "moving bar.mp4")


def test_a_text_field_keeps_its_own_clipboard(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    desk.services.session.select(clips(desk)[0].id)
    press(desk, Qt.Key.Key_C)
    field = desk.window.bin.search
    QApplication.clipboard().setText("bar")
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert field.text() == "bar" and len(clips(desk)) == 1


def test_without_clips_nothing_is_offered_that_does_nothing(desk: Wiring) -> None:
    for command in ("edit.cut", "edit.copy", "edit.paste", "edit.delete", "edit.mark_in", "view.fit", "caption.split"):
        assert not desk.services.actions.action(command).isEnabled(), command


@pytest.mark.parametrize(("hit", "some", "none"), [
    (Hit(HitKind.CLIP, "clip-1"), "edit.duplicate", "caption.merge"),
    (Hit(HitKind.CLIP, "cue:cue-1#0"), "caption.merge", "clip.slow_2"),
    (Hit(HitKind.PATCH, "patch-1"), "patch.delete", "clip.split"),
    (Hit(HitKind.LANE), "edit.paste", "edit.delete"),
])  # fmt: skip
def test_a_menu_fits_what_was_hit(hit: Hit, some: str, none: str) -> None:
    offered = [command for group in commands_for(hit) for command in group]
    assert some in offered and none not in offered


def test_the_menu_of_a_clip_looks_like_the_others(desk_with_clip: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """One kind of menu in the whole window: round, its keys at the right."""
    shown: list[Menu] = []
    monkeypatch.setattr(Menu, "exec", lambda menu, at: shown.append(menu))
    timeline = desk_with_clip.window.timeline.timeline
    at = timeline.rect_of(clips(desk_with_clip)[0].id).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, timeline.viewport().mapToGlobal(at))
    target = desk_with_clip.window.childAt(desk_with_clip.window.mapFromGlobal(event.globalPos()))
    assert target is not None
    QApplication.sendEvent(target, event)
    (menu,) = shown
    assert "Duplicate" in [action.text() for action in menu.actions()]


def test_every_menu_of_the_window_is_of_one_kind(desk_with_clip: Wiring) -> None:
    desk_with_clip.window.bin.view.selectAll()
    menus = [menu for menu in desk_with_clip.window.findChildren(QMenu) if not isinstance(menu.parent(), (QMenuBar, PatchHeader))]
    assert menus and all(isinstance(menu, Menu) for menu in menus)


def test_copies_go_where_all_of_them_have_room(desk_with_clip: Wiring) -> None:
    """The second of two with a gap between them would lie on another clip: both go on until neither does."""
    desk = desk_with_clip
    desk.services.session.set_playhead(Fraction(1))
    desk.timeline.split()
    left, right = clips(desk)
    desk.timeline.move(right.id, desk.services.document.project.find_clip(right.id)[0].id, Fraction(3), 1)  # type: ignore[index]
    desk.services.session.select(left.id, right.id)
    press(desk, Qt.Key.Key_C)
    desk.services.session.set_playhead(Fraction(1))  # left: 1 to 2, free; right would begin at 4, where one ends at 22/5
    press(desk, Qt.Key.Key_V)
    spans = [(clip.start, clip.end) for clip in clips(desk)]
    assert spans == [(0, 1), (Fraction(7, 5), Fraction(12, 5)), (3, Fraction(22, 5)), (Fraction(22, 5), Fraction(29, 5))]


def test_the_menu_of_a_clip_without_its_file_begins_with_relink(
    desk_with_clip: Wiring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = desk_with_clip
    media = desk.services.document.project.media[0]
    gone = replace(media, path=str(tmp_path / "gone.mp4"), fingerprint="gone")
    desk.services.edit("Lose the file", lambda p: replace(p, media=(gone,)))
    qtbot.waitUntil(lambda: bool(desk.services.files.offline))
    shown: list[str] = []
    monkeypatch.setattr(Menu, "exec", lambda menu, at: shown.extend(action.text() for action in menu.actions()))
    asked: list[str] = []
    monkeypatch.setattr(desk.media, "ask_to_relink", asked.append)
    timeline = desk.window.timeline.timeline
    timeline.context_menu_requested.emit(Hit(HitKind.CLIP, clips(desk)[0].id), timeline.mapToGlobal(timeline.rect().center()))
    assert shown[0] == "Relink…"
    relink = desk.media.relinking(clips(desk)[0].id)
    assert relink is not None
    relink()
    assert asked == [gone.id]


def test_copies_of_two_layers_are_not_laid_on_each_other(desk_with_clip: Wiring) -> None:
    """Another project has one overlay where this one has two: nothing is pasted, and why is said."""
    project = add_track(desk_with_clip.services.document.project, LayerKind.OVERLAY)
    for track_id in ("V2", "V3"):
        project = add_text(project, Text("Words", position=(0.5, 0.5)), Fraction(1), Fraction(2), track_id=track_id)
    copies = copied(project, {clip.id for track in project.tracks for clip in track.clips if clip.text})
    assert len(copies) == 2
    with pytest.raises(EditError, match="needs more than Overlay"):
        pasted(new_project(), copies, Fraction(0))
    again, ids = pasted(project, copies, Fraction(1))
    assert sorted(track.id for track in again.tracks for clip in track.clips if clip.id in ids) == ["V2", "V3"]
    check_consistency(again)
