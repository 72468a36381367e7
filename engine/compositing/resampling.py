"""Lays one picture on the grid of another by an affine matrix, without aliasing. Knows no patch."""

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

_BLUR = 0.45
"""Standard deviation, in result pixels, of the filter before a reduction: what a box of one pixel passes, without its ripple."""


def resampled(picture: Floats, matrix: Matrix, size: tuple[int, int], *, keeps_fineness: bool = False) -> tuple[Floats, Floats]:
    """(h, w[, c]) float32 and its cover (h, w), 1 where the picture reaches and 0 where its border was repeated.

    `matrix` (2, 3) turns edge coordinates (0..w, 0..h) of the result, whose (width, height) is `size`, into the picture's.
    Cubic; a picture that is reduced is blurred first, unless it `keeps_fineness` (its detail is known to fit the result).
    """
    reduced, matrix = (picture, matrix) if keeps_fineness else _reduced(picture, matrix)
    centres = matrix.copy()
    centres[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    laid = cv2.warpAffine(
        reduced, centres, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(laid, np.float32), cover(matrix, (reduced.shape[1], reduced.shape[0]), size)


def cover(matrix: Matrix, picture: tuple[int, int], size: tuple[int, int]) -> Floats:
    """(h, w) 1 for every pixel of the result whose centre lies in a picture of (width, height), else 0."""
    x, y = np.arange(size[0]) + 0.5, np.arange(size[1])[:, None] + 0.5
    across, down = (row[0] * x + row[1] * y + row[2] for row in matrix)
    # Half a pixel of grace: a picture that ends with the result covers its last pixel whatever the rounding.
    inside = (across > -0.01) & (across < picture[0] + 0.01) & (down > -0.01) & (down < picture[1] + 0.01)
    return np.asarray(inside, np.float32)


def resized(picture: Floats, size: tuple[int, int]) -> Floats:
    """A picture made (width, height) large: by the mean of areas where it shrinks, cubic where it grows."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    shrinks = size[0] <= picture.shape[1] and size[1] <= picture.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.float32)


def _reduced(picture: Floats, matrix: Matrix) -> tuple[Floats, Matrix]:
    """The picture at no more than twice the result's size and blurred for it, and the matrix into that."""
    steps = np.hypot(matrix[0, :2], matrix[1, :2])
    whole = [max(1, int(step)) for step in steps]
    if max(whole) > 1:
        size = max(1, round(picture.shape[1] / whole[0])), max(1, round(picture.shape[0] / whole[1]))
        matrix = np.diag([size[0] / picture.shape[1], size[1] / picture.shape[0]]) @ matrix
        picture = resized(picture, size)
        steps = np.hypot(matrix[0, :2], matrix[1, :2])
    across, down = (_BLUR * float(np.sqrt(max(0.0, step**2 - 1))) for step in steps)
    if max(across, down) > 0.1:
        blurred = cv2.GaussianBlur(picture, (0, 0), max(across, 0.01), sigmaY=max(down, 0.01), borderType=cv2.BORDER_REPLICATE)
        picture = np.asarray(blurred, np.float32)
    return picture, matrix
