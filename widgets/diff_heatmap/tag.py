"""A short name on the picture: an icon, a bold word, quieter words after it. Lets the mouse through."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap.plate import paint_plate, plate_theme
from widgets.icons import pixmap
from widgets.theme import font

HEIGHT = 24
PADDING = 10
GAP = 8
ICON = 14


class Tag(QWidget):
    """A plate as wide as its words. Its accessible name is what it says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bold = ""
        self._plain: tuple[str, ...] = ()
        self._icon = ""
        self._icon_role = "t1"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_parts(self, bold: str, plain: tuple[str, ...] = (), icon_name: str = "", role: str = "t1") -> None:
        """Says something else and takes the size for it. `role` colours the icon from the dark palette."""
        if (bold, plain, icon_name, role) == (self._bold, self._plain, self._icon, self._icon_role):
            return
        self._bold, self._plain, self._icon, self._icon_role = bold, plain, icon_name, role
        self.setAccessibleName(" ".join((bold, *plain)))
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        theme = plate_theme()
        width = 2 * theme.px(PADDING) + sum(self._widths()) + theme.px(GAP) * (len(self._plain))
        if self._icon:
            width += theme.px(ICON) + theme.px(GAP)
        return QSize(round(width + 0.5), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = plate_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        x = float(theme.px(PADDING))
        if self._icon:
            size = theme.px(ICON)
            drawing = pixmap(self._icon, theme, self._icon_role, size, self.devicePixelRatioF())
            painter.drawPixmap(round(x), (self.height() - size) // 2, drawing)
            x += size + theme.px(GAP)
        for index, (text, width) in enumerate(zip((self._bold, *self._plain), self._widths(), strict=True)):
            painter.setFont(font(theme, 11, 400 if index else 600))
            painter.setPen(theme.color("t2" if index else "t1"))
            painter.drawText(QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + theme.px(GAP)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.StyleChange, QEvent.Type.FontChange}:
            self.resize(self.sizeHint())
        super().changeEvent(event)

    def _widths(self) -> list[float]:
        theme = plate_theme()
        bold = QFontMetricsF(font(theme, 11, 600)).horizontalAdvance(self._bold)
        plain = QFontMetricsF(font(theme, 11))
        return [bold, *(plain.horizontalAdvance(text) for text in self._plain)]
