"""What lies under the pointer: a lasso point, a handle, the inside of the region, or nothing.

Works in widget coordinates because a handle keeps its size at any zoom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from widgets.roi_canvas.dragging import HANDLES
from widgets.roi_canvas.region import Region

HANDLE_REACH = 10.0
POINT_REACH = 7.0
LEAST_REACH = 3.0
TURN_AWAY = 20.0


@dataclass(frozen=True, slots=True)
class Hit:
    """`index` counts lasso points, or handles clockwise from the left top; it is -1 for the body and for turning."""

    part: Literal["point", "handle", "turn", "body"]
    index: int = -1


def on_screen(region: Region, image: QRectF) -> list[QPointF]:
    """The region's points in widget coordinates (a box has two)."""
    return [QPointF(image.x() + x * image.width(), image.y() + y * image.height()) for x, y in region.points]


def outline(region: Region, image: QRectF) -> QPainterPath:
    """The closed outline in widget coordinates, filled odd-even like the mask."""
    path = QPainterPath()
    points = on_screen(region, image)
    if region.kind == "box":
        path.addRect(QRectF(points[0], points[1]))
    else:
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    return path


def bounds_on_screen(region: Region, image: QRectF) -> QRectF:
    """The region's bounds in widget coordinates."""
    points = on_screen(region, image)
    if region.kind == "box":
        return QRectF(points[0], points[1])
    return QPolygonF(points).boundingRect()


def handle_centres(bounds: QRectF) -> list[QPointF]:
    """The middles of the eight handles, in the order of `HANDLES`."""
    middle = bounds.center()
    return [
        QPointF(middle.x() + across * bounds.width() / 2, middle.y() + down * bounds.height() / 2) for across, down in HANDLES
    ]


def turn_centre(bounds: QRectF, unit: float) -> QPointF:
    """The middle of the grip that turns a lasso, above its bounds."""
    return QPointF(bounds.center().x(), bounds.top() - TURN_AWAY * unit)


def hit_test(region: Region, image: QRectF, at: QPointF, unit: float) -> Hit | None:
    """The nearest point in reach, else the nearest handle, else the body. `unit` is the design's px."""
    bounds = bounds_on_screen(region, image)
    if region.kind == "lasso":
        index = _nearest(on_screen(region, image), at, POINT_REACH * unit)
        if index is not None:
            return Hit("point", index)
        if _nearest([turn_centre(bounds, unit)], at, HANDLE_REACH * unit) is not None:
            return Hit("turn")
    index = _nearest(handle_centres(bounds), at, _reach(bounds, at, unit))
    if index is not None:
        return Hit("handle", index)
    return Hit("body") if outline(region, image).contains(at) else None


def _reach(bounds: QRectF, at: QPointF, unit: float) -> float:
    """How far a handle reaches: inside a small region less, so that its middle still moves it."""
    full = HANDLE_REACH * unit
    if not bounds.contains(at):
        return full
    return max(LEAST_REACH, min(full, min(bounds.width(), bounds.height()) / 4))


def _nearest(centres: Sequence[QPointF], at: QPointF, reach: float) -> int | None:
    distances = [max(abs(centre.x() - at.x()), abs(centre.y() - at.y())) for centre in centres]
    best = min(range(len(distances)), key=distances.__getitem__)
    return best if distances[best] <= reach else None
