"""The one focus ring of the program: 2 px, 2 px away from whatever the keyboard has reached.

A style sheet cannot draw outside a widget, so this lies over the window as a transparent child. Knows no control.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from widgets.palettes import Theme

WIDTH_PX, AWAY_PX = 2, 2
FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}


class FocusRing(QObject):
    """Follows the focus of an application. Keyboard focus always shows; a click shows it on fields only.

    A widget may ask for it in any case (property `always_focus_ring`): one that a key press answers a question with.
    """

    def __init__(self, app: QApplication, theme: Theme) -> None:
        super().__init__(app)
        self.theme = theme
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._frame: _Frame | None = None
        app.focusChanged.connect(self._focus_changed)

    @property
    def target(self) -> QWidget | None:
        """The widget the ring is round, or None."""
        return self._target

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep up with a target that moves, grows or goes."""
        if event.type() in MOVES:
            self._place()
        return False

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        self._release()
        if new is not None and _shows(new) and not new.property("no_focus_ring"):
            self._target = _outer(new)
            self._watch()
            self._place()

    def _release(self) -> None:
        """Stop watching. What has already been destroyed took the filter with it."""
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched, self._target = [], None
        self._hide()

    def _hide(self) -> None:
        if self._frame is not None and isValid(self._frame):
            self._frame.hide()

    def _watch(self) -> None:
        widget = self._target
        while widget is not None:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = None if widget.isWindow() else widget.parentWidget()

    def _place(self) -> None:
        target = self._target
        if target is None or not isValid(target) or not target.isVisible():
            self._hide()
            return
        window, frame = target.window(), self._frame
        if frame is None or not isValid(frame) or frame.parentWidget() is not window:
            if frame is not None and isValid(frame):
                frame.deleteLater()
            frame = self._frame = _Frame(window)
        frame.surround(target, self.theme)


class _Frame(QWidget):
    """The ring itself, transparent to the mouse."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._theme: Theme | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("focus_ring")

    def surround(self, target: QWidget, theme: Theme) -> None:
        """Lie round what is seen of a widget; where its window ends before the ring would, the ring hugs the window's edge."""
        self._theme = theme
        margin = theme.px(WIDTH_PX + AWAY_PX)
        seen = _seen(target)
        if seen.isEmpty():
            self.hide()
            return
        place = seen.adjusted(-margin, -margin, margin, margin)
        self.setGeometry(place.intersected(target.window().rect()))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        width = self._theme.px(WIDTH_PX)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("focus"), width))
        inset = width / 2
        radius = self._theme.px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
        painter.end()


def follow_focus(app: QApplication, theme: Theme) -> FocusRing:
    """The application's ring, made once, in the colours of a theme."""
    ring = next((child for child in app.children() if isinstance(child, FocusRing)), None)
    if ring is None:
        return FocusRing(app, theme)
    ring.theme = theme
    return ring


def _seen(target: QWidget) -> QRect:
    """The part of a widget that no scroll area has moved out of sight, in its window."""
    window = target.window()
    seen = target.rect().translated(target.mapTo(window, QPoint(0, 0)))
    around = target.parentWidget()
    while around is not None and around is not window:
        if isinstance(around.parentWidget(), QAbstractScrollArea):
            seen = seen.intersected(around.rect().translated(around.mapTo(window, QPoint(0, 0))))
        around = around.parentWidget()
    return seen


def _shows(widget: QWidget) -> bool:
    by_keyboard = widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    return by_keyboard or isinstance(widget, FIELDS) or bool(widget.property("always_focus_ring"))


def _outer(widget: QWidget) -> QWidget:
    """A spin box's or combo box's inner line edit stands for the whole field."""
    parent = widget.parentWidget()
    return parent if isinstance(parent, (QAbstractSpinBox, QComboBox)) else widget
