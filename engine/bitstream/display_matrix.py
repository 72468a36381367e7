"""The 3x3 display matrix of MP4/MOV headers: products, rotation, mirroring. Numbers only, no boxes."""

import math

Matrix = tuple[int, ...]
"""Nine integers a b u, c d v, x y w row by row; a, b, c, d, x, y are 16.16 fixed point, u, v, w are 2.30."""


def combine(first: Matrix, second: Matrix) -> Matrix:
    """`first`, then `second`, of two affine matrices (the right column is taken as 0 0 1, as writers have it)."""
    a, b, _, c, d, _, x, y, _ = first
    e, f, _, g, h, _, s, t, _ = second

    def product(left: int, right: int) -> tuple[int, int]:
        return (left * e + right * g) >> 16, (left * f + right * h) >> 16

    moved = product(x, y)
    return (*product(a, b), 0, *product(c, d), 0, moved[0] + s, moved[1] + t, 1 << 30)


def is_mirrored(matrix: Matrix) -> bool:
    """Whether the matrix turns the picture over."""
    a, b, _, c, d = matrix[:5]
    return a * d - b * c < 0


def rotation_degrees(matrix: Matrix) -> int:
    """The nearest of 0, 90, 180 and 270, clockwise (y points down), of the turn after a left-right flip if mirrored."""
    a, b = matrix[:2]
    if is_mirrored(matrix):
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a)) / 90) % 4 * 90
