"""The picture of a written file: drag it out, and another program gets the file. Draws an image it is given."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from widgets.theme import font, theme_of

WIDTH_PX, HEIGHT_PX, RADIUS_PX = 248, 140, 3


class Poster(QWidget):
    """Shows a frame of the file with its length; empty until the frame is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._image: QImage | None = None
        self._file: Path | None = None
        self._tag = ""
        self._pressed_at: QPoint | None = None

    @property
    def image(self) -> QImage | None:
        return self._image

    def show_file(self, file: Path, tag: str, image: QImage | None = None) -> None:
        """A file, its length in words, and a frame of it where that was decoded already."""
        self._file, self._tag, self._image = file, tag, image
        self.setAccessibleName(f"A frame of {file.name}, {tag}")
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))

    def mime_data(self) -> QMimeData:
        """What another program gets."""
        data = QMimeData()
        if self._file is not None:
            data.setUrls([QUrl.fromLocalFile(str(self._file))])
        return data

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        far = self._pressed_at is not None and (at - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if not far or self._file is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        self._pressed_at = None
        drag = QDrag(self)
        drag.setMimeData(self.mime_data())
        if self._image is not None:
            drag.setPixmap(QPixmap.fromImage(self._image.scaledToHeight(72, Qt.TransformationMode.SmoothTransformation)))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), theme.px(RADIUS_PX), theme.px(RADIUS_PX))
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme.color("bg0"))
        if self._image is not None:
            painter.drawImage(self._fitted(self._image.size()), self._image)
        if self._tag:
            self._paint_tag(painter)
        painter.end()

    def _fitted(self, size: QSize) -> QRectF:
        shown = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, shown.width(), shown.height())
        box.moveCenter(QRectF(self.rect()).center())
        return box

    def _paint_tag(self, painter: QPainter) -> None:
        """The plate is black on every theme: it lies on a picture."""
        theme = theme_of(self)
        painter.setFont(font(theme, 11))
        wide = painter.fontMetrics().horizontalAdvance(self._tag) + theme.px(8)
        plate = QRectF(self.width() - wide - theme.px(6), self.height() - theme.px(24), wide, theme.px(18))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bg0") if theme.is_dark else Qt.GlobalColor.black)
        painter.setOpacity(0.9)
        painter.drawRoundedRect(plate, 2, 2)
        painter.setOpacity(1)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._tag)
