"""Draws the export plan, the ruler with its flags and in and out points."""

from fractions import Fraction

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from engine.rational_time import timecode
from widgets.timeline.painting.canvas import Canvas
from widgets.timeline.ruler import ticks_for
from widgets.timeline.values import SpanMode

THICKNESS: dict[SpanMode, int] = {"copy": 2, "cached": 6, "encode": 10}
COLOR: dict[SpanMode, str] = {"copy": "t3", "cached": "t2", "encode": "ac"}
DASH_PX = 3


def paint_plan(canvas: Canvas) -> None:
    """A thin line where packets are copied, dashes where a cached segment is used, a bar where frames are encoded."""
    state, theme = canvas.state, canvas.theme
    band = state.metrics.plan_rect(state.width)
    canvas.fill(band, "lane")
    covered = -1e9
    for span, start, end in state.plan.touching(*canvas.seconds):
        left, right = state.scale.x_of(start), state.scale.x_of(end)
        if right - left < 1.5 and right <= covered:
            continue  # zoomed far out: this pixel already shows a piece
        covered = max(right, left + 1.5)
        height = theme.px(THICKNESS[span.mode])
        bar = QRectF(left + 1, band.center().y() + 1 - height / 2, max(1.0, right - left - 2), height)
        _paint_span(canvas, bar, span.mode)


def _paint_span(canvas: Canvas, bar: QRectF, mode: SpanMode) -> None:
    theme = canvas.theme
    if mode == "encode":
        radius = min(2.0 * theme.scale, bar.width() / 2)
        canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        canvas.painter.setPen(QPen(theme.color("ac"), 0))
        canvas.painter.setBrush(theme.color("ac"))
        canvas.painter.drawRoundedRect(bar.adjusted(0, 0.5, 0, -0.5), radius, radius)
        canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    elif mode == "cached":
        _paint_dashes(canvas, bar)
    else:
        canvas.painter.fillRect(bar, theme.color("t3"))


def _paint_dashes(canvas: Canvas, bar: QRectF) -> None:
    dash = canvas.theme.px(DASH_PX)
    first = bar.left() + max(0, int((canvas.left - bar.left()) / (2 * dash))) * 2 * dash
    x = first
    while x < min(bar.right(), canvas.right):
        rect = QRectF(x, bar.top(), min(dash, bar.right() - x), bar.height())
        canvas.painter.fillRect(rect, canvas.theme.color("t2"))
        x += 2 * dash


def paint_ruler(canvas: Canvas) -> None:
    """Ticks with timecodes, in and out, and the flags of the markers."""
    state, theme = canvas.state, canvas.theme
    band = state.metrics.ruler_rect(state.width)
    canvas.fill(band, "lane")
    _paint_in_out(canvas, band)
    ticks = ticks_for(state.scale.px_per_s, state.view.rate, theme.scale)
    reach = theme.px(120)  # a label reaches that far right of its tick
    start, end = (state.scale.time_at(x) for x in (canvas.left - reach, canvas.right + 1))
    for time, weight in ticks.between(start, end):
        x = round(state.scale.x_at(time))
        height = theme.px(8 if weight else 4)
        canvas.fill(QRect(x, band.bottom() - height, 1, height), "t3", 1.0 if weight else 0.6)
        if weight == 2:
            beside = 12 if time == 0 else 5  # at the start stands the head of the playhead, more often than anywhere
            place = QRect(x + theme.px(beside), band.top(), theme.px(110), band.height() - theme.px(7))
            canvas.text(place, timecode(time, state.view.rate), "t2")
    canvas.fill(QRect(band.left(), band.bottom(), band.width(), 1), "line")
    _paint_flags(canvas, band)


def _paint_flags(canvas: Canvas, band: QRect) -> None:
    size = 12
    for marker in canvas.state.view.markers:
        x = canvas.state.scale.x_at(marker.time)
        if canvas.left - 20 <= x <= canvas.right + 20:
            canvas.icon("flag", x - canvas.theme.px(3), band.bottom() - canvas.theme.px(size), "t1", size)


def _paint_in_out(canvas: Canvas, band: QRect) -> None:
    """A quiet bar from in to out with a bracket at each end."""
    view, theme = canvas.state.view, canvas.theme
    if view.in_point is None and view.out_point is None:
        return
    left = canvas.state.scale.x_at(view.in_point or Fraction(0))
    right = canvas.state.scale.x_at(view.out_point if view.out_point is not None else view.duration)
    canvas.fill(QRectF(left, band.top(), max(1.0, right - left), band.height()), "bg4", 0.7)
    foot = theme.px(4)
    canvas.painter.setPen(QPen(theme.color("t1"), theme.px(2)))
    for point, x, way in ((view.in_point, left + 1, foot), (view.out_point, right - 1, -foot)):
        if point is not None:
            top, bottom = band.top() + 2.0, band.bottom() - 1.0
            canvas.painter.drawPolyline(
                QPolygonF([QPointF(x + way, top), QPointF(x, top), QPointF(x, bottom), QPointF(x + way, bottom)])
            )


def paint_line(canvas: Canvas, x: float, role: str, top: int) -> None:
    """A vertical hairline down to the bottom."""
    canvas.painter.setPen(QPen(canvas.theme.color(role), 1))
    canvas.painter.drawLine(QLineF(round(x) + 0.5, top, round(x) + 0.5, canvas.state.height))
