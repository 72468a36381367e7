"""Coverage of a region of several shapes: painted one after the other, grown, inverted; and the distance from what is covered.

Works on a grid of square cells, a stored pixel high, so that a round pen is round as displayed. Knows no feather and no picture.
"""

from dataclasses import dataclass
from math import ceil, erf, pi, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import Points, to_stored
from engine.compositing.sources import Alpha
from engine.errors import EditError
from engine.project.model import Region, RegionKind, Shape

_SAMPLES = ((40_000, 8), (1_500_000, 4))
"""Up to this area so many samples per cell and axis; beyond, two."""
_FLAT = 0.05
"""A curve is drawn with straight lines that stray from it by at most this many samples."""
_BLUR = 0.9
"""Cells (sigma) that coverage is blurred by to find where in a cell the outline runs."""
_CLOSE = 16
"""Cells from the outline within which its distance is found to a small part of a cell; a wider fade does not show it."""


def _depth_table() -> Alpha:
    """For each of 256 values of blurred coverage how many cells inside a straight outline a cell's centre lies: a step, averaged
    over a cell, under the blur."""
    depths = np.linspace(-1.5, 1.5, 61)
    blurred = [(1 + erf(depth / sqrt(2 * (_BLUR**2 + 1 / 12)))) / 2 for depth in depths]
    return np.interp(np.arange(256) / 255, blurred, depths).astype(np.float32)


_DEPTH_OF = _depth_table()


@dataclass(frozen=True, slots=True)
class Frame:
    """The stored picture: its size in pixels, how it is turned, and how wide a pixel is shown."""

    width: int
    height: int
    rotation: int
    aspect: float

    @property
    def displayed_height(self) -> float:
        """In units of a stored pixel's height."""
        return self.width * self.aspect if self.rotation % 180 else float(self.height)

    def points(self, shape: Shape) -> Points:
        """(N, 2) corners or points of the line in stored pixels. Raises: EditError where a shape is none."""
        needed = {RegionKind.BOX: 2, RegionKind.ELLIPSE: 2, RegionKind.LASSO: 3, RegionKind.BRUSH: 1}[shape.kind]
        if len(shape.points) < needed:
            raise EditError(_TOO_FEW[shape.kind], "Draw it again.")
        return to_stored(shape.points, self.rotation) * (self.width, self.height)

    def reach(self, distance: float) -> npt.NDArray[np.float64]:
        """A distance across and down, in stored pixels."""
        return np.array([distance / self.aspect, distance])

    def bounds(self, shape: Shape) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Left top and right bottom of what a shape covers, in stored pixels."""
        points, pen = self.points(shape), self.reach(shape.radius * self.displayed_height)
        return points.min(0) - pen, points.max(0) + pen


_TOO_FEW = {
    RegionKind.BOX: "A box needs two corners.", RegionKind.ELLIPSE: "An ellipse needs two corners.",
    RegionKind.LASSO: "A lasso needs at least three points.", RegionKind.BRUSH: "A brush stroke needs a point.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of stored pixels."""

    x: int
    y: int
    width: int
    height: int


def painted(region: Region, frame: Frame, window: Window) -> Alpha:
    """Coverage 0..1 (float32) of the window's cells by the shapes, added and taken away in order. A cell is a stored pixel high
    and, as displayed, as wide, so a row has as many as the window has pixels only where pixels are square."""
    width, height = max(1, round(window.width * frame.aspect)), window.height
    fine = next((samples for area, samples in _SAMPLES if height * width <= area), 2)
    raster = np.zeros((height * fine, width * fine), np.uint8)
    scale = np.array([raster.shape[1] / window.width, float(fine)])
    for shape in region.shapes:
        points = (frame.points(shape) - (window.x, window.y)) * scale
        _paint(raster, shape, points, shape.radius * frame.displayed_height * fine)
    coverage = cv2.resize(raster, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(coverage * np.float32(1 / 255), np.float32)


def grown(coverage: Alpha, distance: float) -> Alpha:
    """Coverage with its outline moved outwards by `distance` cells, inwards where it is negative."""
    if distance == 0:
        return coverage
    if distance < 0:
        return np.asarray(1 - grown(np.asarray(1 - coverage, np.float32), -distance), np.float32)
    beyond = outside_distance(coverage, distance + 1)
    return np.asarray(np.maximum(coverage, np.clip(np.float32(distance + 0.5) - beyond, 0, 1)), np.float32)


def outside_distance(coverage: Alpha, reach: float) -> Alpha:
    """Distance in cells of cell centres from the outline of what is covered, 0 inside; beyond `reach` some greater number.

    A distance transform that says which covered cell is nearest (Borgefors 1986), corrected by how deep in that cell the outline
    runs.
    """
    seeds = _seeds(coverage)
    far = np.full(coverage.shape, np.float32(reach + 1))
    if not seeds.any():
        return far
    far[seeds] = 0
    transformed = cv2.distanceTransformWithLabels(
        (~seeds).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rough, labels = transformed[0].ravel(), np.asarray(transformed[1], np.int32).ravel()
    outline = _Outline(coverage.shape[1], np.flatnonzero(seeds).astype(np.int32), labels, _depth(coverage).ravel())
    near = np.flatnonzero((rough > 0) & (rough <= reach * 1.03 + 2)).astype(np.int32)
    found = outline.distances(near, labels[near])
    close = np.flatnonzero(rough[near] <= _CLOSE)
    found[close] = outline.refined(near[close], found[close], coverage.ravel())
    far.ravel()[near] = np.maximum(found, 0)
    return far


@dataclass(frozen=True, slots=True)
class _Outline:
    """Covered cells and which of them is nearest to each cell. Cells are flat indices, labels count the covered ones from 1."""

    width: int
    seeds: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    depth: Alpha

    def distances(self, cells: npt.NDArray[np.int32], labels: npt.NDArray[np.int32]) -> Alpha:
        """From the cells' centres to the outline at the covered cells with these labels."""
        places = self.seeds[labels - 1]
        down, across = np.divmod(cells, self.width)
        rows, columns = np.divmod(places, self.width)
        straight = np.hypot((across - columns).astype(np.float32), (down - rows).astype(np.float32))
        return np.asarray(straight - self.depth[places], np.float32)

    def refined(self, cells: npt.NDArray[np.int32], found: Alpha, coverage: Alpha) -> Alpha:
        """Smaller distances where there are: where the outline passes from one row of cells to the next, the outline at the
        nearest cell is not the nearest outline, so those of cells around are tried (as in jump flooding, Rong and Tan 2006)."""
        for step in (1, 2, 4):
            for way in (step, -step, step * self.width, -step * self.width):
                labels = self.labels[np.clip(cells + way, 0, len(self.labels) - 1)]
                other = self.distances(cells, labels)
                better = other < found
                found[better] = other[better]
                self.labels[cells[better]] = labels[better]
        return np.where(coverage[cells] > 0, np.minimum(found, -self.depth[cells]), found)


def _seeds(coverage: Alpha) -> npt.NDArray[np.bool_]:
    """Cells that count as covered: half and more, and the ridge of lines that are thinner than a cell."""
    ridge = (coverage > 0) & (coverage >= cv2.dilate(coverage, np.ones((3, 3), np.uint8)))
    return np.asarray((coverage >= 0.5) | ridge, np.bool_)


def _depth(coverage: Alpha) -> Alpha:
    """How many cells the centres of cells lie inside the outline, negative where outside; right for cells beside it."""
    blurred = cv2.GaussianBlur(np.rint(coverage * 255).astype(np.uint8), (5, 5), _BLUR, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.LUT(blurred, _DEPTH_OF), np.float32)


def _paint(raster: npt.NDArray[np.uint8], shape: Shape, points: Points, pen: float) -> None:
    """Set or clear what a shape covers; `points` and `pen` (its radius) in samples."""
    value = 0 if shape.is_subtracted else 255
    if shape.kind is RegionKind.BOX:
        (left, top), (right, bottom) = np.round(points.min(0)), np.round(points.max(0))
        raster[max(0, int(top)) : max(0, int(bottom)), max(0, int(left)) : max(0, int(right))] = value
    elif shape.kind is RegionKind.BRUSH:
        for piece in _pen_pieces(points, max(pen, 0.5)):
            cv2.fillConvexPoly(raster, piece, value, shift=8)
    else:
        outline = _ellipse(points) if shape.kind is RegionKind.ELLIPSE else points
        cv2.fillPoly(raster, [_fixed(outline)], value, shift=8)


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    """As OpenCV wants them: sample centres as whole numbers, with 8 fractional bits."""
    return np.round((np.clip(points, -1e6, 1e6) - 0.5) * 256).astype(np.int32)


def _ellipse(corners: Points) -> Points:
    """The outline inside two corners. Filling takes what its line touches, half a sample more: it is drawn that much smaller."""
    low, high = corners.min(0), corners.max(0)
    radii = np.maximum((high - low) / 2 - 0.5, 0.25)
    return np.asarray((low + high) / 2 + _circle(float(radii.max())) * radii, np.float64)


def _circle(radius: float) -> Points:
    """(N, 2) points of the unit circle, enough of them for one of `radius`."""
    count = 4 * ceil(max(8, pi / sqrt(2 * _FLAT / max(radius, 0.5))) / 4)
    angle = np.arange(count) * (2 * pi / count)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def _pen_pieces(points: Points, radius: float) -> list[npt.NDArray[np.int32]]:
    """The stroke of a round pen as convex outlines: a circle, or for each straight piece two half circles and what is between."""
    line = cv2.approxPolyDP(points.astype(np.float32).reshape(-1, 1, 2), 0.3, closed=False).reshape(-1, 2).astype(np.float64)
    radius = max(radius - 0.5, 0.25)
    if len(line) == 1:
        return [_fixed(line + _circle(radius) * radius)]
    half = len(_circle(radius)) // 2
    step = np.diff(line, axis=0)
    turn = np.arctan2(step[:, 1], step[:, 0])[:, None] + np.linspace(-pi / 2, pi / 2, half + 1)[None, :]
    cap = np.stack([np.cos(turn), np.sin(turn)], 2) * radius
    pieces = np.concatenate([line[1:, None] + cap, line[:-1, None] - cap], 1)
    return list(_fixed(pieces))
