"""A drag of files of the bin: what it carries, and the small picture under the pointer."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QImage, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QWidget

from widgets.palettes import Theme
from widgets.theme import font, theme_of

WIDTH_PX, HEIGHT_PX = 96, 54


def drag_of(source: QWidget, data: QMimeData, image: QImage | None, words: str) -> QDrag:
    """A drag with the first file's picture left of the pointer: the place of the drop and its figures stay in sight."""
    theme = theme_of(source)
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.setPixmap(picture(theme, image, words, source.devicePixelRatioF()))
    drag.setHotSpot(QPoint(theme.px(WIDTH_PX + 12), -theme.px(12)))
    return drag


def picture(theme: Theme, image: QImage | None, words: str, ratio: float) -> QPixmap:
    """The file's picture with `words` at its foot; a plain plate where there is none."""
    size = QSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))
    shown = QPixmap(size * ratio)
    shown.setDevicePixelRatio(ratio)
    shown.fill(Qt.GlobalColor.transparent)
    whole = QRect(QPoint(0, 0), size)
    painter = QPainter(shown)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(whole), theme.px(3), theme.px(3))
    painter.setClipPath(shape)
    painter.fillRect(whole, theme.color("vid"))
    if image is not None and not image.isNull():
        scale = max(whole.width() / image.width(), whole.height() / image.height())
        target = QRectF(0, 0, image.width() * scale, image.height() * scale)
        target.moveCenter(QRectF(whole).center())
        painter.drawImage(target, image)
    _paint_words(painter, whole, words, theme)
    painter.end()
    return shown


def _paint_words(painter: QPainter, whole: QRect, words: str, theme: Theme) -> None:
    foot = whole.adjusted(0, whole.height() - theme.px(18), 0, 0)
    painter.fillRect(foot, theme.color("pop"))
    painter.setFont(font(theme, 11))
    painter.setPen(theme.color("t1"))
    inside = foot.adjusted(theme.px(4), 0, -theme.px(4), 0)
    fitting = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideMiddle, inside.width())
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)


def words_for(names: Sequence[str]) -> str:
    """What a drag is called: the file's name, or how many there are."""
    return names[0] if len(names) == 1 else f"{len(names)} items"
