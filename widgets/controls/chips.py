"""Chips: a word or two with an icon that say a state, a version or a key."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.icons import pixmap
from widgets.theme import font, theme_of

ChipKind = Literal["version", "anchor", "verified", "check", "doubtful", "key", "plain"]
# kind: (body or "", edge or "", text, icon or "")
LOOKS: dict[ChipKind, tuple[str, str, str, str]] = {
    "version": ("bg3", "line2", "t2", ""),
    "anchor": ("acs", "ac3", "act", "anchor"),
    "verified": ("grs", "", "gr", "check"),
    "check": ("ams", "", "am", "warning"),
    "doubtful": ("rds", "", "rd", "doubtful"),
    "key": ("", "t3", "t3", ""),
    "plain": ("", "line2", "t2", ""),
}
HEIGHT_PX, ICON_PX = 18, 12


class Chip(QWidget):
    """One chip, e.g. `Chip("v3")`, `Chip("Anchor", "anchor")`, `Chip("Ctrl+Shift+P", "key")`."""

    def __init__(self, text: str, kind: ChipKind = "version", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._kind = text, kind
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        return self._text

    @property
    def kind(self) -> ChipKind:
        return self._kind

    def show_state(self, text: str, kind: ChipKind) -> None:
        """Another text and kind."""
        self._text, self._kind = text, kind
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        width = QFontMetrics(font(theme, 11)).horizontalAdvance(self._text) + 2 * theme.px(6)
        mark = theme.px(ICON_PX + 4) if LOOKS[self._kind][3] else 0
        return QSize(width + mark, theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        body, edge, text, mark = LOOKS[self._kind]
        if theme.has_borders and not edge:
            edge = text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color(body) if body else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(3), theme.px(3))
        x = theme.px(6)
        if mark:
            side = theme.px(ICON_PX)
            painter.drawPixmap(x, (self.height() - side) // 2, pixmap(mark, theme, text, side, self.devicePixelRatioF()))
            x += side + theme.px(4)
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color(text))
        painter.drawText(self.rect().adjusted(x, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()
