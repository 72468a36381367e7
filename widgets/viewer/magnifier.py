"""Keeps the loupe over the pixel under the pointer, or where the keys took it. Knows the stage only by what it is told of it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from widgets.theme import theme_of
from widgets.viewer.loupe import Look, Loupe

OFFSET_PX = 20


class Magnifier(QObject):
    """`look` answers what lies at a pixel of the picture; `rect` and `size` say where the picture is and how large."""

    def __init__(
        self, stage: QWidget, look: Callable[[QPoint], Look | None], rect: Callable[[], QRectF], size: Callable[[], QSize]
    ) -> None:
        super().__init__(stage)
        self._stage, self._look, self._rect, self._size = stage, look, rect, size
        self._at = QPoint()
        self._pointer: QPointF | None = None
        self._focus_before: QWidget | None = None
        self.loupe = Loupe(stage)
        self.loupe.stepped.connect(self._step)
        self.loupe.closed.connect(lambda: self.set_on(False))
        stage.setMouseTracking(True)
        self.watch(stage)

    def watch(self, widget: QWidget) -> None:
        """Follow the pointer over this widget, which covers the stage."""
        widget.setMouseTracking(True)
        widget.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        return not self.loupe.isHidden()

    def set_on(self, on: bool) -> None:
        """Show it under the pointer, or in the middle of what is seen where the pointer is elsewhere; it takes the keys."""
        if on == self.is_on or (on and self._size().isEmpty()):
            return
        if on:
            self._focus_before = self._stage.window().focusWidget()
            seen = self._rect().intersected(QRectF(self._stage.rect()))
            place = self._pointer
            self._at = self._pixel(place if place is not None and seen.contains(place) else seen.center())
            self.loupe.show()
            self.loupe.setFocus(Qt.FocusReason.OtherFocusReason)
            self.refresh()
            return
        had_focus = self.loupe.hasFocus()
        self.loupe.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_before = None

    def refresh(self) -> None:
        """Another picture, or another place of it."""
        if not self.is_on:
            return
        look = self._look(self._at)
        if look is None:
            self.set_on(False)
            return
        self.loupe.show_look(look)
        self._place()
        self.loupe.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            self._pointer = QPointF(watched.mapTo(self._stage, event.position()))
            if self.is_on and self._rect().contains(self._pointer):
                self._at = self._pixel(self._pointer)
                self.refresh()
        elif event.type() == QEvent.Type.Leave and watched is self._stage:
            self._pointer = None
        return False

    def _step(self, by: QPoint) -> None:
        size = self._size()
        self._at = QPoint(
            min(size.width() - 1, max(0, self._at.x() + by.x())), min(size.height() - 1, max(0, self._at.y() + by.y()))
        )
        self.refresh()

    def _pixel(self, place: QPointF) -> QPoint:
        rect, size = self._rect(), self._size()
        x = int((place.x() - rect.x()) / max(1.0, rect.width()) * size.width())
        y = int((place.y() - rect.y()) / max(1.0, rect.height()) * size.height())
        return QPoint(min(size.width() - 1, max(0, x)), min(size.height() - 1, max(0, y)))

    def _place(self) -> None:
        """Below and right of the pixel; on the other side where there is no room, so that it never covers the pixel."""
        rect, size, away = self._rect(), self._size(), theme_of(self._stage).px(OFFSET_PX)
        x = rect.x() + (self._at.x() + 0.5) / size.width() * rect.width()
        y = rect.y() + (self._at.y() + 0.5) / size.height() * rect.height()
        left = x + away if x + away + self.loupe.width() <= self._stage.width() else x - away - self.loupe.width()
        top = y + away if y + away + self.loupe.height() <= self._stage.height() else y - away - self.loupe.height()
        self.loupe.move(max(0, round(left)), max(0, round(top)))
