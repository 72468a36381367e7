"""Lays one layer's picture on the canvas: fitted, scaled, turned and moved, as pixels and alpha in the output's stored
orientation.

Knows pictures and transforms, not projects, tracks or times.
"""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import displayed_size, stored_to_displayed
from engine.compositing.output import OutputFormat
from engine.compositing.replace import Rgb01
from engine.compositing.sources import Alpha
from engine.media.colour import region_alpha, region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Transform

Matrix = npt.NDArray[np.float64]
_EXACT_PX = 1e-3
"""A placement this close to whole pixels is taken as whole: a picture that fits is not to be resampled."""


@dataclass(frozen=True, slots=True)
class LayerImage:
    """A picture before it is placed: `rgba` (h, w, 4) float32 0..1, straight; the matrix maps its pixel edges to square ones."""

    rgba: npt.NDArray[np.float32]
    to_displayed: Matrix
    displayed: tuple[float, float]
    """Width and height in square pixels, upright."""


@dataclass(frozen=True, slots=True)
class PlacedLayer:
    """A layer on the canvas in stored output pixels: `rgb` (h, w, 3) 0..1 with `alpha` (h, w) 0..1 at (`x`, `y`)."""

    x: int
    y: int
    rgb: Rgb01
    alpha: Alpha


def picture_image(picture: Picture, rotation: int, pixel_aspect: Fraction) -> LayerImage:
    """A stored picture as a layer."""
    whole = (0, 0, picture.width, picture.height)
    rgb = region_to_rgb(picture, *whole)
    alpha = region_alpha(picture, *whole)
    if alpha is None:
        alpha = np.ones(rgb.shape[:2], np.float32)
    return _image(np.dstack([rgb, alpha]), rotation, pixel_aspect)


def bitmap_image(bitmap: npt.NDArray[np.uint8]) -> LayerImage:
    """An upright (H, W, 4) straight RGBA bitmap as a layer."""
    return _image(bitmap.astype(np.float32) / np.float32(255), 0, Fraction(1))


def _image(rgba: npt.NDArray[np.float32], rotation: int, pixel_aspect: Fraction) -> LayerImage:
    height, width = rgba.shape[:2]
    return LayerImage(
        rgba, stored_to_displayed(width, height, rotation, pixel_aspect), displayed_size(width, height, rotation, pixel_aspect)
    )


def placement(image: LayerImage, transform: Transform, output: OutputFormat) -> Matrix:
    """(3, 3) from pixel edges of the stored layer to pixel edges of the stored output; the whole output is the canvas."""
    canvas = displayed_size(output.width, output.height, output.rotation, output.pixel_aspect)
    scale = min(canvas[0] / image.displayed[0], canvas[1] / image.displayed[1]) * transform.scale
    angle = np.deg2rad(transform.rotation_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([(0.5 + transform.x) * canvas[0], (0.5 + transform.y) * canvas[1]])
    on_canvas = np.eye(3)
    on_canvas[:2, :2] = turn
    on_canvas[:2, 2] = centre - turn @ (np.array(image.displayed) / 2)
    back = np.linalg.inv(stored_to_displayed(output.width, output.height, output.rotation, output.pixel_aspect))
    return np.asarray(back @ on_canvas @ image.to_displayed, np.float64)


def place(image: LayerImage, transform: Transform, output: OutputFormat) -> PlacedLayer | None:
    """Draw a layer, opacity included. None where nothing of it is on the canvas.

    Made smaller by averaging over the covered area first, then moved with cubic interpolation on premultiplied alpha.
    """
    matrix = placement(image, transform, output)
    rgba = image.rgba * np.array([1, 1, 1, transform.opacity], np.float32)
    rgba, matrix = _shrunk(rgba, matrix)
    x, y, right, bottom = _covered(rgba.shape[1], rgba.shape[0], matrix, output)
    if right <= x or bottom <= y:
        return None
    matrix = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]]) @ matrix
    drawn = _whole_pixels(rgba, matrix, right - x, bottom - y)
    if drawn is None:
        drawn = _warped(rgba, matrix, right - x, bottom - y)
    return _trimmed(drawn, x, y)


def _trimmed(drawn: npt.NDArray[np.float32], x: int, y: int) -> PlacedLayer | None:
    """Without its empty border: a caption's bitmap is as large as the canvas, its text is not."""
    alpha = drawn[..., 3]
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return None
    cut = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    rgb = np.ascontiguousarray(drawn[cut][..., :3])
    return PlacedLayer(x + int(columns[0]), y + int(rows[0]), rgb, np.ascontiguousarray(alpha[cut]))


def _shrunk(rgba: npt.NDArray[np.float32], matrix: Matrix) -> tuple[npt.NDArray[np.float32], Matrix]:
    """The layer at (about) its final size where that is smaller, and the matrix that is left to do."""
    height, width = rgba.shape[:2]
    scale = np.minimum(1.0, np.linalg.norm(matrix[:2, :2], axis=0))
    size = (max(1, round(width * scale[0])), max(1, round(height * scale[1])))
    if size == (width, height):
        return rgba, matrix
    premultiplied = rgba.copy()
    premultiplied[..., :3] *= rgba[..., 3:]
    small = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA)
    return _straight(np.asarray(small, np.float32)), matrix @ np.diag([width / size[0], height / size[1], 1.0])


def _straight(premultiplied: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    alpha = np.clip(premultiplied[..., 3:], 0, 1)
    # Video has codes outside the gamut, and they are kept; only the noise of a division by almost nothing is bounded.
    rgb = np.clip(premultiplied[..., :3] / np.maximum(alpha, 1e-6), -1, 2)
    return np.concatenate([rgb, np.where(alpha > 1e-4, alpha, 0)], axis=2).astype(np.float32)


def _covered(width: int, height: int, matrix: Matrix, output: OutputFormat) -> tuple[int, int, int, int]:
    """left, top, right, bottom of what a placed layer may touch, clipped to the output."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ matrix[:2, :2].T + matrix[:2, 2]
    low = np.clip(np.floor(corners.min(0) + _EXACT_PX), 0, (output.width, output.height)).astype(int)
    high = np.clip(np.ceil(corners.max(0) - _EXACT_PX), 0, (output.width, output.height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _whole_pixels(rgba: npt.NDArray[np.float32], matrix: Matrix, width: int, height: int) -> npt.NDArray[np.float32] | None:
    """The layer without resampling, where it is only turned by quarters and moved by whole pixels."""
    height_in, width_in = rgba.shape[:2]
    linear = matrix[:2, :2]
    quarter = next((k for k in range(4) if np.abs(linear - _quarter_turn(k)).max() * max(width_in, height_in) < 0.02), None)
    if quarter is None:
        return None
    turned = np.rot90(rgba, -quarter)
    corners = np.array([(0, 0), (width_in, height_in)]) @ linear.T + matrix[:2, 2]
    corner = corners.min(0)
    if np.abs(corner - np.rint(corner)).max() > 0.02:
        return None
    left, top = (int(v) for v in np.rint(corner))
    cut = turned[max(0, -top):max(0, -top) + height, max(0, -left):max(0, -left) + width]
    return cut if cut.shape[:2] == (height, width) and left <= 0 and top <= 0 else None


def _quarter_turn(quarters: int) -> Matrix:
    """Clockwise on a picture whose y axis points down."""
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    return np.array([[cos, -sin], [sin, cos]], np.float64)


def _warped(rgba: npt.NDArray[np.float32], matrix: Matrix, width: int, height: int) -> npt.NDArray[np.float32]:
    premultiplied = rgba.copy()
    premultiplied[..., :3] *= rgba[..., 3:]
    # Matrices here map pixel edges; OpenCV maps pixel centres.
    centre = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]) @ matrix @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    warped = cv2.warpAffine(premultiplied, centre[:2], (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    straight = _straight(np.asarray(warped, np.float32))
    straight[..., 3] *= _coverage(rgba.shape[1], rgba.shape[0], matrix, width, height)
    return straight


def _coverage(width_in: int, height_in: int, matrix: Matrix, width: int, height: int) -> Alpha:
    """(height, width) share of each output pixel that a layer's rectangle covers: its edges are drawn, not interpolated away."""
    back = np.linalg.inv(matrix)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    cover = np.ones((height, width))
    for row, size in ((back[0], width_in), (back[1], height_in)):
        steepness = np.hypot(row[0], row[1])
        at = row[0] * x + row[1] * y + row[2]
        cover *= np.clip(at / steepness + 0.5, 0, 1) * np.clip((size - at) / steepness + 0.5, 0, 1)
    return cover.astype(np.float32)
