"""Keeps each row of clips as a picture: the playhead, a patch or the export plan moves far more often than a clip does."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

from widgets.timeline.painting.canvas import Canvas
from widgets.timeline.painting.clips import paint_clips
from widgets.timeline.rows import Row, Spans
from widgets.timeline.values import ClipView

WORTH_PART = 0.5
"""A row is drawn as a whole where at least this part of it must be painted; a narrow strip of it is drawn alone."""


@dataclass(frozen=True, slots=True)
class _Picture:
    clips: Spans[ClipView]
    """What was drawn: the same object, held so that no other takes its place."""
    drawn_for: Hashable
    pixmap: QPixmap


class RowPictures:
    """The pictures of one timeline's rows. `forget` when thumbnails or waves have arrived."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Picture] = {}

    def forget(self) -> None:
        """Draw every row anew."""
        self._kept.clear()

    def paint(self, canvas: Canvas, row: Row, lane: QRect) -> None:
        """The clips of a row in its lane (widget coordinates), as far as the canvas needs them."""
        kept, wanted = self._kept.get((row.track.id, row.kind)), _drawn_for(canvas, row, lane)
        if kept is None or kept.clips is not row.clips or kept.drawn_for != wanted:
            if canvas.right - canvas.left < WORTH_PART * lane.width():
                paint_clips(canvas, row)
                return
            kept, canvas.drawn_clips = _drawn(canvas, row, lane, wanted)
            self._kept[row.track.id, row.kind] = kept
        else:
            canvas.drawn_clips += 1  # the picture
        ratio = kept.pixmap.devicePixelRatio()
        left, width = canvas.left - lane.left(), canvas.right - canvas.left
        source = QRectF(left * ratio, 0, width * ratio, kept.pixmap.height())
        canvas.painter.drawPixmap(QRectF(canvas.left, lane.top(), width, lane.height()), kept.pixmap, source)


def _drawn_for(canvas: Canvas, row: Row, lane: QRect) -> Hashable:
    """Everything but the clips and their pictures that decides how a row looks."""
    state, track = canvas.state, row.track
    found = ((item, state.rows.find(item)) for item in state.selected)
    selected = frozenset(item for item, place in found if place is not None and place[0].track.id == track.id)
    hover = (state.hover.kind, state.hover.id) if state.hover.track_id == track.id else None
    return (
        track.visible, track.locked, state.scale.px_per_s, state.scale.offset_px, state.metrics, state.theme, state.compact,
        lane.width(), lane.height(), selected, hover, state.blocked_edge, canvas.painter.device().devicePixelRatioF(),
    )  # fmt: skip


def _drawn(canvas: Canvas, row: Row, lane: QRect, wanted: Hashable) -> tuple[_Picture, int]:
    """The picture, and how many clips were drawn by now."""
    ratio = canvas.painter.device().devicePixelRatioF()
    pixmap = QPixmap(lane.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(canvas.theme.color("lane"))
    painter = QPainter(pixmap)
    painter.translate(QPoint(0, 0) - lane.topLeft())
    painter.setClipRect(lane)
    own = replace(canvas, painter=painter, left=lane.left(), right=lane.right() + 1)
    paint_clips(own, row)
    painter.end()
    return _Picture(row.clips, wanted, pixmap), own.drawn_clips
