"""The program's own icons, drawn from SVG on a 16 px grid in the colour of a theme's role.

Knows names and colours only. The names are the file names in `resources/icons`.
"""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from resources import path
from widgets.palettes import Theme

GRID_PX = 16
RATIOS = (1.0, 1.5, 2.0, 3.0)  # one drawing per common device pixel ratio, so no screen shows a scaled one


def icon(name: str, theme: Theme, role: str = "t2") -> QIcon:
    """An icon in the colour of `role`; checked it wears `t1`, disabled `td`. An unknown name raises KeyError."""
    return _icon(name, theme, role)


def icon_names() -> tuple[str, ...]:
    """Every name `icon` knows, sorted."""
    return tuple(sorted(file.stem for file in path("icons").glob("*.svg") if file.stem != "patchreel"))


def app_icon() -> QIcon:
    """The mark of the program in its own colours, for the window and the task bar."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_drawn(_source("patchreel"), QSize(size, size), 1.0))
    return made


def app_mark(theme: Theme) -> QPixmap:
    """The mark at the left of the menu bar, 20×16 px, its frame in the theme's text colour."""
    source = _source("patchreel").replace("#f4f4f6", theme.t1).replace("#ff8b4a", theme.ac)
    return _drawn(source, QSize(theme.px(20), theme.px(16)), 3.0)


def pixmap(name: str, theme: Theme, role: str, size_px: int = GRID_PX, ratio: float = 1.0) -> QPixmap:
    """One icon as a picture of `size_px` logical pixels at a device pixel ratio, for painted widgets."""
    return _pixmap(name, str(getattr(theme, role)), size_px, ratio)


@cache
def _icon(name: str, theme: Theme, role: str) -> QIcon:
    made = QIcon()
    size = theme.px(GRID_PX)
    for ratio in RATIOS:
        made.addPixmap(pixmap(name, theme, role, size, ratio))
        made.addPixmap(pixmap(name, theme, "td", size, ratio), QIcon.Mode.Disabled)
        if role in {"t2", "t3"}:
            made.addPixmap(pixmap(name, theme, "t1", size, ratio), QIcon.Mode.Normal, QIcon.State.On)
            made.addPixmap(pixmap(name, theme, "t1", size, ratio), QIcon.Mode.Active)
    return made


@cache
def _pixmap(name: str, color: str, size_px: int, ratio: float) -> QPixmap:
    return _drawn(_source(name).replace("currentColor", color), QSize(size_px, size_px), ratio)


@cache
def _source(name: str) -> str:
    file = path(f"icons/{name}.svg")
    if not file.is_file():
        raise KeyError(name)
    return file.read_text(encoding="utf-8")


def _drawn(source: str, size: QSize, ratio: float) -> QPixmap:
    """The drawing centred in `size` logical pixels, its proportions kept."""
    renderer = QSvgRenderer(QByteArray(source.encode("utf-8")))
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    box = QRectF(0, 0, image.width(), image.height())
    fitted = QRectF(renderer.viewBoxF())
    scale = min(box.width() / fitted.width(), box.height() / fitted.height())
    target = QRectF(0, 0, fitted.width() * scale, fitted.height() * scale)
    target.moveCenter(box.center())
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, target)
    painter.end()
    made = QPixmap.fromImage(image)
    made.setDevicePixelRatio(ratio)
    return made
