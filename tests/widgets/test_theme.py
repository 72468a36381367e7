"""The three themes: readable text on every surface, one style sheet, one focus ring."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontInfo, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from resources import path
from widgets.focus_ring import FocusRing, follow_focus
from widgets.icons import app_mark, icon, icon_names, pixmap
from widgets.theme import DARK, THEMES, Theme, apply_theme, font, theme_of

SURFACES = ("bg1", "bg2", "bg3", "bg4", "well", "lane", "pop")
PAIRS = [
    *itertools.product(("t1", "t2", "t3"), SURFACES),
    *(("ink", fill) for fill in ("ac", "ac2", "ac3")),
    *(("act", under) for under in ("bg2", "bg4", "lane", "acs", "pat")),
    *((text, under) for text, tint in (("gr", "grs"), ("am", "ams"), ("rd", "rds")) for under in (tint, "bg2", "pop")),
    ("vidt", "vid"), ("capt", "cap"), ("t1", "aud"), ("t3", "aud"), ("rd", "bg1"),
]  # fmt: skip


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(theme: Theme, text: str, under: str) -> float:
    bright, dim = sorted((luminance(theme.color(text)), luminance(theme.color(under))), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast(THEMES["light"], "ink", "ink") == pytest.approx(1.0)
    assert contrast(THEMES["high contrast"], "t1", "bg0") == pytest.approx(21.0)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("text", "under"), PAIRS)
def test_text_is_readable_on_every_surface(name: str, text: str, under: str) -> None:
    assert contrast(THEMES[name], text, under) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_lines_that_carry_meaning_stand_out(name: str) -> None:
    theme = THEMES[name]
    for mark, under in (("head", "lane"), ("sel", "vid"), ("am", "lane"), ("ac", "lane"), ("focus", "bg2")):
        assert contrast(theme, mark, under) >= 3.0, (mark, under)


def test_apply_theme_reaches_the_whole_program(qapp: QApplication) -> None:
    for name in THEMES:
        assert apply_theme(qapp, name, 1.0) == theme_of() == THEMES[name]
        assert THEMES[name].t1 in qapp.styleSheet()
    apply_theme(qapp, "dark")


def test_text_is_the_bundled_inter(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    assert QFontInfo(qapp.font()).family().startswith("Patchreel Inter")
    assert qapp.font().pixelSize() == 12
    assert path("fonts/OFL.txt").read_text(encoding="utf-8").count("SIL Open Font License") == 1


def test_scale_multiplies_lengths_and_fonts(qapp: QApplication) -> None:
    theme = apply_theme(qapp, "dark", 2.0)
    assert (theme.px(28), qapp.font().pixelSize(), font(theme, 11).pixelSize()) == (56, 24, 22)
    apply_theme(qapp, "dark")


def test_figures_have_one_width(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    apply_theme(qapp, "dark")
    metrics = QFontMetricsF(font(DARK, 12))
    assert {metrics.horizontalAdvance(figure) for figure in "0123456789"} == {metrics.horizontalAdvance("1")}


def test_unknown_theme_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        apply_theme(qapp, "sepia")


def test_coloured_pictures_of_the_style_sheet_exist_and_match(qapp: QApplication) -> None:
    for theme in THEMES.values():
        apply_theme(qapp, theme.name)
        files = re.findall(r'url\("([^"]+)"\)', qapp.styleSheet())
        assert len(files) >= 3
        for name, role in (("chevron-down", "t2"), ("check", "bg2"), ("menu-check", "t1")):
            text = path(f"icons/themed/{theme.name.replace(' ', '-')}-{name}.svg").read_text(encoding="utf-8")
            assert str(getattr(theme, role)) in text
    apply_theme(qapp, "dark")


@given(st.floats(0.1, 200.0), st.sampled_from([1.0, 1.25, 1.5, 2.0]))
def test_no_length_vanishes(length: float, scale: float) -> None:
    from dataclasses import replace

    assert replace(DARK, scale=scale).px(length) >= 1


def test_every_icon_is_drawn_in_its_colour_and_inside_its_grid(qapp: QApplication) -> None:
    assert len(icon_names()) >= 70
    for name in icon_names():
        image = pixmap(name, DARK, "t1", 16, 2.0).toImage()
        assert image.width() == 32
        alphas = [image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)]
        assert max(alphas) == 255, name
        source = path(f"icons/{name}.svg").read_text(encoding="utf-8")
        assert "#" not in source and 'viewBox="0 0 16 16"' in source, name


def test_icons_are_crisp_at_100_and_200_percent(qapp: QApplication) -> None:
    made = icon("lasso", DARK)
    for ratio in (1.0, 2.0):
        picture = made.pixmap(made.availableSizes()[0], ratio)
        assert picture.devicePixelRatio() == ratio
        assert picture.deviceIndependentSize().width() == 16
    on = made.pixmap(made.availableSizes()[0], 1.0, QIcon.Mode.Disabled).toImage()
    assert any(on.pixelColor(x, y).name() == DARK.td for x in range(16) for y in range(16))
    assert not app_mark(DARK).isNull()


def test_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("unicorn", DARK)


def row_of(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    window = QWidget()
    layout = QHBoxLayout(window)
    layout.setContentsMargins(20, 20, 20, 20)
    for widget in widgets:
        layout.addWidget(widget)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_tab_shows_one_ring_two_pixels_away(qtbot: QtBot, qapp: QApplication) -> None:
    ring = follow_focus(qapp, apply_theme(qapp, "dark"))
    first, second = QPushButton("One"), QPushButton("Two")
    window = row_of(qtbot, first, second)
    assert window.focusWidget() is first and ring.target is None
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert ring.target is second
    frames = [child for child in window.findChildren(QWidget, "focus_ring") if child.isVisible()]
    assert len(frames) == 1
    assert frames[0].geometry() == second.geometry().adjusted(-4, -4, 4, 4)
    assert len([child for child in qapp.children() if isinstance(child, FocusRing)]) == 1


def test_the_ring_goes_with_what_is_scrolled_out_of_sight(qtbot: QtBot, qapp: QApplication) -> None:
    follow_focus(qapp, apply_theme(qapp, "dark"))
    area, inside = QScrollArea(), QWidget()
    inside.setFixedSize(200, 900)
    field = QLineEdit(inside)
    field.setGeometry(20, 20, 120, 24)
    area.setWidget(inside)
    area.setFixedSize(220, 120)
    window = row_of(qtbot, area)
    field.setFocus()
    (frame,) = [child for child in window.findChildren(QWidget, "focus_ring") if child.isVisible()]
    area.verticalScrollBar().setValue(32)
    assert frame.isVisible() and frame.height() == field.height() - 12 + 8, "what is seen of it has the ring"
    area.verticalScrollBar().setValue(400)
    assert not frame.isVisible()
    area.verticalScrollBar().setValue(0)
    assert frame.isVisible() and frame.height() == field.height() + 8


def test_click_shows_the_ring_on_a_field(qtbot: QtBot, qapp: QApplication) -> None:
    ring = follow_focus(qapp, apply_theme(qapp, "dark"))
    field = QLineEdit()
    window = row_of(qtbot, QPushButton("One"), field)
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert ring.target is field and window.isVisible()


def test_ring_survives_the_end_of_its_target(qtbot: QtBot, qapp: QApplication) -> None:
    ring = follow_focus(qapp, apply_theme(qapp, "dark"))
    field, other = QLineEdit(), QLineEdit()
    window = row_of(qtbot, field, other)
    assert ring.target is field
    field.deleteLater()
    qtbot.waitUntil(lambda: ring.target is not field)
    window.setFocus()
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.target is other
    assert window.isVisible()
