"""Draws clips: bodies, thumbnails, waves, names and their states."""

from fractions import Fraction

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from widgets.timeline.metrics import item_rect
from widgets.timeline.painting.canvas import HIDDEN_OPACITY, Canvas
from widgets.timeline.painting.waves import wave_image
from widgets.timeline.rows import Row
from widgets.timeline.values import ClipKind, ClipView, HitKind

BODY: dict[str, tuple[str, str, str]] = {
    "caption": ("cap", "cap2", "capt"),
    "overlay": ("bg3", "line2", "t1"),
    "video": ("vid", "vid2", "vidt"),
    "audio": ("aud", "aud2", "t1"),
}  # row kind -> body, edge, name
ICON: dict[ClipKind, str] = {"video": "film", "image": "image", "audio": "music", "text": "text"}
THIN_PX = 3
PLAIN_PX = 10  # narrower clips show neither name nor picture nor round corners
RADIUS = 3


def paint_clips(canvas: Canvas, row: Row) -> None:
    """The clips of a row that lie in the range to paint; where many share a pixel, one thin bar stands for them."""
    state = canvas.state
    band = state.metrics.clip_band(row, state.scroll_y)
    canvas.painter.setOpacity(1.0 if row.track.visible or row.kind == "audio" else HIDDEN_OPACITY)
    for clip, start, end in row.clips.seen(*canvas.seconds, state.scale, THIN_PX):
        rect = item_rect(state.scale.x_of(start), state.scale.x_of(end), band)
        if rect.width() > THIN_PX:
            _paint_clip(canvas, row, clip, rect)
        else:
            _paint_thin(canvas, row, clip, rect)
        canvas.drawn_clips += 1
    canvas.painter.setOpacity(1.0)


def _paint_thin(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    selected = clip.id in canvas.state.selected
    role = "rd" if clip.offline else "sel" if selected else BODY[row.kind][1]
    canvas.fill(rect, role)


def _paint_clip(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    theme = canvas.theme
    body, edge, _ = BODY[row.kind]
    rect = rect.adjusted(0, 0, -1, 0)  # a pixel of lane between neighbours
    radius = theme.px(RADIUS)
    if rect.width() < PLAIN_PX:
        _paint_plain(canvas, row, clip, rect)
    elif clip.offline:
        _paint_offline(canvas, clip, rect)
    else:
        canvas.rounded(rect, radius, theme.color(body), None)
        _paint_content(canvas, row, clip, rect)
        canvas.rounded(rect, radius, None, theme.color(edge))
    _paint_state(canvas, clip, rect)


def _paint_plain(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    """Edge and body as two quick fills."""
    body, edge, _ = BODY[row.kind]
    canvas.fill(rect, "rd" if clip.offline else edge)
    canvas.fill(rect.adjusted(1, 1, -1, -1), body)


def _paint_content(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    if row.kind == "video":
        _paint_frames(canvas, row, clip, rect)
    elif row.kind == "audio":
        _paint_wave(canvas, row, clip, rect)
    else:
        _paint_label(canvas, row, clip, rect)


def _paint_label(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    """Name and badge, with the kind's icon on overlays; the label stays in sight while the clip is."""
    theme = canvas.theme
    inner = _visible(canvas, rect).adjusted(theme.px(6), 0, -theme.px(4), 0)
    if row.kind == "overlay" and inner.width() > theme.px(20):
        canvas.icon(ICON[clip.kind], inner.left(), rect.top() + (rect.height() - theme.px(13)) / 2, "t2", 13)
        inner.setLeft(inner.left() + theme.px(19))
    width = canvas.text(inner, clip.name, BODY[row.kind][2])
    _paint_badge(canvas, clip, inner, width)


def _paint_badge(canvas: Canvas, clip: ClipView, inner: QRect, name_width: int) -> None:
    left = inner.left() + name_width + canvas.theme.px(6)
    if clip.badge and left + canvas.text_width(clip.badge, 11) <= inner.right():
        canvas.text(QRect(left, inner.top(), inner.right() - left + 1, inner.height()), clip.badge, "t3")


def _paint_frames(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    """Name strip, then thumbnails; a row too low for both keeps the name."""
    theme = canvas.theme
    strip = QRect(rect.left(), rect.top(), rect.width(), min(canvas.state.metrics.name_height, rect.height()))
    pictures = QRect(rect.left() + 1, strip.bottom() + 1, rect.width() - 2, rect.bottom() - strip.bottom() - 1)
    if pictures.height() >= theme.px(10):
        canvas.painter.save()
        canvas.painter.setClipRect(pictures, Qt.ClipOperation.IntersectClip)
        _paint_thumbnails(canvas, clip, rect.left(), pictures)
        if row.track.locked:
            canvas.hatch(_visible(canvas, pictures), QColor(0, 0, 0, 150))
        canvas.painter.restore()
    inner = _visible(canvas, strip).adjusted(theme.px(6), 0, -theme.px(4), 0)
    if inner.width() > theme.px(24) and not canvas.state.compact:
        name = "lock" if row.track.locked else ICON[clip.kind] if row.track.visible else "eye-off"
        canvas.icon(name, inner.left(), strip.top() + (strip.height() - theme.px(12)) / 2, "t2", 12)
        inner.setLeft(inner.left() + theme.px(18))
    width = canvas.text(inner, clip.name, "vidt", middle=True)
    _paint_badge(canvas, clip, inner, width)


def _paint_thumbnails(canvas: Canvas, clip: ClipView, left: int, band: QRect) -> None:
    """Equal slots from the clip's start; each shows the frame at its left edge, cut to the slot."""
    slot = max(8, round(band.height() * 16 / 9))
    first = max(0, (max(canvas.left, band.left()) - left) // slot)
    x = left + first * slot
    while x < min(canvas.right, band.right() + 1):
        into = canvas.state.scale.seconds(x - left) if clip.kind != "image" else Fraction(0)
        image = canvas.thumbnails(clip.id, clip.source_start + into)
        if image is not None and not image.isNull():
            target = QRectF(x, band.top(), slot, band.height())
            canvas.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            canvas.painter.drawImage(target, image, _cropped(image.width(), image.height(), slot / band.height()))
        x += slot


def _cropped(width: int, height: int, aspect: float) -> QRectF:
    """The largest centred part of a picture with an aspect."""
    wide = min(float(width), height * aspect)
    high = min(float(height), width / aspect)
    return QRectF((width - wide) / 2, (height - high) / 2, wide, high)


def _paint_wave(canvas: Canvas, row: Row, clip: ClipView, rect: QRect) -> None:
    """Peak and RMS in two tones, only the columns in sight."""
    inner = rect.adjusted(1, 2, -1, -2)
    seen = _visible(canvas, inner)
    scale, ratio = canvas.state.scale, canvas.painter.device().devicePixelRatioF()
    if seen.width() > 0 and inner.height() > 4:
        start = clip.source_start + scale.seconds(seen.left() - rect.left())
        values = canvas.peaks(clip.id, start, start + scale.seconds(seen.width()), max(1, int(seen.width() * ratio)))
        if values is not None and len(values):
            loud, soft = (HIDDEN_OPACITY, HIDDEN_OPACITY) if not row.track.visible else (1.0, 1.0)
            image = wave_image(values, int(inner.height() * ratio), canvas.theme.color("wav", loud),
                               canvas.theme.color("wav2", soft))  # fmt: skip
            canvas.painter.drawImage(QRectF(seen.left(), inner.top(), seen.width(), inner.height()), image)
    _paint_fades(canvas, clip, rect)
    _paint_plate(canvas, clip, rect)


def _paint_fades(canvas: Canvas, clip: ClipView, rect: QRect) -> None:
    """A line from silence to full, the corner above it darkened."""
    top, bottom = rect.top() + 1.0, rect.bottom() - 0.5
    for length, edge, way in ((clip.fade_in, float(rect.left()), 1), (clip.fade_out, float(rect.right()), -1)):
        if length > 0:
            full = edge + way * float(length) * canvas.state.scale.px_per_s
            silent, loud = QPointF(edge, bottom), QPointF(full, top)
            path = QPainterPath()
            path.addPolygon(QPolygonF([silent, QPointF(edge, top), loud]))
            canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            canvas.painter.fillPath(path, canvas.theme.color("lane", 0.6))
            canvas.painter.setPen(QPen(canvas.theme.color("wav2"), 1))
            canvas.painter.drawLine(silent, loud)
            canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_plate(canvas: Canvas, clip: ClipView, rect: QRect) -> None:
    """The name of a sound on a plate of its own, so that waves never cross it."""
    theme = canvas.theme
    if not clip.name or canvas.state.compact or rect.height() < theme.px(30):
        return
    after_fade = rect.left() + round(float(clip.fade_in) * canvas.state.scale.px_per_s)
    left = max(after_fade, canvas.state.metrics.head_width) + theme.px(4)
    width = theme.px(30) + canvas.text_width(clip.name, 11)
    width += theme.px(6) + canvas.text_width(clip.badge, 11) if clip.badge else 0
    if left + width > rect.right():
        return
    plate = QRect(left, rect.top() + 1, width, theme.px(16))
    canvas.fill(plate, "aud")
    canvas.icon("music", plate.left() + theme.px(4), plate.top() + theme.px(2), "t1", 12)
    inner = plate.adjusted(theme.px(21), 0, 0, 0)
    name_width = canvas.text(inner, clip.name, "t1")
    _paint_badge(canvas, clip, inner, name_width)


def _paint_offline(canvas: Canvas, clip: ClipView, rect: QRect) -> None:
    theme = canvas.theme
    canvas.rounded(rect, theme.px(RADIUS), theme.color("bg1"), None)
    inner = _visible(canvas, rect)
    canvas.hatch(inner.adjusted(1, 1, -1, -1), theme.color("bg4"))
    canvas.rounded(rect, theme.px(RADIUS), None, theme.color("rd"))
    line = QRect(inner.left() + theme.px(6), inner.top(), inner.width() - theme.px(10), min(theme.px(18), rect.height()))
    if line.width() < theme.px(24):
        return
    canvas.icon("warning", line.left(), line.top() + (line.height() - theme.px(12)) / 2, "rd", 12)
    canvas.text(line.adjusted(theme.px(18), 0, 0, 0), clip.name, "rd", middle=True)
    if rect.height() > theme.px(36):
        foot = QRect(line.left(), rect.bottom() - theme.px(22), line.width(), theme.px(18))
        canvas.text(foot, "Offline. Relink", "t2")


def _paint_state(canvas: Canvas, clip: ClipView, rect: QRect) -> None:
    """Hover, selection, and the grip of an edge under the pointer, red where the source ends."""
    state, theme = canvas.state, canvas.theme
    hovered = state.hover.id == clip.id
    if clip.id in state.selected:
        canvas.rounded(rect, theme.px(RADIUS), None, theme.color("sel"), 2.0 * theme.scale)
    elif hovered:
        canvas.rounded(rect, theme.px(RADIUS), None, theme.color("t2"))
    if hovered and state.hover.kind in {HitKind.CLIP_START, HitKind.CLIP_END}:
        width = min(theme.px(5), rect.width() // 2)
        at_start = state.hover.kind is HitKind.CLIP_START
        left = rect.left() if at_start else rect.right() - width + 1
        room = clip.room_before if at_start else clip.room_after
        role = "rd" if state.blocked_edge == clip.id or room == 0 else "sel"
        canvas.rounded(QRect(left, rect.top(), width, rect.height()), theme.px(2), theme.color(role), None)


def _visible(canvas: Canvas, rect: QRect) -> QRect:
    """The part of a rectangle right of the heads and left of the widget's edge."""
    return rect.intersected(QRect(canvas.state.metrics.head_width, rect.top(), canvas.state.lane_width, rect.height()))
