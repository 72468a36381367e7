"""The pictures the viewer has, and which of them each mode shows. Holds images; knows no zoom and no widget."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

MODES = ("Result", "Original", "Split", "Heatmap")
RESULT, ORIGINAL, SPLIT, HEATMAP = MODES
GREY_PARTS = 3
SMOOTH_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """One picture on the stage and what to call it."""

    image: QImage
    name: str
    detail: str = ""


class Pictures:
    """Result, original and heat of one frame. Derived images are made when first asked for, then kept."""

    def __init__(self, result: QImage | None = None, original: QImage | None = None, heat: QImage | None = None) -> None:
        self._result = result
        self._original = original
        self._heat = heat
        self._heatmap: QImage | None = None
        self._scaled: dict[int, QImage] = {}

    @property
    def size(self) -> QSize | None:
        """The size of the first picture there is."""
        first = self._result or self._original
        return first.size() if first else None

    def sides(self, mode: str) -> tuple[Side, ...]:
        """One picture, or left and right of the wipe; empty when this mode has nothing to show.

        A wipe without its second picture shows the result alone, so that the view never goes black.
        """
        result = Side(self._result, RESULT) if self._result else None
        if mode == ORIGINAL:
            return (Side(self._original, ORIGINAL),) if self._original else ()
        if mode == SPLIT and self._original and result:
            return Side(self._original, ORIGINAL), result
        if mode == HEATMAP and self._heat and result:
            return result, Side(self._grey_with_heat(), HEATMAP, "against Original")
        return (result,) if result else ()

    def at_size(self, image: QImage, size: QSize) -> QImage:
        """The image made much smaller with area averaging, which drawing alone does not do; kept for repaints."""
        if size.width() >= image.width() * SMOOTH_BELOW:
            return image
        key = image.cacheKey()
        kept = self._scaled.get(key)
        if kept is None or kept.size() != size:
            kept = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
            self._scaled[key] = kept
        return kept

    def _grey_with_heat(self) -> QImage:
        if self._heatmap is None:
            assert self._result is not None and self._heat is not None
            self._heatmap = heat_over_grey(self._result, self._heat)
        return self._heatmap


def heat_over_grey(picture: QImage, heat: QImage) -> QImage:
    """The picture in grey at a third of its brightness with the change colours over it.

    A `heat` without an alpha channel is complete already and is returned as it is.
    """
    if not heat.hasAlphaChannel():
        return heat
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.bits(), dtype=np.uint8)
    np.floor_divide(rows, GREY_PARTS, out=rows)
    canvas = grey.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(canvas)
    painter.drawImage(canvas.rect(), heat)
    painter.end()
    return canvas
