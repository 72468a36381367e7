"""A plane laid straight over pictures: the homography that brings a frame onto the anchor with least difference in brightness.

For surfaces with next to no texture. Flow says nothing there, but the edges and the shading around still fix a few numbers: each
edge counts only across itself, which is what a fit of brightness does by itself (Evangelidis and Psarakis 2008).
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.flow import Box, Field, Gray, inside, sample
from engine.motion.planar import Homography
from engine.motion.view import View

_WAYS = ((cv2.MOTION_TRANSLATION, 0.5), (cv2.MOTION_TRANSLATION, 1.0), (cv2.MOTION_AFFINE, 1.0), (cv2.MOTION_HOMOGRAPHY, 1.0))
"""What is fitted one after the other, and at which size."""
_WORTH = 0.85
"""More numbers must leave at most this share of what fewer left unexplained; else they follow noise."""
_ROUNDS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
_SOFT = 5
"""Pixels of blur under the fit."""
_SMALLEST_PX = 24
_LEAST_SEEN = 200
_PLAIN_SHARE = 0.06
"""Share of textured pixels below which a surface says too little for flow."""
_RIM_SHARE = 0.12
"""How much of the surroundings counts, as a share of the root of the patch's area."""
_CORRELATED = 0.8
_BENDING_SHARE = 0.15
"""Of the patch's larger side, from one frame to the next."""
_REACH = 0.05
"""Of the picture's width: how much further than before a patch may move from one frame to the next."""


def aligned(
    anchor: Gray, anchor_box: Box, weight: Field, grey: Gray, box: Box, start: Homography
) -> tuple[Homography, float] | None:
    """(homography frame -> anchor, correlation -1..1), found from `start`; None where nothing converges.

    `weight` (anchor's size) says by > 0.5 which of the anchor's pixels count; brightness and contrast of the whole do not matter.
    """
    best: tuple[Homography, float] | None = None
    plane = start
    for motion, scale in _WAYS:
        if scale < 1 and min(grey.shape) * scale < _SMALLEST_PX:
            continue
        found = _moved_on(motion, scale, anchor, anchor_box, weight, grey, box, plane)
        if found is None:
            continue
        if scale < 1:
            plane = found[0]
        elif best is None or 1 - found[1] < _WORTH * (1 - best[1]):
            best, plane = found, found[0]
    return best


def _moved_on(
    motion: int, scale: float, anchor: Gray, anchor_box: Box, weight: Field, grey: Gray, box: Box, plane: Homography
) -> tuple[Homography, float] | None:
    """The plane with what is left between the frame and the anchor carried by it."""
    at = planar.as_map(plane, box)
    carried = sample(anchor.astype(np.float32), at, anchor_box)
    counted = np.asarray((sample(weight, at, anchor_box) * inside(at, anchor_box) > 0.5), np.uint8) * np.uint8(255)
    if np.count_nonzero(counted) < _LEAST_SEEN:
        return None
    pictures = [np.rint(np.clip(carried, 0, 255)).astype(np.uint8), counted, grey]
    if scale < 1:
        pictures = [np.asarray(cv2.resize(p, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8) for p in pictures]
    start = np.eye(3 if motion == cv2.MOTION_HOMOGRAPHY else 2, 3, dtype=np.float32)
    try:
        correlation, warp = cv2.findTransformECC(pictures[2], pictures[0], start, motion, _ROUNDS, pictures[1], _SOFT)
    except cv2.error:  # it ran away
        return None
    left = np.eye(3)
    left[: warp.shape[0]] = warp
    if scale < 1:  # a shift only
        left[:2, 2] /= scale
    to_box = np.array([[1, 0, -box.x], [0, 1, -box.y], [0, 0, 1]], np.float64)
    moved = plane @ np.linalg.inv(to_box) @ left @ to_box
    return np.asarray(moved / moved[2, 2], np.float64), float(correlation)


class PlainSurface:
    """Follows a surface too plain for flow, from one frame to the next. Knows the anchor, and no frame before the last."""

    def __init__(self, grey: Gray, box: Box, mask: Field, texture: Field) -> None:
        inner = mask > 0.5
        self._grey, self._box = grey, box
        self.is_plain = bool(inner.any()) and float((texture > 0.5)[inner].mean()) < _PLAIN_SHARE
        """Whether flow would only guess. Elsewhere nothing of this is needed."""
        reach = max(5, round(_RIM_SHARE * float(np.sqrt(max(1, inner.sum())))))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        self._rim = np.asarray(cv2.dilate(mask, disc), np.float32)

    def plane(
        self, view: View, previous: View, box: Box, grey: Gray, last: Homography, patch: Box, step_px: npt.NDArray[np.float64]
    ) -> Homography | None:
        """The homography frame -> anchor; None where the frame does not show it well enough.

        `last` is that of the frame before, `patch` where the patch lay there, `step_px` by how much it had moved.
        """
        tried = [
            aligned(self._grey, self._box, self._rim, grey, box, last @ _shifted_by(-shift))
            for shift in (step_px, _best_shift(view, previous, patch, step_px))
        ]
        found = max((one for one in tried if one is not None), key=lambda one: one[1], default=None)
        if found is None or found[1] < _CORRELATED or not _is_step(last, found[0], patch):
            return None
        return found[0]


def _best_shift(view: View, previous: View, patch: Box, step_px: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """By how many pixels the patch and its surroundings moved since the last frame, as far as whole pixels tell."""
    box = patch.grown(12, view.width, view.height)
    area = box.grown(round(_REACH * view.width) + int(np.abs(step_px).max()), view.width, view.height)
    found = cv2.matchTemplate(view.grey(area), previous.grey(box), cv2.TM_CCOEFF_NORMED)
    left, top = cv2.minMaxLoc(found)[3]
    return np.array([area.x + left - box.x, area.y + top - box.y], np.float64)


def _shifted_by(shift: npt.NDArray[np.float64]) -> Homography:
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]], np.float64)


def _is_step(last: Homography, now: Homography, patch: Box) -> bool:
    """Whether a plane lies nearly as it lay a frame ago: no corner of the patch went far from where the others went."""
    right, bottom = patch.x + patch.width, patch.y + patch.height
    corners = np.array([(patch.x, patch.y), (right, patch.y), (right, bottom), (patch.x, bottom)], np.float64)
    moved = planar.project(np.linalg.inv(now) @ last, corners) - corners
    return bool(np.abs(moved - moved.mean(axis=0)).max() < _BENDING_SHARE * max(patch.width, patch.height))
