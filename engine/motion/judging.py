"""Measures how well a map explains a frame: what of the patch is visible there, in which light, and how much is left over.

The same measure ranks the hypotheses of the tracker. Knows no history but what it is given.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.motion import coverage, light
from engine.motion.appearance import LEVEL, mean, occlusion, smoothstep, tolerance
from engine.motion.flow import Box, Field, Gray, Map, inside, sample
from engine.motion.light import Light
from engine.motion.view import Rgb01

_WITHOUT_MOTION = 0.35
_HYSTERESIS = 0.4
"""Share of having been covered a frame ago that counts as motion of its own now."""
_LOOSE = (1.0, 4.0)
_COVERED_COST = 1.5


@dataclass(frozen=True, slots=True)
class AnchorView:
    """What is followed. `box` holds the patch and its surroundings on the anchor frame; arrays have its size."""

    frame_width: int
    frame_height: int
    box: Box
    grey: Gray
    original: Rgb01
    mask: Field
    """Effective mask 0..1."""
    noise_levels: float
    light_worth: Field
    """0..1: how well the light on the patch can be told from the pixels that it replaces."""
    is_drawn_on: bool = False
    """The patch has edges where what it covers has none: there they would show every guess of flow."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the frames before tell about this one, over its box: slow differences from the anchor, and what was covered."""

    residual: Rgb01
    covered: Field
    looseness: float
    is_new: bool = False
    """Found by matching the anchor: nothing of the frames before counts."""


@dataclass(frozen=True, slots=True)
class Track:
    """One frame, tracked. Arrays cover `box`."""

    box: Box
    at: Map
    """Anchor coordinates of each pixel."""
    mask: Field
    """The effective mask carried here, 0..1, also where it is covered."""
    covered: Field
    """0..1: something is in front."""
    frame: Rgb01
    light: Light
    warped: Rgb01
    """The anchor's original pixels carried here, in the anchor's light."""
    known: Rgb01
    """How the picture had slowly come to differ from the anchor on the frames before, carried here."""
    strange: Field
    """0..1: moves on its own."""
    trust: Field
    disagreement_px: float
    """Mean over the mask of what the two directions of flow miss each other by."""
    residual_levels: float
    """Mean over the visible mask of |frame - light on warped|."""
    strain: float
    """The same, divided by what texture and noise explain: about 0.3 where all is well, above 1 where it is not."""
    wide_strain: float
    """The same in light that only changes slowly: fine light would explain a wrong place too. Ranks maps."""
    covered_share: float
    planar: bool
    outside_share: float
    """Share of the patch's area that has left the picture."""
    looseness: float
    unheld: float = 0.0
    """On a plain surface, what nothing holds: 0 where edges do, 1 where flow had to guess, more where it only went on."""

    @property
    def cost(self) -> float:
        """What is left unexplained, hidden pixels included: ranks maps that see different shares of the patch."""
        return (1 - self.covered_share) * min(self.strain, _COVERED_COST) + self.covered_share * _COVERED_COST


def measure(
    anchor: AnchorView, at: Map, missed: Field, known: Known, box: Box, frame: Rgb01, *, strange: Field, planar: bool
) -> Track:
    """`missed` and `strange` (h, w): what flow's two directions miss each other by, 0..1 what moves on its own."""
    valid = inside(at, anchor.box)
    warped = sample(anchor.original, at, anchor.box, cv2.INTER_CUBIC)
    mask = sample(anchor.mask, at, anchor.box) * valid
    allowed = tolerance(warped, frame, anchor.noise_levels)
    covering = _covered_plane if planar else _covered_flow
    wide, covered, looseness = covering(anchor, warped, frame, known, valid, mask, strange, allowed)
    worth = sample(anchor.light_worth, at, anchor.box)
    lit = light.fine(frame, warped, valid * (1 - covered) * worth) if planar else wide
    visible = mask * (1 - covered)
    error = mean(np.abs(frame - lit.on(warped))) / np.float32(LEVEL)
    wide_error = error if lit is wide else mean(np.abs(frame - wide.on(warped))) / np.float32(LEVEL)
    total, seen = float(mask.sum()) + 1e-6, float(visible.sum()) + 1e-6
    return Track(
        box, at, mask, covered, frame, lit, warped, known.residual, strange,
        trust=valid * (1 - covered) * (1 - np.float32(0 if planar else 0.6) * smoothstep(missed, 1.0, 3.0)),
        disagreement_px=float((np.minimum(missed, 8) * mask).sum() / total),
        residual_levels=float((error * visible).sum() / seen),
        strain=float((error / allowed * visible).sum() / seen),
        wide_strain=float((wide_error / allowed * visible).sum() / seen),
        covered_share=float((covered * mask).sum() / total),
        planar=planar,
        outside_share=max(0.0, 1 - total / max(float(anchor.mask.sum()), 1.0)) if _at_border(anchor, mask, box) else 0.0,
        looseness=looseness,
    )


def _covered_flow(
    anchor: AnchorView, warped: Rgb01, frame: Rgb01, known: Known, valid: Field, _mask: Field, strange: Field, allowed: Field
) -> tuple[Light, Field, float]:
    """A highlight wanders, a face turns: colour alone proves something in front only where it is far off. Own motion does."""
    own_motion = np.maximum(strange, np.float32(_HYSTERESIS) * known.covered)
    suspect = np.float32(_WITHOUT_MOTION) + np.float32(1 - _WITHOUT_MOTION) * own_motion
    covered = np.zeros_like(valid)
    for _ in range(2):  # light from what is visible, then what is visible from the light
        wide = light.wide(frame, warped, valid * (1 - covered))
        covered = occlusion(frame - wide.on(warped) - known.residual, allowed / suspect) * valid
    return wide, covered, known.looseness


def _covered_plane(
    anchor: AnchorView, warped: Rgb01, frame: Rgb01, known: Known, valid: Field, mask: Field, _strange: Field, _allowed: Field
) -> tuple[Light, Field, float]:
    """A plane is placed exactly: what differs more than the rest does is in front, unless it is light."""
    tight = coverage.tight_tolerance(warped, frame, anchor.noise_levels)
    weight = valid * (1 - known.covered)
    looseness = known.looseness
    for _ in range(2):
        wide = light.wide(frame, warped, weight)
        plain = frame - wide.on(warped)
        found, sharp = coverage.evidence(plain, tight), coverage.evidence(plain, tight, coverage.RIM_SIGMA)
        used = (mask > 0.5) & (weight > 0.5)
        if used.sum() > 60:
            looseness = float(np.clip(2.0 * np.median(found[used]), _LOOSE[0], min(_LOOSE[1], 1.5 * known.looseness)))
        if known.residual.any():  # what fits the anchor, or what it had become, is seen
            found = np.minimum(found, coverage.evidence(plain - known.residual, tight))
        covered = coverage.areas(found / np.float32(looseness), sharp / np.float32(looseness)) * valid
        weight = valid * (1 - covered)
    covered = coverage.only_light(covered, frame, wide.on(warped), anchor.noise_levels)
    return wide, covered, looseness


def _at_border(anchor: AnchorView, mask: Field, box: Box) -> bool:
    """True where the patch touches the picture's edge: a smaller area alone may be a zoom."""
    sides = (
        (box.x == 0, mask[:, 0]), (box.y == 0, mask[0]), (box.x + box.width == anchor.frame_width, mask[:, -1]),
        (box.y + box.height == anchor.frame_height, mask[-1]),
    )
    return any(is_edge and float(side.max()) > 0.3 for is_edge, side in sides)
