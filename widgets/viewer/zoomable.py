"""A widget that shows something with a size in pixels, at a zoom: fit, percent, wheel, pan. Knows no images or modes."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.theme import theme_of
from widgets.viewer import geometry
from widgets.viewer.geometry import Placement, Zoom

MARGIN = 12
WHEEL_NOTCH = 120
WHEEL_FACTOR = 1.25


class Zoomable(QWidget):
    """Wheel zooms at the pointer, Space with the left button or the middle button pans."""

    zoom_text_changed = Signal(str)  # "77 %"
    view_changed = Signal()  # the picture lies elsewhere or has another size
    space_tapped = Signal()  # Space pressed and let go without panning

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = Zoom()
        self._pan_from: QPointF | None = None
        self._space_down = False
        self._hand = False
        self._panned = False
        self._zoom_text = ""

    # For the owner

    def zoom_fit(self) -> None:
        """Shows the whole picture, also after the window changes its size."""
        self._set_zoom(Zoom())

    def is_fit(self) -> bool:
        """Whether the picture follows the window's size."""
        return self._zoom.scale is None

    def set_zoom(self, scale: float) -> None:
        """Device pixels per picture pixel; 1.0 shows each pixel of the picture on one of the screen."""
        scale = min(geometry.MAX_SCALE, max(geometry.MIN_SCALE, scale))
        self._set_zoom(Zoom(scale, self._zoom.centre_x, self._zoom.centre_y))

    def zoom_in(self) -> None:
        """The next round percentage."""
        self.set_zoom(geometry.next_step(self.zoom(), 1))

    def zoom_out(self) -> None:
        """The next smaller round percentage."""
        self.set_zoom(geometry.next_step(self.zoom(), -1))

    def zoom(self) -> float:
        """The scale now; 1.0 without a picture."""
        placement = self._placement()
        return placement.scale if placement else 1.0

    def set_hand(self, hand: bool) -> None:
        """The hand tool: a drag with the left button pans, as with Space held."""
        self._hand = hand
        self._panning(hand or self._space_down)

    def zoom_text(self) -> str:
        """The scale as the label says it."""
        return f"{round(self.zoom() * 100)} %"

    def image_rect(self) -> QRectF:
        """The picture's rectangle in this widget's coordinates (it may reach outside); empty without a picture."""
        placement = self._placement()
        if placement is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        return QRectF(placement.left / ratio, placement.top / ratio, placement.width / ratio, placement.height / ratio)

    def picture_size(self) -> QSize:
        """The picture's size in its own pixels; empty without one."""
        raise NotImplementedError

    # For the widget on top of this one

    def _arrange(self) -> None:
        """The picture lies elsewhere: says so. Overridden to move what lies on it."""
        self.update()
        text = self.zoom_text()
        if text != self._zoom_text:
            self._zoom_text = text
            self.zoom_text_changed.emit(text)
        self.view_changed.emit()

    def _panning(self, active: bool) -> None:
        """Space went down or up: overridden to let the mouse through to this widget meanwhile."""
        self.setCursor(Qt.CursorShape.OpenHandCursor if active else Qt.CursorShape.ArrowCursor)

    def _placement(self) -> Placement | None:
        size = self.picture_size()
        if size.isEmpty():
            return None
        return geometry.place(self._view_size(), geometry.Size(size.width(), size.height()), self._zoom, self._margin())

    def _view_size(self) -> geometry.Size:
        ratio = self.devicePixelRatioF()
        return geometry.Size(round(self.width() * ratio), round(self.height() * ratio))

    def _margin(self) -> int:
        return round(theme_of(self).px(MARGIN) * self.devicePixelRatioF())

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        self._arrange()

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._arrange()

    def wheelEvent(self, event: QWheelEvent) -> None:
        size, turned = self.picture_size(), event.angleDelta().y()
        if size.isEmpty() or not turned:
            event.ignore()
            return
        at = event.position() * self.devicePixelRatioF()
        factor = _stop_at_full_size(self.zoom(), WHEEL_FACTOR ** (turned / WHEEL_NOTCH))
        picture = geometry.Size(size.width(), size.height())
        self._set_zoom(geometry.zoom_at(self._view_size(), picture, self._zoom, self._margin(), at.x(), at.y(), factor))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or ((self._space_down or self._hand) and event.button() == Qt.MouseButton.LeftButton):
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        size = self.picture_size()
        if self._pan_from is None or size.isEmpty():
            super().mouseMoveEvent(event)
            return
        by = (event.position() - self._pan_from) * self.devicePixelRatioF()
        self._pan_from, self._panned = event.position(), True
        picture = geometry.Size(size.width(), size.height())
        self._set_zoom(geometry.pan(self._view_size(), picture, self._zoom, self._margin(), by.x(), by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is None:
            super().mouseReleaseEvent(event)
            return
        self._pan_from = None
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._space_down or self._hand else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and isinstance(event, QKeyEvent) and _is_plain_space(event):
            event.accept()  # held it pans; a tap is given back as `space_tapped`, so that play still works
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_plain_space(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._space_down, self._panned = True, False
            self._panning(True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not (_is_plain_space(event) and self._space_down):
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._let_go_of_space()
            if not self._panned:
                self.space_tapped.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._space_down:
            self._let_go_of_space()
        super().focusOutEvent(event)

    def _let_go_of_space(self) -> None:
        self._space_down = False
        self._panning(self._hand)


def _is_plain_space(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _stop_at_full_size(scale: float, factor: float) -> float:
    """The factor, shortened where the zoom would jump over 100 %, so that exact pixels are easy to hit."""
    if min(scale, scale * factor) < 0.999 and max(scale, scale * factor) > 1.001:
        return 1.0 / scale
    return factor
