"""How a region looks on the picture. Sizes are screen pixels and do not grow with the zoom.

White on black everywhere, so that it is seen on any picture; no theme colours.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from widgets.roi_canvas.gestures import can_turn
from widgets.roi_canvas.hit import bounds_on_screen, handle_centres, has_points, on_screen, shown_points, turn_centre
from widgets.roi_canvas.region import Shape

SHADE = QColor(0, 0, 0, round(0.4 * 255))
FEATHER = QColor(255, 255, 255, 64)
WHITE = QColor(255, 255, 255)
BLACK = QColor(0, 0, 0)
FRAME = QColor(255, 255, 255, 150)
FAINT_UNDER = QColor(0, 0, 0, 150)
UNDER, DASH = 3.0, 1.5
DASHES = (4.0, 3.2)  # in widths of the dash
SHORT_DASHES = (3.0, 3.0)
HANDLE, POINT, CHOSEN_POINT = 8.0, 6.0, 10.0
MANY_CORNERS = 120
OUTLINE_MARGIN = 12  # px of the design; how far handles and lines reach beyond the region's bounds


def paint_shade(painter: QPainter, image: QRectF, path: QPainterPath, *, is_inverted: bool) -> None:
    """Darkens the picture outside the region: odd-even filling leaves out what both paths enclose."""
    painter.fillPath(path if is_inverted else _rest(image, path), SHADE)


def paint_feather(painter: QPainter, image: QRectF, path: QPainterPath, feather: float, *, is_inverted: bool) -> None:
    """A pale band outside the region's edge, as wide on the screen as the change fades out there."""
    if feather < 0.5:
        return
    painter.save()
    painter.setClipPath(path if is_inverted else _rest(image, path), Qt.ClipOperation.IntersectClip)
    _stroke_broad(painter, path, QPen(FEATHER, 2 * feather, j=Qt.PenJoinStyle.RoundJoin))
    painter.restore()


def _rest(image: QRectF, path: QPainterPath) -> QPainterPath:
    """The picture without what the path encloses."""
    outside = QPainterPath(path)
    outside.addRect(image)
    return outside


def on_pixels(shape: Shape, image: QRectF) -> QPainterPath:
    """A box's outline as it is drawn: on whole pixels, just outside what it encloses."""
    path = QPainterPath()
    path.addRect(QRectF(bounds_on_screen((shape,), image).toRect()).adjusted(-0.5, -0.5, 0.5, 0.5))
    return path


def paint_marching(painter: QPainter, path: QPainterPath, offset: float, unit: float) -> None:
    """The outline: a black line under a white dash that starts `offset` widths along. `unit` is the design's px."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _stroke_broad(painter, path, QPen(BLACK, UNDER * unit, j=Qt.PenJoinStyle.RoundJoin))
    dash = QPen(WHITE, DASH * unit, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin)
    dash.setDashPattern(list(DASHES))
    dash.setDashOffset(-offset)
    painter.strokePath(path, dash)


def paint_thin(painter: QPainter, path: QPainterPath, unit: float, *, is_dashed: bool = False, strong: bool = False) -> None:
    """A quiet line for what is not in the hand: other regions (strong), the shapes a region is made of."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _stroke_broad(painter, path, QPen(FAINT_UNDER, (UNDER if strong else 2) * unit, j=Qt.PenJoinStyle.RoundJoin))
    line = QPen(WHITE if strong else FRAME, unit, j=Qt.PenJoinStyle.RoundJoin)
    if is_dashed:
        line.setDashPattern(list(SHORT_DASHES))
    painter.strokePath(path, line)


def _stroke_broad(painter: QPainter, path: QPainterPath, pen: QPen) -> None:
    """A line under another one. Smoothing a broad line of many corners takes long, and there is not seen."""
    painter.save()
    if path.elementCount() > MANY_CORNERS:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.strokePath(path, pen)
    painter.restore()


def paint_grips(painter: QPainter, image: QRectF, shapes: tuple[Shape, ...], point: int | None, unit: float) -> None:
    """Eight handles; where shapes are not boxes a fine frame, and for free points these and the grip that turns."""
    bounds = bounds_on_screen(shapes, image)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(shapes) > 1 or shapes[0].kind != "box":
        painter.setPen(QPen(FRAME, unit))
        painter.drawRect(QRectF(bounds.toRect()).translated(0.5, 0.5))
    if can_turn(shapes):
        turn = turn_centre(bounds, unit)
        painter.setPen(QPen(FRAME, unit))
        painter.drawLine(turn, QPointF(bounds.center().x(), bounds.top()))
        paint_points(painter, [turn], unit)
    if has_points(shapes):
        places, shown = on_screen(shapes[0], image), shown_points(shapes[0], image, unit, point)
        chosen = shown.index(point) if point is not None else None
        paint_points(painter, [places[index] for index in shown], unit, chosen)
    painter.setPen(QPen(BLACK, 1.0))
    painter.setBrush(WHITE)
    for centre in handle_centres(bounds):
        painter.drawRect(_square(centre, unit))


def paint_points(painter: QPainter, centres: list[QPointF], unit: float, chosen: int | None = None) -> None:
    """Round points; the chosen one has a ring."""
    painter.setPen(QPen(BLACK, 1.0))
    painter.setBrush(WHITE)
    for index, centre in enumerate(centres):
        painter.drawEllipse(centre, POINT / 2 * unit, POINT / 2 * unit)
        if index == chosen:
            _paint_ring(painter, centre, CHOSEN_POINT / 2 * unit, unit)


def paint_pen(painter: QPainter, centre: QPointF, radius: float, unit: float) -> None:
    """The brush's circle under the pointer."""
    _paint_ring(painter, centre, radius, unit)


def _paint_ring(painter: QPainter, centre: QPointF, radius: float, unit: float) -> None:
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((BLACK, UNDER), (WHITE, DASH)):
        painter.setPen(QPen(colour, width * unit))
        painter.drawEllipse(centre, radius, radius)
    painter.restore()


def _square(centre: QPointF, unit: float) -> QRectF:
    """A handle on whole pixels; the edge is drawn round its 8 px of white."""
    side = round(HANDLE * unit)
    left = round(centre.x() - side / 2) - 0.5
    top = round(centre.y() - side / 2) - 0.5
    return QRectF(left, top, side + 1, side + 1)
