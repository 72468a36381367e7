"""Adds a drawn shape to a region or takes it away. The result is one outline without holes, or nothing.

A region is one outline: what would fall apart or get a hole is refused instead of being changed silently.
"""

from typing import Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from widgets.roi_canvas.dragging import Picture
from widgets.roi_canvas.region import MIN_LASSO_POINTS, Region, lasso

Combine = Literal["new", "add", "subtract"]
LEAST_AREA_PX = 4.0
SAME_PX = 0.01


def combined(base: Region, shape: Region, how: Combine, picture: Picture) -> Region | None:
    """The region with the shape added or taken away, its feather kept; None where no single outline results."""
    if how == "new":
        return shape
    first, second = _path(base, picture), _path(shape, picture)
    joined = first.united(second) if how == "add" else first.subtracted(second)
    outlines = [points for points in map(_corners, joined.simplified().toSubpathPolygons()) if _area(points) >= LEAST_AREA_PX]
    if len(outlines) != 1:
        return None
    unit = tuple((point.x() / picture.width, point.y() / picture.height) for point in outlines[0])
    return lasso(unit, base.feather_px)


def _path(region: Region, picture: Picture) -> QPainterPath:
    """The region in picture pixels, because the path arithmetic of Qt works with a fixed precision."""
    points = [QPointF(x * picture.width, y * picture.height) for x, y in region.points]
    path = QPainterPath()
    if region.kind == "box":
        path.addRect(QRectF(points[0], points[1]))
    else:
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    return path


def _corners(polygon: QPolygonF) -> list[QPointF]:
    """The points without repetitions, open."""
    points: list[QPointF] = []
    for index in range(polygon.size()):
        point = polygon.at(index)
        if not points or (point - points[-1]).manhattanLength() > SAME_PX:
            points.append(point)
    if len(points) > 1 and (points[0] - points[-1]).manhattanLength() <= SAME_PX:
        points.pop()
    return points


def _area(points: list[QPointF]) -> float:
    if len(points) < MIN_LASSO_POINTS:
        return 0.0
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(a.x() * b.y() - b.x() * a.y() for a, b in pairs)) / 2
