"""Draws the whole timeline in order: lanes and rows, plan and ruler above them, overlays, heads."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from widgets.timeline.painting.canvas import Canvas
from widgets.timeline.painting.heads import paint_heads
from widgets.timeline.painting.overlays import paint_overlays
from widgets.timeline.painting.patches import paint_patches
from widgets.timeline.painting.row_pictures import RowPictures
from widgets.timeline.painting.top import paint_plan, paint_ruler
from widgets.timeline.state import State
from widgets.timeline.values import Peaks, Thumbnails


def paint_timeline(
    painter: QPainter, state: State, thumbnails: Thumbnails, peaks: Peaks, dirty: QRect, pictures: RowPictures | None = None
) -> int:
    """Paint what lies in `dirty` and return how many clips it shows."""
    m, pictures = state.metrics, pictures or RowPictures()
    left, right = max(dirty.left(), m.head_width), min(dirty.right() + 1, state.width)
    canvas = Canvas(painter, state, thumbnails, peaks, left, right)
    lanes = QRect(m.head_width, m.top_height, state.lane_width, state.height - m.top_height)
    if right > left:
        painter.setClipRect(lanes)
        canvas.fill(lanes, "lane")
        for row in state.rows.rows:
            rect = m.row_rect(row, state.scroll_y, state.width)
            if rect.bottom() >= lanes.top() and rect.top() <= lanes.bottom() and rect.intersects(dirty):
                canvas.fill(QRect(m.head_width, rect.bottom(), state.lane_width, 1), "line")
                if row.kind == "patch":
                    paint_patches(canvas, row)
                else:
                    pictures.paint(canvas, row, QRect(m.head_width, rect.top(), state.lane_width, rect.height() - 1))
        painter.setClipRect(QRect(m.head_width, 0, state.lane_width, state.height))
        paint_plan(canvas)
        canvas.fill(QRect(m.head_width, m.plan_height - 1, state.lane_width, 1), "line")
        paint_ruler(canvas)
        paint_overlays(canvas)
    painter.setClipping(False)
    if dirty.left() < m.head_width:
        paint_heads(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    return canvas.drawn_clips
