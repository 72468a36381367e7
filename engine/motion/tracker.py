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
from engine.motion.appearance import smoothstep
from engine.motion.direct import PlainSurface
from engine.motion.flow import Box, DenseFlow, Field, Gray, Map, disagreement, inside, sample, texture_share
from engine.motion.judging import AnchorView, Known, Track, measure
from engine.motion.reacquire import Reacquirer
from engine.motion.view import Rgb01, View

MARGIN_PX = 24
_MARGIN_MAX_PX = 112
_AGREES_PX = (0.6, 1.8)
_CORRECTION_PX = (8.0, 14.0)
_PLANAR_SHARE, _PLANAR_SHARE_AFTER = 0.75, 0.5
_STRANGE_PX = (1.5, 4.0)
_LEARNING = 0.8
"""Share of a difference from the anchor that is taken as the new normal on each frame."""
_RELEARNING = 0.3
_RIGID_RUN = 2
"""Frames that must have lain on a plane before the next is first tried as one."""
_BENT_PX = 0.3
_LEAST_GAIN_LEVELS = 1.5
_LEAST_CONTRAST = 5.0
_STEADINESS = 0.5
_PLAIN_SHARE = 0.12
_LARGE_PX = 160_000
_TROUBLE, _FOUND_AGAIN = 0.85, 0.75
"""Cost above which a track is doubted, and below which a match against the anchor is believed."""
_DOUBTFUL, _BETTER = 0.3, 0.7
"""On a plain surface: cost above which a plane is laid straight over the pictures as well, and the share of it that is better."""
_LONGEST_WAIT = 8
_LEAVING = 0.4
"""Share of the patch out of the picture from which a doubtful track is taken as gone."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A track, and the plane it lies on, where it does."""

    track: Track
    plane: planar.Homography | None


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
        self._reacquirer = Reacquirer(anchor_view, self._patch_box)
        self._step_px = np.zeros(2)
        self._plane: planar.Homography | None = np.eye(3)
        self._motion = np.eye(3)  # of the plane, from the last frame to the one before
        self._was: planar.Homography | None = None
        self._glide = np.zeros(2)
        self._planar_run, self._cost, self._looseness = 0, 0.0, 1.5
        self._texture = texture_share(anchor.grey, anchor.noise_levels)
        self._surface = PlainSurface(anchor.grey, anchor.box, anchor.mask, self._texture)
        self._is_lost, self._wait, self._waited = False, 1, 0

    @property
    def step_px(self) -> float:
        """How far the patch moved in the last step."""
        return float(np.hypot(*self._step_px))

    def step(self, view: View) -> Track | None:
        """Track one more frame. None where the patch is out of the picture; it is looked for again on every later frame."""
        found = None if self._is_lost else self._followed(view)
        if found is None:
            found = self._found_again(view)
            found = found if found is not None and found.track.cost < _FOUND_AGAIN else None
        elif found.track.cost > _TROUBLE:
            found = self._rescued(view, found)
        else:
            self._wait, self._waited = 1, 0
        self._is_lost = found is None
        if found is None:
            return None
        self._keep(found, view)
        return found.track

    def _followed(self, view: View) -> _Found | None:
        """From the frame before: as a plane if it has been one, else by flow."""
        shift = self._coarse_shift(view)
        box = self._next_box(shift)
        if box is None:
            return None
        grey = view.grey(box)
        found = self._rigid_first(view, box, grey, shift) or self._by_flow(view, box, grey, shift)
        if not self._surface.is_plain or (found is not None and found.track.planar and found.track.cost < _DOUBTFUL):
            return found
        other = self._directly(view, box, grey)
        if found is None or other is None:
            return other or found
        # Flow explains everything on a plain surface and means nothing; another plane must be clearly better.
        allowed = _BETTER * found.track.cost if found.track.planar else 1.5 * found.track.cost + 0.1
        return other if other.track.cost < allowed else found

    def _directly(self, view: View, box: Box, grey: Gray) -> _Found | None:
        """As a plane laid straight over the pictures, where the surface is too plain for flow. None where that does not fit."""
        if self._plane is None:
            return None
        plane = self._surface.plane(view, self._previous, box, grey, self._plane, self._patch_box, self._step_px)
        if plane is None or not self._shows(at := planar.as_map(plane, box)):
            return None
        known = self._known(*[planar.as_map(np.linalg.inv(self._plane) @ plane, box)] * 2)
        nothing = np.zeros_like(known.covered)
        track = measure(self._anchor, at, nothing, known, box, view.rgb(box), strange=nothing, planar=True)
        return _Found(track, plane) if track.cost < _TROUBLE else None

    def _by_flow(self, view: View, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> _Found | None:
        there, trust = self._before(box, grey, shift)
        composed = there + sample(self._offset, there, self._box)
        predicted = self._repair(composed, trust, box)
        known = self._known(there, there + (predicted - composed))
        if not self._shows(predicted):
            return None
        at, missed = self._corrected(predicted, box, grey)
        found = self._judge(at, missed, known, box, grey, view.rgb(box))
        return found if found.plane is not None else self._steady(found, view, box, grey)

    def _steady(self, found: _Found, view: View, box: Box, grey: Gray) -> _Found:
        """What was a plane a frame ago and shows no texture now goes on as it went: there, flow follows whatever comes near."""
        if self._plane is None or not self._planar_run or not self._is_plain(found.track, grey):
            return found
        plane = self._plane @ np.array([[1, 0, -self._glide[0]], [0, 1, -self._glide[1]], [0, 0, 1]])
        at = planar.as_map(plane, box)
        if not self._shows(at):
            return found
        left = self._flow(grey, self._carried_grey(at, grey))
        there = planar.as_map(np.linalg.inv(self._plane) @ plane, box)
        known = self._known(there, there)
        certain = self._textured(at, grey) * (1 - known.covered) * inside(at, self._anchor.box) * (_length(left) < 3)
        # The less there is to see, the less it may move the plane.
        move = (left * certain[..., None]).sum(axis=(0, 1)) / (float(certain.sum()) + 0.02 * grey.size)
        plane = plane @ np.array([[1, 0, float(move[0])], [0, 1, float(move[1])], [0, 0, 1]])
        nothing = np.zeros_like(known.covered)
        track = measure(self._anchor, planar.as_map(plane, box), nothing, known, box, view.rgb(box), strange=nothing, planar=True)
        return _Found(track, plane) if track.wide_strain < found.track.strain else found

    def _is_plain(self, track: Track, grey: Gray) -> bool:
        seen = track.mask * (1 - track.covered) > 0.5
        return float((self._textured(track.at, grey) > 0.5)[seen].mean() if seen.any() else 0) < _PLAIN_SHARE

    def _textured(self, at: Map, grey: Gray) -> Field:
        """(h, w) 0..1: where both the anchor carried here and the frame have texture."""
        return np.minimum(sample(self._texture, at, self._anchor.box), texture_share(grey, self._anchor.noise_levels))

    def _rigid_first(self, view: View, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> _Found | None:
        """The plane of the last frame, moved on as it moved, fitted to the flow that is left against the anchor.

        None where it did not lie on one, or no longer fits as well: then flow has to say what happens.
        """
        if self._planar_run < _RIGID_RUN or self._plane is None:
            return None
        plane = self._plane @ self._expected_motion(shift)
        # Eight numbers from many vectors: over a large region coarser ones do as well.
        flow = self._fine if grey.size < _LARGE_PX else self._flow
        for _ in range(2):
            at = planar.as_map(plane, box)
            known = self._known(*[planar.as_map(np.linalg.inv(self._plane) @ plane, box)] * 2)
            left = flow(grey, self._carried_grey(at, grey))
            at = _shifted(at, left, box)
            votes = self._votes(at, np.zeros_like(known.covered), known)
            fitted = planar.fit(at, box, votes)
            if fitted is None or fitted[1] < _PLANAR_SHARE_AFTER or not self._goes_on(fitted[0], known):
                return None
            plane = fitted[0]
            if float(np.median(_length(left)[votes > 0.5])) < 1.5:
                break
        apart = at - planar.as_map(plane, box)
        if _smooth_rms(apart, votes * (_length(apart) < 3)) > _BENT_PX:
            return None
        known = self._known(*[planar.as_map(np.linalg.inv(self._plane) @ plane, box)] * 2)
        at = planar.as_map(plane, box)
        if not self._shows(at):
            return None
        nothing = np.zeros_like(known.covered)
        track = measure(self._anchor, at, nothing, known, box, view.rgb(box), strange=nothing, planar=True)
        return _Found(track, plane) if track.strain < 1.3 * self._cost + 0.1 or track.cost < 0.5 else None

    def _expected_motion(self, shift: npt.NDArray[np.int64]) -> planar.Homography:
        """From the coming frame to the last: as before, unless the picture shows another shift."""
        centre = np.array([[self._patch_box.x + self._patch_box.width / 2, self._patch_box.y + self._patch_box.height / 2]])
        steady = centre - planar.project(self._motion, centre)
        if shift.any() and float(np.abs(steady - shift).max()) > 4:
            return np.array([[1, 0, -float(shift[0])], [0, 1, -float(shift[1])], [0, 0, 1]])
        return self._motion

    def _known(self, there: Map, residual_there: Map) -> Known:
        return Known(
            sample(self._residual, residual_there, self._box),
            sample(self._covered, there, self._box) * inside(there, self._box), self._looseness,
        )

    def _shows(self, at: Map) -> bool:
        return bool((sample(self._anchor.mask, at, self._anchor.box) * inside(at, self._anchor.box)).max() > 0.05)

    def _rescued(self, view: View, doubtful: _Found) -> _Found | None:
        """What is found straight from the anchor, if that explains the frame better. Tried more and more rarely."""
        leaving = doubtful.track.outside_share > _LEAVING
        self._waited += 1
        if self._waited < self._wait and not leaving:
            return doubtful
        found = self._found_again(view)
        better = found is not None and found.track.cost < min(0.8 * doubtful.track.cost, 1.2)
        self._wait, self._waited = (1, 0) if better else (min(2 * self._wait, _LONGEST_WAIT), 0)
        return found if better else None if leaving else doubtful

    def _found_again(self, view: View) -> _Found | None:
        """Matched against the anchor anywhere in the picture, then corrected like any other prediction."""
        plane = self._reacquirer.find(view, view.whole)
        if plane is None:
            return None
        patch = _mask_box(self._anchor.mask, self._anchor.box)
        sides = (patch.x, patch.x + patch.width), (patch.y, patch.y + patch.height)
        corners = np.array([(x, y) for x in sides[0] for y in sides[1]], np.float64)
        there = planar.project(np.asarray(np.linalg.inv(plane), np.float64), corners)
        (left, top), (right, bottom) = np.floor(there.min(0)).astype(int), np.ceil(there.max(0)).astype(int)
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, view.width), min(bottom, view.height)
        if right - left < 4 or bottom - top < 4:
            return None
        box = Box(int(left), int(top), int(right - left), int(bottom - top)).grown(MARGIN_PX, view.width, view.height)
        predicted = planar.as_map(plane, box)
        if not self._shows(predicted):
            return None
        grey = view.grey(box)
        at, missed = self._corrected(predicted, box, grey)
        nothing = np.zeros(grey.shape, np.float32)
        known = Known(np.zeros((*grey.shape, 3), np.float32), nothing, self._looseness, is_new=True)
        return self._judge(at, missed, known, box, grey, view.rgb(box))

    def _coarse_shift(self, view: View) -> npt.NDArray[np.int64]:
        """Whole pixels by which the patch's surroundings moved since the last frame, by matching at a quarter of the size.

        Flow finds a few times its block size; a pan by a tenth of the picture needs this first.
        """
        box = self._patch_box.grown(16, view.width, view.height)
        reach = round(0.08 * view.width) + int(np.abs(self._step_px).max())
        area = box.grown(reach, view.width, view.height)
        scale = min(1.0, 72 / max(box.width, box.height))
        template, wide = _shrunk(self._previous.grey(box), scale), _shrunk(view.grey(area), scale)
        free = _shrunk(np.asarray(255 * (1 - self._covered_on(box)), np.uint8), scale) > 200
        if free.mean() < 0.3 or float(template[free].std()) < _LEAST_CONTRAST:
            return np.zeros(2, np.int64)
        mask = None if free.all() else cv2.erode(free.astype(np.uint8), np.ones((3, 3), np.uint8))
        found = cv2.matchTemplate(wide, template, cv2.TM_CCOEFF_NORMED, mask=mask)
        found = np.where(np.isfinite(found), found, -1).astype(np.float32)
        at = np.round((np.array([box.x - area.x, box.y - area.y])) * scale).astype(int)
        at = np.minimum(at, np.array(found.shape[::-1]) - 1)
        _, best, _, where = cv2.minMaxLoc(found)
        # A match elsewhere must be clearly better than none: repeated texture matches everywhere.
        if best < 0.5 or best < float(found[at[1], at[0]]) + 0.08:
            return np.zeros(2, np.int64)
        # On a plain surface that means nothing yet: it must also be seen in levels.
        if _unlike(wide, template, free, at) < _unlike(wide, template, free, np.array(where)) + _LEAST_GAIN_LEVELS:
            return np.zeros(2, np.int64)
        return np.asarray(np.rint((np.array(where) - at) / scale), np.int64)

    def _covered_on(self, box: Box) -> Field:
        """What was covered on the last frame, over another box of it."""
        at = box.grid()
        return sample(self._covered, at, self._box) * inside(at, self._box)

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

    def _judge(self, at: Map, missed: Field, known: Known, box: Box, grey: Gray, frame: Rgb01) -> _Found:
        """Let the plane compete, then measure: what is covered, how well the rest fits."""
        fitted = planar.fit(at, box, self._votes(at, missed, known))
        strange = _strangeness(at - box.grid())
        if fitted is None or fitted[1] < _PLANAR_SHARE_AFTER or not self._goes_on(fitted[0], known):
            return _Found(measure(self._anchor, at, missed, known, box, frame, strange=strange, planar=False), None)
        plane = planar.as_map(fitted[0], box)
        apart = np.maximum(strange, smoothstep(_length(at - plane), *_STRANGE_PX))
        track = measure(self._anchor, at, missed, known, box, frame, strange=apart, planar=False)
        # Half of the region may be covered, once it is known to be a plane.
        if fitted[1] < (_PLANAR_SHARE_AFTER if self._planar_run else _PLANAR_SHARE):
            return _Found(track, None)
        rigid = self._rigid(fitted[0], at, missed, known, box, grey, frame, track)
        # The plane has eight numbers, the flow thousands: where both explain the frame equally well, the plane is right.
        slack = 1.10 if self._planar_run else 1.05
        # What does not fit a plane seen for the first time is not hidden, where flow explains it.
        if not self._planar_run and rigid.track.cost > 1.2 * track.cost + 0.1:
            return _Found(track, None)
        if rigid.track.wide_strain <= track.strain * slack + 0.01:
            return rigid
        # On plain surfaces flow explains everything and means nothing. What has texture decides whether the plane bends.
        bent = _smooth_rms(at - rigid.track.at, self._votes(at, missed, known))
        return rigid if bent < _BENT_PX and rigid.track.wide_strain < 1.5 * track.strain + 0.05 else _Found(track, None)

    def _goes_on(self, plane: planar.Homography, known: Known) -> bool:
        if self._plane is None or not self._planar_run or known.is_new:
            return True
        return planar.is_gradual(self._plane, plane, self._patch_box)

    def _votes(self, at: Map, missed: Field, known: Known) -> Field:
        """What may say how the plane lies: the patch and a few pixels around it, not covered, its flow agreed on.

        Where enough of it has texture, only that: flow on plain surfaces and along straight edges is a guess.
        """
        mask = sample(self._anchor.mask, at, self._anchor.box) * inside(at, self._anchor.box)
        near = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0.3
        votes = np.asarray(near * (1 - known.covered) * (1 - smoothstep(missed, 1.0, 3.0)), np.float32)
        textured = votes * (sample(self._texture, at, self._anchor.box) > 0.5)
        return textured if planar.is_spread(textured, votes) else votes

    def _rigid(
        self, plane: planar.Homography, at: Map, missed: Field, known: Known, box: Box, grey: Gray, frame: Rgb01, track: Track
    ) -> _Found:
        """The plane, fitted once more to the flow that is left against the anchor carried by it."""
        carried = planar.as_map(plane, box)
        left = self._fine(grey, self._carried_grey(carried, grey))
        again = planar.fit(_shifted(carried, left, box), box, self._votes(at, missed, known) * (1 - track.covered))
        if again is not None and again[1] > _PLANAR_SHARE_AFTER and self._goes_on(again[0], known):
            plane = again[0]
            carried = planar.as_map(plane, box)
        apart = smoothstep(_length(at - carried), *_STRANGE_PX)
        return _Found(measure(self._anchor, carried, missed, known, box, frame, strange=apart, planar=True), plane)

    def _keep(self, found: _Found, view: View) -> None:
        track = found.track
        before = np.array([self._patch_box.x + self._patch_box.width / 2, self._patch_box.y + self._patch_box.height / 2])
        self._previous, self._box, self._trust = view, track.box, track.trust
        self._offset = track.at - track.box.grid()
        self._covered, self._looseness, self._cost = track.covered, track.looseness, track.strain
        # Views and light change slowly and all over; what comes in front comes suddenly. Only the first is learnt.
        # What was taken as covered but moves with the patch is its own new face, learnt too, more slowly; a plane has none.
        relearning = 0.0 if track.planar else _RELEARNING
        rate = _LEARNING * (1 - track.covered) + np.float32(relearning) * track.covered * (1 - track.strange)
        news = track.frame - track.light.on(track.warped) - track.known
        self._residual = np.asarray(track.known + rate[..., None] * news, np.float32)
        self._was = self._plane
        if found.plane is not None and self._plane is not None:
            self._motion = np.linalg.inv(self._plane) @ found.plane
        self._plane = found.plane
        self._planar_run = self._planar_run + 1 if track.planar else 0
        self._patch_box = _mask_box(track.mask, track.box) if track.mask.max() > 0.05 else self._patch_box
        after = np.array([self._patch_box.x + self._patch_box.width / 2, self._patch_box.y + self._patch_box.height / 2])
        self._step_px = after - before
        if found.plane is not None and self._was is not None:  # not the box's: that moves too where it leaves the picture
            centre = np.asarray(after[None], np.float64)
            step = (centre - planar.project(np.linalg.inv(self._was) @ found.plane, centre))[0]
            self._glide = _STEADINESS * self._glide + (1 - _STEADINESS) * step


def _smooth_rms(offset: Map, weight: Field) -> float:
    """How far an offset departs from nothing over areas larger than its noise, in pixels."""
    certain = cv2.blur(weight, (15, 15))
    smooth = cv2.blur(offset * weight[..., None], (15, 15)) / (certain[..., None] + np.float32(1e-3))
    return float(np.sqrt((_length(smooth) ** 2 * weight).sum() / max(float(weight.sum()), 1.0)))


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


def _unlike(image: Gray, template: Gray, free: npt.NDArray[np.bool_], at: npt.NDArray[np.int64]) -> float:
    """Mean difference in levels between the free part of a template and what lies at (x, y), brightness aside."""
    height, width = template.shape
    there = (image[at[1]:at[1] + height, at[0]:at[0] + width].astype(np.float32) - template)[free]
    return float(np.abs(there - np.median(there)).mean())


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
