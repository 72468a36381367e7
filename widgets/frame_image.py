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
        Format RGB32, which the raster painter draws four times as fast as RGB888, or RGBA8888 for four channels.
        One copy is made, straight into the image's own buffer; a strided view costs a second one.

    Raises:
        ValueError: any other shape or dtype, or an empty picture.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] not in {RGB_CHANNELS, RGBA_CHANNELS}:
        raise ValueError(f"a picture is (H, W, 3) or (H, W, 4) uint8, not {rgb.shape} {rgb.dtype}")
    height, width, channels = rgb.shape
    if not height or not width:
        raise ValueError("a picture has at least one pixel")
    rows = np.ascontiguousarray(rgb)
    opaque = channels == RGB_CHANNELS
    stored = QImage.Format.Format_RGB888 if opaque else QImage.Format.Format_RGBA8888
    borrowed = QImage(rows.data, width, height, width * channels, stored)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32) if opaque else borrowed.copy()


def from_qimage(image: QImage) -> npt.NDArray[np.uint8]:
    """Copies an image's colours out as (H, W, 3) uint8 sRGB; transparency is dropped."""
    opaque = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height = opaque.width(), opaque.height()
    rows = np.frombuffer(opaque.constBits(), dtype=np.uint8).reshape(height, opaque.bytesPerLine())
    return rows[:, : width * RGB_CHANNELS].reshape(height, width, RGB_CHANNELS).copy()
