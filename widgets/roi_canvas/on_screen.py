"""Where the picture lies in the widget, and the way between its pixels, those of its source and the screen's."""

from PySide6.QtCore import QObject, QPointF, QRectF, QSize

from widgets.roi_canvas.dragging import Picture
from widgets.roi_canvas.region import Point


class OnScreen(QObject):
    """A picture's place. Nothing in here changes a region."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image = QRectF()
        self.picture = Picture(1, 1)
        self.source_scale = 1.0
        """Picture pixels per pixel of the source."""
        self.unit = 1.0
        """Screen px per px of the design."""

    def set_view(self, image: QRectF, picture: QSize) -> None:
        """The picture lies elsewhere. The region does not change: it is kept in fractions."""
        self.image = image
        self.picture = Picture(max(1, picture.width()), max(1, picture.height()))

    @property
    def screen_per_source(self) -> float:
        """Screen pixels per pixel of the source."""
        return self.image.width() / self.picture.width * self.source_scale

    @property
    def pixels_per_step(self) -> float:
        """How many picture pixels one logical screen pixel spans."""
        return self.picture.width / max(1.0, self.image.width())

    def to_picture(self, at: QPointF) -> Point:
        """Widget coordinates to picture pixels."""
        return (
            (at.x() - self.image.x()) / self.image.width() * self.picture.width,
            (at.y() - self.image.y()) / self.image.height() * self.picture.height,
        )

    def to_widget(self, point: Point) -> QPointF:
        """Picture pixels to widget coordinates."""
        return QPointF(
            self.image.x() + point[0] / self.picture.width * self.image.width(),
            self.image.y() + point[1] / self.picture.height * self.image.height(),
        )
