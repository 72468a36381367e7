"""The window as its user meets it: real drops, clicks, drags and keys; the document and the viewer's pixels are looked at."""

import os
import re
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote_from_bytes

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from editor.panels.bin_item import BinItem
from editor.session import Tool
from editor.wiring import Wiring
from engine.media.display import to_display_rgb
from engine.planning.plan import Mode
from engine.project.model import Clip, Project
from tests import pointer
from tests.editor.conftest import FRAMES, PATIENCE_MS, RATE, WIDTH
from widgets.frame_image import from_qimage
from widgets.layer_stack.row import RowView
from widgets.timeline import MEDIA_MIME

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
LENGTH = FRAMES * FRAME


def test_dropping_a_file_on_the_empty_timeline_makes_a_clip_and_sets_the_canvas(
    desk: Wiring, clip_file: Path, qtbot: QtBot
) -> None:
    assert desk.window.centre.currentWidget() is desk.window.start_page
    _drop(desk.window.timeline.empty, _files(clip_file), QPoint(300, 60))
    qtbot.waitUntil(lambda: desk.services.document.project.duration == LENGTH, timeout=PATIENCE_MS)
    project = desk.services.document.project
    assert project.canvas.width == WIDTH and project.canvas.rate == RATE and len(project.media) == 1
    assert desk.window.centre.currentWidget() is desk.window.viewer
    assert [item.name for item in _bin_items(desk)] == [clip_file.name]


def test_a_first_caption_or_text_leaves_the_start_page(desk: Wiring) -> None:
    """A project that holds something has a picture in the middle, not the page that says there is none."""
    assert desk.window.status.hint == ("", "No project open")
    for command in ("caption.add", "clip.text"):
        desk.services.actions.action(command).trigger()
        assert desk.window.centre.currentWidget() is desk.window.viewer
        assert desk.window.status.hint[0] == "Select"
        desk.services.document.undo_stack.undo()
        assert desk.window.centre.currentWidget() is desk.window.start_page


def test_one_undo_takes_an_import_back(desk_with_clip: Wiring) -> None:
    document = desk_with_clip.services.document
    desk_with_clip.services.actions.action("edit.undo").trigger()
    assert document.project.media == () and document.project.duration == 0
    assert desk_with_clip.window.centre.currentWidget() is desk_with_clip.window.start_page


def test_media_of_the_bin_dropped_on_a_taken_place_goes_behind_the_clip(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    timeline = desk.window.timeline.timeline
    clip = _clips(desk)[0]
    data = QMimeData()
    data.setData(MEDIA_MIME, desk.services.document.project.media[0].id.encode())
    _drop(timeline.viewport(), data, timeline.rect_of(clip.id).center())
    assert [c.start for c in _clips(desk)] == [Fraction(0), LENGTH]


@pytest.mark.parametrize("frame", [0, 7, 31, 59])
def test_the_viewer_shows_exactly_the_frame_under_the_playhead(desk_with_clip: Wiring, qtbot: QtBot, frame: int) -> None:
    desk = desk_with_clip
    timeline = desk.window.timeline.timeline
    timeline.zoom_to_fit()
    _click_ruler(desk, frame * FRAME)
    assert desk.services.session.playhead == frame * FRAME
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    shown = desk.preview.last
    assert shown is not None
    with desk.services.workspace().sources() as sources:
        expected = to_display_rgb(sources.picture(desk.services.document.project.media[0], frame * FRAME))
    assert np.array_equal(from_qimage(shown.result), expected)


def test_keys_step_by_exact_frames(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    session, window = desk_with_clip.services.session, desk_with_clip.window
    for key, held, expected in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, FRAME),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, Fraction(1) + FRAME),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, Fraction(1)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, LENGTH - FRAME),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, LENGTH - FRAME),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, Fraction(0)),
    ):
        QTest.keyClick(window.timeline.timeline, key, held)
        assert session.playhead == expected


def test_split_undo_redo(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.playback.seek(20 * FRAME)
    before = desk.services.document.project
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_S)
    assert [(c.start, c.end) for c in _clips(desk)] == [(Fraction(0), 20 * FRAME), (20 * FRAME, LENGTH)]
    QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.services.document.project is before
    QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert len(_clips(desk)) == 2


def test_dragging_an_edge_is_one_step_of_undo(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    steps = desk.services.document.undo_stack.count()
    clip = _clips(desk)[0]
    rect = desk.window.timeline.timeline.rect_of(clip.id)
    _drag(desk.window.timeline.timeline.viewport(), QPoint(rect.right() - 1, rect.center().y()), -200)
    trimmed = _clips(desk)[0]
    assert trimmed.end < LENGTH and (trimmed.end / FRAME).denominator == 1
    assert desk.services.document.undo_stack.count() == steps + 1
    desk.services.document.undo_stack.undo()
    assert _clips(desk)[0] == clip


def test_deleting_closes_the_gap_with_shift(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.playback.seek(20 * FRAME)
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_S)
    first = _clips(desk)[0]
    rect = desk.window.timeline.timeline.rect_of(first.id)
    pointer.click(desk.window.timeline.timeline.viewport(), rect.center())
    assert desk.services.session.selection == {first.id}
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert [(c.start, c.source_range.start) for c in _clips(desk)] == [(Fraction(0), 20 * FRAME)]


def test_the_strip_follows_an_edit(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    assert desk.window.timeline.timeline.view.share_copied == "100 % copied"
    desk.playback.seek(20 * FRAME)
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: desk.plans.plan is not None and desk.plans.plan.duration == 20 * FRAME, timeout=PATIENCE_MS)
    plan = desk.plans.plan
    assert plan is not None and {s.mode for s in plan.segments} == {Mode.ENCODE}
    assert [span.end for span in desk.window.timeline.timeline.view.plan] == [20 * FRAME]


def test_save_and_reopen(desk_with_clip: Wiring, tmp_path: Path, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.playback.seek(20 * FRAME)
    desk.timeline.split()
    saved: Project = desk.services.document.project
    _save(desk, tmp_path / "Film.patchreel", qtbot)
    assert "Film" in desk.window.windowTitle() and "*" not in desk.window.windowTitle()
    desk.project.new()
    assert desk.services.document.project.media == ()
    desk.project.open(tmp_path / "Film.patchreel")
    qtbot.waitUntil(lambda: desk.services.document.project == saved, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    assert desk.window.windowTitle() == "Film – Patchreel"


def test_esc_restores_a_dragged_edge(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    timeline = desk.window.timeline.timeline
    clip = _clips(desk)[0]
    rect = timeline.rect_of(clip.id)
    start = QPoint(rect.right() - 1, rect.center().y())
    hand = pointer.Hand(timeline.viewport(), start)
    for part in range(1, 6):
        hand.move(start - QPoint(30 * part, 0))
    assert _clips(desk)[0].end < LENGTH
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert _clips(desk)[0] == clip
    hand.release(start)
    assert _clips(desk)[0] == clip


def test_the_blade_cuts_where_it_is_clicked_and_esc_puts_it_away(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    timeline = desk.window.timeline.timeline
    QTest.keyClick(timeline, Qt.Key.Key_C)
    at = QPoint(round(timeline.x_at(30 * FRAME)), timeline.rect_of(_clips(desk)[0].id).center().y())
    pointer.click(timeline.viewport(), at)
    assert [c.end for c in _clips(desk)] == [30 * FRAME, LENGTH]
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert desk.services.session.tool is Tool.SELECT and desk.window.timeline.select.isChecked()


def test_delete_in_the_bin_is_about_the_bin(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    said: list[str] = []
    desk.services.notifications.posted.connect(lambda title, text: said.append(title))
    desk.services.session.select(_clips(desk)[0].id)
    view = desk.window.bin.view
    view.setFocus()
    view.setCurrentIndex(desk.window.bin.model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(_clips(desk)) == 1 and len(said) == 1 and "is used by 1 clip" in said[0]


def test_the_inspector_changes_the_chosen_clip_in_one_step(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.services.session.select(_clips(desk)[0].id)
    steps = desk.services.document.undo_stack.count()
    panel = desk.window.inspector
    for value in (90, 70, 50):
        panel.sliders["opacity"].value_changed.emit(float(value))
    assert _clips(desk)[0].transform.opacity == 0.5
    assert desk.services.document.undo_stack.count() == steps + 1
    desk.services.document.undo_stack.undo()
    assert _clips(desk)[0].transform.opacity == 1 and panel.shown is not None and panel.shown.opacity == 1


def test_every_command_in_a_menu_does_something_and_shows_its_key(desk: Wiring) -> None:
    actions = [a for menu in desk.window.top_bar.menu_bar.findChildren(QMenu) for a in menu.actions()]
    named = [action for action in actions if action.objectName()]
    assert len(named) > 30
    assert all(not action.shortcut().isEmpty() for action in named)
    keys = [key.toString() for command in desk.services.actions.bound() for key in _keys(desk, command.id)]
    assert len(keys) == len(set(keys))


def test_letters_do_nothing_while_a_field_has_the_focus(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.playback.seek(20 * FRAME)
    search = desk.window.bin.search
    search.setFocus()
    QTest.keyClicks(search, "s ,q")
    assert search.text() == "s ,q" and len(_clips(desk)) == 1 and desk.services.session.playhead == 20 * FRAME
    QTest.keyClick(search, Qt.Key.Key_Home)
    assert desk.services.session.playhead == 20 * FRAME


def test_what_cannot_be_done_is_said_and_changes_nothing(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.layers.set_locked("V1", True)
    before = desk.services.document.project
    said: list[str] = []
    desk.services.notifications.posted.connect(lambda title, text: said.append(title))
    desk.services.session.select(_clips(desk)[0].id)
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Delete)
    assert desk.services.document.project is before
    assert len(said) == 1 and "locked" in said[0]


def test_a_file_that_is_no_media_is_refused_with_a_sentence(desk: Wiring, tmp_path: Path, clip_file: Path, qtbot: QtBot) -> None:
    wrong = tmp_path / "a notes.mp4"
    wrong.write_text("no video", encoding="utf-8")
    said: list[str] = []
    desk.services.notifications.posted.connect(lambda title, text: said.append(text))
    _drop(desk.window, _files(wrong, clip_file), QPoint(700, 300))
    qtbot.waitUntil(lambda: desk.services.document.project.duration == LENGTH, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: any("a notes.mp4" in text for text in said), timeout=PATIENCE_MS)
    assert len(desk.services.document.project.media) == 1


def test_a_missing_file_is_offline_not_an_error(desk_with_clip: Wiring, tmp_path: Path, clip_file: Path, qtbot: QtBot) -> None:
    desk = desk_with_clip
    copy = tmp_path / "gone.mp4"
    copy.write_bytes(clip_file.read_bytes())
    desk.services.document.new()
    desk.open([str(copy)])
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    _save(desk, tmp_path / "Film.patchreel", qtbot)
    desk.project.new()
    copy.unlink()
    media_files = desk.services.files
    desk.project.open(tmp_path / "Film.patchreel")
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    media_files.look_again(desk.services.document.project.media[0])
    qtbot.waitUntil(lambda: bool(media_files.offline), timeout=PATIENCE_MS)
    assert desk.window.timeline.timeline.view.tracks[3].clips[0].offline
    assert [item.is_offline for item in _bin_items(desk)] == [True]


def test_a_text_is_typed_drawn_and_seen(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    assert desk.preview.last is not None
    plain = from_qimage(desk.preview.last.result)
    desk.services.actions.action("clip.text").trigger()
    desk.window.inspector.words.setFocus()
    desk.window.inspector.edit_words()
    QTest.keyClicks(desk.window.inspector.words, "Lake")
    overlay = desk.services.document.project.track_by_id("V2")
    assert [clip.text.text for clip in overlay.clips if clip.text] == ["Lake"]
    qtbot.waitUntil(lambda: _has_bitmap(desk) and desk.preview.is_current, timeout=PATIENCE_MS)
    assert desk.preview.last is not None
    assert not np.array_equal(from_qimage(desk.preview.last.result), plain)


def test_playing_moves_the_playhead_and_stops_at_the_last_frame(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    desk.playback.seek(50 * FRAME)
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Space)
    assert desk.playback.player.is_playing
    qtbot.waitUntil(lambda: not desk.playback.player.is_playing, timeout=PATIENCE_MS)
    assert desk.services.session.playhead == LENGTH - FRAME


def test_the_status_bar_says_how_smooth_playing_was_and_how_full_the_cache_is(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk = desk_with_clip
    QTest.keyClick(desk.window.timeline.timeline, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not desk.playback.player.is_playing, timeout=PATIENCE_MS)
    said = re.fullmatch(r"(\d+\.\d) fps, (\d+) dropped", desk.window.status.figures[0])
    assert said is not None and 0 < float(said[1]) < RATE + 2 and int(said[2]) < FRAMES
    desk.figures._look()
    qtbot.waitUntil(lambda: desk.window.status.figures[1] == "Cache 0.0 of 8 GB", timeout=PATIENCE_MS)
    desk.services.document.new()
    assert desk.window.status.figures[0] == ""  # another project was not played yet


def _keys(desk: Wiring, command_id: str) -> list[QKeySequence]:
    return list(desk.services.actions.action(command_id).shortcuts())


def _save(desk: Wiring, path: Path, qtbot: QtBot) -> None:
    desk.services.document.save_as(path)
    qtbot.waitUntil(lambda: not desk.services.document.is_modified, timeout=PATIENCE_MS)


def _clips(desk: Wiring) -> tuple[Clip, ...]:
    return desk.services.document.project.track_by_id("V1").clips


def _has_bitmap(desk: Wiring) -> bool:
    return all(clip.text is not None and clip.text.bitmap for clip in desk.services.document.project.track_by_id("V2").clips)


def _bin_items(desk: Wiring) -> list[BinItem]:
    model = desk.window.bin.model
    return [model.item(model.index(row)) for row in range(model.rowCount())]


def _files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def _drop(target: QWidget, data: QMimeData, at: QPoint) -> None:
    """What Qt sends when the user lets go of a drag over a widget."""
    action, buttons, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(at, action, data, buttons, held))
    QApplication.sendEvent(target, QDropEvent(QPointF(at), action, data, buttons, held))


def _click_ruler(desk: Wiring, time: Fraction) -> None:
    timeline = desk.window.timeline.timeline
    at = QPoint(round(timeline.x_at(time)), 30)
    pointer.click(timeline.viewport(), at)


def _drag(target: QWidget, start: QPoint, by: int) -> None:
    pointer.drag(target, start, start + QPoint(by, 0), steps=5)


def test_a_file_whose_name_is_no_utf8_is_dropped_shown_and_saved(
    desk: Wiring, clip_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    odd.write_bytes(clip_file.read_bytes())
    data = QMimeData()
    data.setData("text/uri-list", b"file://" + quote_from_bytes(os.fsencode(odd)).encode("ascii") + b"\r\n")
    _drop(desk.window.timeline.empty, data, QPoint(300, 60))
    qtbot.waitUntil(lambda: desk.services.document.project.duration == LENGTH, timeout=PATIENCE_MS)
    assert desk.services.document.project.media[0].path == str(odd)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    _save(desk, tmp_path / "film.patchreel", qtbot)
    project = desk.services.document.project
    desk.services.document.new()
    desk.services.document.open(tmp_path / "film.patchreel")
    qtbot.waitUntil(lambda: desk.services.document.project == project, timeout=PATIENCE_MS)


def test_a_click_on_a_layer_selects_what_it_shows_at_the_playhead(desk_with_clip: Wiring) -> None:
    desk = desk_with_clip
    desk.services.session.select()
    rows = {view.row.id: view for view in desk.window.layers.stack.findChildren(RowView)}
    QTest.mouseClick(rows["V1"], Qt.MouseButton.LeftButton, pos=QPoint(rows["V1"].width() // 2, 10))
    assert desk.services.session.selection == {_clips(desk)[0].id}
    QTest.mouseClick(rows["V2"], Qt.MouseButton.LeftButton, pos=QPoint(rows["V2"].width() // 2, 10))
    assert desk.services.session.selection == frozenset()
