"""Puts one of the themes on the program: bundled fonts, palette, style sheet. Knows nothing of any window."""

from dataclasses import replace
from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from resources import path
from widgets.focus_ring import follow_focus
from widgets.palettes import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme
from widgets.style_sheet import style_sheet

__all__ = ["DARK", "HIGH_CONTRAST", "LIGHT", "THEMES", "Theme", "apply_theme", "font", "refresh_style", "theme_of"]

NAME_PROPERTY, SCALE_PROPERTY = "patchreel_theme", "patchreel_scale"
WEIGHTS = {400: QFont.Weight.Normal, 500: QFont.Weight.Medium, 600: QFont.Weight.DemiBold}


def apply_theme(app: QApplication, name: str, scale: float = 1.0) -> Theme:
    """Give the whole program the theme `name` ("dark", "light", "high contrast") at `scale` (1.0 = design size).

    May be called again at any time; every widget gets a StyleChange event. An unknown name raises KeyError.
    """
    theme = _theme(name, scale)
    app.setProperty(NAME_PROPERTY, name)
    app.setProperty(SCALE_PROPERTY, scale)
    style = QStyleFactory.create("Fusion")
    if style is not None and app.style().objectName() != "fusion":
        app.setStyle(style)
    app.setFont(font(theme, 12))
    app.setPalette(_qt_palette(theme))
    app.setStyleSheet(style_sheet(theme))
    follow_focus(app, theme)
    return theme


def theme_of(widget: QObject | None = None) -> Theme:
    """The theme the program wears; dark at 100 % before `apply_theme` was called."""
    app = QApplication.instance()
    name = app.property(NAME_PROPERTY) if app is not None else None
    scale = app.property(SCALE_PROPERTY) if app is not None else None
    return _theme(str(name or "dark"), float(scale or 1.0))


def font(theme: Theme, size_px: int, weight: int = 400) -> QFont:
    """Inter with tabular figures; `size_px` at 100 %, `weight` 400, 500 or 600."""
    return QFont(_font(theme, size_px, weight))


@cache
def _font(theme: Theme, size_px: int, weight: int) -> QFont:
    """Made once: painted widgets ask for the same few fonts some hundred times a second."""
    made = QFont(_family())
    made.setPixelSize(theme.px(size_px))
    made.setWeight(WEIGHTS[weight])
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if hasattr(made, "setFeature"):  # Qt 6.7
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def _theme(name: str, scale: float) -> Theme:
    return replace(THEMES[name], scale=scale)


@cache
def _family() -> str:
    """The family name of the bundled fonts after they were loaded once.

    It is a name of their own, so that no Inter of the system mixes in, and the outlines are TrueType: Qt darkens the stems of
    OpenType ones, and regular text then looks like semibold.
    """
    families: list[str] = []
    for file in sorted(path("fonts").glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return families[0] if families else "sans-serif"


def _qt_palette(theme: Theme) -> QPalette:
    """What Qt paints itself (placeholder texts, views before a style sheet reaches them)."""
    role = QPalette.ColorRole
    colors = {
        role.Window: "bg1", role.WindowText: "t1", role.Base: "well", role.AlternateBase: "bg2", role.Text: "t1",
        role.Button: "bg3", role.ButtonText: "t1", role.ToolTipBase: "pop", role.ToolTipText: "t1",
        role.PlaceholderText: "t3", role.Highlight: "bg4", role.HighlightedText: "t1", role.Link: "t1",
        role.Light: "line2", role.Mid: "line", role.Dark: "line", role.Shadow: "bg0", role.BrightText: "t1",
    }  # fmt: skip
    palette = QPalette()
    for key, name in colors.items():
        palette.setColor(key, theme.color(name))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, theme.color("td"))
    return palette


def refresh_style(widget: QWidget) -> None:
    """Let the style sheet look at a widget's dynamic properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
