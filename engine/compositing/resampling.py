"""Lays one picture on the grid of another by an affine matrix, without aliasing. Knows no patch."""

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.floating]

_BLUR = 0.45
"""Standard deviation, in result pixels, of the filter before a reduction: what a box of one pixel passes, without its ripple."""


def resampled(
    picture: Floats, matrix: Matrix, size: tuple[int, int], *, keeps_fineness: bool = False, shift: Floats | None = None
) -> tuple[Floats, Floats]:
    """(h, w[, c]) float32 and its cover (h, w), 1 where the picture reaches and 0 where its border was repeated.

    `matrix` (2, 3) turns edge coordinates (0..w, 0..h) of the result, whose (width, height) is `size`, into the picture's;
    `shift` (h, w, 2) is added to them before. Cubic; a picture that is reduced is blurred first, unless it `keeps_fineness`
    (its detail is known to fit the result).
    """
    reduced, matrix = (picture, matrix) if keeps_fineness else _reduced(picture, matrix)
    if shift is not None:
        return _along(reduced, matrix, shift)
    centres = matrix.copy()
    centres[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    laid = cv2.warpAffine(
        reduced, centres, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    x, y = np.arange(size[0]) + 0.5, np.arange(size[1])[:, None] + 0.5
    return np.asarray(laid, np.float32), _cover(reduced, matrix, x, y)


def _along(picture: Floats, matrix: Matrix, shift: Floats) -> tuple[Floats, Floats]:
    height, width = shift.shape[:2]
    x, y = np.arange(width) + 0.5 + shift[..., 0], np.arange(height)[:, None] + 0.5 + shift[..., 1]
    across, down = (np.asarray(row[0] * x + row[1] * y + row[2] - 0.5, np.float32) for row in matrix)
    laid = cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32), _cover(picture, matrix, x, y)


def _cover(picture: Floats, matrix: Matrix, x: Places, y: Places) -> Floats:
    """1 for every place (edge coordinates of the result) that lies in the picture, else 0."""
    across, down = (row[0] * x + row[1] * y + row[2] for row in matrix)
    height, width = picture.shape[:2]
    # A little grace: a picture that ends with the result covers its last pixel whatever the rounding.
    inside = (across > -0.01) & (across < width + 0.01) & (down > -0.01) & (down < height + 0.01)
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
