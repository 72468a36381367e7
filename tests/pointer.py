"""The mouse as a window system has it: whatever lies on top at a place takes the event, not the widget a test has in mind.

`QTest.mousePress(canvas, …)` reaches the canvas even where something over it keeps the mouse from it. A window in which no region
could be drawn passed every test that way; so what is drawn, dragged and clicked on the picture goes through this.
"""

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
STEPS = 8


def under(widget: QWidget, at: QPoint | None = None) -> tuple[QWidget, QPoint]:
    """Who takes the mouse at a place of `widget` (its middle, where none is given), and where that is for who takes it."""
    window = widget.window()
    place = widget.mapTo(window, widget.rect().center() if at is None else at)
    taker = window.childAt(place) or window
    return taker, taker.mapFrom(window, place)


def hover(widget: QWidget, at: QPoint) -> None:
    """Move over a place of `widget` with no button held."""
    taker, place = under(widget, at)
    QTest.mouseMove(taker, place)


def click(
    widget: QWidget, at: QPoint | None = None, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
) -> QWidget:
    """Press and release at a place of `widget`; says who took it."""
    taker, place = under(widget, at)
    QTest.mouseClick(taker, button, held, place)
    return taker


def drag(
    widget: QWidget, *path: QPoint, held: Qt.KeyboardModifier = NONE, steps: int = STEPS,
    moved: Callable[[int], None] = lambda _: None,
) -> QWidget:  # fmt: skip
    """Press at the first place of a path in `widget`, go along it and let go at its end; who took the press keeps the mouse.

    `steps` moves lead from each place to the next. `moved` is told each move's number. Says who took it.
    """
    hand = Hand(widget, path[0], held)
    count = 0
    for start, end in pairwise(path):
        for step in range(1, steps + 1):
            hand.move(start + (end - start) * step / steps)
            count += 1
            moved(count)
    return hand.release(path[-1])


class Hand:
    """A pressed left button. Places are of the widget as it lay when it was pressed, though it may move along under the hand."""

    def __init__(self, widget: QWidget, at: QPoint | None = None, held: Qt.KeyboardModifier = NONE) -> None:
        self._window, self._held = widget.window(), held
        self._origin = widget.mapTo(self._window, QPoint(0, 0))
        self.taker, place = under(widget, at)
        QTest.mousePress(self.taker, LEFT, held, place)

    def move(self, at: QPoint) -> None:
        """Go on with the button held, which QTest's own moves do not say."""
        place = self._place(at)
        where = QPointF(self.taker.mapToGlobal(place))
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(self.taker, QMouseEvent(QMouseEvent.Type.MouseMove, QPointF(place), where, none, LEFT, self._held))

    def release(self, at: QPoint) -> QWidget:
        """Let go; says who had the mouse."""
        QTest.mouseRelease(self.taker, LEFT, self._held, self._place(at))
        return self.taker

    def _place(self, at: QPoint) -> QPoint:
        return self.taker.mapFrom(self._window, self._origin + at)
