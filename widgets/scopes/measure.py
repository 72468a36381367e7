"""What a picture's waveform and histogram are: counts of pixels, over the columns and over the levels. Numbers only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

LEVELS, COLUMNS, MOST_ROWS = 256, 256, 192
"""The picture is looked at through a grid of at most 256 × 192 of its own pixels: a few ms, whatever its size."""
LUMA = (0.2126, 0.7152, 0.0722)
"""Of BT.709, for the sRGB picture that the viewer shows."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """`waveform`: (256 levels, columns), how many pixels of a column have a luma; `histogram`: (3, 256), red, green, blue."""

    waveform: Counts
    histogram: Counts
    pixels: int

    @property
    def clipped(self) -> tuple[float, float]:
        """Shares of the picture whose luma is 0 and 255."""
        return float(self.waveform[0].sum() / self.pixels), float(self.waveform[-1].sum() / self.pixels)


def measure(image: QImage) -> Measured | None:
    """Both of a picture as it is seen; None for an empty one. Pixels are taken, never mixed: a mean would invent levels."""
    if image.isNull():
        return None
    width, height = min(image.width(), COLUMNS), min(image.height(), MOST_ROWS)
    small = image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation)
    small = small.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(height, small.bytesPerLine())
    pixels = rows[:, : 3 * width].reshape(height, width, 3)
    luma = np.rint(pixels @ np.asarray(LUMA)).astype(np.int64)
    places = luma * width + np.arange(width)
    waveform = np.bincount(places.ravel(), minlength=LEVELS * width).reshape(LEVELS, width)
    histogram = np.stack([np.bincount(pixels[..., channel].ravel(), minlength=LEVELS) for channel in range(3)])
    return Measured(waveform, histogram, width * height)
