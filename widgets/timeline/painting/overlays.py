"""Draws what lies over the rows: playhead, snap line, ghost of a drop, box, and the read-out of a drag."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from widgets.timeline.metrics import item_rect
from widgets.timeline.painting.canvas import Canvas
from widgets.timeline.painting.patches import paint_anchors
from widgets.timeline.painting.top import paint_line
from widgets.timeline.state import Ghost, ReadOut


def paint_overlays(canvas: Canvas) -> None:
    """In the order of what matters: ghost, box, snap line, playhead, read-out."""
    state = canvas.state
    if state.ghost is not None:
        _paint_ghost(canvas, state.ghost)
    if state.box is not None:
        canvas.fill(state.box, "sel", 0.1)
        canvas.rounded(state.box, 0, None, canvas.theme.color("sel"))
    if state.snap_time is not None:
        paint_line(canvas, state.scale.x_at(state.snap_time), "am", state.metrics.plan_height)
    _paint_playhead(canvas)
    lanes = QRect(state.metrics.head_width, state.metrics.top_height, state.lane_width, state.height)
    canvas.painter.setClipRect(lanes)
    for row in state.rows.rows:
        if row.kind == "patch":
            paint_anchors(canvas, row)
    if state.read_out is not None:
        _paint_read_out(canvas, state.read_out)


def _paint_playhead(canvas: Canvas) -> None:
    """A white line with a house-shaped head in the ruler."""
    state, theme, painter = canvas.state, canvas.theme, canvas.painter
    x = round(state.scale.x_at(state.playhead)) + 0.5
    if not canvas.left - 10 <= x <= canvas.right + 10:
        return
    paint_line(canvas, x - 0.5, "head", state.metrics.plan_height + 8)
    half, bottom = theme.px(6), float(state.metrics.top_height - 1)
    top, shoulder = bottom - theme.px(15), bottom - theme.px(6)
    house = [QPointF(x - half, top), QPointF(x + half, top), QPointF(x + half, shoulder), QPointF(x, bottom),
             QPointF(x - half, shoulder)]  # fmt: skip
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    pen = QPen(theme.color("head"), 1)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(theme.color("head"))
    painter.drawPolygon(QPolygonF(house))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_ghost(canvas: Canvas, ghost: Ghost) -> None:
    """Where the drop would land: on a track, or below the rows for a new one."""
    state, theme = canvas.state, canvas.theme
    row = next((row for row in state.rows.rows if row.track.id == ghost.track_id and row.kind != "patch"), None)
    if row is not None:
        band = state.metrics.clip_band(row, state.scroll_y)
    else:
        height = theme.px(40)
        band = (min(state.metrics.top_height + state.rows.height - state.scroll_y, state.height - height), height)
    start = state.scale.x_at(ghost.start)
    rect = item_rect(start, start + float(ghost.duration) * state.scale.px_per_s, band)
    canvas.rounded(rect, theme.px(3), theme.color("sel", 0.14), None)
    pen = QPen(theme.color("sel"), 1)
    pen.setDashPattern([4.0, 3.0])
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
    canvas.text(rect.adjusted(theme.px(8), 0, -theme.px(4), 0), ghost.label, "t1", weight=600, middle=True)


def _paint_read_out(canvas: Canvas, read_out: ReadOut) -> None:
    """A plate beside the pointer, kept inside the widget."""
    theme, state = canvas.theme, canvas.state
    first = canvas.text_width(read_out.change, 12, 600)
    width = first + canvas.text_width(read_out.result, 12) + theme.px(28)
    plate = QRect(read_out.at.x() + theme.px(14), read_out.at.y() + theme.px(16), width, theme.px(26))
    if plate.right() > state.width - 4:
        plate.moveRight(read_out.at.x() - theme.px(10))
    plate.moveBottom(min(plate.bottom(), state.height - 4))
    plate.moveLeft(max(plate.left(), 4))
    canvas.rounded(plate, theme.px(4), theme.color("pop"), theme.color("line2"))
    canvas.text(plate.adjusted(theme.px(9), 0, 0, 0), read_out.change, "t1", 12, 600)
    canvas.text(plate.adjusted(theme.px(19) + first, 0, 0, 0), read_out.result, "t2", 12)
