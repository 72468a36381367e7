"""The small controls: sizes of the design, states, keys, what they emit."""

from collections.abc import Iterator
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from widgets.controls import (
    Button,
    Chip,
    ElidedLabel,
    EmptyState,
    ErrorBox,
    IconButton,
    JobRow,
    LabelledSlider,
    NumberField,
    PanelHeader,
    PrimaryButton,
    QuietButton,
    SecondaryButton,
    SegmentedControl,
    Toast,
    Toasts,
    Toggle,
    mark_error,
)
from widgets.controls.chips import LOOKS
from widgets.theme import DARK, apply_theme

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, "dark")
    yield
    apply_theme(qapp, "dark")


def shown(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for widget in widgets:
        layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


Child = TypeVar("Child", bound=QWidget)


def only(parent: QWidget, kind: type[Child]) -> Child:
    """The one child of a kind."""
    (found,) = parent.findChildren(kind)
    return found


def colors_of(picture: QImage) -> set[str]:
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_heights_are_those_of_the_design(qtbot: QtBot, qapp: QApplication, scale: float) -> None:
    apply_theme(qapp, "dark", scale)
    expected: list[tuple[QWidget, int]] = [
        (PrimaryButton("Run patch"), 28), (SecondaryButton("Cancel"), 28), (QuietButton("Details"), 28),
        (SecondaryButton("Next", size="small"), 24), (PrimaryButton("Run patch", size="foot"), 32),
        (IconButton("lasso", "Lasso"), 28), (QLineEdit(), 28), (NumberField(), 28), (PanelHeader(["Bin"]), 36),
        (SegmentedControl([("a", "A"), ("b", "B")]), 26), (JobRow("film", "Index"), 44), (Chip("v3"), 18),
    ]  # fmt: skip
    window = shown(qtbot, *(widget for widget, _ in expected))
    for widget, height in expected:
        assert abs(widget.height() - height * scale) <= 2 * scale, widget
    assert window.isVisible()


@pytest.mark.parametrize(("make", "fill", "pressed"), [
    (PrimaryButton, DARK.ac, DARK.ac3), (SecondaryButton, DARK.bg3, DARK.bg1),
])  # fmt: skip
def test_fill_follows_the_state(qtbot: QtBot, make: type[Button], fill: str, pressed: str) -> None:
    button = make("Run patch")
    window = shown(qtbot, button)
    corner = QPoint(5, button.height() // 2)
    assert button.grab().toImage().pixelColor(corner).name() == fill
    QTest.mousePress(button, LEFT)
    assert button.grab().toImage().pixelColor(corner).name() == pressed
    QTest.mouseRelease(button, LEFT)
    button.setEnabled(False)
    assert DARK.ac not in colors_of(button.grab().toImage())
    assert window.isVisible()


def test_nothing_but_primary_and_anchor_is_orange(qtbot: QtBot) -> None:
    others = (SecondaryButton("Cancel", "export"), QuietButton("Details"), Toggle("On", True), LabelledSlider("F", 0, 9, 4),
              SegmentedControl([("a", "A"), ("b", "B")]), PanelHeader(["Bin", "Gallery"]), Chip("v3"))  # fmt: skip
    window = shown(qtbot, *others)
    for widget in others:
        hues = [QColor(name).hsvHue() for name in colors_of(widget.grab().toImage()) if QColor(name).hsvSaturation() > 90]
        assert not [hue for hue in hues if 10 <= hue <= 40], widget
    assert window.isVisible()


def test_a_button_is_wide_enough_for_icon_text_and_key(qtbot: QtBot) -> None:
    plain, full = SecondaryButton("Export"), SecondaryButton("Export", "export", "Ctrl+E")
    window = shown(qtbot, plain, full)
    assert full.width() > plain.width() + 40
    assert "Ctrl+E" in full.toolTip()
    assert window.isVisible()


def test_icon_button_names_itself_and_its_key(qtbot: QtBot) -> None:
    button = IconButton("lasso", "Lasso", "Shift+R", checkable=True)
    window = shown(qtbot, button)
    assert button.toolTip() == "Lasso (Shift+R)"
    assert button.accessibleName() == "Lasso"
    QTest.mouseClick(button, LEFT)
    assert button.isChecked() and DARK.bg4 in colors_of(button.grab().toImage())
    assert window.isVisible()


def test_icons_change_with_the_theme(qtbot: QtBot, qapp: QApplication) -> None:
    button = IconButton("stop", "Stop")
    window = shown(qtbot, button)
    assert DARK.t2 in colors_of(button.grab().toImage())
    light = apply_theme(qapp, "light")
    assert light.t2 in colors_of(button.grab().toImage())
    assert window.isVisible()


def test_one_segment_is_lit_and_nothing_moves(qtbot: QtBot) -> None:
    control = SegmentedControl([("result", "Result"), ("split", "Split"), ("heatmap", "Heatmap")], "split")
    window = shown(qtbot, control)
    widths = [button.width() for button in control.findChildren(QPushButton)]
    with qtbot.waitSignal(control.chosen) as heard:
        QTest.mouseClick(control.button("heatmap"), LEFT)
    assert heard.args == ["heatmap"] and control.current == "heatmap"
    assert [button.width() for button in control.findChildren(QPushButton)] == widths
    assert sum(button.isChecked() for button in control.findChildren(QPushButton)) == 1
    control.set_current("result")
    assert control.current == "result" and window.isVisible()


def test_toggle_answers_to_click_and_space(qtbot: QtBot) -> None:
    toggle = Toggle("Match grain and colour", on=True)
    window = shown(qtbot, toggle)
    QTest.mouseClick(toggle, LEFT, pos=QPoint(8, 8))
    assert not toggle.isChecked()
    QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert toggle.isChecked() and window.isVisible()


def test_slider_and_field_agree(qtbot: QtBot) -> None:
    control = LabelledSlider("Feather", 0, 32, 12, "px")
    window = shown(qtbot, control)
    heard: list[float] = []
    control.value_changed.connect(heard.append)
    slider, field = only(control, QSlider), only(control, NumberField)
    slider.setValue(20)
    assert (control.value, field.text()) == (20, "20 px")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (control.value, slider.value(), heard) == (7, 7, [20, 7])
    control.set_value(500)
    assert control.value == 32 and heard == [20, 7]
    assert window.isVisible()


def test_slider_steps_may_be_fractions(qtbot: QtBot) -> None:
    control = LabelledSlider("Opacity", 0.0, 1.0, 0.35, step=0.05, decimals=2)
    window = shown(qtbot, control)
    only(control, QSlider).setValue(3)
    assert control.value == pytest.approx(0.15) and window.isVisible()


def test_the_wheel_passes_over_a_slider_without_the_focus(qtbot: QtBot) -> None:
    control = LabelledSlider("Feather", 0, 32, 12)
    window = shown(qtbot, QLineEdit(), control)
    for child in (only(control, QSlider), only(control, NumberField)):
        event = QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(child, event)
    assert control.value == 12 and window.isVisible()


@pytest.mark.parametrize("kind", LOOKS)
def test_chips_fit_their_words(qtbot: QtBot, kind: str) -> None:
    short, long = Chip("v3", kind), Chip("Doubtful and long", kind)  # type: ignore[arg-type]
    window = shown(qtbot, short, long)
    assert long.width() > short.width() + 50
    assert long.accessibleName() == "Doubtful and long" and window.isVisible()


def test_panel_header_switches_tabs(qtbot: QtBot) -> None:
    header = PanelHeader(["Bin", "Gallery"])
    header.add_tool(IconButton("import", "Import media"))
    window = shown(qtbot, header)
    with qtbot.waitSignal(header.tab_changed) as heard:
        QTest.mouseClick(header.findChildren(QPushButton)[1], LEFT)
    assert heard.args == [1] and header.current == 1
    header.set_current(0)
    assert header.current == 0 and window.isVisible()


def test_job_row_cancels_while_running_and_offers_more_afterwards(qtbot: QtBot) -> None:
    row = JobRow("patch", "Carrying Remove boulders")
    window = shown(qtbot, row)
    row.set_progress(0.5, "57 of 91 frames, 4 s left")
    end = only(row, QToolButton)
    with qtbot.waitSignal(row.cancel_requested):
        QTest.mouseClick(end, LEFT)
    row.set_finished("Verified, 5.3 s")
    with qtbot.waitSignal(row.menu_requested), qtbot.assertNotEmitted(row.cancel_requested):
        QTest.mouseClick(end, LEFT)
    assert end.accessibleName() == "More for Carrying Remove boulders" and window.isVisible()


def test_errors_say_what_to_do_and_wait(qtbot: QtBot) -> None:
    window = shown(qtbot)
    window.resize(900, 600)
    toasts = Toasts(window)
    box = ErrorBox("The patch was not made", "Gemini took longer than 60 s. Nothing was charged, v3 is unchanged.",
                   ("Try again", "Run offline"), "PR-2104")  # fmt: skip
    note = Toast("Saved")
    toasts.show_toast(box)
    toasts.show_toast(note)
    assert box.geometry().bottom() < note.geometry().top()
    assert window.rect().contains(box.geometry()) and window.rect().contains(note.geometry())
    with qtbot.waitSignal(box.action_triggered) as heard:
        QTest.mouseClick(box.findChildren(QPushButton)[1], LEFT)
    assert heard.args == ["Run offline"] and toasts.shown == (note,)


def test_a_toast_follows_its_window(qtbot: QtBot) -> None:
    window = shown(qtbot)
    window.resize(900, 600)
    toasts = Toasts(window)
    toasts.show_toast(Toast("Saved"))
    window.resize(700, 500)
    assert window.rect().contains(toasts.shown[0].geometry())


def test_empty_state_offers_one_thing(qtbot: QtBot) -> None:
    empty = EmptyState("patch", "Your clips, pictures and sounds will be here.", "Import media", "import")
    window = shown(qtbot, empty)
    assert len(empty.findChildren(QPushButton)) == 1
    with qtbot.waitSignal(empty.activated):
        QTest.mouseClick(only(empty, QPushButton), LEFT)
    assert window.isVisible()


def test_a_wrong_field_has_a_red_edge_and_an_icon_once(qtbot: QtBot) -> None:
    field = QLineEdit("240 px")
    window = shown(qtbot, field)
    mark_error(field, True)
    mark_error(field, True)
    assert len(field.actions()) == 1
    assert field.grab().toImage().pixelColor(field.width() // 2, 0).name() == DARK.rd
    mark_error(field, False)
    assert field.actions() == [] and window.isVisible()


def test_a_long_name_is_cut_in_the_middle_and_pushes_nobody(qtbot: QtBot) -> None:
    name = "a very long file name that somebody gave to the flower they filmed last summer.mp4"
    column, label, beside = QWidget(), ElidedLabel(name), QLabel("frame 70 of 132")
    qtbot.addWidget(column)
    row = QHBoxLayout(column)
    row.addWidget(label)
    row.addWidget(beside)
    column.resize(300, 40)
    column.show()
    assert column.minimumSizeHint().width() < 300 and beside.geometry().right() < 300
    first, dots, last = label.shown.partition("…")
    assert dots and name.startswith(first) and name.endswith(last) and last.endswith(".mp4")
    assert label.text() == label.toolTip() == name
    column.resize(1600, 40)
    QApplication.processEvents()
    assert label.shown == name
