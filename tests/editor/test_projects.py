"""Files of projects in the window: newer ones are only shown, crashed ones are offered, unsaved ones are asked about."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from editor import view_models
from editor.dialogs.question import Question
from editor.wiring import Wiring
from engine.project import file, journal
from engine.project.track_edits import set_track_visible
from tests.editor.conftest import PATIENCE_MS
from widgets.timeline.values import ClipView

pytestmark = pytest.mark.integration


def test_a_project_of_a_newer_version_is_shown_and_not_changed(desk_with_clip: Wiring, tmp_path: Path, qtbot: QtBot) -> None:
    desk = desk_with_clip
    path = tmp_path / "Later.patchreel"
    file.save(desk.services.document.project, path)
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "schema_version": 99}), encoding="utf-8")
    desk.services.document.new()
    desk.project.open(path)
    qtbot.waitUntil(lambda: desk.services.document.read_only, timeout=PATIENCE_MS)
    assert desk.window.banner.isVisible() and "newer version" in desk.window.banner.text
    before = desk.services.document.project
    desk.timeline.select_all()
    desk.timeline.delete()
    assert desk.services.document.project is before
    desk.services.document.new()
    assert not desk.window.banner.isVisible()


def test_a_session_that_crashed_is_offered_and_comes_back(desk: Wiring, qtbot: QtBot) -> None:
    crashed = set_track_visible(desk.services.document.project, "V2", False)
    journal.write_entry(journal.new_session(), crashed, None, 3)
    said: list[str] = []
    desk.services.notifications.posted.connect(lambda title, text: said.append(text))
    desk.project.offer_recovery()
    assert said and "3 unsaved edits" in said[0]
    button = next(b for b in desk.window.findChildren(QPushButton) if b.text() == "Recover")
    button.click()
    qtbot.waitUntil(lambda: desk.services.document.project == crashed, timeout=PATIENCE_MS)
    assert desk.services.document.is_modified


def test_the_views_of_a_project_are_made_in_the_thread_that_reads_it(
    desk_with_clip: Wiring, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, made = desk_with_clip, []
    path = tmp_path / "Film.patchreel"
    file.save(desk.services.document.project, path)
    make = view_models._clip_view

    def noting(*given: Any) -> ClipView:
        made.append(threading.current_thread())
        return make(*given)

    monkeypatch.setattr(view_models, "_clip_view", noting)
    desk.services.document.new()
    desk.project.open(path)
    qtbot.waitUntil(lambda: desk.services.document.path == path, timeout=PATIENCE_MS)
    assert len(desk.window.timeline.timeline.view.tracks) > 3 and made
    assert threading.main_thread() not in made


@pytest.mark.parametrize(("answer", "stays"), [("", True), ("leave", False), ("save", True)])
def test_unsaved_changes_are_asked_about_and_the_safe_answer_is_the_default(
    desk_with_clip: Wiring, answer: str, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with_clip
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    defaults: list[bool] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, Question)
        defaults.append(box.buttons["save"].isDefault())
        window = box.windowHandle()
        assert window is not None
        place = box.buttons[answer].mapTo(box, box.buttons[answer].rect().center())
        QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    QTimer.singleShot(0, press)
    desk.project.new()
    assert defaults == [True]
    assert (desk.services.document.project.duration > 0) is stays


def test_the_start_page_knows_the_project_that_was_just_left(desk_with_clip: Wiring, tmp_path: Path) -> None:
    desk = desk_with_clip
    desk.services.document.save_as(tmp_path / "film.patchreel")
    assert desk.services.document.wait_for_saves()
    desk.project.new()
    assert desk.window.is_start_shown
    assert "film.patchreel" in " ".join(words.text() for words in desk.window.start_page.findChildren(QLabel))
