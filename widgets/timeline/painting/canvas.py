"""A painter with the theme's fonts and colours, and the small things every part of the timeline draws."""

from dataclasses import dataclass, field
from functools import cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from widgets.icons import pixmap
from widgets.palettes import Theme
from widgets.theme import font
from widgets.timeline.state import State
from widgets.timeline.values import Peaks, Thumbnails

HIDDEN_OPACITY = 0.38


@dataclass
class Canvas:
    """One paint event: what to paint with, where to get pictures, and the x range that needs it."""

    painter: QPainter
    state: State
    thumbnails: Thumbnails
    peaks: Peaks
    left: int
    right: int
    drawn_clips: int = 0
    fonts: dict[tuple[int, int], QFont] = field(default_factory=dict)
    colors: dict[tuple[str, float], QColor] = field(default_factory=dict)
    """Of this paint event: thousands of bars have a handful of colours."""

    @property
    def theme(self) -> Theme:
        return self.state.theme

    @property
    def seconds(self) -> tuple[float, float]:
        """The range of time that needs painting, one pixel more on either side."""
        scale = self.state.scale
        return scale.seconds_at(self.left - 1), scale.seconds_at(self.right + 2)

    def font(self, size: int, weight: int = 400) -> QFont:
        return _font(self.theme, size, weight)

    def text_width(self, text: str, size: int, weight: int = 400) -> int:
        return _metrics(self.theme, size, weight).horizontalAdvance(text)

    def text(self, rect: QRect, text: str, role: str, size: int = 11, weight: int = 400,
             align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, middle: bool = False) -> int:  # fmt: skip
        """One line in a rectangle, cut at its end (or in the middle) where too long; returns its width."""
        metrics = _metrics(self.theme, size, weight)
        mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        fits = metrics.horizontalAdvance(text) <= rect.width()
        shown = text if fits else metrics.elidedText(text, mode, max(0, rect.width()))
        self.painter.setFont(self.font(size, weight))
        self.painter.setPen(self.theme.color(role))
        self.painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
        return metrics.horizontalAdvance(shown)

    def icon(self, name: str, x: float, y: float, role: str, size: int = 16) -> None:
        """An icon with its top left at a point."""
        side = self.theme.px(size)
        ratio = self.painter.device().devicePixelRatioF()
        self.painter.drawPixmap(QPointF(x, y), pixmap(name, self.theme, role, side, ratio))

    def icon_in(self, name: str, rect: QRect, role: str, size: int = 16) -> None:
        """An icon centred in a rectangle."""
        side = self.theme.px(size)
        self.icon(name, rect.left() + (rect.width() - side) // 2, rect.top() + (rect.height() - side) // 2, role, size)

    def fill(self, rect: QRect | QRectF, role: str, alpha: float = 1.0) -> None:
        color = self.colors.get((role, alpha))
        if color is None:
            color = self.colors[role, alpha] = self.theme.color(role, alpha)
        self.painter.fillRect(rect, color)

    def rounded(self, rect: QRect, radius: float, fill: QColor | None, edge: QColor | None, width: float = 1.0) -> None:
        """A rounded rectangle whose edge lies inside `rect`."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setBrush(QBrush(fill) if fill else Qt.BrushStyle.NoBrush)
        self.painter.setPen(QPen(edge, width) if edge else Qt.PenStyle.NoPen)
        inset = width / 2 if edge else 0.0
        box = QRectF(rect).adjusted(inset, inset, -inset, -inset)
        self.painter.drawRoundedRect(box, radius, radius)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def hatch(self, rect: QRect, color: QColor) -> None:
        """Diagonal stripes, fixed to the rectangle's corner so that they travel with it."""
        self.painter.setBrushOrigin(rect.topLeft())
        self.painter.fillRect(rect, QBrush(_stripes(color.name(QColor.NameFormat.HexArgb), self.theme.px(10))))


@cache
def _font(theme: Theme, size: int, weight: int) -> QFont:
    return font(theme, size, weight)


@cache
def _metrics(theme: Theme, size: int, weight: int) -> QFontMetrics:
    return QFontMetrics(_font(theme, size, weight))


@cache
def _stripes(color: str, side: int) -> QPixmap:
    """A tile of stripes rising to the right, half stripe and half gap, at twice the resolution."""
    tile = QPixmap(side * 2, side * 2)
    tile.setDevicePixelRatio(2.0)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), side / 2.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    for shift in (-side, 0, side):
        painter.drawLine(QPointF(shift - side, 2 * side), QPointF(shift + 2 * side, -side))
    painter.end()
    return tile
