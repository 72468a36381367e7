"""The pictures the viewer has, and which of them each mode shows. Holds images; knows no zoom and no widget."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

MODES = ("Result", "Original", "Split", "Heatmap")
RESULT, ORIGINAL, SPLIT, HEATMAP = MODES
OUTPUTS = ("Location", "Difference", "Magnitude")
"""What a patch replacer gives beside its result; each is a picture of its own."""
GREY_PARTS = 3
SMOOTH_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """One picture on the stage and what to call it."""

    image: QImage
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """Words beside pictures whose name alone does not say what they are."""

    output: str = ""
    """How an output is to be read: "grey is no change, 4 times as strong"."""
    compared: tuple[str, str] = ("", "")
    """Name and detail of what the result is compared with; Split shows it at the left where there is a picture of it."""
    result: tuple[str, str] = ("", "")
    """Name and detail of the result meanwhile."""


class Pictures:
    """Everything there is of one frame. Derived images are made when first asked for, then kept."""

    def __init__(
        self, result: QImage | None = None, original: QImage | None = None, heat: QImage | None = None,
        extra: QImage | None = None, compared: QImage | None = None,
    ) -> None:  # fmt: skip
        self._result, self._original, self._heat = result, original, heat
        self._extra, self._compared = extra, compared
        self._heatmap: QImage | None = None
        self._scaled: dict[int, QImage] = {}

    @property
    def size(self) -> QSize | None:
        """The size of the first picture there is."""
        first = self._result or self._original
        return first.size() if first else None

    def before_and_after(self) -> tuple[QImage | None, QImage | None]:
        """The original and the result, whatever is shown."""
        return self._original, self._result

    def keep_scaled(self, earlier: "Pictures") -> None:
        """Take over what was scaled of images that are here too."""
        kept = {image.cacheKey() for image in (self._result, self._original, self._heat) if image is not None}
        self._scaled = {key: image for key, image in earlier._scaled.items() if key in kept}

    def sides(self, mode: str, naming: Naming = Naming()) -> tuple[Side, ...]:
        """One picture, or left and right of the wipe; empty when this mode has nothing to show.

        A mode without its own picture (yet) shows the result alone, so that the view never goes black.
        """
        result = Side(self._result, RESULT) if self._result else None
        if mode == ORIGINAL:
            return (Side(self._original, ORIGINAL),) if self._original else ()
        if mode == SPLIT and self._compared and self._result:
            return Side(self._compared, *naming.compared), Side(self._result, *naming.result)
        if mode == SPLIT and self._original and result:
            return Side(self._original, ORIGINAL), result
        if mode == HEATMAP and self._heat and result:
            return result, Side(self._grey_with_heat(), HEATMAP, "against Original")
        if mode in OUTPUTS and self._extra:
            return (Side(self._extra, mode, naming.output),)
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
