"""Handles over the picture, with the lines between them. Places are fractions of the picture; what they mean is for others.

Put `PictureHandles` on a viewer with `add_overlay` after all else: its handles lie on top, the rest lets the mouse through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPainterPath, QPaintEvent, QPolygonF, QShowEvent
from PySide6.QtWidgets import QWidget

from widgets.picture_handles.handle import Grip, Handle
from widgets.roi_canvas import Region
from widgets.roi_canvas.painting import paint_thin
from widgets.roi_canvas.whole import outline, stage
from widgets.theme import theme_of

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A handle: what it is called, where it points, and by how many design pixels its grip stands aside from there."""

    name: str
    at: Point
    description: str = ""
    aside: Point = (0.0, 0.0)
    is_set: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """Everything shown at one moment."""

    grip: Grip
    spots: tuple[Spot, ...]
    quad: tuple[Point, ...] = ()
    """Corners joined by a line."""
    region: Region | None = None
    """Drawn again where `shift` (fractions) leads, with a line to it from where it lies."""
    shift: Point = (0.0, 0.0)
    grow_px: float = 0.0
    """Screen pixels per source pixel are the owner's: the region's growth, in pixels of the picture shown."""


class PictureHandles(QWidget):
    """`moved(handle, place, gesture)`: a handle was moved to a place, or with None is where it was before it was ever set.

    Changes of one drag or key carry one gesture number.
    """

    moved = Signal(int, object, int)  # number, (x, y) fractions or None, gesture
    reset_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._handles: list[Handle] = []
        self._image, self._picture = QRectF(), QSize()
        self._gesture = 0
        self._began: Spot | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_look(self, look: Look | None) -> None:
        """Other handles, or the same ones elsewhere; None takes them away."""
        if look == self._look:
            return
        before, self._look = self._look, look
        names = _names(look)
        if names != _names(before):
            self._make(look)
        self._place()
        self.update()

    def look(self) -> Look | None:
        return self._look

    def handles(self) -> tuple[Handle, ...]:
        """The handles that are shown, in their order."""
        return tuple(self._handles)

    def set_view(self, image_rect: QRectF, picture_size: QSize) -> None:
        """Where the picture lies on the viewer, and its size in its own pixels."""
        if (image_rect, picture_size) != (self._image, self._picture):
            self._image, self._picture = QRectF(image_rect), QSize(picture_size)
            self._place()
            self.update()

    # Inside

    def _make(self, look: Look | None) -> None:
        for old in self._handles:
            old.hide()
            old.deleteLater()
        self._handles = []
        for number, spot in enumerate(look.spots if look is not None else ()):
            handle = Handle(look.grip if look is not None else "source", spot.name, self.parentWidget() or self)
            handle.pressed.connect(lambda number=number: self._begin(number))
            handle.dragged.connect(lambda way, number=number: self._dragged(number, way))
            handle.stepped.connect(lambda way, number=number: self._stepped(number, way))
            handle.cancelled.connect(lambda number=number: self._cancel(number))
            handle.released.connect(self._end)
            handle.reset_wanted.connect(lambda number=number: self.reset_wanted.emit(number))
            self._handles.append(handle)

    def _place(self) -> None:
        look = self._look
        seen = look is not None and not self._image.isEmpty() and self.isVisible()
        for handle, spot in zip(self._handles, look.spots if look is not None else (), strict=True):
            handle.put(self._grip_at(spot), spot.description, is_set=spot.is_set)
            handle.setVisible(seen)
            handle.raise_()

    def _at(self, point: Point) -> QPointF:
        image = self._image
        return QPointF(image.x() + point[0] * image.width(), image.y() + point[1] * image.height())

    def _grip_at(self, spot: Spot) -> QPointF:
        unit = theme_of(self).scale
        return self._at(spot.at) + QPointF(*spot.aside) * unit

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._place()

    # Gestures

    def _spot(self, number: int) -> Spot | None:
        return self._look.spots[number] if self._look is not None and number < len(self._look.spots) else None

    def _begin(self, number: int) -> None:
        self._began = self._spot(number)

    def _dragged(self, number: int, way: QPointF) -> None:
        if self._began is not None and not self._image.isEmpty():
            x, y = self._began.at
            x, y = x + way.x() / self._image.width(), y + way.y() / self._image.height()
            self.moved.emit(number, (x, y), self._gesture)

    def _stepped(self, number: int, way: QPoint) -> None:
        spot = self._spot(number)
        if spot is not None and not self._picture.isEmpty():
            x, y = spot.at[0] + way.x() / self._picture.width(), spot.at[1] + way.y() / self._picture.height()
            self.moved.emit(number, (x, y), self._gesture)

    def _cancel(self, number: int) -> None:
        if self._began is not None:
            self.moved.emit(number, self._began.at if self._began.is_set else None, self._gesture)
        self._end()

    def _end(self) -> None:
        self._gesture += 1

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None or self._image.isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = theme_of(self).scale
        if look.quad:
            paint_thin(painter, _closed([self._at(point) for point in look.quad]), unit, strong=True)
        if look.region is not None:
            self._paint_source(painter, look, look.region, unit)
        for spot in look.spots:
            if spot.aside != (0.0, 0.0):
                paint_thin(painter, _line(self._at(spot.at), self._grip_at(spot)), unit, is_dashed=look.grip == "source")
        painter.end()

    def _paint_source(self, painter: QPainter, look: Look, region: Region, unit: float) -> None:
        """The region where it is taken from, dashed, and the way from there."""
        way = QPointF(look.shift[0] * self._image.width(), look.shift[1] * self._image.height())
        seen = QRectF(self.rect()).translated(-way)
        scale = self._image.width() / max(1, self._picture.width())
        path = QPainterPath(outline(region.shapes, stage(self._image, seen, look.grow_px * scale)))
        path.translate(way)
        paint_thin(painter, path, unit, is_dashed=True, strong=True)


def _names(look: Look | None) -> tuple[str, ...]:
    return (look.grip, *(spot.name for spot in look.spots)) if look is not None else ()


def _closed(points: Sequence[QPointF]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([*points, points[0]]))
    return path


def _line(start: QPointF, end: QPointF) -> QPainterPath:
    path = QPainterPath(start)
    path.lineTo(end)
    return path
