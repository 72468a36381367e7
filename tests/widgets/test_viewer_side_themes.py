"""Every viewer-side widget can be looked at in every theme and size, and follows a change of theme while it lives."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.change_chart.__main__ import make as change_chart
from widgets.confidence_strip.__main__ import make as confidence_strip
from widgets.diff_heatmap.__main__ import make as diff_heatmap
from widgets.layer_stack.__main__ import make as layer_stack
from widgets.layer_stack.row import RowView
from widgets.roi_canvas import ToolRail
from widgets.roi_canvas.__main__ import Ground
from widgets.theme import THEMES, apply_theme, theme_of
from widgets.transport.__main__ import make as transport
from widgets.viewer.__main__ import make as viewer

MAKERS: dict[str, Callable[[], QWidget]] = {
    "change chart": change_chart,
    "confidence strip": confidence_strip,
    "heat legend": diff_heatmap,
    "layer stack": layer_stack,
    "region canvas": Ground,
    "tool rail": ToolRail,
    "transport": transport,
    "viewer": lambda: viewer("Heatmap"),
}


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    style, font, palette = qapp.styleSheet(), qapp.font(), qapp.palette()
    yield qapp
    apply_theme(qapp, "dark")
    qapp.setStyleSheet(style)
    qapp.setFont(font)
    qapp.setPalette(palette)


@pytest.mark.parametrize("name", MAKERS)
def test_it_follows_a_change_of_theme_and_size(app: QApplication, qtbot: QtBot, name: str) -> None:
    apply_theme(app, "dark")
    widget = MAKERS[name]()
    qtbot.addWidget(widget)
    widget.resize(640, 200)
    widget.show()
    seen = {"dark": widget.grab().toImage()}
    for theme in list(THEMES)[1:]:
        apply_theme(app, theme)
        seen[theme] = widget.grab().toImage()
        assert all(seen[theme] != other for known, other in seen.items() if known != theme)
    apply_theme(app, "dark", 2.0)
    assert not widget.grab().isNull()
    apply_theme(app, "dark")
    widget.resize(640, 200)
    assert widget.grab().toImage().size() == seen["dark"].size()


def test_lengths_grow_with_the_scale(app: QApplication, qtbot: QtBot) -> None:
    apply_theme(app, "dark")
    bar, stack = transport(), layer_stack()
    qtbot.addWidget(bar)
    qtbot.addWidget(stack)
    stack.show()
    row = stack.findChildren(RowView)[0]
    before = bar.height(), row.height()
    apply_theme(app, "dark", 2.0)
    assert (bar.height(), row.height()) == (2 * before[0], 2 * before[1])
    assert theme_of(bar).scale == 2.0


def test_everything_that_takes_the_focus_has_a_name(app: QApplication, qtbot: QtBot) -> None:
    apply_theme(app, "dark")
    for maker in MAKERS.values():
        widget = maker()
        qtbot.addWidget(widget)
        for child in [widget, *widget.findChildren(QWidget)]:
            if child.focusPolicy().value and not child.objectName().startswith("qt_"):
                assert child.accessibleName(), f"{type(child).__name__} in {type(widget).__name__}"
