"""The whole timeline in 220 × 20 px, with the part in sight framed; drag the frame to scroll."""

from fractions import Fraction

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import theme_of
from widgets.timeline.rows import Row
from widgets.timeline.widget import Timeline

WIDTH_PX, HEIGHT_PX = 220, 20
BANDS = {"patch": (2, 4, "ac"), "video": (7, 5, "vid2"), "audio": (13, 4, "aud2")}  # row kind -> top, height, role


class Overview(QWidget):
    """Follows a timeline; it changes nothing but the timeline's scroll."""

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._grabbed_at: Fraction | None = None
        self._drawn: tuple[object, QPixmap, tuple[Row, ...]] | None = None
        """For what the rows were drawn, the picture, and the rows, which are held so that no other takes their place."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("The whole sequence; drag to scroll")
        self.setAccessibleName("Overview of the sequence")
        timeline.range_changed.connect(self.update)
        timeline.view_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._whole())
        start, end = (float(time) * self._px_per_s() for time in self._timeline.visible_range)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("sel"), 1.5))
        frame = QRectF(start, 0, min(end, self.width()) - start, self.height()).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(frame, 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        start, end = self._timeline.visible_range
        time = self._time(event)
        self._grabbed_at = time - start if start <= time < end else (end - start) / 2
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_at is not None:
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed_at = None

    def _follow(self, event: QMouseEvent) -> None:
        if self._grabbed_at is not None:
            self._timeline.set_visible_start(max(Fraction(0), self._time(event) - self._grabbed_at))

    def _time(self, event: QMouseEvent) -> Fraction:
        return Fraction(round(event.position().x() / self._px_per_s() * 1000), 1000)

    def _px_per_s(self) -> float:
        return self.width() / max(1.0, float(self._timeline.view.duration))

    def _whole(self) -> QPixmap:
        """All rows without the frame; drawn again where the rows or the looks are others, not at each move of the frame."""
        rows, theme, ratio = self._timeline.rows, theme_of(self), self.devicePixelRatioF()
        drawn_for = (tuple(id(spans) for row in rows for spans in (row.clips, row.patches)), theme, self.size(), ratio)
        if self._drawn is None or self._drawn[0] != drawn_for:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(theme.color("lane"))
            painter = QPainter(made)
            for row in rows:
                self._paint_row(painter, row)
            painter.end()
            self._drawn = drawn_for, made, rows
        return self._drawn[1]

    def _paint_row(self, painter: QPainter, row: Row) -> None:
        """Clips as bars a pixel apart; where many share a pixel one stands for them."""
        if row.kind not in BANDS:
            return
        theme = theme_of(self)
        top, height, role = BANDS[row.kind]
        covered, scale, color = -1.0, self._px_per_s(), theme.color(role)
        for start, end in (*row.clips.edges(), *row.patches.edges()):
            left, right = start * scale, end * scale
            if right > covered + 1:
                bar = QRectF(left, theme.px(top), max(1.0, right - left - 1), theme.px(height))
                painter.fillRect(bar, color)
                covered = right
