"""Keys in a menu stand at its right edge, quieter than the words, and leave them room."""


from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.controls import Menu
from widgets.theme import apply_theme

WORDS = "Move to the background layer"


def pixels(menu: Menu, row: int) -> np.ndarray:
    """The channels of a row as it is drawn."""
    image = menu.grab(menu.actionGeometry(menu.actions()[row])).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[..., :3].astype(int)


def ink(menu: Menu, row: int) -> np.ndarray:
    """The columns in which something stands."""
    found = pixels(menu, row)[:, 4:-4]
    return np.flatnonzero(np.abs(found - found[0, 0]).max(axis=(0, 2)) > 60) + 4


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    apply_theme(qapp, "dark")


@pytest.mark.parametrize("theme_name", ["dark", "light"])
def test_keys_stand_at_the_right_edge_and_are_quiet(qtbot: QtBot, qapp: QApplication, theme_name: str) -> None:
    apply_theme(qapp, theme_name)
    menu = Menu("Clip")
    qtbot.addWidget(menu)
    for words, key in (("Split", "S"), (WORDS, "Ctrl+Shift+B"), ("Rename…", "")):
        menu.addAction(words).setShortcut(QKeySequence(key))
    menu.ensurePolished()
    menu.resize(menu.sizeHint())
    ends = [menu.width() - 1 - int(ink(menu, row)[-1]) for row in (0, 1)]
    assert ends[0] == pytest.approx(ends[1], abs=1) and 12 <= ends[0] <= 18
    gaps = np.diff(ink(menu, 1))
    assert gaps.max() >= 12, "between the words and the key"
    row = pixels(menu, 1)
    contrast = np.abs(row - row[0, 4]).max(axis=(0, 2))
    assert contrast[-60:-10].max() < contrast[10:150].max() - 30, "quieter than the words"
    assert ink(menu, 2)[-1] < menu.width() / 2, "no key, nothing drawn"
