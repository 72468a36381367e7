"""What stands where the timeline will be before the first clip: a dashed place to drop, a sentence, a button."""

from fractions import Fraction

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.controls import EmptyState
from widgets.dropped_files import take_copy
from widgets.theme import theme_of
from widgets.timeline.drops import payload_of


class EmptyTimeline(QWidget):
    """Emits `activated` for its button, and `media_dropped` with the timeline's own arguments."""

    activated = Signal()
    media_dropped = Signal(object, str, object)  # DroppedFiles | DroppedMedia, "", time 0

    def __init__(self, sentence: str, button: str, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_over = False
        self.setAcceptDrops(True)
        state = EmptyState("film", sentence, button, "import", key)
        state.activated.connect(self.activated)
        layout = QVBoxLayout(self)
        layout.addWidget(state)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg2"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("sel" if self._is_over else "line2"), 1)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        margin = theme.px(16) + 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(margin, margin, -margin, -margin), theme.px(6), theme.px(6))
        painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if payload_of(event.mimeData()) is not None:
            take_copy(event)
            self._light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        payload = payload_of(event.mimeData())
        self._light(False)
        if payload is not None:
            take_copy(event)
            self.media_dropped.emit(payload, "", Fraction(0))

    def _light(self, is_over: bool) -> None:
        self._is_over = is_over
        self.update()
