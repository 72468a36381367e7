"""A surface too plain for flow, followed by what lies around the patch: the edges of the roof, the door, the screen it is on.

How far around it has to be looked, the anchor tells beforehand: as little as fixes the plane, for what lies further off may move
otherwise. Knows no frame before the last.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.direct import SMALLEST_PX, SOFT_PX, aligned, shifted_by
from engine.motion.flow import Box, Field, Gray, inside, sample
from engine.motion.history import mask_box
from engine.motion.planar import Homography
from engine.motion.view import View

_PLAIN_SHARE = 0.06
"""Share of textured pixels below which a surface says too little for flow."""
_REACHES = (0.12, 0.25, 0.4, 0.6, 0.8, 1.2)
"""How much of the surroundings may count, as a share of the root of the patch's area; the least that fixes the plane does."""
_REACH_MAX_PX = 64
_FIXED_PX = 0.006
"""A plane is fixed where a level of difference at every pixel cannot move the patch's corners further than this."""
_CORRELATED = 0.8
_BENDING_SHARE = 0.15
"""Of the patch's larger side, from one frame to the next."""
_REACH = 0.05
"""Of the picture's width: how much further than before a patch may move from one frame to the next."""


class PlainSurface:
    """The surface as the anchor shows it: made from that view, the box around the patch, and mask and texture over it."""

    def __init__(self, view: View, box: Box, mask: Field, texture: Field) -> None:
        inner = mask > 0.5
        self.is_plain = bool(inner.any()) and float((texture > 0.5)[inner].mean()) < _PLAIN_SHARE
        """Whether flow would only guess. Elsewhere nothing of this is needed."""
        self.is_fixed = False
        """Whether there are surroundings that hold the plane."""
        side = float(np.sqrt(max(1, inner.sum())))
        patch = mask_box(mask, box)
        self._box = patch.grown(_REACH_MAX_PX + 2, view.width, view.height)
        self._grey = view.grey(self._box)
        grid = self._box.grid()
        here = sample(mask, grid, box) * inside(grid, box) > 0.5
        for share in _REACHES if self.is_plain else _REACHES[:1]:
            self._reach = int(np.clip(round(share * side), 5, _REACH_MAX_PX))
            self._rim = _grown(here, self._reach)
            self.is_fixed = self.is_plain and _loose_px(self._grey, self._box, self._rim, patch) < _FIXED_PX
            if self.is_fixed:
                break

    def plane(
        self, view: View, previous: View, last: Homography, patch: Box, step_px: npt.NDArray[np.float64]
    ) -> Homography | None:
        """The homography frame -> anchor; None where the frame does not show it well enough.

        `last` is that of the frame before, `patch` where the patch lay there, `step_px` by how much it had moved.
        """
        tried = []
        for shift in (step_px, _best_shift(view, previous, patch, step_px)):
            x, y = np.rint(shift).astype(int)
            moved = Box(patch.x + int(x), patch.y + int(y), patch.width, patch.height)
            box = moved.grown(self._reach + 8, view.width, view.height)
            if min(box.width, box.height) >= SMALLEST_PX:
                tried.append(aligned(self._grey, self._box, self._rim, view.grey(box), box, last @ shifted_by(-shift)))
        found = max((one for one in tried if one is not None), key=lambda one: one[1], default=None)
        if found is None or found[1] < _CORRELATED or not _is_step(last, found[0], patch):
            return None
        return found[0]


def _grown(inner: npt.NDArray[np.bool_], reach: int) -> Field:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(inner.astype(np.uint8), disc), np.float32)


def _loose_px(grey: Gray, box: Box, weight: Field, patch: Box) -> float:
    """By how many pixels a corner of the patch is off, in the mean, where every pixel is off by a level at random.

    What a fit of six numbers to brightness passes on, from its normal equations: many pixels, steep ones, and edges that run
    in several directions and lie apart hold a plane.
    """
    soft = cv2.GaussianBlur(grey, (SOFT_PX, SOFT_PX), 0).astype(np.float32)
    rows, columns = np.nonzero(weight > 0.5)
    slopes = [cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8)[rows, columns] for order in ((1, 0), (0, 1))]
    half = max(patch.width, patch.height) / 2
    x = (columns + box.x - patch.x - patch.width / 2) / half
    y = (rows + box.y - patch.y - patch.height / 2) / half
    design = np.array([slope * factor for slope in slopes for factor in (np.ones_like(x), x, y)])
    normal = design @ design.T
    right, bottom = patch.width / 2 / half, patch.height / 2 / half
    passed = np.linalg.inv(normal + 1e-6 * np.eye(6))
    corners = [np.kron(np.eye(2), (1, u, v)) for u in (-right, right) for v in (-bottom, bottom)]
    return float(np.sqrt(max(np.trace(c @ passed @ c.T) for c in corners)))


def _best_shift(view: View, previous: View, patch: Box, step_px: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """By how many pixels the patch and its surroundings moved since the last frame, as far as whole pixels tell."""
    box = patch.grown(12, view.width, view.height)
    area = box.grown(round(_REACH * view.width) + int(np.abs(step_px).max()), view.width, view.height)
    found = cv2.matchTemplate(view.grey(area), previous.grey(box), cv2.TM_CCOEFF_NORMED)
    left, top = cv2.minMaxLoc(found)[3]
    return np.array([area.x + left - box.x, area.y + top - box.y], np.float64)


def _is_step(last: Homography, now: Homography, patch: Box) -> bool:
    """Whether a plane lies nearly as it lay a frame ago: no corner of the patch went far from where the others went."""
    right, bottom = patch.x + patch.width, patch.y + patch.height
    corners = np.array([(patch.x, patch.y), (right, patch.y), (right, bottom), (patch.x, bottom)], np.float64)
    moved = planar.project(np.linalg.inv(now) @ last, corners) - corners
    return bool(np.abs(moved - moved.mean(axis=0)).max() < _BENDING_SHARE * max(patch.width, patch.height))
