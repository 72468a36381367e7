"""Draws a caption with its box: on a picture that is exported, and over the one in the viewer. Both look alike.

Needs a QGuiApplication. Knows nothing of projects and assets beyond the look of captions.
"""

import io

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QTextLayout

from editor.text import WIDTH_SHARE, dark_edge, laid_out, outlines, picture_font
from engine.project.caption_values import CaptionStyle
from engine.project.model import Canvas

PADDING_X, PADDING_Y, RADIUS = 0.45, 0.14, 0.16
"""Of the box round each line, in heights of the font."""


def caption_png(text: str, style: CaptionStyle, canvas: Canvas) -> bytes:
    """A PNG with alpha at canvas size, for an asset."""
    image = QImage(canvas.width, canvas.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_caption(painter, text, style, canvas.width, canvas.height)
    painter.end()
    return _png(image.convertToFormat(QImage.Format.Format_RGBA8888))


def _png(image: QImage) -> bytes:
    """A PNG of RGBA. Nearly all of it is empty, and a film has hundreds: Pillow's quickest way takes a third of Qt's time."""
    from PIL import Image  # the window begins without it

    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=1)
    return data.getvalue()


def paint_caption(painter: QPainter, text: str, style: CaptionStyle, width: float, height: float) -> None:
    """Onto a picture of `width` × `height` units of the painter whose left upper corner is its origin."""
    if not text:
        return
    size = max(4, round(style.size * height))
    layout = laid_out(text, picture_font(size), width * WIDTH_SHARE)
    block = layout.boundingRect().height()
    top = min(max(0.0, style.bottom * height - block), max(0.0, height - block))
    place = QPointF((width - width * WIDTH_SHARE) / 2, top)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    if style.box_opacity > 0:
        box = QColor(style.box_colour)
        box.setAlphaF(style.box_opacity)
        painter.fillPath(_box(layout, place, size), box)
    else:
        painter.strokePath(outlines(layout, place), dark_edge(size))
    painter.setPen(QColor(style.colour))
    layout.draw(painter, place)


def _box(layout: QTextLayout, place: QPointF, size: float) -> QPainterPath:
    """Round each line; joined, so that nothing is darker where two meet."""
    joined = QPainterPath()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number).naturalTextRect().translated(place)
        round_line = QPainterPath()
        grown = QRectF(line).adjusted(-PADDING_X * size, -PADDING_Y * size, PADDING_X * size, PADDING_Y * size)
        round_line.addRoundedRect(grown, RADIUS * size, RADIUS * size)
        joined = joined.united(round_line)
    return joined
