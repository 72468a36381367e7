"""The outline of a whole region on the screen: its shapes added and taken away in order, then grown.

A single shape is drawn exactly. Several are laid over each other as a picture and traced, which no touching edges, holes or
hundred strokes can upset; the trace keeps within half a screen pixel.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from widgets.roi_canvas.hit import bounds_on_screen, on_screen, shape_path, stroke_line
from widgets.roi_canvas.region import Region, Shape

MARGIN_PX = 24
"""Room round what is seen, so that the trace's own edges stay out of sight."""
FINE, FINE_UP_TO_PX = 2, 2_500_000
STRAIGHT = 0.8
"""How far, in cells of the trace, its line may be straightened."""
_Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the picture lies and what part of the widget is seen, both in widget coordinates: left, top, width, height."""

    image: tuple[float, float, float, float]
    seen: tuple[float, float, float, float]
    grow: float = 0.0
    """Screen pixels by which the outline is moved outwards."""
    most_fine: int = FINE
    """Cells of the trace per screen pixel and direction, at most."""


def stage(image: QRectF, seen: QRectF, grow: float, most_fine: int = FINE) -> Stage:
    """The same from rectangles."""
    place, view = (image.x(), image.y(), image.width(), image.height()), (seen.x(), seen.y(), seen.width(), seen.height())
    return Stage(place, view, grow, most_fine)


@lru_cache(maxsize=128)
def outline(shapes: tuple[Shape, ...], at: Stage) -> QPainterPath:
    """The closed outline, filled odd-even; do not change it, it is kept."""
    image = QRectF(*at.image)
    if len(shapes) == 1 and shapes[0].kind != "brush" and not at.grow:
        return shape_path(shapes[0], image)
    area = _area(shapes, image, at)
    if area.isEmpty():
        return QPainterPath()
    fine = at.most_fine if area.width() * area.height() * at.most_fine**2 <= FINE_UP_TO_PX else 1
    return _traced(_grown(_raster(shapes, image, area, fine), at.grow * fine), area.topLeft(), fine)


def is_nothing(region: Region, width: int, height: int) -> bool:
    """Whether taking away has left nothing of a region on a picture of this size."""
    if all(not shape.is_subtracted for shape in region.more):
        return False
    scale = min(1.0, 512 / max(width, height))
    image = QRectF(0, 0, max(1, round(width * scale)), max(1, round(height * scale)))
    return not _raster(region.shapes, image, image, 1).any()


def _area(shapes: tuple[Shape, ...], image: QRectF, at: Stage) -> QRectF:
    """The part to trace, on whole pixels: the shapes as far as they are in the picture and near what is seen."""
    reach = max(0.0, at.grow) + 2
    bounds = bounds_on_screen(shapes, image).adjusted(-reach, -reach, reach, reach)
    seen = QRectF(*at.seen).adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX)
    return QRectF(bounds.intersected(seen).toAlignedRect())


def _raster(shapes: tuple[Shape, ...], image: QRectF, area: QRectF, fine: int) -> _Mask:
    """The shapes in order, (h, w) uint8, 255 inside; nothing beside the picture."""
    width, height = max(1, round(area.width() * fine)), max(1, round(area.height() * fine))
    made = QImage(width, height, QImage.Format.Format_Grayscale8)
    made.fill(0)
    painter = QPainter(made)
    painter.scale(fine, fine)
    painter.translate(-area.topLeft())
    painter.setClipRect(image)
    for shape in shapes:
        _fill(painter, shape, image, QColor(0, 0, 0) if shape.is_subtracted else QColor(255, 255, 255))
    painter.end()
    rows = np.frombuffer(made.constBits(), np.uint8).reshape(height, made.bytesPerLine())
    return rows[:, :width].copy()  # the picture's memory goes with it


def _fill(painter: QPainter, shape: Shape, image: QRectF, colour: QColor) -> None:
    if shape.kind != "brush":
        painter.fillPath(shape_path(shape, image), colour)
        return
    width = max(0.5, 2 * shape.radius * image.height())
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(stroke_line(on_screen(shape, image)), pen)


def _grown(mask: _Mask, by: float) -> _Mask:
    if not by:
        return mask
    import cv2  # the program starts without it

    ground = 255 - mask if by > 0 else np.pad(mask, 1)  # beyond the picture there is nothing: shrinking starts there too
    away = cv2.distanceTransform(ground, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    kept = away <= by if by > 0 else away[1:-1, 1:-1] > -by
    return np.where(kept, np.uint8(255), np.uint8(0))


def _traced(mask: _Mask, corner: QPointF, fine: int) -> QPainterPath:
    import cv2

    path = QPainterPath()
    for line in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
        points = (cv2.approxPolyDP(line, STRAIGHT, True)[:, 0] + 0.5) / fine
        if len(points) > 2:
            path.addPolygon(QPolygonF([QPointF(x, y) + corner for x, y in points.tolist()]))
            path.closeSubpath()
    return path
