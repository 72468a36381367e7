"""Turns a decoded picture (an array) into a QImage that can outlive it.

Knows arrays and QImage only: nothing of files, colour management, time or windows.
"""

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

RGB_CHANNELS = 3
RGBA_CHANNELS = 4


def to_qimage(rgb: npt.NDArray[np.uint8]) -> QImage:
    """Makes an image that owns its pixels.

    Args:
        rgb: shape (H, W, 3) or (H, W, 4), dtype uint8, sRGB, rows from the top; a fourth channel is straight
            (not premultiplied) alpha. Strided views are fine.

    Returns:
        Format RGB888, or RGBA8888 for four channels. One copy is made, straight into the image's own buffer.

    Raises:
        ValueError: any other shape or dtype, or an empty picture.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] not in {RGB_CHANNELS, RGBA_CHANNELS}:
        raise ValueError(f"a picture is (H, W, 3) or (H, W, 4) uint8, not {rgb.shape} {rgb.dtype}")
    height, width, channels = rgb.shape
    if not height or not width:
        raise ValueError("a picture has at least one pixel")
    opaque = channels == RGB_CHANNELS
    image = QImage(width, height, QImage.Format.Format_RGB888 if opaque else QImage.Format.Format_RGBA8888)
    _pixels(image, channels)[:] = rgb
    return image


def from_qimage(image: QImage) -> npt.NDArray[np.uint8]:
    """Copies an image's colours out as (H, W, 3) uint8 sRGB; transparency is dropped."""
    opaque = image.convertToFormat(QImage.Format.Format_RGB888)
    return _pixels(opaque, RGB_CHANNELS).copy()


def _pixels(image: QImage, channels: int) -> npt.NDArray[np.uint8]:
    """A writable view of the image's rows without their padding; valid while the image lives."""
    rows = np.frombuffer(image.bits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels)
