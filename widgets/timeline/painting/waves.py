"""Turns peak and RMS columns into a picture in two tones. Arrays in, a QImage out."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage


def wave_image(values: npt.NDArray[np.floating[Any]], height: int, peak: QColor, rms: QColor) -> QImage:
    """A wave mirrored at the middle; `values` has shape (columns, 2), peak and RMS in 0..1. `height` in pixels.

    Drawn by the square root, so that quiet speech is seen as speech; full and silent stay where they are.
    Edges are smoothed by the part of a pixel they cover; premultiplied ARGB32.
    """
    middle = (height - 1) / 2
    distance = np.abs(np.arange(height, dtype=np.float32) - middle)[:, None]
    halves = np.sqrt(np.clip(values.astype(np.float32), 0.0, 1.0)) * middle
    outer = np.clip(np.maximum(halves[:, 0], 0.5) - distance + 0.5, 0.0, 1.0)
    inner = np.clip(halves[:, 1] - distance + 0.5, 0.0, 1.0)
    tone = [np.array(color.getRgbF(), dtype=np.float32) for color in (peak, rms)]
    tone = [np.append(color[:3] * color[3], color[3]) for color in tone]
    mixed = outer[..., None] * tone[0] * (1 - inner[..., None]) + inner[..., None] * tone[1]
    bytes_bgra = np.ascontiguousarray((mixed[..., [2, 1, 0, 3]] * 255 + 0.5).astype(np.uint8))
    rows, columns = bytes_bgra.shape[:2]
    format_ = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(bytes_bgra.data, columns, rows, columns * 4, format_).copy()
