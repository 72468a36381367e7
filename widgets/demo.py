"""Shows one widget by itself: `python -m widgets.<name> [--png FILE] [--theme light] [--scale 2]`.

Shared by the demos of all widgets; no part of the program imports it.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from widgets.theme import THEMES, apply_theme, theme_of


def show(make: Callable[[], QWidget], size: tuple[int, int], arguments: Sequence[str] | None = None) -> int:
    """Makes the widget under the chosen theme and shows it, or writes its picture. Returns the exit code.

    `size` is in px at 100 %. Without a display the offscreen platform is used.
    """
    options = _parser().parse_args(arguments)
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    apply_theme(app, options.theme, options.scale)
    widget = make()
    widget.resize(QSize(theme_of().px(size[0]), theme_of().px(size[1])))
    widget.show()
    if options.png is None:
        return app.exec()
    app.processEvents()
    picture: QPixmap = widget.grab()
    return 0 if picture.save(str(options.png)) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Shows one widget by itself.")
    parser.add_argument("--png", type=Path, help="write a picture instead of opening a window")
    parser.add_argument("--theme", choices=list(THEMES), default="dark")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is the size of the design")
    return parser
