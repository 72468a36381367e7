"""What lies under the pointer: a point, a handle, the inside of a shape, or nothing.

Works in widget coordinates because a handle keeps its size at any zoom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPolygonF

from widgets.roi_canvas.dragging import HANDLES
from widgets.roi_canvas.gestures import can_turn
from widgets.roi_canvas.region import BY_BOUNDS, Bounds, Shape, bounds_of_shapes

HANDLE_REACH = 10.0
POINT_REACH = 7.0
LEAST_REACH = 3.0
POINTS_APART = 18.0
TURN_AWAY = 20.0


@dataclass(frozen=True, slots=True)
class Hit:
    """`index` counts points, or handles clockwise from the left top; it is -1 for the body and for turning."""

    part: Literal["point", "handle", "turn", "body"]
    index: int = -1


def on_screen(shape: Shape, image: QRectF) -> list[QPointF]:
    """The shape's points in widget coordinates (a box and an ellipse have two)."""
    return [QPointF(image.x() + x * image.width(), image.y() + y * image.height()) for x, y in shape.points]


def shape_path(shape: Shape, image: QRectF) -> QPainterPath:
    """The closed outline in widget coordinates: a lasso filled odd-even like the mask, a stroke as its pen goes."""
    path, points = QPainterPath(), on_screen(shape, image)
    if shape.kind == "box":
        path.addRect(QRectF(points[0], points[1]))
    elif shape.kind == "ellipse":
        path.addEllipse(QRectF(points[0], points[1]))
    elif shape.kind == "lasso":
        path.addPolygon(QPolygonF(points))
        path.closeSubpath()
    else:
        path = _stroke(points, shape.radius * image.height())
    return path


def stroke_line(points: Sequence[QPointF]) -> QPainterPath:
    """The line a pen goes along; a single point gets a length that nobody sees, for Qt draws nothing without one."""
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    if len(points) == 1:
        path.lineTo(points[0] + QPointF(0.01, 0))
    return path


def _stroke(points: Sequence[QPointF], radius: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(max(0.5, 2 * radius))
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    made = stroker.createStroke(stroke_line(points))
    made.setFillRule(Qt.FillRule.WindingFill)
    return made


def on_image(bounds: Bounds, image: QRectF) -> QRectF:
    """Fractions of the picture in widget coordinates."""
    return QRectF(
        QPointF(image.x() + bounds.left * image.width(), image.y() + bounds.top * image.height()),
        QPointF(image.x() + bounds.right * image.width(), image.y() + bounds.bottom * image.height()),
    )


def bounds_on_screen(shapes: Sequence[Shape], image: QRectF) -> QRectF:
    """The shapes' bounds, pens included, in widget coordinates."""
    return on_image(bounds_of_shapes(shapes, image.width() / max(1.0, image.height())), image)


def handle_centres(bounds: QRectF) -> list[QPointF]:
    """The middles of the eight handles, in the order of `HANDLES`."""
    middle = bounds.center()
    return [
        QPointF(middle.x() + across * bounds.width() / 2, middle.y() + down * bounds.height() / 2) for across, down in HANDLES
    ]


def turn_centre(bounds: QRectF, unit: float) -> QPointF:
    """The middle of the grip that turns, above the bounds."""
    return QPointF(bounds.center().x(), bounds.top() - TURN_AWAY * unit)


def has_points(shapes: Sequence[Shape]) -> bool:
    """Whether points are shown: for one shape that is made of free ones."""
    return len(shapes) == 1 and shapes[0].kind not in BY_BOUNDS


def shown_points(shape: Shape, image: QRectF, unit: float, chosen: int | None = None) -> list[int]:
    """Which points of a shape are shown: as many as fit side by side, so that the outline is seen; zoomed in, more of them."""
    places, shown = on_screen(shape, image), list[int]()
    for index, place in enumerate(places):
        far = not shown or (place - places[shown[-1]]).manhattanLength() >= POINTS_APART * unit
        if far or index == chosen:
            shown.append(index)
    return shown


def hit_test(shapes: tuple[Shape, ...], image: QRectF, at: QPointF, unit: float) -> Hit | None:
    """Of the chosen shapes the nearest point in reach, else the nearest handle, else the body. `unit` is the design's px."""
    bounds = bounds_on_screen(shapes, image)
    if has_points(shapes):
        places, shown = on_screen(shapes[0], image), shown_points(shapes[0], image, unit)
        nearest = _nearest([places[index] for index in shown], at, POINT_REACH * unit)
        if nearest is not None:
            return Hit("point", shown[nearest])
    if can_turn(shapes) and _nearest([turn_centre(bounds, unit)], at, HANDLE_REACH * unit) is not None:
        return Hit("turn")
    index = _nearest(handle_centres(bounds), at, _reach(bounds, at, unit))
    if index is not None:
        return Hit("handle", index)
    return Hit("body") if shape_at(shapes, image, at) is not None else None


def shape_at(shapes: Sequence[Shape], image: QRectF, at: QPointF) -> int | None:
    """Which shape the pointer is in; the last drawn lies on top."""
    found = [index for index, shape in enumerate(shapes) if shape_path(shape, image).contains(at)]
    return found[-1] if found else None


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
