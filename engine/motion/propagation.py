"""Carries a patch from its anchor frame over a window, outward in both directions, frame by frame.

A carried frame depends only on the frames between it and the anchor, never on the length of the window: dragging an end of the
window changes no frame that was there. Knows no provider and no project; frames come by number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import Alpha, PatchFrame, in_steps
from engine.errors import BadInputError
from engine.media.picture import Picture
from engine.motion import appearance
from engine.motion.confidence import Reason, confidence, held_confidence, reasons
from engine.motion.cuts import is_cut
from engine.motion.evidence import NO_EVIDENCE, Evidence, Witness
from engine.motion.flow import sample
from engine.motion.glance import stakes
from engine.motion.judging import AnchorView, Track
from engine.motion.laying import alpha_on, composited, visible_box
from engine.motion.lie import STILL, Matrix, lie
from engine.motion.tracker import Tracker
from engine.motion.view import Rgb01, View
from engine.running import CancelToken

Frames = Callable[[int], Picture]

ANCHOR_MARGIN_PX = 32
"""Surroundings of the patch that are followed with it."""
_MORE_STEEP, _STEEP_LEVELS = 1.5, 1.0
"""By how much a patch must be steeper than what it covers, per pixel, to be seen as drawn on something plain."""


@dataclass(frozen=True, slots=True)
class CarriedFrame:
    """A patch on one frame of the window. `patch` is None where it cannot be carried to (a cut, out of the picture)."""

    frame: int
    patch: PatchFrame | None
    confidence: float
    """0..1; 1 at the anchor, 0 where there is no patch."""
    reasons: tuple[Reason, ...] = ()
    disagreement_px: float = 0.0
    covered_share: float = 0.0
    residual_levels: float = 0.0
    to_anchor: Matrix = ()
    """How the region lies here: a homography from this frame to the anchor (see `lie`); empty where that is not known."""
    evidence: Evidence = NO_EVIDENCE
    """What confidence and reasons were drawn from."""


def propagate(frames: Frames, anchor: int, patch: PatchFrame, window: range, *, cancel: CancelToken) -> Iterator[CarriedFrame]:
    """The anchor itself, then the frames after it, then those before it (nearest first), each of `window` once.

    `frames(n)` gives the stored picture n; it is called once per frame in the order of the result, and never beyond a cut.
    `patch` is what was laid on the anchor frame. Carried is what it changes there, less what is covered. Raises: BadInputError
    where the anchor is not in the window; Cancelled.
    """
    if anchor not in window:
        raise BadInputError("The anchor frame lies outside the propagation window.", "Move the ends of the window around it.")
    cancel.check()
    view = View(frames(anchor))
    carrier = _Carrier(view, patch)
    yield CarriedFrame(anchor, patch, 1.0, to_anchor=STILL)
    for numbers in (range(anchor + 1, window.stop), range(anchor - 1, window.start - 1, -1)):
        yield from _one_way(frames, numbers, carrier, view, cancel)


def hold(frames: Frames, anchor: int, patch: PatchFrame, window: range, *, cancel: CancelToken) -> Iterator[CarriedFrame]:
    """The same patch at the same place on every frame (method “hold”): right for a still camera and nothing in front.

    The order is that of `propagate`. Confidence falls with what changes below the patch; it ends at cuts too.
    """
    if anchor not in window:
        raise BadInputError("The anchor frame lies outside the propagation window.", "Move the ends of the window around it.")
    cancel.check()
    start = View(frames(anchor))
    yield CarriedFrame(anchor, patch, 1.0, to_anchor=STILL)
    for numbers in (range(anchor + 1, window.stop), range(anchor - 1, window.start - 1, -1)):
        yield from _held(frames, numbers, start, patch, cancel)


def _one_way(frames: Frames, numbers: range, carrier: "_Carrier", anchor: View, cancel: CancelToken) -> Iterator[CarriedFrame]:
    tracker, witness = Tracker(carrier.anchor, anchor), Witness(carrier.stakes)
    before, is_over = anchor.small(), False
    for number in numbers:
        cancel.check()
        track = None
        if not is_over:
            view = View(frames(number))
            now = view.small()
            is_over, before = is_cut(before, now), now
            track = None if is_over else tracker.step(view)
        if track is None:
            witness.lose()
            yield CarriedFrame(number, None, 0.0, (Reason.CUT if is_over else Reason.LEFT,))
        else:
            yield carrier.carried(number, track, witness.look(track), tracker.step_px)


def _held(frames: Frames, numbers: range, start: View, patch: PatchFrame, cancel: CancelToken) -> Iterator[CarriedFrame]:
    box = visible_box(patch, start)
    seen, before, is_over = start.rgb(box), start.small(), False
    inside = alpha_on(patch, box) > 0
    for number in numbers:
        cancel.check()
        if not is_over:
            view = View(frames(number))
            now = view.small()
            is_over, before = is_cut(before, now), now
        if is_over:
            yield CarriedFrame(number, None, 0.0, (Reason.CUT,))
            continue
        levels = float(np.abs(view.rgb(box) - seen)[inside].mean() / appearance.LEVEL)
        why = (Reason.DIFFERS,) if levels > 6 else ()
        yield CarriedFrame(number, patch, held_confidence(levels), why, residual_levels=levels, to_anchor=STILL)


class _Carrier:
    """What is known of the anchor, and how it is drawn on a tracked frame."""

    def __init__(self, view: View, patch: PatchFrame) -> None:
        core = visible_box(patch, view)
        box = core.grown(ANCHOR_MARGIN_PX, view.width, view.height)
        original, alpha = view.rgb(box), alpha_on(patch, box)
        self._patched = composited(original, patch, alpha, box)
        mask = appearance.effective_mask(original, self._patched, alpha)
        if not mask.max() > 0.05:  # an empty edit is still followed, for its map and its confidence
            mask = alpha
        self._regression = appearance.regression(original, self._patched)
        self._dtype = patch.rgb.dtype
        grain = [appearance.grain_levels(picture, mask) for picture in (self._patched, original)]
        # A drawn sign has no grain and is given none; what was filmed or made to look so has its own exchanged.
        alike, plain = (grain[0] / max(grain[1], 0.05) - 0.15) / 0.25, (grain[0] - 0.3) / 0.3
        self._has_grain = float(np.clip(alike, 0, 1) * np.clip(plain, 0, 1))
        self._grain_levels = grain[1]
        grey = view.grey(box)
        noise, is_drawn_on = _noise_levels(grey), _is_drawn_on(original, self._patched, mask)
        worth = appearance.light_worth(original, self._patched)
        self.anchor = AnchorView(view.width, view.height, box, grey, original, mask, noise, worth, is_drawn_on)
        self.stakes = stakes(self._patched, box, noise)

    def carried(self, number: int, track: Track, evidence: Evidence, step_px: float) -> CarriedFrame:
        return CarriedFrame(
            number, self._drawn(track), confidence(evidence), reasons(evidence, step_px),
            track.disagreement_px, track.covered_share, track.residual_levels,
            lie(track.at, track.box, track.mask * (1 - track.covered)), evidence,
        )

    def _drawn(self, track: Track) -> PatchFrame | None:
        """The patch on a tracked frame: G·P + A·(frame - G·O), sampled once; None where nothing of it is visible."""
        alpha = in_steps(track.mask * (1 - track.covered))
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        if not len(rows):
            return None
        cut = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        pixels = track.light.gain[cut] * sample(self._patched, track.at[cut], self.anchor.box, cv2.INTER_CUBIC)
        pixels = pixels + track.light.offset[cut] + self._shading(track, cut)
        peak = np.iinfo(self._dtype).max
        rgb = np.rint(np.clip(pixels, 0, 1) * peak).astype(self._dtype)
        drawn = np.ascontiguousarray(alpha[cut])
        rgb.flags.writeable = drawn.flags.writeable = False
        return PatchFrame(track.box.x + int(columns[0]), track.box.y + int(rows[0]), rgb, drawn)

    def _shading(self, track: Track, cut: tuple[slice, slice]) -> Rgb01:
        """What the frame shows beyond the carried original: shading, seen through the patch's own colour matrix, and grain."""
        innovation = track.frame[cut] - track.light.on(track.warped)[cut]
        visible = track.mask[cut] * (1 - track.covered[cut])
        share = appearance.grain_share(innovation, visible, self._grain_levels)
        grain = self._has_grain * share[..., None] * innovation
        if self._regression.is_empty:
            return np.asarray(grain, np.float32)
        rows = np.split(self._regression.matrix, 3, axis=2)  # cv2.remap takes at most four channels
        carried = [sample(np.ascontiguousarray(row), track.at[cut], self.anchor.box) for row in rows]
        strength = np.clip(np.max([np.abs(row).max(axis=2) for row in carried], axis=0) / 0.3, 0, 1)[..., None]
        shading = np.dstack([(row * innovation).sum(axis=2) for row in carried])
        return np.asarray(shading + (1 - strength) * grain, np.float32)


def _is_drawn_on(original: Rgb01, patched: Rgb01, mask: Alpha) -> bool:
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8))  # a patch's outline is not its texture
    weight = np.asarray(inner, np.float32)
    below, above = (appearance.steepness(appearance.mean(image), weight) / appearance.LEVEL for image in (original, patched))
    return above > _MORE_STEEP * below + _STEEP_LEVELS


def _noise_levels(grey: npt.NDArray[np.uint8]) -> float:
    """Standard deviation of the noise in 8-bit levels (Immerkær 1996); texture makes it too large, so it is capped."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey.astype(np.float32), -1, kernel))
    return min(4.0, float(np.median(response)) * 1.4826 / 6)
