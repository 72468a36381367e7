"""Shows the caption of the moment over the picture in the viewer, as an export would burn it in. Lets all events through."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from editor.caption_text import paint_caption
from engine.project.caption_values import CaptionStyle


class CaptionOverlay(QWidget):
    """A `PictureOverlay`: follows the picture at any zoom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QRectF()
        self._text, self._style = "", CaptionStyle()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Caption")

    @property
    def text(self) -> str:
        return self._text

    def set_view(self, image_rect: QRectF, picture_size: QSize) -> None:
        """Where the picture lies now, in widget coordinates."""
        self._picture = image_rect if not picture_size.isEmpty() else QRectF()
        self.update()

    def show_captions(self, texts: Sequence[str], style: CaptionStyle) -> None:
        """What is said at this moment; several at once stand together."""
        text = "\n".join(text for text in texts if text)
        if (text, style) != (self._text, self._style):
            self._text, self._style = text, style
            self.setAccessibleDescription(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._text or self._picture.isEmpty():
            return
        painter = QPainter(self)
        painter.setClipRect(self._picture)
        painter.translate(self._picture.topLeft())
        paint_caption(painter, self._text, self._style, self._picture.width(), self._picture.height())
        painter.end()
