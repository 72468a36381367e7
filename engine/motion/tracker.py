"""Follows the anchor's pixels from frame to frame in one direction: gives a map frame -> anchor and how far it may be trusted.

Two hypotheses compete: flow composed from frame to frame and corrected against the anchor, and one homography for the whole
region. Every frame is corrected against the anchor itself, so errors do not add up; what is covered for a while keeps moving with
the rest.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.appearance import LEVEL, local_gain, mean, occlusion, smoothstep, tolerance
from engine.motion.flow import Box, DenseFlow, Field, Gray, Map, disagreement, inside, sample
from engine.motion.view import Rgb01, View

MARGIN_PX = 24
_MARGIN_MAX_PX = 112
_AGREES_PX = (0.6, 1.8)
_CORRECTION_PX = (8.0, 14.0)
_PLANAR_SHARE, _PLANAR_SHARE_AFTER = 0.75, 0.5
_STRANGE_PX = (1.5, 4.0)
_WITHOUT_MOTION = 0.35
_LEARNING = 0.8
_RELEARNING = 0.3
_HYSTERESIS = 0.4
"""Share of a difference from the anchor that is taken as the new normal on each frame."""


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
    gain: Rgb01
    warped: Rgb01
    """The anchor's original pixels carried here, before gain."""
    known: Rgb01
    """How the picture had slowly come to differ from the anchor on the frames before, carried here."""
    strange: Field
    """0..1: moves on its own."""
    trust: Field
    disagreement_px: float
    """Mean over the mask of what the two directions of flow miss each other by."""
    residual_levels: float
    """Mean over the visible mask of |frame - gain × warped|."""
    strain: float
    """The same, divided by what texture and noise explain: about 0.3 where all is well, above 1 where it is not."""
    covered_share: float
    planar: bool
    outside_share: float
    """Share of the patch's area that has left the picture."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the frames before tell about this one, over its box: slow differences from the anchor, and what was covered."""

    residual: Rgb01
    covered: Field


class Tracker:
    """Call `step` with the frames outward from the anchor, one after the other. Keeps one frame and one map."""

    def __init__(self, anchor: AnchorView, anchor_view: View) -> None:
        self._anchor, self._previous = anchor, anchor_view
        self._flow, self._fine = DenseFlow(), DenseFlow(finest_scale=0)
        self._box = anchor.box
        self._offset = np.zeros((*anchor.grey.shape, 2), np.float32)  # map minus identity
        self._trust = np.ones(anchor.grey.shape, np.float32)
        self._residual = np.zeros_like(anchor.original)
        self._covered = np.zeros(anchor.grey.shape, np.float32)
        self._patch_box = _mask_box(anchor.mask, anchor.box)
        self._step_px = np.zeros(2)
        self._was_planar = False
        self._area = float(anchor.mask.sum())

    @property
    def step_px(self) -> float:
        """How far the patch moved in the last step."""
        return float(np.hypot(*self._step_px))

    def step(self, view: View) -> Track | None:
        """Track one more frame. None where the patch has left the picture."""
        shift = self._coarse_shift(view)
        box = self._next_box(shift)
        if box is None:
            return None
        grey = view.grey(box)
        there, trust = self._before(box, grey, shift)
        composed = there + sample(self._offset, there, self._box)
        predicted = self._repair(composed, trust, box)
        known = _Known(
            residual=sample(self._residual, there + (predicted - composed), self._box),
            covered=sample(self._covered, there, self._box),
        )
        if not (sample(self._anchor.mask, predicted, self._anchor.box) * inside(predicted, self._anchor.box)).max() > 0.05:
            return None
        frame = view.rgb(box)
        at, missed = self._corrected(predicted, box, grey)
        track = self._judge(at, missed, known, box, grey, frame)
        self._keep(track, view, grey)
        return track

    def _coarse_shift(self, view: View) -> npt.NDArray[np.int64]:
        """Whole pixels by which the patch's surroundings moved since the last frame, by matching at a quarter of the size.

        Flow finds a few times its block size; a pan by a tenth of the picture needs this first.
        """
        box = self._patch_box.grown(16, view.width, view.height)
        reach = round(0.08 * view.width) + int(np.abs(self._step_px).max())
        area = box.grown(reach, view.width, view.height)
        scale = min(1.0, 72 / max(box.width, box.height))
        template = _shrunk(self._previous.grey(box), scale)
        found = cv2.matchTemplate(_shrunk(view.grey(area), scale), template, cv2.TM_CCOEFF_NORMED)
        at = np.round((np.array([box.x - area.x, box.y - area.y])) * scale).astype(int)
        at = np.minimum(at, np.array(found.shape[::-1]) - 1)
        _, best, _, where = cv2.minMaxLoc(found)
        # A match elsewhere must be clearly better than none: repeated texture matches everywhere.
        if best < 0.5 or best < float(found[at[1], at[0]]) + 0.08:
            return np.zeros(2, np.int64)
        return np.asarray(np.rint((np.array(where) - at) / scale), np.int64)

    def _next_box(self, shift: npt.NDArray[np.int64]) -> Box | None:
        patch = self._patch_box
        x, y = patch.x + int(shift[0]), patch.y + int(shift[1])
        width, height = self._anchor.frame_width, self._anchor.frame_height
        if x + patch.width <= 0 or y + patch.height <= 0 or x >= width or y >= height:
            return None
        margin = min(_MARGIN_MAX_PX, max(MARGIN_PX, round(1.5 * float(np.abs(self._step_px - shift).max())) + 12))
        return Box(x, y, patch.width, patch.height).grown(margin, width, height)

    def _before(self, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> tuple[Map, Field]:
        """Where each pixel was on the last frame, by flow, and the trust it had there."""
        width, height = self._anchor.frame_width, self._anchor.frame_height
        x = int(np.clip(box.x - shift[0], 0, max(0, width - box.width)))
        y = int(np.clip(box.y - shift[1], 0, max(0, height - box.height)))
        before = Box(x, y, box.width, box.height)
        flow = self._flow(grey, self._previous.grey(before))
        there = box.grid() + flow + np.array([x - box.x, y - box.y], np.float32)
        trust = sample(self._trust, there, self._box) * inside(there, self._box)
        return there, trust

    def _repair(self, at: Map, trust: Field, box: Box) -> Map:
        """Replace what is not trusted by the motion of the rest: a plane, plus the smooth deviation of trusted pixels from it."""
        if float(trust.min()) > 0.5:
            return at
        near = sample(self._anchor.mask, at, self._anchor.box)
        votes = trust * (cv2.dilate(near, np.ones((25, 25), np.uint8)) > 0.3)
        fitted = planar.fit(at, box, votes) or planar.fit(at, box, trust)
        if fitted is None:
            return at
        weight = np.asarray(trust * trust, np.float32)[..., None]
        if fitted[1] > 0.6:
            plane = planar.as_map(fitted[0], box)
        else:  # no plane: what is known spreads by itself
            plane = box.grid() + ((at - box.grid()) * weight).sum(axis=(0, 1)) / weight.sum()
        sigma = max(4.0, 0.06 * max(box.width, box.height))
        spread = _wide_blur((at - plane) * weight, sigma) / (_wide_blur(weight, sigma) + np.float32(1e-3))
        kept = np.minimum(1, trust * np.float32(2.5))[..., None]  # doubt alone does not unmake what was followed so far
        return np.asarray(kept * at + (1 - kept) * (plane + spread), np.float32)

    def _corrected(self, predicted: Map, box: Box, grey: Gray) -> tuple[Map, Field]:
        """Flow between the frame and the anchor as predicted, taken where both directions agree and the correction is small."""
        target = self._carried_grey(predicted, grey)
        forward, backward = self._fine(grey, target), self._fine(target, grey)
        missed = disagreement(forward, backward)
        accepted = (1 - smoothstep(missed, *_AGREES_PX)) * (1 - smoothstep(_length(forward), *_CORRECTION_PX))
        accepted = accepted * inside(predicted, self._anchor.box)
        weight = cv2.GaussianBlur(accepted, (0, 0), 2.0)
        summed = cv2.GaussianBlur(forward * accepted[..., None], (0, 0), 1.0)
        smooth = np.asarray(summed / (cv2.GaussianBlur(accepted, (0, 0), 1.0)[..., None] + np.float32(1e-3)), np.float32)
        moved = box.grid() + smooth * np.clip(weight, 0, 1)[..., None]
        return moved + sample(predicted - box.grid(), moved, box), missed

    def _carried_grey(self, at: Map, grey: Gray) -> Gray:
        """The anchor's luma as it would look here, its light matched smoothly so that flow sees motion only."""
        warped = sample(self._anchor.grey.astype(np.float32), at, self._anchor.box, cv2.INTER_CUBIC)
        sigma = max(8.0, 0.08 * max(grey.shape))
        ratio = (_wide_blur(grey.astype(np.float32), sigma) + 4) / (_wide_blur(warped, sigma) + 4)
        return np.asarray(np.rint(np.clip(warped * np.clip(ratio, 0.4, 2.5), 0, 255)), np.uint8)

    def _judge(self, at: Map, missed: Field, known: _Known, box: Box, grey: Gray, frame: Rgb01) -> Track:
        """Let the plane compete, then measure: what is covered, how well the rest fits."""
        fitted = planar.fit(at, box, self._votes(at, missed, known))
        strange = _strangeness(at - box.grid())
        if fitted is None or fitted[1] < _PLANAR_SHARE_AFTER:
            return self._measure(at, missed, known, box, frame, strange=strange, planar_map=False)
        plane = planar.as_map(fitted[0], box)
        apart = np.maximum(strange, smoothstep(_length(at - plane), *_STRANGE_PX))
        track = self._measure(at, missed, known, box, frame, strange=apart, planar_map=False)
        # Half of the region may be covered, once it is known to be a plane.
        if fitted[1] < (_PLANAR_SHARE_AFTER if self._was_planar else _PLANAR_SHARE):
            return track
        rigid = self._rigid(plane, at, missed, known, box, grey, frame, track)
        # The plane has eight numbers, the flow thousands: where both explain the frame equally well, the plane is right.
        slack = 1.10 if self._was_planar else 1.05
        return rigid if rigid.strain <= track.strain * slack + 0.01 else track

    def _votes(self, at: Map, missed: Field, known: _Known) -> Field:
        """What may say how the plane lies: the patch and a few pixels around it, not covered, its flow agreed on."""
        mask = sample(self._anchor.mask, at, self._anchor.box) * inside(at, self._anchor.box)
        near = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0.3
        return np.asarray(near * (1 - known.covered) * (1 - smoothstep(missed, 1.0, 3.0)), np.float32)

    def _rigid(
        self, plane: Map, at: Map, missed: Field, known: _Known, box: Box, grey: Gray, frame: Rgb01, track: Track
    ) -> Track:
        """The plane, fitted once more to the flow that is left against the anchor carried by it."""
        left = self._fine(grey, self._carried_grey(plane, grey))
        again = planar.fit(_shifted(plane, left, box), box, self._votes(at, missed, known) * (1 - track.covered))
        if again is not None and again[1] > _PLANAR_SHARE_AFTER:
            plane = planar.as_map(again[0], box)
        apart = smoothstep(_length(at - plane), *_STRANGE_PX)
        return self._measure(plane, missed, known, box, frame, strange=apart, planar_map=True)

    def _measure(
        self, at: Map, missed: Field, known: _Known, box: Box, frame: Rgb01, *, strange: Field, planar_map: bool
    ) -> Track:
        anchor = self._anchor
        valid = inside(at, anchor.box)
        warped = sample(anchor.original, at, anchor.box, cv2.INTER_CUBIC)
        mask = sample(anchor.mask, at, anchor.box) * valid
        # A highlight wanders, a face turns: colour alone proves something in front only where it is far off. Motion of its own
        # does.
        own_motion = np.maximum(strange, np.float32(_HYSTERESIS) * known.covered)
        suspect = np.float32(_WITHOUT_MOTION) + np.float32(1 - _WITHOUT_MOTION) * own_motion
        allowed = tolerance(warped, frame, anchor.noise_levels)
        covered, gain = np.zeros_like(mask), np.ones_like(frame)
        for _ in range(2):  # gain from what is visible, then what is visible from the gain
            gain = local_gain(frame, warped, valid * (1 - covered))
            covered = occlusion(frame - gain * warped - known.residual, allowed / suspect) * valid
        visible = mask * (1 - covered)
        error = mean(np.abs(frame - gain * warped)) / np.float32(LEVEL)
        total, seen = float(mask.sum()) + 1e-6, float(visible.sum()) + 1e-6
        return Track(
            box, at, mask, covered, frame, gain, warped, known.residual, strange,
            trust=valid * (1 - covered) * (1 - np.float32(0 if planar_map else 0.6) * smoothstep(missed, 1.0, 3.0)),
            disagreement_px=float((np.minimum(missed, 8) * mask).sum() / total),
            residual_levels=float((error * visible).sum() / seen),
            strain=float((error / allowed * visible).sum() / seen),
            covered_share=float((covered * mask).sum() / total),
            planar=planar_map,
            outside_share=max(0.0, 1 - total / max(self._area, 1.0)) if self._at_border(mask, box) else 0.0,
        )

    def _at_border(self, mask: Field, box: Box) -> bool:
        """True where the patch touches the picture's edge: a smaller area alone may be a zoom."""
        sides = (
            (box.x == 0, mask[:, 0]), (box.y == 0, mask[0]),
            (box.x + box.width == self._anchor.frame_width, mask[:, -1]), (box.y + box.height == self._anchor.frame_height,
            mask[-1]),
        )
        return any(is_edge and float(side.max()) > 0.3 for is_edge, side in sides)

    def _keep(self, track: Track, view: View, grey: Gray) -> None:
        before = np.array([self._patch_box.x + self._patch_box.width / 2, self._patch_box.y + self._patch_box.height / 2])
        self._previous, self._box, self._trust = view, track.box, track.trust
        self._offset = track.at - track.box.grid()
        self._covered = track.covered
        # Views and light change slowly and all over; what comes in front comes suddenly. Only the first is learnt.
        # What was taken as covered but moves with the patch is its own new face, and is learnt too, more slowly.
        rate = _LEARNING * (1 - track.covered) + _RELEARNING * track.covered * (1 - track.strange)
        news = track.frame - track.gain * track.warped - track.known
        self._residual = np.asarray(track.known + rate[..., None] * news, np.float32)
        self._patch_box = _mask_box(track.mask, track.box) if track.mask.max() > 0.05 else self._patch_box
        after = np.array([self._patch_box.x + self._patch_box.width / 2, self._patch_box.y + self._patch_box.height / 2])
        self._step_px, self._was_planar = after - before, track.planar


def _mask_box(mask: Field, box: Box) -> Box:
    """The box of what a mask covers, in frame coordinates."""
    rows, columns = np.flatnonzero((mask > 0.02).any(axis=1)), np.flatnonzero((mask > 0.02).any(axis=0))
    if not len(rows):
        return box
    x, y = int(columns[0]), int(rows[0])
    return Box(box.x + x, box.y + y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)


def _strangeness(offset: Map) -> Field:
    """(h, w) 0..1: how far each pixel moves unlike its wider surroundings."""
    around = _wide_blur(offset, max(6.0, 0.06 * max(offset.shape[:2])))
    return smoothstep(_length(offset - around), *_STRANGE_PX)


def _shifted(at: Map, flow: Field, box: Box) -> Map:
    moved = box.grid() + flow
    return moved + sample(at - box.grid(), moved, box)


def _length(flow: Field) -> Field:
    return np.asarray(np.hypot(flow[..., 0], flow[..., 1]), np.float32)


def _shrunk(image: Gray, scale: float) -> Gray:
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _wide_blur(image: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """A Gaussian blur computed on a copy small enough that its sigma is a few pixels."""
    height, width = image.shape[:2]
    step = max(1, int(sigma / 3))
    size = (max(2, width // step), max(2, height // step))
    small = cv2.GaussianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / step)
    blurred = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(blurred.reshape(image.shape), np.float32)
