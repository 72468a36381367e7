"""The whole plan from the first to the last frame, with a time axis below. Plain values in; a pointer over a piece says why."""

from fractions import Fraction

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.rational_time import ZERO, timecode
from widgets.palettes import Theme
from widgets.plan_bar.drawing import draw_mode
from widgets.theme import font, theme_of
from widgets.timeline.ruler import FRAMES, SECONDS
from widgets.timeline.values import SpanMode, StripSpan

BAND_PX, AXIS_PX, BAR_PX, DASH_PX = 26, 20, 20, 10
GAP_PX = 3
LABEL_GAP_PX = 120
WORDS: dict[SpanMode, str] = {"copy": "Copied", "cached": "Cached", "encode": "Encoded"}


class PlanBar(QWidget):
    """Shows `spans`, which cover `[0, duration)` in order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spans: tuple[StripSpan, ...] = ()
        self._duration, self._rate = ZERO, Fraction(25)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Export plan")

    @property
    def spans(self) -> tuple[StripSpan, ...]:
        return self._spans

    def set_plan(self, spans: tuple[StripSpan, ...], duration: Fraction, rate: Fraction) -> None:
        """Another plan; times in seconds, `rate` in frames per second for the axis."""
        self._spans, self._duration, self._rate = spans, duration, rate
        encoded = sum(span.mode == "encode" for span in spans)
        self.setAccessibleDescription(f"{len(spans)} pieces, {encoded} of them encoded, {timecode(duration, rate)} in all")
        self.update()

    def span_at(self, x: int) -> StripSpan | None:
        """The piece at a pixel."""
        if not self._duration or not 0 <= x < self.width():
            return None
        time = self._duration * x / self.width()
        return next((span for span in self._spans if span.start <= time < span.end), None)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(480), theme.px(BAND_PX + AXIS_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(160), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """A tool tip for the piece under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        if self._duration:
            self._paint_spans(painter, theme)
            self._paint_axis(painter, theme)
        else:
            middle = QRectF(0, 0, self.width(), theme.px(BAND_PX))
            painter.fillRect(QRectF(0, middle.center().y() - 1, self.width(), theme.px(2)), theme.color("line"))
        painter.end()

    def _show_tip(self, at: QPoint, place: QPoint) -> None:
        span = self.span_at(at.x())
        if span is None:
            QToolTip.hideText()
            return
        times = f"{timecode(span.start, self._rate)} to {timecode(span.end, self._rate)}"
        QToolTip.showText(place, f"{times}\n{WORDS[span.mode]}: {span.reason}", self)

    def _paint_spans(self, painter: QPainter, theme: Theme) -> None:
        """Copies first, so that a short encoded piece is never covered; each gets at least three pixels."""
        order: dict[SpanMode, int] = {"copy": 0, "cached": 1, "encode": 2}
        for span in sorted(self._spans, key=lambda item: order[item.mode]):
            left, right = self._x_of(span.start), self._x_of(span.end)
            inner = 0 if left <= 0 else theme.px(GAP_PX) / 2
            outer = 0 if right >= self.width() else theme.px(GAP_PX) / 2
            box = QRectF(left + inner, 0, max(3.0, right - left - inner - outer), theme.px(BAND_PX))
            draw_mode(painter, theme, span.mode, box, theme.px(BAR_PX), theme.px(DASH_PX))

    def _x_of(self, time: Fraction) -> float:
        return float(time / self._duration) * self.width()

    def _paint_axis(self, painter: QPainter, theme: Theme) -> None:
        """Labels at round times, as many as there is room for."""
        used = font(theme, 11)
        painter.setFont(used)
        painter.setPen(theme.color("t3"))
        wide = QFontMetrics(used).horizontalAdvance(timecode(ZERO, self._rate))
        step = self._step(theme)
        time = ZERO
        while self._x_of(time) + wide <= self.width():
            place = QRect(round(self._x_of(time)), theme.px(BAND_PX), wide + 2, theme.px(AXIS_PX))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, timecode(time, self._rate))
            time += step

    def _step(self, theme: Theme) -> Fraction:
        per_s = self.width() / float(self._duration)
        steps = [Fraction(count) / self._rate for count in FRAMES if count < self._rate] + [Fraction(s) for s in SECONDS]
        return next((step for step in steps if float(step) * per_s >= theme.px(LABEL_GAP_PX)), self._duration)
