"""A plane laid straight over pictures: the homography with least difference in brightness at the pixels that tell something.

For surfaces with next to no texture. Flow says nothing there, but the edges and the shading around still fix a few numbers: each
edge counts only across itself, which is what a fit of brightness does by itself. Least squares with the anchor's slopes (the
inverse composition of Baker and Matthews 2004) at a thousand pixels, from soft pictures to sharp ones; what does not fit at all,
because something is in front, loses its weight. Knows no patch.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.flow import Box, Field, Gray
from engine.motion.planar import Homography

_SOFT_PX = (4.0, 2.0, 1.0)
"""Sigma of the blur under the fit, one after the other."""
_NEAR = 1
"""The first of them where the start is known to be near."""
_ROUNDS = 10
_MOST_POINTS = 1200
_CAP_LEVELS = 24.0
"""Difference from which a pixel shows something else."""
_LEAST_SCALE_LEVELS = 3.0
_STEADY = 1e-4
"""Holds what no edge fixes, as a share of what the best fixed number has."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Laid:
    """A plane as it fits."""

    plane: Homography
    """Frame -> anchor."""
    unlike: float
    """Mean difference in levels, each no more than a pixel that shows something else has."""
    seen: float
    """Share of the pixels that show the surface, 0..1."""


class Edges:
    """The telling pixels of an anchor: at most a thousand or so of those that `weight` (h, w) covers, steep ones."""

    def __init__(self, grey: Gray, box: Box, weight: Field, slope: Field) -> None:
        rows, columns = _spread(np.asarray((weight > 0.5) * slope, np.float32))
        self.points = np.stack([columns + box.x, rows + box.y], axis=1).astype(np.float64)
        self._middle = self.points.mean(axis=0) if len(self.points) else np.zeros(2)
        self._half = max(1.0, float(np.abs(self.points - self._middle).max(initial=1.0)))
        self._values: list[Floats] = []
        self._designs: list[Floats] = []
        for sigma in _SOFT_PX:
            soft = _softened(grey, sigma)
            slopes = [cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8)[rows, columns] for order in ((1, 0), (0, 1))]
            values = soft[rows, columns].astype(np.float64)
            self._values.append(values)
            self._designs.append(self._design(slopes[0].astype(np.float64), slopes[1].astype(np.float64), values))

    def laid(self, grey: Gray, box: Box, start: Homography, numbers: int = 6, *, is_near: bool = False) -> Laid:
        """The plane nearest to `start` (frame -> anchor) that fits a frame's crop best, by 6 or 8 numbers."""
        warp: Homography = np.asarray(np.linalg.inv(start), np.float64)
        for level in range(_NEAR if is_near else 0, len(_SOFT_PX)):
            sigma, values, design = _SOFT_PX[level], self._values[level], self._designs[level]
            soft = _softened(grey, sigma)
            columns = [*range(numbers), 8, 9]
            for _ in range(_ROUNDS):
                apart, inside = self._apart(soft, box, warp, values)
                step = _solved(design[:, columns], apart, _weights(apart, inside))
                change = np.zeros(8)
                change[:numbers] = step[:numbers]
                warp = np.asarray(warp @ np.linalg.inv(self._moved(change)), np.float64)
                if float(np.abs(change[:6]).max()) < 0.01:
                    break
        return self.compared(grey, box, np.asarray(np.linalg.inv(warp), np.float64))

    def compared(self, grey: Gray, box: Box, plane: Homography) -> Laid:
        """How a plane fits a frame's crop."""
        soft = _softened(grey, _SOFT_PX[-1])
        apart, inside = self._apart(soft, box, np.asarray(np.linalg.inv(plane), np.float64), self._values[-1])
        weights = _weights(apart, inside)
        light = _solved(self._designs[-1][:, 8:], apart, weights)
        rest = np.abs(apart - self._designs[-1][:, 8:] @ light)
        total = max(1.0, float(inside.sum()))
        seen = float(((rest < _CAP_LEVELS) * inside).sum() / max(1, len(inside)))
        return Laid(plane / plane[2, 2], float((np.minimum(rest, _CAP_LEVELS) * inside).sum() / total), seen)

    def _apart(self, soft: Field, box: Box, warp: Homography, values: Floats) -> tuple[Floats, Floats]:
        """Frame less anchor at each point, and 1 where the point lies in the crop."""
        at = planar.project(warp, self.points) - (box.x, box.y)
        inside = np.asarray(((at >= 0) & (at <= np.array([box.width - 1, box.height - 1]))).all(axis=1), np.bool_)
        at = np.where(inside[:, None], at, 0).astype(np.float32)
        found = cv2.remap(soft, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray((found.ravel() - values) * inside, np.float64), inside.astype(np.float64)

    def _design(self, across: Floats, down: Floats, values: Floats) -> Floats:
        """(N, 10): what each number changes at each point; the last two are contrast and brightness."""
        x, y = ((self.points - self._middle) / self._half).T
        bent = -(across * x + down * y)
        columns = [across, down, across * x, across * y, down * x, down * y, bent * x, bent * y]
        columns += [values - (values.mean() if len(values) else 0.0), np.ones_like(x)]
        return np.stack(columns, axis=1)

    def _moved(self, change: Floats) -> Homography:
        """The plane of a change, in pixels at the rim of the points."""
        to_unit = np.array([[1, 0, -self._middle[0]], [0, 1, -self._middle[1]], [0, 0, self._half]]) / self._half
        a, b, c, d, e, f, g, h = change / self._half
        unit = np.array([[1 + c, d, a], [e, 1 + f, b], [g, h, 1]])
        return np.asarray(np.linalg.inv(to_unit) @ unit @ to_unit, np.float64)


def _softened(grey: Gray, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma), np.float32)


def _spread(worth: Field) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the pixels of most worth, as many from each part of the picture as its share of them."""
    rows, columns = np.nonzero(worth > 0)
    if len(rows) > _MOST_POINTS:
        # A pixel counts as often as it is steep: drawn evenly along the sum.
        total = np.cumsum(worth[rows, columns].astype(np.float64))
        picked = np.unique(np.searchsorted(total, (np.arange(_MOST_POINTS) + 0.5) * total[-1] / _MOST_POINTS))
        rows, columns = rows[picked], columns[picked]
    return rows, columns


def _weights(apart: Floats, inside: Floats) -> Floats:
    """Tukey's, by the median of the difference: what is far off does not count."""
    if not inside.any():
        return inside
    middle = np.median(apart[inside > 0])
    scale = 1.4826 * float(np.median(np.abs(apart[inside > 0] - middle)))
    far = np.abs(apart - middle) / (4.685 * max(_LEAST_SCALE_LEVELS, scale))
    return np.asarray(np.maximum(0, 1 - far * far) ** 2 * inside, np.float64)


def _solved(design: Floats, apart: Floats, weights: Floats) -> Floats:
    """Weighted least squares, held steady where nothing tells."""
    normal = (design * weights[:, None]).T @ design
    hold = _STEADY * np.diag(np.maximum(np.diag(normal), 1.0)) + 1e-9 * np.eye(len(normal))
    return np.asarray(np.linalg.solve(normal + hold, (design * weights[:, None]).T @ apart), np.float64)
