"""Between displayed and stored coordinates: turning a picture by quarter turns and the pixel aspect.

A stored picture is turned clockwise by `rotation` degrees (0, 90, 180, 270) to be displayed, and its pixels are shown
`pixel_aspect` times as wide as high. Knows nothing of patches or layers.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Points = npt.NDArray[np.float64]


def to_stored(points: Sequence[Point], rotation: int) -> Points:
    """(N, 2) displayed fractions 0..1 as fractions of the stored picture."""
    u, v = np.asarray(points, np.float64).reshape(-1, 2).T
    turned = {0: (u, v), 90: (v, 1 - u), 180: (1 - u, 1 - v), 270: (1 - v, u)}[rotation % 360]
    return np.stack(turned, axis=1)


def to_displayed(points: Sequence[Point], rotation: int) -> Points:
    """(N, 2) stored fractions 0..1 as fractions of the displayed picture; the inverse of `to_stored`."""
    return to_stored(points, -rotation % 360)


def upright(array: npt.NDArray[Any], rotation: int) -> npt.NDArray[Any]:
    """A stored (H, W, …) array as displayed: turned clockwise by `rotation`. A view."""
    return np.rot90(array, -(rotation // 90) % 4)


def as_stored(array: npt.NDArray[Any], rotation: int) -> npt.NDArray[Any]:
    """An upright (H, W, …) array in stored orientation; the inverse of `upright`. A view."""
    return np.rot90(array, rotation // 90 % 4)


def displayed_size(width: int, height: int, rotation: int, pixel_aspect: Fraction) -> tuple[float, float]:
    """Width and height in square pixels, upright. The stored height's scale is kept; the width is stretched by the aspect."""
    wide, high = width * float(pixel_aspect), float(height)
    return (high, wide) if rotation % 180 else (wide, high)


def stored_to_displayed(width: int, height: int, rotation: int, pixel_aspect: Fraction) -> npt.NDArray[np.float64]:
    """(3, 3) matrix from stored pixel edges' coordinates (0..width, 0..height) to displayed square pixels."""
    wide, high = width * float(pixel_aspect), float(height)
    stretch = np.diag([float(pixel_aspect), 1.0, 1.0])
    turn = {
        0: [[1, 0, 0], [0, 1, 0]],
        90: [[0, -1, high], [1, 0, 0]],
        180: [[-1, 0, wide], [0, -1, high]],
        270: [[0, 1, 0], [-1, 0, wide]],
    }[rotation % 360]
    return np.vstack([np.asarray(turn, np.float64), [0, 0, 1]]) @ stretch
