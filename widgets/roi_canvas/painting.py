"""How a region looks on the picture. Sizes are screen pixels and do not grow with the zoom.

White on black everywhere, so that it is seen on any picture; no theme colours.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from widgets.roi_canvas.hit import bounds_on_screen, handle_centres, on_screen, outline, turn_centre
from widgets.roi_canvas.region import Region

SHADE = QColor(0, 0, 0, round(0.4 * 255))
FEATHER = QColor(255, 255, 255, 64)
WHITE = QColor(255, 255, 255)
BLACK = QColor(0, 0, 0)
FRAME = QColor(255, 255, 255, 150)
UNDER, DASH = 3.0, 1.5
DASHES = (4.0, 3.2)  # in widths of the dash
HANDLE, POINT = 8.0, 6.0
OUTLINE_MARGIN = 12  # px of the design; how far handles and lines reach beyond the region's bounds


def paint_shade(painter: QPainter, image: QRectF, region: Region) -> None:
    """Darkens the picture outside the region: odd-even filling leaves out what both paths enclose."""
    outside = outline(region, image)
    outside.addRect(image)
    painter.fillPath(outside, SHADE)


def drawn_outline(region: Region, image: QRectF) -> QPainterPath:
    """The outline as it is drawn: a box's lies on whole pixels, just outside what it encloses."""
    if region.kind == "lasso":
        return outline(region, image)
    bounds = bounds_on_screen(region, image)
    path = QPainterPath()
    path.addRect(QRectF(bounds.toRect()).adjusted(-0.5, -0.5, 0.5, 0.5))
    return path


def paint_feather(painter: QPainter, image: QRectF, region: Region, feather: float) -> None:
    """A pale band outside the edge, as wide on the screen as the change fades out there."""
    if feather < 0.5:
        return
    path = outline(region, image)
    outside = QPainterPath(path)
    outside.addRect(image)
    painter.save()
    painter.setClipPath(outside, Qt.ClipOperation.IntersectClip)
    painter.strokePath(path, QPen(FEATHER, 2 * feather, j=Qt.PenJoinStyle.RoundJoin))
    painter.restore()


def paint_marching(painter: QPainter, path: QPainterPath, offset: float, unit: float) -> None:
    """The outline: a black line under a white dash that starts `offset` widths along. `unit` is the design's px."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.strokePath(path, QPen(BLACK, UNDER * unit, j=Qt.PenJoinStyle.RoundJoin))
    dash = QPen(WHITE, DASH * unit, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin)
    dash.setDashPattern(list(DASHES))
    dash.setDashOffset(-offset)
    painter.strokePath(path, dash)


def paint_grips(painter: QPainter, image: QRectF, region: Region, unit: float) -> None:
    """Eight handles; for a lasso also its points, a fine frame between the handles and the one that turns it."""
    bounds = bounds_on_screen(region, image)
    if region.kind == "lasso":
        painter.setPen(QPen(FRAME, unit))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(bounds.toRect()).translated(0.5, 0.5))
        turn, top = turn_centre(bounds, unit), QPointF(bounds.center().x(), bounds.top())
        painter.drawLine(turn, top)
        paint_points(painter, [*on_screen(region, image), turn], unit)
    painter.setPen(QPen(BLACK, 1.0))
    painter.setBrush(WHITE)
    for centre in handle_centres(bounds):
        painter.drawRect(_square(centre, unit))


def paint_points(painter: QPainter, centres: list[QPointF], unit: float) -> None:
    """Round points of a lasso."""
    painter.setPen(QPen(BLACK, 1.0))
    painter.setBrush(WHITE)
    for centre in centres:
        painter.drawEllipse(centre, POINT / 2 * unit, POINT / 2 * unit)


def _square(centre: QPointF, unit: float) -> QRectF:
    """A handle on whole pixels; the edge is drawn round its 8 px of white."""
    side = round(HANDLE * unit)
    left = round(centre.x() - side / 2) - 0.5
    top = round(centre.y() - side / 2) - 0.5
    return QRectF(left, top, side + 1, side + 1)
