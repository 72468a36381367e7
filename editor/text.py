"""Draws a caption or title to a picture of the canvas' size with transparency. The only place where text becomes pixels.

Needs a QGuiApplication (without one drawing text aborts the process). Knows nothing of projects and assets beyond `Text`.
"""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QTextLayout, QTextOption

from engine.project.model import Canvas, Text
from widgets.theme import font, theme_of

OUTLINE_SHARE = 0.09
"""Width of the dark edge round the letters, as a share of the font's size: legible on any picture."""
QUALITY = 80
"""Of Qt's PNG writer: little compression. Most of the picture is empty, and typing waits for it."""
WIDTH_SHARE = 0.86
"""Lines are broken at this share of the canvas' width."""


def text_png(text: Text, canvas: Canvas) -> bytes:
    """A PNG with alpha at canvas size, for an asset."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    draw_text(text, canvas).save(buffer, "PNG", QUALITY)  # type: ignore[call-overload]  # the stubs want bytes for the format
    buffer.close()
    return bytes(data.data())


def draw_text(text: Text, canvas: Canvas) -> QImage:
    """RGBA, straight alpha, sRGB: the lines centred on `text.position`, kept inside the picture."""
    image = QImage(canvas.width, canvas.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    size_px = max(4, round(text.font_size * canvas.height))
    layout = laid_out(text.text, picture_font(size_px), canvas.width * WIDTH_SHARE)
    place = _place(layout, text, canvas)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.strokePath(outlines(layout, place), dark_edge(size_px))
    painter.setPen(QColor(text.colour))
    layout.draw(painter, place)
    painter.end()
    return image.convertToFormat(QImage.Format.Format_RGBA8888)


def picture_font(size_px: int) -> QFont:
    """The bundled face in pixels of the picture: the window's scale does not count here."""
    used = QFont(font(theme_of(), 12, 600))
    used.setPixelSize(size_px)
    return used


def dark_edge(size_px: int) -> QPen:
    pen = QPen(QColor(0, 0, 0, 200), max(1.0, size_px * OUTLINE_SHARE))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def laid_out(words: str, used: QFont, width: float) -> QTextLayout:
    """Lines broken at `width`, each centred in it, the first at y = 0."""
    layout = QTextLayout(words.replace("\n", "\u2028"), used)
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height() * 1.1
    layout.endLayout()
    return layout


def _place(layout: QTextLayout, text: Text, canvas: Canvas) -> QPointF:
    """Top left of the layout so that its middle is on the text's position, moved inside the picture where it would stick out."""
    height = layout.boundingRect().height()
    left = text.position[0] * canvas.width - canvas.width * WIDTH_SHARE / 2
    top = text.position[1] * canvas.height - height / 2
    return QPointF(left, min(max(top, 0.0), max(0.0, canvas.height - height)))


def outlines(layout: QTextLayout, place: QPointF) -> QPainterPath:
    """The shapes of all letters; glyphs without a shape (colour emoji) have no edge and are only drawn."""
    path = QPainterPath()
    for run in layout.glyphRuns():
        face = run.rawFont()
        for glyph, at in zip(run.glyphIndexes(), run.positions(), strict=True):
            path.addPath(face.pathForGlyph(glyph).translated(at + place))
    return path
