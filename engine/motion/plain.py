"""A surface too plain for flow, followed by what lies around the patch: the edges of the roof, the door, the screen it is on.

How far around it has to be looked, the anchor tells beforehand: as little as fixes the plane, for what lies further off may move
otherwise. What passes in front of it there is left out. Knows no frame before the last.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import matching, planar
from engine.motion.direct import Edges, Laid
from engine.motion.flow import Box, Field, Gray, inside, sample
from engine.motion.history import mask_box
from engine.motion.planar import Homography
from engine.motion.view import View

_PLAIN_SHARE = 0.06
"""Share of textured pixels below which a surface says too little for flow."""
_REACHES = (0.12, 0.25, 0.4, 0.6, 0.9, 1.3)
"""How much of the surroundings may count, as a share of the root of the patch's area; the least that fixes the plane does."""
_REACH_MAX_PX = 128
_EDGE_PX = 5
"""How much of what lies beyond the surface's own edge counts: the edge belongs to it, what is behind does not."""
_SLOPE_LEVELS = 2.0
"""Per pixel; a plain surface has none that is steeper, save at its edge."""
_FIRM_PX, _FIXED_PX = 0.006, 0.03
"""How far a level of difference at every pixel may move the patch's corners, so that no more of the surroundings is needed, and
so that a plane is told at all."""
_SEEN = 0.5
"""Share of the pixels that must show the surface."""
_UNLIKE_LEVELS = 9.0
_LEAST_POINTS = 60
_AS_GOOD, _AS_GOOD_LEVELS = 1.25, 0.3
_COARSE_PX = 64
_BENDING_SHARE = 0.05
"""Of the patch's larger side, from one frame to the next."""
_REACH = 0.05
"""Of the picture's width: how much further than before a patch may move from one frame to the next."""
_GRAIN_SLOPE = 0.5
"""Levels per pixel for each level of grain below which a slope may be grain."""
_WORTH = 0.85
"""More numbers must leave at most this share of what fewer left unexplained; else they follow noise."""


class PlainSurface:
    """The surface as the anchor shows it: made from that view, the box around the patch, and mask and texture over it."""

    def __init__(self, view: View, box: Box, mask: Field, texture: Field, noise_levels: float) -> None:
        inner = mask > 0.5
        self.is_plain = bool(inner.any()) and float((texture > 0.5)[inner].mean()) < _PLAIN_SHARE
        """Whether flow would only guess. Elsewhere nothing of this is needed."""
        self.is_fixed = False
        """Whether the surface has edges of its own that hold the plane."""
        side = float(np.sqrt(max(1, inner.sum())))
        patch = mask_box(mask, box)
        self._box = patch.grown(min(_REACH_MAX_PX, round(_REACHES[-1] * side)) + 8, view.width, view.height)
        self._grey = view.grey(self._box)
        grid = self._box.grid()
        here = sample(mask, grid, box) * inside(grid, box) > 0.5
        self._rim: Field = np.zeros(self._grey.shape, np.float32)
        if not self.is_plain:
            return
        reaches = [int(np.clip(round(share * side), 5, _REACH_MAX_PX)) for share in _REACHES]
        away = cv2.distanceTransform((~here).astype(np.uint8), cv2.DIST_L2, 5)
        rims = [np.asarray(away <= reach, np.float32) for reach in reaches]
        slopes = _slopes(self._grey, noise_levels)
        looseness = [_loose_px(slopes, self._box, rim, patch) for rim in rims]
        firm = next((n for n, px in enumerate(looseness) if px < _FIRM_PX), len(rims) - 1)
        own = np.asarray(_surface(self._grey, here) * rims[-1], np.float32)
        self.is_fixed = _loose_px(slopes, self._box, own, patch) < _FIXED_PX
        self._reach, self._rim = (reaches[-1], own) if self.is_fixed else (reaches[firm], rims[firm])
        self._near = Edges(self._grey, self._box, rims[firm], np.asarray(np.hypot(*slopes), np.float32))
        self._edges = Edges(self._grey, self._box, self._rim, np.asarray(np.hypot(*slopes), np.float32))

    def plane(
        self, view: View, previous: View, last: Homography, motion: Homography, patch: Box, step_px: npt.NDArray[np.float64]
    ) -> tuple[Homography, float] | None:
        """The homography frame -> anchor, and what speaks against it, 0..1; None where the frame does not show it well enough.

        `last` is that of the frame before, `motion` leads from it to the one before that, `patch` is where the patch lay there,
        `step_px` by how much it had moved.
        """
        shifts = [step_px, self._best_shift(view, previous, last, patch, step_px)]
        box = _reached(patch, shifts, self._reach + 8, view)
        if box is None or min(len(self._edges.points), len(self._near.points)) < _LEAST_POINTS:
            return None
        grey, starts = view.grey(box), (last @ motion, last @ _shifted_by(-shifts[1]))
        best = min((laid for start in starts for laid in _settled(self._edges, grey, box, start)), key=_unlike)
        bent = self._edges.laid(grey, box, best.plane, 8, is_near=True)
        best = bent if bent.unlike < _WORTH * best.unlike else best
        # What is near the patch knows best how the surface bends there, as long as it is of the surface.
        near = self._edges.compared(grey, box, self._near.laid(grey, box, best.plane, is_near=True).plane)
        best = near if near.unlike < _AS_GOOD * best.unlike + _AS_GOOD_LEVELS else best
        is_seen = best.seen > _SEEN and best.unlike < _UNLIKE_LEVELS
        doubt = max(best.unlike / _UNLIKE_LEVELS, (1 - best.seen) / (1 - _SEEN))
        return (best.plane, doubt) if is_seen and _is_step(last, best.plane, patch) else None

    def _best_shift(
        self, view: View, previous: View, last: Homography, patch: Box, step_px: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """By how many pixels the patch and its surroundings moved since the last frame, as far as small copies tell."""
        box = patch.grown(self._reach, view.width, view.height)
        area = box.grown(round(_REACH * view.width) + int(np.abs(step_px).max()), view.width, view.height)
        scale = min(1.0, _COARSE_PX / min(box.width, box.height))
        counted = sample(self._rim, planar.as_map(last, box), self._box) > 0.5
        cover = counted.astype(np.uint8) * np.uint8(255)
        wide, template, cover = (matching.shrunk(grey, scale) for grey in (view.grey(area), previous.grey(box), cover))
        scores = matching.scores(template, cover > 127, wide)
        if scores is None:
            return step_px
        left, top = cv2.minMaxLoc(scores)[3]
        return np.array([area.x + left / scale - box.x, area.y + top / scale - box.y], np.float64)


def _settled(edges: Edges, grey: Gray, box: Box, start: Homography) -> tuple[Laid, Laid]:
    """The planes that fit best near a start: looked for from far, and close by, where what is behind does not mislead."""
    return edges.laid(grey, box, start), edges.laid(grey, box, start, is_near=True)


def _unlike(laid: Laid) -> float:
    return laid.unlike


def _reached(patch: Box, shifts: list[npt.NDArray[np.float64]], reach: int, view: View) -> Box | None:
    """What holds the patch and its surroundings after any of the shifts; None where that is nothing."""
    moved = np.rint([shift + np.array([patch.x, patch.y]) for shift in shifts]).astype(int)
    (left, top), (right, bottom) = moved.min(axis=0), moved.max(axis=0) + np.array([patch.width, patch.height])
    if right <= 0 or bottom <= 0 or left >= view.width or top >= view.height:
        return None
    return Box(int(left), int(top), int(right - left), int(bottom - top)).grown(reach, view.width, view.height)


def _disc(reach: int) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)), np.uint8)


def _surface(grey: Gray, patch: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What hangs together with a patch without an edge between, and its edge."""
    plain = cv2.morphologyEx(((np.hypot(*_slopes(grey, 0)) < _SLOPE_LEVELS) | patch).astype(np.uint8), cv2.MORPH_OPEN, _disc(2))
    labels = np.asarray(cv2.connectedComponents(plain, connectivity=4)[1])
    own = np.isin(labels, np.unique(labels[patch & (plain > 0)])) & (plain > 0)
    return np.asarray(cv2.dilate((own | patch).astype(np.uint8), _disc(2 + _EDGE_PX)) > 0)


def _slopes(grey: Gray, noise_levels: float) -> tuple[Field, Field]:
    """Levels per pixel across and down, softened; nothing where it may be grain."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    is_seen = np.hypot(across, down) > _GRAIN_SLOPE * noise_levels
    return np.asarray(across * is_seen, np.float32), np.asarray(down * is_seen, np.float32)


def _loose_px(slopes: tuple[Field, Field], box: Box, weight: Field, patch: Box) -> float:
    """By how many pixels a corner of the patch is off, in the mean, where every pixel is off by a level at random.

    What a fit of six numbers to brightness passes on, from its normal equations: many pixels, steep ones, and edges that run
    in several directions and lie apart hold a plane.
    """
    rows, columns = np.nonzero(weight > 0.5)
    half = max(patch.width, patch.height) / 2
    x = (columns + box.x - patch.x - patch.width / 2) / half
    y = (rows + box.y - patch.y - patch.height / 2) / half
    design = np.array([slope[rows, columns] * factor for slope in slopes for factor in (np.ones_like(x), x, y)])
    passed = np.linalg.inv(design @ design.T + 1e-6 * np.eye(6))
    right, bottom = patch.width / 2 / half, patch.height / 2 / half
    corners = [np.kron(np.eye(2), (1, u, v)) for u in (-right, right) for v in (-bottom, bottom)]
    return float(np.sqrt(max(np.trace(c @ passed @ c.T) for c in corners)))


def _shifted_by(shift: npt.NDArray[np.float64]) -> Homography:
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]], np.float64)


def _is_step(last: Homography, now: Homography, patch: Box) -> bool:
    """Whether a plane lies nearly as it lay a frame ago: no corner of the patch went far from where the others went."""
    right, bottom = patch.x + patch.width, patch.y + patch.height
    corners = np.array([(patch.x, patch.y), (right, patch.y), (right, bottom), (patch.x, bottom)], np.float64)
    moved = planar.project(np.linalg.inv(now) @ last, corners) - corners
    return bool(np.abs(moved - moved.mean(axis=0)).max() < _BENDING_SHARE * max(patch.width, patch.height))
