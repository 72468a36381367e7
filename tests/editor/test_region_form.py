"""The numbers of a region: every control has a name, nothing is cut in the narrow panel, units say the same in two ways."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from editor.panels.region_form import RegionForm, RegionShown
from editor.panels.region_shapes import ShapeRow
from widgets.theme import THEMES, apply_theme

NARROW_PX = 292
"""The right side at 1280 × 720."""
SHOWN = RegionShown(
    key="p", name="Patch 12", where="3840 × 2160 px as shown", size=(3840, 2160), bounds=(0.25, 0.5, 0.5, 0.25), feather_px=6,
    grow_px=-4, pen_px=120, is_inverted=False,
    shapes=(ShapeRow("lasso", False), ShapeRow("ellipse", True), ShapeRow("brush", False), ShapeRow("box", True)), active=1,
)  # fmt: skip


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[RegionForm]:
    made = RegionForm()
    qtbot.addWidget(made)
    made.resize(NARROW_PX, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.show_region(SHOWN)
    yield made
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")


def test_every_control_has_a_name_and_can_be_reached(form: RegionForm) -> None:
    reached = [w for w in form.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisibleTo(form)]
    named = [w for w in reached if w.accessibleName() or (getattr(w, "text", lambda: "")())]
    inner = [w for w in reached if w not in named and w.parentWidget() in named]
    assert len(named) > 15 and set(reached) == {*named, *inner}


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_nothing_is_cut_in_the_narrow_panel(form: RegionForm, qtbot: QtBot, theme: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    assert form.minimumSizeHint().width() <= NARROW_PX

    def nothing_is_cut() -> None:
        assert form.shapes.rows()[-1].height() > 0
        for words in form.findChildren(QLabel):
            if words.isVisible() and not words.wordWrap():
                assert words.width() >= words.sizeHint().width(), words.text()

    qtbot.waitUntil(nothing_is_cut)
    for name, field in form.fields.items():
        assert field.width() >= field.fontMetrics().horizontalAdvance(field.text()) + 12, name


def test_pixels_and_fractions_are_two_ways_to_say_the_same(form: RegionForm) -> None:
    heard: list[tuple[str, float]] = []
    form.changed.connect(lambda name, value: heard.append((name, value)))
    assert [form.fields[name].value() for name in ("x", "y", "width", "height")] == [960, 1080, 1920, 540]
    QTest.mouseClick(form.unit.button("share"), Qt.MouseButton.LeftButton)
    assert [form.fields[name].value() for name in ("x", "y", "width", "height")] == [0.25, 0.5, 0.5, 0.25]
    assert not heard, "another unit changes nothing"
    form.fields["x"].setValue(0.5)
    QTest.mouseClick(form.unit.button("px"), Qt.MouseButton.LeftButton)
    form.fields["height"].setValue(1080)
    assert [name for name, _ in heard] == ["x", "height"]
    assert [value for _, value in heard] == pytest.approx([0.5, 0.5])


def test_a_locked_region_is_shown_and_not_changed(form: RegionForm) -> None:
    form.show_region(replace(SHOWN, locked=True))
    assert not form.fields["x"].isEnabled() and not form.invert.isEnabled() and not form.shapes.isEnabled()


def test_showing_values_reports_nothing(form: RegionForm) -> None:
    heard: list[object] = []
    form.changed.connect(lambda *change: heard.append(change))
    form.inverted.connect(heard.append)
    form.show_region(replace(SHOWN, bounds=(0.1, 0.2, 0.3, 0.4), feather_px=90, grow_px=99, pen_px=900, is_inverted=True))
    assert not heard and form.invert.isChecked()
    assert form.sliders["feather"].value == 60, "more than the slider has is shown as its end"
