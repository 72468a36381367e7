"""Change per frame: how much of the picture changed, how it flickers, where a look is needed. A click seeks.

Gets finished numbers; knows nothing of how they were measured.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.change_chart.values import FrameChange, describe, runs, summary, tick_step
from widgets.palettes import Theme
from widgets.theme import font, theme_of

HEAD, PLOT, AXIS = 36, 56, 16
SIDE = 16
HEADROOM = 0.3  # of the plot, left free above the tallest bar for marks
FLICKER_FULL = 6.0  # flicker as high as the line may rise; 0..255
LEAST_BETWEEN_NUMBERS = 72
WAITING = "Measured as soon as the patch is carried"
TINTS = {"amber": "ams", "red": "rds"}
LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ChangeChart(QWidget):
    """Bars for the changed area, a line for flicker, marks where a look is needed, a diamond on each anchor."""

    frame_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: tuple[FrameChange, ...] = ()
        self._anchors: tuple[int, ...] = ()
        self._current: int | None = None
        self._scrubbing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Change per frame")

    def set_changes(self, changes: Sequence[FrameChange], anchors: Sequence[int]) -> None:
        """Shows these frames (rising, one after another) and the anchor frames among them."""
        self._changes, self._anchors = tuple(changes), tuple(anchors)
        self.setAccessibleDescription(summary(self._changes))
        self.update()

    def set_current(self, frame: int | None) -> None:
        """The frame the playhead is on; its numbers stand at the right top."""
        if frame != self._current:
            self._current = frame
            self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(600), theme.px(HEAD) + theme.px(PLOT) + theme.px(AXIS) + theme.px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(240), self.sizeHint().height())

    def frame_at(self, x: float) -> int | None:
        """The frame under `x`; the nearest at the ends; None without frames."""
        if not self._changes:
            return None
        plot = self._plot()
        index = int((x - plot.x()) / plot.width() * len(self._changes))
        return self._changes[min(len(self._changes) - 1, max(0, index))].frame

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg2"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("line"))
        self._paint_head(painter, theme)
        if self._changes:
            self._paint_tints(painter, theme)
            self._paint_bars(painter, theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_flicker(painter, theme)
            self._paint_marks(painter, theme)
            self._paint_playhead(painter, theme)
            self._paint_axis(painter, theme)
        else:
            painter.setFont(font(theme, 11))
            painter.setPen(theme.color("t3"))
            painter.drawText(self._plot(), Qt.AlignmentFlag.AlignCenter, WAITING)
        painter.end()

    def _plot(self) -> QRectF:
        theme = theme_of(self)
        side = theme.px(SIDE)
        room = self.height() - theme.px(HEAD) - theme.px(AXIS) - theme.px(4)
        return QRectF(side, theme.px(HEAD), max(1, self.width() - 2 * side), max(theme.px(16), min(theme.px(PLOT), room)))

    def _x(self, index: float) -> float:
        plot = self._plot()
        return plot.x() + index / len(self._changes) * plot.width()

    def _paint_head(self, painter: QPainter, theme: Theme) -> None:
        row = QRectF(theme.px(SIDE), 1, self.width() - 2 * theme.px(SIDE), theme.px(HEAD) - 2)
        painter.setFont(font(theme, 12, 600))
        painter.setPen(theme.color("t1"))
        painter.drawText(row, LEFT_MIDDLE, "Change per frame")
        x = row.x() + QFontMetricsF(painter.font()).horizontalAdvance("Change per frame") + theme.px(16)
        painter.setFont(font(theme, 11))
        reading = next((describe(item) for item in self._changes if item.frame == self._current), "")
        painter.setPen(theme.color("t2"))
        painter.drawText(row, RIGHT_MIDDLE, reading)
        free = row.right() - QFontMetricsF(painter.font()).horizontalAdvance(reading) - theme.px(16)
        for kind, text in (("area", "Changed area"), ("flicker", "Flicker"), ("look", "Needs a look")):
            width = theme.px(16) + QFontMetricsF(painter.font()).horizontalAdvance(text)
            if x + width > free:
                break
            self._paint_key(painter, theme, kind, QPointF(x, row.center().y()))
            painter.setPen(theme.color("t2"))
            painter.drawText(QRectF(x + theme.px(16), row.y(), width, row.height()), LEFT_MIDDLE, text)
            x += width + theme.px(12)

    def _paint_key(self, painter: QPainter, theme: Theme, kind: str, at: QPointF) -> None:
        if kind == "area":
            size = theme.px(9)
            painter.fillRect(QRectF(at.x(), round(at.y() - size / 2), size, size), _bar_color(theme))
        elif kind == "flicker":
            painter.fillRect(QRectF(at.x() - theme.px(3), round(at.y()) - 1, theme.px(14), 2), theme.color("sel"))
        else:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_mark(painter, theme, QPointF(at.x() + theme.px(5), at.y() - theme.px(4)))
            painter.restore()

    def _paint_tints(self, painter: QPainter, theme: Theme) -> None:
        """Amber first, so that a single doubtful frame is seen also where many frames share a pixel."""
        plot = self._plot()
        for level, tint in TINTS.items():
            for index, change in enumerate(self._changes):
                if change.level == level:
                    left, right = round(self._x(index)), round(self._x(index + 1))
                    painter.fillRect(QRectF(left, plot.y(), max(1, right - left), plot.height()), theme.color(tint))

    def _paint_bars(self, painter: QPainter, theme: Theme) -> None:
        plot, color = self._plot(), _bar_color(theme)
        most = max(change.area for change in self._changes)
        gap = 1 if plot.width() / len(self._changes) >= 4 else 0
        for index, change in enumerate(self._changes):
            share = change.area / most if most > 0 else 0.0
            height = round(share * plot.height() * (1 - HEADROOM))
            left, right = round(self._x(index)), round(self._x(index + 1)) - gap
            painter.fillRect(QRectF(left, plot.bottom() - height, max(1, right - left), height), color)

    def _paint_flicker(self, painter: QPainter, theme: Theme) -> None:
        plot = self._plot()
        full = max(FLICKER_FULL, *(change.flicker for change in self._changes), 0.0)
        room = plot.height() * (1 - HEADROOM) - 2
        line = [
            QPointF(self._x(index + 0.5), plot.bottom() - 1 - change.flicker / full * room)
            for index, change in enumerate(self._changes)
            if index  # the first frame has none before it to differ from
        ]
        painter.setPen(QPen(theme.color("sel"), theme.px(1.5)))
        painter.drawPolyline(QPolygonF(line))

    def _paint_marks(self, painter: QPainter, theme: Theme) -> None:
        for first, end in runs(self._changes):
            _paint_mark(painter, theme, QPointF(self._x((first + end) / 2), self._plot().y() + 1))

    def _paint_playhead(self, painter: QPainter, theme: Theme) -> None:
        plot = self._plot()
        for index, change in enumerate(self._changes):
            x = round(self._x(index + 0.5)) + 0.5
            anchor = change.frame in self._anchors
            if anchor or change.frame == self._current:
                painter.setPen(QPen(theme.color("ac" if anchor else "head"), 2.0 if anchor else 1.0))
                painter.drawLine(QLineF(x, plot.y(), x, plot.bottom()))
            if anchor:
                _paint_diamond(painter, theme, QPointF(x, plot.y() + theme.px(4)))

    def _paint_axis(self, painter: QPainter, theme: Theme) -> None:
        plot = self._plot()
        metrics = QFontMetricsF(font(theme, 11))
        step = tick_step(len(self._changes), plot.width(), theme.px(LEAST_BETWEEN_NUMBERS))
        painter.setFont(font(theme, 11))
        painter.setPen(theme.color("t2"))
        taken = -1.0
        for index, change in enumerate(self._changes):
            if change.frame % step and index:
                continue
            width = metrics.horizontalAdvance(str(change.frame))
            x = min(plot.right() - width, max(plot.x(), self._x(index + 0.5) - width / 2))
            if x > taken:
                row = QRectF(x, plot.bottom() + theme.px(2), width + 2, theme.px(AXIS))
                painter.drawText(row, LEFT_MIDDLE, str(change.frame))
                taken = x + width + theme.px(8)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._scrubbing = event.button() == Qt.MouseButton.LeftButton and event.position().y() >= self._plot().y()
        if not self._scrubbing:
            event.ignore()
            return
        self._choose(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._scrubbing:
            self._choose(self.frame_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._scrubbing = False

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            frame = self.frame_at(event.pos().x())
            found = next((describe(change) for change in self._changes if change.frame == frame), "")
            QToolTip.showText(event.globalPos(), found, self)
            return True
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._changes:
            event.ignore()
            return
        current = self._current if self._current is not None else self._changes[0].frame
        first, last = self._changes[0].frame, self._changes[-1].frame
        self._choose(min(last, max(first, current + step)))

    def _choose(self, frame: int | None) -> None:
        if frame is not None and frame != self._current:
            self.set_current(frame)
            self.frame_chosen.emit(frame)


def _bar_color(theme: Theme) -> QColor:
    return theme.color("t3", 0.6)


def _paint_mark(painter: QPainter, theme: Theme, top: QPointF) -> None:
    """The red triangle that points at a run of frames; `top` is the middle of its upper edge."""
    reach = theme.px(5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("rd"))
    corners = [top - QPointF(reach, 0), top + QPointF(reach, 0), top + QPointF(0, reach * 1.6)]
    painter.drawPolygon(QPolygonF(corners))


def _paint_diamond(painter: QPainter, theme: Theme, centre: QPointF) -> None:
    reach = theme.px(6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("ac"))
    corners = (QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0))
    painter.drawPolygon(QPolygonF([centre + corner for corner in corners]))
