"""Draws patch clips with their grips, falloff and anchors, and the confidence strip below."""


import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from widgets.timeline.confidence import Bars
from widgets.timeline.metrics import anchor_x, item_rect
from widgets.timeline.painting.canvas import HIDDEN_OPACITY, Canvas
from widgets.timeline.rows import Row
from widgets.timeline.values import HitKind, Level, PatchView

LEVELS: tuple[tuple[Level, str, float], ...] = (("green", "gr", 0.25), ("amber", "am", 2 / 3), ("red", "rd", 1.0))
RADIUS = 3
NOTHING = -1 << 30
GRIPPED_PX = 36  # narrower patches show their anchor alone; their ends can be taken all the same
PLAIN_PX = 16  # narrower patches are a bar over their worst frame: no grips, no name


def paint_patches(canvas: Canvas, row: Row) -> None:
    """The patches of a row in the range to paint, their strips first so that anchors stand over them."""
    canvas.painter.setOpacity(1.0 if row.track.visible else HIDDEN_OPACITY)
    margin = canvas.state.theme.px(12) / canvas.state.scale.px_per_s
    start, end = canvas.seconds
    covered: dict[int, int] = {}
    touching = row.patches.touching(start - margin, end + margin)
    if not row.lanes:  # in several lanes a patch hides only what is in its own
        touching = row.patches.seen(start - margin, end + margin, canvas.state.scale, PLAIN_PX - 1)
    for patch, first, last in touching:
        lane = row.lanes.get(patch.id, 0)
        rect = _rect(canvas, row, patch, first, last)
        if rect.width() < PLAIN_PX:
            covered[lane] = _paint_plain(canvas, patch, rect, covered.get(lane, NOTHING))
            continue
        strip = QRect(rect.left(), 0, rect.width(), 0)
        strip.setTop(canvas.state.metrics.strip_band(row, canvas.state.scroll_y, patch.id)[0])
        strip.setHeight(canvas.state.metrics.strip_height)
        paint_confidence(canvas, patch, strip)
        _paint_body(canvas, patch, rect)
        _paint_stems(canvas, patch, rect, strip)
        canvas.drawn_clips += 1
    canvas.painter.setOpacity(1.0)


def _rect(canvas: Canvas, row: Row, patch: PatchView, start: float, end: float) -> QRect:
    """Where a patch lies, from its ends in seconds."""
    state = canvas.state
    band = state.metrics.patch_band(row, state.scroll_y, patch.id)
    return item_rect(state.scale.x_of(start), state.scale.x_of(end), band)


def _paint_plain(canvas: Canvas, patch: PatchView, rect: QRect, covered: int) -> int:
    """A patch too narrow for its parts; where several share a pixel one stands for them. Returns what is covered."""
    if rect.right() <= covered:
        return covered
    canvas.fill(rect, "sel" if patch.id in canvas.state.selected else "ac")
    canvas.fill(rect.adjusted(1, 1, -1, -1), "pat")
    if patch.confidence:
        _, role, part = LEVELS[canvas.state.bars.of(patch).worst]
        height = max(2, round(canvas.state.metrics.strip_height * part))
        bottom = rect.bottom() + 2 + canvas.state.metrics.strip_height
        canvas.fill(QRect(rect.left(), bottom - height + 1, rect.width(), height), role)
    canvas.drawn_clips += 1
    return rect.right()


def _paint_body(canvas: Canvas, patch: PatchView, rect: QRect) -> None:
    theme, state = canvas.theme, canvas.state
    radius = theme.px(RADIUS)
    canvas.rounded(rect, radius, theme.color("pat"), None)
    _paint_falloff(canvas, patch, rect)
    _paint_names(canvas, patch, rect)
    canvas.rounded(rect, radius, None, theme.color("ac"))
    if not patch.window_locked and rect.width() >= theme.px(GRIPPED_PX):
        _paint_grips(canvas, patch, rect)
    if patch.id in state.selected:
        canvas.rounded(rect, radius, None, theme.color("sel"), 2.0 * theme.scale)


def _paint_grips(canvas: Canvas, patch: PatchView, rect: QRect) -> None:
    """A filled end with a dark bar, white when hovered."""
    theme, hover = canvas.theme, canvas.state.hover
    width = min(canvas.state.metrics.grip_width, max(2, rect.width() // 3))
    bar = max(2, theme.px(2))
    for left, kind in ((rect.left(), HitKind.PATCH_START), (rect.right() - width + 1, HitKind.PATCH_END)):
        hovered = hover.id == patch.id and hover.kind is kind
        grip = QRect(left, rect.top(), width, rect.height())
        canvas.rounded(grip, theme.px(RADIUS), theme.color("sel" if hovered else "ac"), None)
        canvas.fill(QRect(left + (width - bar) // 2, rect.top() + rect.height() // 4 + 1, bar, rect.height() // 2),
                    "bg0" if theme.is_dark else "bg2")  # fmt: skip


def _paint_falloff(canvas: Canvas, patch: PatchView, rect: QRect) -> None:
    """The soft ends: a dashed line that rises to full strength and falls, its corners a shade darker."""
    theme = canvas.theme
    soft = min(float(patch.falloff) * canvas.state.scale.px_per_s, rect.width() / 2)
    grip = canvas.state.metrics.grip_width
    if soft <= grip or rect.width() < theme.px(48):
        return
    top, bottom = rect.top() + 3.5, rect.bottom() - 0.5
    left, right = rect.left() + grip + 0.5, rect.right() - grip + 0.5
    rise, fall = rect.left() + soft, rect.right() - soft
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for outer, inner in ((left, rise), (right, fall)):
        corner = QPainterPath(QPointF(outer, bottom))
        corner.lineTo(inner, top)
        corner.lineTo(inner, rect.top() + 1)
        corner.lineTo(outer, rect.top() + 1)
        painter.fillPath(corner, theme.color("lane", 0.35))
    pen = QPen(theme.color("ac", 0.85), 1)
    pen.setDashPattern([3.0, 3.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(left, bottom), QPointF(rise, top), QPointF(fall, top), QPointF(right, bottom)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_names(canvas: Canvas, patch: PatchView, rect: QRect) -> None:
    """Name left of the anchor and version right of it; where the name has no room there, it goes right."""
    theme = canvas.theme
    anchors = anchor_x(patch, rect.left(), rect.right() + 1)
    near = theme.px(14)
    seen = rect.adjusted(canvas.state.metrics.grip_width + near, 0, -canvas.state.metrics.grip_width - 4, 0)
    seen.setLeft(max(seen.left(), canvas.state.metrics.head_width + 4))
    left = QRect(seen.left(), rect.top(), round(anchors[0]) - near - seen.left(), rect.height())
    start = max(round(anchors[-1]) + near + 4, seen.left())
    right = QRect(start, rect.top(), seen.right() - start, rect.height())
    name_width = canvas.text_width(patch.name, 11, 600)
    if left.width() >= name_width:
        _paint_name(canvas, patch, left, name_width)
        for details in _details(patch):
            if right.width() >= canvas.text_width(details, 11):
                canvas.text(right, details, "act")
                break
    elif right.width() >= left.width():
        canvas.text(right, patch.name, "act", weight=600)
    elif left.width() > theme.px(20):
        canvas.text(left, patch.name, "act", weight=600)


def _paint_name(canvas: Canvas, patch: PatchView, left: QRect, width: int) -> None:
    icon = canvas.theme.px(18)
    if left.width() >= width + icon:
        canvas.icon("patch", left.left(), left.top() + (left.height() - canvas.theme.px(13)) / 2, "act", 13)
        left = left.adjusted(icon, 0, 0, 0)
    canvas.text(left, patch.name, "act", weight=600)


def _details(patch: PatchView) -> tuple[str, ...]:
    """What may stand right of the anchor, the longest first."""
    frames = f"{patch.frames} {'frame' if patch.frames == 1 else 'frames'}" if patch.frames else ""
    choices = ((patch.version, frames, patch.state), (patch.version, frames), (frames,))
    return tuple(", ".join(part for part in parts if part) for parts in choices)


def _paint_stems(canvas: Canvas, patch: PatchView, rect: QRect, strip: QRect) -> None:
    """A line from each anchor through the strip."""
    for x in anchor_x(patch, rect.left(), rect.right() + 1):
        stem = QRectF(x - 0.75, rect.top(), 1.5, strip.bottom() - rect.top() + 1)
        canvas.painter.fillRect(stem, canvas.theme.color("ac"))


def paint_anchors(canvas: Canvas, row: Row) -> None:
    """The diamonds, over the playhead; their dark edge keeps them apart from clip and line."""
    theme, painter, hover = canvas.theme, canvas.painter, canvas.state.hover
    half = theme.px(7)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.color("bg0" if theme.is_dark else "bg2"), 2))
    least_s = (PLAIN_PX - 1) / canvas.state.scale.px_per_s
    for patch, first, last in row.patches.touching(*canvas.seconds):
        if last - first < least_s or (rect := _rect(canvas, row, patch, first, last)).width() < PLAIN_PX:
            continue
        lit = hover.id == patch.id and hover.kind is HitKind.ANCHOR
        painter.setBrush(theme.color("ac2" if lit else "ac"))
        y = rect.top() + rect.height() / 2
        for x in anchor_x(patch, rect.left(), rect.right() + 1):
            painter.drawPolygon(
                QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)])
            )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_confidence(canvas: Canvas, patch: PatchView, strip: QRect) -> None:
    """One bar per frame, or per pixel column with its worst frame; a white pointer stands on the worst."""
    if not patch.confidence:
        return
    canvas.fill(strip, "bg0", 0.35)
    bars, scale = canvas.state.bars.of(patch), canvas.state.scale
    first, last = np.searchsorted(bars.seconds, canvas.seconds)
    first, last = max(0, int(first) - 1), min(len(bars.ranks), int(last) + 1)
    if first >= last:
        return
    x = scale.left_px - scale.offset_px + bars.seconds[first:last] * scale.px_per_s
    columns, starts = np.unique(np.floor(x + 0.5).astype(np.int64), return_index=True)
    worst = np.maximum.reduceat(bars.ranks[first:last], starts)
    over = scale.left_px - scale.offset_px + bars.ends[first:last][np.append(starts[1:], last - first) - 1] * scale.px_per_s
    ends = np.maximum(columns + 1, np.floor(over + 0.5).astype(np.int64))
    for rank, (_, role, part) in enumerate(LEVELS):
        height = max(2, round(strip.height() * part))
        chosen = worst == rank
        rects = [QRect(int(a), strip.bottom() - height + 1, _bar_width(int(b - a)), height)
                 for a, b in zip(columns[chosen], ends[chosen], strict=True)]  # fmt: skip
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(canvas.theme.color(role))
        canvas.painter.drawRects(rects)
    _paint_worst(canvas, bars, strip)


def _bar_width(pitch: int) -> int:
    """A pixel of gap between bars where there is room for one."""
    return pitch - 1 if pitch >= 3 else max(1, pitch)


def _paint_worst(canvas: Canvas, bars: Bars, strip: QRect) -> None:
    worst = int(np.argmax(bars.ranks))
    if bars.ranks[worst] == 0:
        return
    pitch = float(bars.seconds[1] - bars.seconds[0]) if len(bars.seconds) > 1 else 0.0
    x = canvas.state.scale.x_of(float(bars.seconds[worst]) + pitch / 2)
    half = canvas.theme.px(5)
    top = strip.top() - 1.0
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(canvas.theme.color("bg0" if canvas.theme.is_dark else "bg2"), 1))
    painter.setBrush(canvas.theme.color("sel"))
    painter.drawPolygon(QPolygonF([QPointF(x - half, top), QPointF(x + half, top), QPointF(x, top + half * 1.2)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
