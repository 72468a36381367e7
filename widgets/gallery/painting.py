"""Draws the parts of a card: the picture with what lies over it, a sentence in its place, words cut to so many lines, badges."""

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPixmap, QTextLayout, QTextOption

from widgets.gallery.values import Card, clock_words, progress_share, progress_words
from widgets.icons import pixmap
from widgets.palettes import DARK, Theme
from widgets.theme import font

PLATE, SHADE, DEEP_SHADE = QColor(14, 14, 15, 230), QColor(0, 0, 0, 120), QColor(0, 0, 0, 190)
ON_PICTURE, GROOVE = QColor("#ffffff"), QColor(255, 255, 255, 80)
BADGE_ICONS = {"AI generated": "file", "SynthID": "shield", "Audio": "audio"}
BADGE_PX, BADGE_GAP_PX = 18, 4
NEARLY = 0.03


def paint_picture(painter: QPainter, rect: QRect, image: QImage) -> None:
    """The whole picture on a black ground, one of nearly the same shape to the edges."""
    painter.fillRect(rect, Qt.GlobalColor.black)
    if image.isNull():
        return
    across, down = rect.width() / image.width(), rect.height() / image.height()
    scale = max(across, down) if abs(across / down - 1) < NEARLY else min(across, down)
    target = QRectF(0, 0, image.width() * scale, image.height() * scale)
    target.moveCenter(QRectF(rect).center())
    painter.drawImage(target, image)


def fitted(image: QImage, size: QSize, ratio: float) -> QPixmap:
    """A picture as `paint_picture` would draw it in this size: for what is painted again and again."""
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.black)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    paint_picture(painter, QRect(QPoint(0, 0), size), image)
    painter.end()
    return made


def paint_running(painter: QPainter, rect: QRect, card: Card, now: float, has_image: bool, theme: Theme) -> None:
    """What happens at the left, how long already at the right; an even bar below where it is known how long it takes."""
    if has_image:
        painter.fillRect(rect, SHADE)
    colour = ON_PICTURE if has_image else theme.color("t1")
    margin = theme.px(16)
    line = QRect(rect.left() + margin, rect.bottom() - theme.px(44), rect.width() - 2 * margin, theme.px(18))
    elapsed = now - card.began if card.began is not None else 0.0
    _line(painter, line, card.headline, font(theme, 12, 600), colour, Qt.AlignmentFlag.AlignLeft)
    if card.began is not None:
        _line(painter, line, progress_words(elapsed, card.usual_s), font(theme, 12), colour, Qt.AlignmentFlag.AlignRight)
    share = progress_share(elapsed, card.usual_s)
    if share is not None:  # where nobody knows how long it takes, a bar would only look as if nothing moved
        bar = QRectF(line.left(), line.bottom() + theme.px(5), line.width(), theme.px(4))
        painter.fillRect(bar, GROOVE if has_image else theme.color("chk"))
        painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), colour)


def paint_waiting(painter: QPainter, rect: QRect, card: Card, now: float, has_image: bool, theme: Theme) -> None:
    """The countdown, large, and why; without a time only why."""
    middle = rect.center().y()
    if has_image:
        painter.fillRect(rect, DEEP_SHADE)
    strong, quiet = (ON_PICTURE, ON_PICTURE) if has_image else (theme.color("t1"), theme.color("t2"))
    if card.retry_at is not None:
        big = QRect(rect.left(), middle - theme.px(28), rect.width(), theme.px(30))
        _line(painter, big, clock_words(card.retry_at - now + 0.5), font(theme, 22, 600), strong, _CENTRE)
    else:
        _sentences(painter, rect, middle - theme.px(10), (card.headline,), strong, 600, theme)
    below = middle + theme.px(8)
    _sentences(painter, rect, below, (card.explanation,), quiet, 400, theme)


def paint_message(painter: QPainter, rect: QRect, card: Card, theme: Theme) -> None:
    """Icon, headline and explanation in the middle; there is no picture below them."""
    painter.fillRect(rect, theme.color("well"))
    middle = rect.center().y()
    lines = len(broken(card.explanation, font(theme, 12), rect.width() - theme.px(40), 4))
    middle -= theme.px(7) * max(0, lines - 2)
    paint_icon(painter, rect.center().x(), middle - theme.px(28), card.look.icon, card.look.role, theme)
    used = _sentences(painter, rect, middle - theme.px(2), (card.headline,), theme.color("t1"), 600, theme)
    _sentences(painter, rect, used + theme.px(2), (card.explanation,), theme.color("t2"), 400, theme)


def paint_away(painter: QPainter, rect: QRect, card: Card, theme: Theme) -> None:
    """What was deleted lies in the shade."""
    painter.fillRect(rect, DEEP_SHADE)
    _sentences(painter, rect, rect.center().y() - theme.px(8), (card.headline,), ON_PICTURE, 600, theme)


def paint_time(painter: QPainter, rect: QRect, words: str, theme: Theme) -> None:
    """A plate with the time at the right lower corner of a picture."""
    used = font(theme, 12)
    width = QFontMetrics(used).horizontalAdvance(words) + theme.px(12)
    plate = QRectF(rect.right() - theme.px(12) - width, rect.bottom() - theme.px(36), width, theme.px(20))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(plate, theme.px(3), theme.px(3))
    _line(painter, plate.toRect(), words, used, ON_PICTURE, _CENTRE)


def paint_position(painter: QPainter, groove: QRect, share: float, theme: Theme) -> None:
    """How far a playing video is."""
    painter.fillRect(groove, GROOVE)
    painter.fillRect(QRectF(groove.left(), groove.top(), groove.width() * min(1.0, share), groove.height()), ON_PICTURE)


def paint_words(painter: QPainter, rect: QRect, text: str, used: QFont, colour: QColor, lines: int) -> None:
    """A text in so many lines at most, the last one cut with an ellipsis."""
    painter.setFont(used)
    painter.setPen(colour)
    height = QFontMetrics(used).height()
    for number, line in enumerate(broken(text, used, rect.width(), lines)):
        painter.drawText(QPointF(rect.left(), rect.top() + number * height + QFontMetrics(used).ascent()), line)


def broken(text: str, used: QFont, width: int, lines: int) -> tuple[str, ...]:
    """The lines of a text of this width; what does not fit is cut."""
    return _broken(" ".join(text.split()), used.key(), width, lines)


@lru_cache(maxsize=2000)
def _broken(text: str, font_key: str, width: int, lines: int) -> tuple[str, ...]:
    """A card is painted twice a second while it counts, and its words stay the same."""
    used = QFont()
    used.fromString(font_key)
    layout = QTextLayout(text, used)
    layout.setTextOption(QTextOption())
    layout.beginLayout()
    found: list[str] = []
    while len(found) < lines and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        start, length = line.textStart(), line.textLength()
        is_last = len(found) == lines - 1
        shown = text[start:] if is_last else text[start : start + length]
        found.append(QFontMetrics(used).elidedText(shown, Qt.TextElideMode.ElideRight, width) if is_last else shown.rstrip())
    layout.endLayout()
    return tuple(found)


def paint_badges(painter: QPainter, left: int, top: int, badges: Iterable[str], theme: Theme) -> None:
    """One after another, each with its icon and an edge."""
    used = font(theme, 11)
    for badge in badges:
        mark = BADGE_ICONS.get(badge, "")
        side = theme.px(12)
        room = side + theme.px(4) if mark else 0
        width = QFontMetrics(used).horizontalAdvance(badge) + room + theme.px(12)
        place = QRectF(left + 0.5, top + 0.5, width - 1, theme.px(BADGE_PX) - 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.color("line2"))
        painter.drawRoundedRect(place, theme.px(2), theme.px(2))
        if mark:
            drawing = pixmap(mark, theme, "t2", side, painter.device().devicePixelRatioF())
            painter.drawPixmap(left + theme.px(6), top + (theme.px(BADGE_PX) - side) // 2, drawing)
        words = QRect(left + theme.px(6) + room, top, width, theme.px(BADGE_PX))
        _line(painter, words, badge, used, theme.color("t2"), Qt.AlignmentFlag.AlignLeft)
        left += width + theme.px(BADGE_GAP_PX)


def paint_status(painter: QPainter, left: int, top: int, card: Card, width: int, theme: Theme) -> None:
    """Icon and words in the colour of the state."""
    side = theme.px(14)
    drawing = pixmap(card.look.icon, theme, card.look.role, side, painter.device().devicePixelRatioF())
    painter.drawPixmap(left, top + (theme.px(16) - side) // 2, drawing)
    words = QRect(left + side + theme.px(6), top, width - side - theme.px(6), theme.px(16))
    _line(painter, words, card.status, font(theme, 12, 600), theme.color(card.look.role), Qt.AlignmentFlag.AlignLeft)


def paint_plate_button(painter: QPainter, rect: QRect, name: str, theme: Theme) -> None:
    """A white mark on a dark plate."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(QRectF(rect), theme.px(4), theme.px(4))
    side = theme.px(16)
    drawing = pixmap(name, theme if theme.is_dark else DARK, "t1", side, painter.device().devicePixelRatioF())
    painter.drawPixmap(rect.center().x() - side // 2 + 1, rect.center().y() - side // 2 + 1, drawing)


def clip_round_top(painter: QPainter, rect: QRect, radius: int) -> None:
    """Paint inside a picture whose upper corners are round."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(rect.adjusted(0, 0, 0, radius)), radius, radius)
    painter.setClipPath(path)
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)


_CENTRE = Qt.AlignmentFlag.AlignHCenter


def _line(painter: QPainter, rect: QRect, text: str, used: QFont, colour: QColor, where: Qt.AlignmentFlag) -> None:
    painter.setFont(used)
    painter.setPen(colour)
    shown = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, where | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _sentences(
    painter: QPainter, rect: QRect, top: int, texts: Iterable[str], colour: QColor, weight: int, theme: Theme
) -> int:
    """Centred text in up to three lines; returns where it ends."""
    used = font(theme, 12, weight)
    room = rect.adjusted(theme.px(20), 0, -theme.px(20), 0)
    height = QFontMetrics(used).height()
    for text in texts:
        for line in broken(text, used, room.width(), 4 if weight == 400 else 2):
            _line(painter, QRect(room.left(), top, room.width(), height), line, used, colour, _CENTRE)
            top += height
    return top


def paint_icon(painter: QPainter, centre: int, middle: int, name: str, role: str, theme: Theme) -> None:
    """One icon, 20 px, about a point."""
    side = theme.px(20)
    drawing = pixmap(name, theme, role, side, painter.device().devicePixelRatioF())
    painter.drawPixmap(centre - side // 2, middle - side // 2, drawing)
