"""Captions by real events: typed and timed in the list, dragged on their lane, seen over the picture, brought in and out."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QPlainTextEdit
from pytestqt.qtbot import QtBot

from editor import burning
from editor.caption_text import caption_png
from editor.cue_rows import CueRow, read_range, read_time, time_words, view_id
from editor.online import project_in_store
from editor.panels.cue_model import TIME, WORDS
from editor.wiring import Wiring
from engine.encoding.soft_captions.check import held_captions
from engine.project.caption_edits import CueDraft, add_cues
from engine.project.caption_values import CaptionStyle, Cue
from engine.project.model import Canvas
from engine.project.track_edits import set_track_locked, set_track_visible
from engine.rational_time import TimeRange
from engine.store.ledger import Ledger, LedgerState
from engine.store.projects import Privacy, Projects
from tests import pointer
from tests.editor.commands.test_captions import speech
from tests.editor.conftest import PATIENCE_MS, RATE
from tests.editor.stalls import NoStalls, no_stalls
from tests.engine.providers.online import elevenlabs_service as service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.elevenlabs_service import ElevenLabsService
from tests.engine.providers.online.server import FaithfulServer, serving
from widgets.frame_image import from_qimage
from widgets.timeline import DroppedFiles

__all__ = ["no_stalls", "speech"]  # fixtures

pytestmark = pytest.mark.integration
FRAME = Fraction(1, RATE)
SRT = "1\n00:00:00,200 --> 00:00:01,200\nFrom a file\n\n2\n00:00:01,400 --> 00:00:02,000\nAnd more\n"


def cues(desk: Wiring) -> tuple[Cue, ...]:
    return desk.services.document.project.captions.cues


def ranges(desk: Wiring) -> list[tuple[str, Fraction, Fraction]]:
    return [(row.text, row.start, row.end) for row in desk.captions.rows]


@pytest.fixture
def captioned(desk_with_clip: Wiring) -> Wiring:
    """Two captions in the 2.4 seconds of the clip, the captions' workspace in front."""
    desk = desk_with_clip
    drafts = [CueDraft(TimeRange.between(5 * FRAME, 25 * FRAME), "Spring starts small."),
              CueDraft(TimeRange.between(30 * FRAME, 50 * FRAME), "Then it opens.")]  # fmt: skip
    assert desk.services.edit("Captions", lambda p: add_cues(p, drafts, ids=["one", "two"]))
    _click_tab(desk, "Captions")
    desk.window.timeline.timeline.zoom_to_fit()
    return desk


def _click_tab(desk: Wiring, name: str) -> None:
    tab = next(button for button in desk.window.top_bar._tabs.values() if button.text() == name)
    QTest.mouseClick(tab, Qt.MouseButton.LeftButton)
    assert desk.window.workspace == name.lower()


def _edit(desk: Wiring, row: int, column: int) -> QLineEdit | QPlainTextEdit:
    """Double click a cell; its editor."""
    table = desk.window.captions.table
    place = table.visualRect(table.cues.index(row, column)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    fields = table.viewport().findChildren(QPlainTextEdit if column == WORDS else QLineEdit)
    (editor,) = [field for field in fields if field.isVisible() and field.hasFocus()]
    assert isinstance(editor, QLineEdit | QPlainTextEdit)
    return editor


def _drag(desk: Wiring, start: QPoint, by: int) -> None:
    viewport = desk.window.timeline.timeline.viewport()
    pointer.drag(viewport, start, start + QPoint(by, 0))


def test_words_and_times_are_typed_in_the_list_one_undo_each(captioned: Wiring, qtbot: QtBot) -> None:
    editor = _edit(captioned, 0, WORDS)
    QTest.keyClicks(editor, "Summer")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor, "comes.")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [cue.text for cue in cues(captioned)] == ["Summer\ncomes.", "Then it opens."]
    captioned.services.actions.action("edit.undo").trigger()
    assert [cue.text for cue in cues(captioned)] == ["Spring starts small.", "Then it opens."]
    editor = _edit(captioned, 1, WORDS)
    QTest.keyClicks(editor, "Half a sen")
    late = [CueDraft(TimeRange(Fraction(0), Fraction(1, 10)), "Came in meanwhile")]
    assert captioned.services.edit("Late", lambda p: add_cues(p, late))
    again = QApplication.focusWidget()
    assert isinstance(again, QPlainTextEdit) and again.toPlainText() == "Half a sen", "what is typed is not taken away"
    QTest.keyClicks(again, "tence")
    QTest.keyClick(again, Qt.Key.Key_Return)
    assert [cue.text for cue in cues(captioned)] == ["Spring starts small.", "Half a sentence", "Came in meanwhile"]
    for _ in range(2):
        captioned.services.actions.action("edit.undo").trigger()
    editor = _edit(captioned, 1, WORDS)
    QTest.keyClicks(editor, "Never mind")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert cues(captioned)[1].text == "Then it opens."
    editor = _edit(captioned, 1, TIME)
    assert isinstance(editor, QLineEdit) and editor.text() == "0:01.200 – 0:02.000"
    editor.selectAll()
    QTest.keyClicks(editor, "1.3 - 0:02.100")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert ranges(captioned)[1][1:] == (Fraction(13, 10), Fraction(21, 10))
    editor = _edit(captioned, 1, TIME)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "later")
    with qtbot.waitSignal(captioned.services.notifications.posted) as posted:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "no range of time" in posted.args[0] and ranges(captioned)[1][1:] == (Fraction(13, 10), Fraction(21, 10))


def test_captions_are_moved_trimmed_chosen_and_opened_on_their_lane(captioned: Wiring) -> None:
    timeline = captioned.window.timeline.timeline
    rect = timeline.rect_of(view_id("one", 0))
    per_frame = rect.width() / 20
    _drag(captioned, rect.center(), round(3 * per_frame))
    (_, start, end), _ = ranges(captioned)
    assert end - start == 20 * FRAME and start == 8 * FRAME
    rect = timeline.rect_of(view_id("two", 0))
    _drag(captioned, QPoint(rect.right() - 2, rect.center().y()), -round(5 * per_frame))
    assert ranges(captioned)[1][1:] == (30 * FRAME, 45 * FRAME)
    for _ in range(2):
        captioned.services.actions.action("edit.undo").trigger()
    assert ranges(captioned)[0][1] == 5 * FRAME and ranges(captioned)[1][2] == 50 * FRAME
    QTest.mouseClick(captioned.window.top_bar._tabs["edit"], Qt.MouseButton.LeftButton)
    at = timeline.rect_of(view_id("one", 0)).center()
    QTest.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert captioned.window.workspace == "captions"
    editor = captioned.window.captions.table.viewport().findChild(QPlainTextEdit)
    assert isinstance(editor, QPlainTextEdit) and editor.hasFocus() and editor.toPlainText() == "Spring starts small."
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    table = captioned.window.captions.table
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=timeline.rect_of(view_id("two", 0)).center())
    assert [row.id for row in table.chosen_rows()] == ["two"] and captioned.services.session.selection == frozenset({"two"})
    place = table.visualRect(table.cues.index(0, WORDS)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert timeline.selection == (view_id("one", 0),) and captioned.services.session.playhead == 5 * FRAME
    timeline.setFocus()
    QTest.keyClick(timeline, Qt.Key.Key_Delete)
    assert [cue.id for cue in cues(captioned)] == ["two"]


def test_the_picture_shows_what_an_export_would_burn_in_and_the_look_changes_it(captioned: Wiring, qtbot: QtBot) -> None:
    desk = captioned
    desk.playback.seek(10 * FRAME)
    qtbot.waitUntil(lambda: desk.preview.is_current, timeout=PATIENCE_MS)
    overlay, viewer = desk.window.viewer.caption, desk.window.viewer.viewer
    assert overlay.text == "Spring starts small."
    place = viewer.image_rect().toRect()
    with_words = from_qimage(viewer.grab(place).toImage()).astype(int)
    desk.services.edit("Hide", lambda p: set_track_visible(p, "C1", False))
    assert overlay.text == ""
    without = from_qimage(viewer.grab(place).toImage()).astype(int)
    changed = np.abs(with_words - without).max(axis=2) > 12
    rows = np.flatnonzero(changed.any(axis=1)) / changed.shape[0]
    assert changed.mean() > 0.01 and rows.min() > 0.8 and abs(rows.max() - 0.95) < 0.03
    desk.playback.seek(27 * FRAME)
    desk.services.edit("Show", lambda p: set_track_visible(p, "C1", True))
    assert overlay.text == ""
    style = desk.services.document.project.captions.style
    assert len(caption_png("Spring starts small.", style, desk.services.document.project.canvas)) > 500
    look = captioned.window.captions.look
    QTest.mouseClick(captioned.window.captions.tabs.button("look"), Qt.MouseButton.LeftButton)
    slider = look.size_slider._slider
    slider.setFocus()
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert desk.services.document.project.captions.style.size == pytest.approx(0.055)
    desk.services.actions.action("edit.undo").trigger()
    assert desk.services.document.project.captions.style.size == 0.05
    desk.services.session.select("two")
    QTest.mouseClick(look.only_chosen, Qt.MouseButton.LeftButton)
    look.colour.field.setFocus()
    look.colour.field.selectAll()
    QTest.keyClicks(look.colour.field, "ffe14a")
    QTest.keyClick(look.colour.field, Qt.Key.Key_Return)
    assert [cue.style and cue.style.colour for cue in cues(desk)] == [None, "#ffe14a"]
    QTest.mouseClick(captioned.window.captions.tabs.button("list"), Qt.MouseButton.LeftButton)
    _locked_is_read_only(desk)


def _locked_is_read_only(desk: Wiring) -> None:
    panel = desk.window.captions
    desk.services.edit("Lock", lambda p: set_track_locked(p, "C1", True))
    table = panel.table
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.cues.index(0, WORDS)).center())
    assert table.viewport().findChild(QPlainTextEdit) is None
    assert not panel.add.isEnabled() and not panel.import_file.isEnabled() and panel.export_file.isEnabled()


def test_captions_come_from_a_file_and_go_to_one(
    captioned: Wiring, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, panel = captioned, captioned.window.captions
    given, out = tmp_path / "in.srt", tmp_path / "out"
    given.write_text(SRT, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(given), ""))
    with qtbot.waitSignal(desk.services.notifications.posted, timeout=PATIENCE_MS) as told:
        QTest.mouseClick(panel.import_file, Qt.MouseButton.LeftButton)
    assert "in place of the 2 that were there" in told.args[1]
    assert [row[0] for row in ranges(desk)] == ["From a file", "And more"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), "WebVTT (*.vtt)"))
    QTest.mouseClick(panel.export_file, Qt.MouseButton.LeftButton)
    written = out.with_name("out.vtt")
    qtbot.waitUntil(lambda: written.is_file() and not desk.caption_jobs.is_working, timeout=PATIENCE_MS)
    assert written.read_text(encoding="utf-8").startswith("WEBVTT\n\n1\n00:00:00.200 --> 00:00:01.200\nFrom a file")
    given.write_bytes(b"\x00nothing")
    with qtbot.waitSignal(desk.services.notifications.posted, timeout=PATIENCE_MS) as posted:
        QTest.mouseClick(panel.import_file, Qt.MouseButton.LeftButton)
    assert "holds no captions" in posted.args[1] and len(cues(desk)) == 2
    desk.services.actions.action("edit.undo").trigger()
    assert [cue.id for cue in cues(desk)] == ["one", "two"]
    given.write_text(SRT, encoding="utf-8")
    desk.window.timeline.timeline.media_dropped.emit(DroppedFiles((given,)), "", Fraction(0))
    qtbot.waitUntil(lambda: [row[0] for row in ranges(desk)] == ["From a file", "And more"], timeout=PATIENCE_MS)


def test_keys_add_split_merge_and_remove(captioned: Wiring, qtbot: QtBot) -> None:
    desk, window = captioned, captioned.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    window.timeline.timeline.setFocus()
    desk.playback.seek(51 * FRAME)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    editor = window.captions.table.viewport().findChild(QPlainTextEdit)
    assert isinstance(editor, QPlainTextEdit)
    QTest.keyClicks(editor, "New one")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [cue.text for cue in cues(desk)] == ["Spring starts small.", "Then it opens.", "New one"]
    desk.playback.seek(15 * FRAME)
    window.timeline.timeline.setFocus()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    assert [row[0] for row in ranges(desk)] == ["Spring starts", "small.", "Then it opens.", "New one"]
    desk.services.session.select("one")
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert ranges(desk)[0] == ("Spring starts small.", 5 * FRAME, 25 * FRAME)
    table = window.captions.table
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.cues.index(0, WORDS)).center())
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert [cue.text for cue in cues(desk)] == ["Then it opens.", "New one"]


def test_speakers_are_named_in_the_list_and_renamed_everywhere(captioned: Wiring, qtbot: QtBot) -> None:
    desk, line = captioned, captioned.window.captions.speaker
    assert line.isHidden(), "nothing is chosen"
    desk.services.session.select("one", "two")
    assert line.isVisible() and not line.everywhere.isEnabled()
    line.field.setFocus()
    QTest.keyClicks(line.field, "speaker 0")
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    assert [cue.speaker for cue in cues(desk)] == ["speaker 0"] * 2
    desk.services.session.select("two")
    line.field.selectAll()
    QTest.keyClicks(line.field, "Anna")
    QTest.mouseClick(line.everywhere, Qt.MouseButton.LeftButton)
    assert [cue.speaker for cue in cues(desk)] == ["Anna", "Anna"]
    line.field.selectAll()
    QTest.keyClicks(line.field, "Ben")
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    assert [cue.speaker for cue in cues(desk)] == ["Anna", "Ben"]
    desk.services.session.select("one", "two")
    assert line.field.text() == "" and line.field.placeholderText() == "Several"
    for _ in range(3):
        desk.services.document.undo_stack.undo()
    assert [cue.speaker for cue in cues(desk)] == ["", ""]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    with serving(ElevenLabsService()) as one:
        monkeypatch.setenv("PATCHREEL_ELEVENLABS_BASE_URL", one.base_url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", service.KEY)
        yield one


def _open(desk: Wiring, speech: Path, qtbot: QtBot) -> None:
    desk.open([str(speech)])
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    _click_tab(desk, "Captions")


def test_the_gate_is_asked_before_the_sound_leaves_and_its_words_become_captions(
    server: FaithfulServer, desk: Wiring, speech: Path, qtbot: QtBot
) -> None:
    _open(desk, speech, qtbot)
    panel, gate = desk.window.captions, desk.gate
    with qtbot.waitSignal(desk.services.notifications.posted, timeout=PATIENCE_MS) as refused:
        QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
    assert "Offline only" in refused.args[1] and server.received == [], "a new project sends nothing"
    Projects(desk.services.online.store).set_privacy(project_in_store(desk.services.document), Privacy.ASK)
    QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.question is not None, timeout=PATIENCE_MS)
    assert panel.is_working and server.received == [] and gate.question is not None
    assert gate.question.sending.enclosed[0].seconds == pytest.approx(4, abs=0.1)
    QTest.mouseClick(gate.panel.decline, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.is_working, timeout=PATIENCE_MS)
    assert server.received == [] and cues(desk) == ()
    QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.question is not None, timeout=PATIENCE_MS)
    QTest.mouseClick(gate.panel.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(cues(desk)) == 2, timeout=PATIENCE_MS)
    assert [cue.text for cue in cues(desk)] == ["One two", "three four."] and len(server.received) == 1
    QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.is_working, timeout=PATIENCE_MS)
    assert len(server.received) == 1 and len(cues(desk)) == 2, "the same sound is not sent again"


def test_speech_is_found_offline(desk: Wiring, speech: Path, qtbot: QtBot, no_network: None) -> None:
    _open(desk, speech, qtbot)
    assert not desk.window.captions.empty.isHidden()
    QTest.mouseClick(desk.window.captions.detect, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(cues(desk)) == 2, timeout=PATIENCE_MS)
    assert all(cue.text == "" for cue in cues(desk)) and not desk.window.captions.export_file.isEnabled()


def test_times_are_read_as_they_are_written() -> None:
    for time in (Fraction(0), Fraction(1234, 1000), Fraction(61), Fraction(3723456, 1000)):
        assert read_time(time_words(time)) == time
    assert time_words(Fraction(3723456, 1000)) == "1:02:03.456"
    assert read_time("62,5") == Fraction(125, 2) and read_time("x") is None
    row = CueRow("a", 0, Fraction(1, 3), Fraction(7, 3), "", "", 0.0)
    kept = read_range("0:00.333 – 0:03", row)
    assert kept is not None and kept.start == Fraction(1, 3) and kept.end == 3, "what was not touched stays exact"
    assert read_range("3 – 1", row) is None and read_range("1", row) is None


def test_the_export_window_offers_a_track_and_burning_in(captioned: Wiring, qtbot: QtBot, tmp_path: Path) -> None:
    desk = captioned
    desk.services.actions.action("file.export").trigger()
    dialog = desk.export_side.export.dialog
    form, page = dialog.plan.form, dialog.plan
    form.add_folder(tmp_path)
    form.name.selectAll()
    QTest.keyClicks(form.name, "soft.mp4")
    qtbot.waitUntil(lambda: page.forecast is not None, timeout=PATIENCE_MS)
    assert form.captions.isVisible() and form.captions.current == "soft"
    assert page.forecast is not None and page.forecast.plan.encoded_frames == 0, "a track touches no frame"
    QTest.mouseClick(form.captions.button("burn"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.forecast is not None and page.forecast.plan.encoded_frames > 0, timeout=PATIENCE_MS)
    assert page.forecast is not None
    encoded = {frame for run in page.forecast.plan.encoded_runs for frame in run}
    assert {*range(5, 25), *range(30, 50)} <= encoded
    assert any(segment.reason.startswith("Captions") for segment in page.forecast.plan.segments)
    QTest.mouseClick(form.captions.button("soft"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.forecast is not None and page.forecast.plan.encoded_frames == 0, timeout=PATIENCE_MS)
    QTest.mouseClick(page.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (tmp_path / "soft.mp4").is_file() and not desk.export_side.runs.running, timeout=PATIENCE_MS)
    held = held_captions(tmp_path / "soft.mp4")
    assert held is not None and [text for _, text in held.spans] == ["Spring starts small.", "Then it opens."]
    dialog.reject()


def test_a_transcription_that_never_ends_is_cancelled_at_once(
    server: FaithfulServer, desk: Wiring, speech: Path, qtbot: QtBot, no_stalls: NoStalls
) -> None:
    _open(desk, speech, qtbot)
    server.then(faults.endless_wait)
    Projects(desk.services.online.store).set_privacy(project_in_store(desk.services.document), Privacy.ALLOW)
    panel = desk.window.captions
    with no_stalls(50):
        QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: len(server.received) == 1, timeout=PATIENCE_MS)
        QTest.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not panel.is_working, timeout=PATIENCE_MS)
    (row,) = Ledger(desk.services.online.store).rows()
    assert row.state is LedgerState.UNKNOWN and cues(desk) == ()


def test_language_and_speakers_are_chosen_in_a_menu_and_sent(
    server: FaithfulServer, desk: Wiring, speech: Path, qtbot: QtBot
) -> None:
    _open(desk, speech, qtbot)
    Projects(desk.services.online.store).set_privacy(project_in_store(desk.services.document), Privacy.ALLOW)
    panel = desk.window.captions
    for words in ("German", "Tell speakers apart"):
        QTest.mouseClick(panel.options, Qt.MouseButton.LeftButton)
        menu = panel.options.findChild(QMenu)
        assert isinstance(menu, QMenu) and menu.isVisible()
        action = next(action for action in menu.actions() if action.text() == words)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        qtbot.waitUntil(lambda: panel.options.findChild(QMenu) is None, timeout=PATIENCE_MS)
    QTest.mouseClick(panel.transcribe, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(cues(desk)) == 2, timeout=PATIENCE_MS)
    assert isinstance(server.service, ElevenLabsService)
    (asked,) = server.service.asked
    assert asked.fields["language_code"] == "de" and asked.fields["diarize"] == "false"
    assert asked.fields["tag_audio_events"] == "false" and desk.services.document.project.captions.language == "de"


def test_how_far_the_drawing_of_burnt_captions_is_can_be_seen_and_cancelled(
    captioned: Wiring, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = captioned
    drawn, go_on = threading.Event(), threading.Event()

    def slow(text: str, style: CaptionStyle, canvas: Canvas) -> bytes:
        drawn.set()
        assert go_on.wait(PATIENCE_MS / 1000)
        return caption_png(text, style, canvas)

    monkeypatch.setattr(burning, "caption_png", slow)
    desk.services.actions.action("file.export").trigger()
    dialog = desk.export_side.export.dialog
    form, page = dialog.plan.form, dialog.plan
    form.add_folder(tmp_path)
    qtbot.waitUntil(lambda: page.forecast is not None, timeout=PATIENCE_MS)
    QTest.mouseClick(form.captions.button("burn"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.hint.text() == "Drawing captions, 1 of 2", timeout=PATIENCE_MS)
    assert drawn.is_set() and not page.export.isEnabled()
    with qtbot.waitSignal(desk.services.threads.forecasts.cancelled, timeout=PATIENCE_MS):
        QTest.mouseClick(page.cancel, Qt.MouseButton.LeftButton)
        go_on.set()
    assert not dialog.isVisible() and page.forecast is None
