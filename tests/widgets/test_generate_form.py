"""The form that asks for a video or a picture, by itself: real keys, clicks and drops."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.generate_form import Asked, GenerateForm, Offer, Ready, Service, Tab
from widgets.theme import apply_theme

SERVICES = (Service("veo", "Veo", "your key ••••7Q2F"), Service("kling", "Kling", "no key yet"))
VEO = Offer(SERVICES, notes=("1080p takes 8 s.",))


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> GenerateForm:
    apply_theme(qapp, "dark")
    made = GenerateForm()
    qtbot.addWidget(made)
    made.resize(320, 860)
    made.fill(Asked(provider="veo", shape="16:9", size="720p", length_s=8))
    made.show_offer(VEO)
    made.show_ready(Ready("About $0.80"))
    with qtbot.waitExposed(made):
        made.show()
    return made


def drop(widget: QWidget, data: QMimeData) -> None:
    at, copy, left, held = QPoint(20, 20), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(at, copy, data, left, held))
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), copy, data, left, held))


def picture(colour: str = "#3060a0") -> QImage:
    made = QImage(160, 90, QImage.Format.Format_RGB32)
    made.fill(QColor(colour))
    return made


def test_what_is_typed_and_chosen_is_what_is_asked(form: GenerateForm, qtbot: QtBot) -> None:
    QTest.keyClicks(form.prompt, "rain on a window")
    QTest.keyClicks(form.leave_out, "people")
    form.shape.pick("9:16")
    form.size_choice.pick("1080p")
    form.length.pick("4")
    assert form.asked == Asked(Tab.TEXT_TO_VIDEO, "veo", "rain on a window", "people", "", "", "9:16", "1080p", 4)
    with qtbot.waitSignal(form.send_wished, check_params_cb=lambda asked: asked == form.asked):
        QTest.keyClick(form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert form.prompt.toPlainText() == "rain on a window"


def test_a_problem_is_said_and_nothing_is_changed_behind_the_users_back(form: GenerateForm, qtbot: QtBot) -> None:
    form.size_choice.pick("1080p")
    form.length.pick("4")
    form.show_ready(Ready("About $0.80", "Veo makes 1080p in 8 s only."))
    assert (form.size_choice.current, form.length.current) == ("1080p", "4")
    assert not form.send.isEnabled() and form.send.toolTip() == "Veo makes 1080p in 8 s only."
    with qtbot.assertNotEmitted(form.send_wished):
        QTest.keyClick(form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_a_length_that_another_service_does_not_make_is_chosen_nowhere_and_kept(form: GenerateForm) -> None:
    form.show_offer(Offer(SERVICES, (), ("720p",), (5, 10)))
    assert form.length.options == ("5", "10") and form.length.current == "" and form.asked.length_s == 8
    assert not form.shape.isVisible()


def test_many_choices_are_a_list(form: GenerateForm, qtbot: QtBot) -> None:
    form.show_offer(Offer(SERVICES, ("16:9",), ("720p",), tuple(range(3, 16))))
    assert form.length.current == "8"
    with qtbot.waitSignal(form.changed):
        form.length.pick("13")
    assert form.asked.length_s == 13


def test_each_tab_shows_its_fields(form: GenerateForm, qtbot: QtBot) -> None:
    tabs = form.tabs.findChildren(QAbstractButton)
    assert not form.first.isVisible()
    with qtbot.waitSignal(form.changed):
        QTest.mouseClick(tabs[1], Qt.MouseButton.LeftButton)
    assert form.asked.tab is Tab.IMAGE_TO_VIDEO and form.first.isVisible() and form.last.isVisible()
    QTest.mouseClick(tabs[2], Qt.MouseButton.LeftButton)
    form.show_offer(Offer((Service("gemini", "Gemini"),), ("1:1",), ("1K",), (), takes_leave_out=False))
    assert not form.first.isVisible() and not form.length.isVisible() and not form.leave_out.isVisible()


def test_frames_are_dropped_pasted_shown_and_removed(form: GenerateForm, qtbot: QtBot, tmp_path: Path) -> None:
    form.fill(Asked(Tab.IMAGE_TO_VIDEO, "veo"))
    file = tmp_path / "meadow #1.png"
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(file))])
    with qtbot.waitSignal(form.first.file_dropped, check_params_cb=lambda path: path == file):
        drop(form.first, files)
    QGuiApplication.clipboard().setImage(picture())
    with qtbot.waitSignal(form.last.image_given):
        QTest.keyClick(form.last, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    form.show_first("hash", picture("#20c040"), "meadow, frame 70", continues=True)
    assert form.asked.first == "hash" and form.asked.continues and form.first.accessibleName() == "First frame: meadow, frame 70"
    shown = form.first.grab().toImage().pixelColor(form.first.rect().center() * form.first.devicePixelRatioF())
    assert shown == QColor("#20c040")
    QTest.mouseClick(form.first.remove, Qt.MouseButton.LeftButton)
    assert form.asked.first == "" and not form.asked.continues and form.first.is_empty


def test_the_current_frame_needs_a_clip(form: GenerateForm, qtbot: QtBot) -> None:
    form.fill(Asked(Tab.IMAGE_TO_VIDEO, "veo"))
    form.first.set_current_available(False, "There is no clip on the timeline")
    assert not form.first.current.isEnabled() and form.first.current.toolTip() == "There is no clip on the timeline"
    form.first.set_current_available(True)
    with qtbot.waitSignal(form.first.current_wished):
        QTest.mouseClick(form.first.current, Qt.MouseButton.LeftButton)


def test_the_room_for_words_is_counted_when_it_runs_out(form: GenerateForm) -> None:
    form.prompt.setPlainText("x" * 9_990)
    assert "10 characters left" in form.prompt_hint
    form.prompt.setPlainText("x" * 10_001)
    assert "1 characters too long" not in form.prompt_hint and "1 character too long" in form.prompt_hint


def test_every_field_has_a_name_and_is_reached_by_tab(form: GenerateForm) -> None:
    form.fill(Asked(Tab.IMAGE_TO_VIDEO, "veo", shape="16:9", size="720p", length_s=8))
    form.show_offer(VEO)
    form.tabs.findChildren(QAbstractButton)[0].setFocus()
    reached: list[str] = []
    for _ in range(13):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused.accessibleName() or (focused.text() if isinstance(focused, QAbstractButton) else ""))
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert [name for name in reached[1:] if not name.startswith(("Shape", "Size", "Length"))] == [
        "First frame: none", "Use the current frame as first frame", "Choose a picture as first frame",
        "Last frame: none", "Choose a picture as last frame", "Prompt", "Leave out", "Provider", "Generate",
    ]  # fmt: skip
    assert [name.split()[0] for name in reached[9:12]] == ["Shape", "Size", "Length"]
