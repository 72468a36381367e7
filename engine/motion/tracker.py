"""Follows the anchor's pixels from frame to frame in one direction: gives a map frame -> anchor and how far it may be trusted.

Two hypotheses compete: flow composed from frame to frame and corrected against the anchor, and one homography for the whole
region (`Rigid`). What is covered for a while keeps moving with the rest; what was lost is looked for straight from the anchor.
"""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.anchored import Anchored
from engine.motion.appearance import LEVEL, mean, smoothstep
from engine.motion.coarse import coarse_shift
from engine.motion.flow import Box, DenseFlow, Field, Gray, Map, inside, length, sample, smooth_rms, wide_blur
from engine.motion.history import MARGIN_PX, History, mask_box
from engine.motion.judging import AnchorView, Known, Track, measure
from engine.motion.reacquire import Reacquirer
from engine.motion.rigid import BENT_PX, PLANAR_SHARE, PLANAR_SHARE_AFTER, STRANGE_PX, TROUBLE, Found, Rigid
from engine.motion.view import Rgb01, View

_FOUND_AGAIN = 0.75
"""Cost below which a match against the anchor is believed."""
_DOUBTFUL, _BETTER = 0.3, 0.7
"""On a plain surface: cost above which a plane is laid straight over the pictures as well, and the share of it that is better."""
_MOST_AGREE = 0.85
"""Share of the votes for a plane from which only light can speak against it."""
_LEFT_PX, _LEAST_LIT, _BRIGHTER_LEVELS = 0.75, 40, 10.0
_LONGEST_WAIT = 8
_LEAVING = 0.4
"""Share of the patch out of the picture from which a doubtful track is taken as gone."""


class Tracker:
    """Call `step` with the frames outward from the anchor, one after the other. Keeps one frame and one map."""

    def __init__(self, anchor: AnchorView, anchor_view: View) -> None:
        self._anchor, self._anchored = anchor, Anchored(anchor)
        self._before = History(anchor, anchor_view)
        self._rigid = Rigid(anchor, self._anchored, self._before)
        self._flow = DenseFlow()
        self._reacquirer = Reacquirer(anchor_view, self._before.patch_box)
        self._is_lost, self._wait, self._waited = False, 1, 0

    @property
    def step_px(self) -> float:
        """How far the patch moved in the last step."""
        return float(np.hypot(*self._before.step_px))

    def step(self, view: View) -> Track | None:
        """Track one more frame. None where the patch is out of the picture; it is looked for again on every later frame."""
        found = None if self._is_lost else self._followed(view)
        if found is None:
            found = self._found_again(view)
            found = found if found is not None and found.track.cost < _FOUND_AGAIN else None
        elif found.track.cost > TROUBLE:
            found = self._rescued(view, found)
        else:
            self._wait, self._waited = 1, 0
        self._is_lost = found is None
        if found is None:
            return None
        self._before.keep(found.track, view)
        self._rigid.keep(found)
        return replace(found.track, unheld=1.0) if self._rigid.is_plain and not found.track.unheld else found.track

    def _followed(self, view: View) -> Found | None:
        """From the frame before: as a plane if it has been one, else by flow."""
        shift = coarse_shift(view, self._before)
        box = self._before.next_box(shift)
        if box is None:
            return None
        if self._rigid.is_fixed:
            held = self._rigid.directly(view, box) or self._rigid.gliding(view, box)
            if held is not None:
                return held
        grey = view.grey(box)
        found = self._rigid.first(view, box, grey, shift) or self._by_flow(view, box, grey, shift)
        if not self._rigid.is_plain or (found is not None and found.track.planar and found.track.cost < _DOUBTFUL):
            return found
        other = self._rigid.directly(view, box)
        if found is None or other is None:
            return other or found
        # Flow explains everything on a plain surface and means nothing; another plane must be clearly better.
        allowed = _BETTER * found.track.cost if found.track.planar else 1.5 * found.track.cost + 0.1
        return other if other.track.cost < allowed else found

    def _by_flow(self, view: View, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> Found | None:
        there, trust = self._on_the_last(box, grey, shift)
        composed = there + sample(self._before.offset, there, self._before.box)
        predicted = self._repair(composed, trust, box)
        known = self._before.known(there, there + (predicted - composed))
        if not self._anchored.shows(predicted):
            return None
        at, missed = self._anchored.corrected(predicted, box, grey)
        found = self._judge(at, missed, known, box, grey, view.rgb(box))
        return found if found.plane is not None else self._rigid.steady(found, view, box, grey)

    def _on_the_last(self, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> tuple[Map, Field]:
        """Where each pixel was on the last frame, by flow, and the trust it had there."""
        width, height = self._anchor.frame_width, self._anchor.frame_height
        x = int(np.clip(box.x - shift[0], 0, max(0, width - box.width)))
        y = int(np.clip(box.y - shift[1], 0, max(0, height - box.height)))
        flow = self._flow(grey, self._before.view.grey(Box(x, y, box.width, box.height)))
        there = box.grid() + flow + np.array([x - box.x, y - box.y], np.float32)
        trust = sample(self._before.trust, there, self._before.box) * inside(there, self._before.box)
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
        spread = wide_blur((at - plane) * weight, sigma) / (wide_blur(weight, sigma) + np.float32(1e-3))
        kept = np.minimum(1, trust * np.float32(2.5))[..., None]  # doubt alone does not unmake what was followed so far
        return np.asarray(kept * at + (1 - kept) * (plane + spread), np.float32)

    def _judge(self, at: Map, missed: Field, known: Known, box: Box, grey: Gray, frame: Rgb01) -> Found:
        """Let the plane compete, then measure: what is covered, how well the rest fits."""
        votes, was_plane = self._anchored.votes(at, missed, known), bool(self._rigid.run)
        fitted = planar.fit(at, box, votes)
        strange = _strangeness(at - box.grid())
        if fitted is None or fitted[1] < PLANAR_SHARE_AFTER or not self._rigid.goes_on(fitted[0], known):
            return Found(measure(self._anchor, at, missed, known, box, frame, strange=strange, planar=False), None)
        apart = np.maximum(strange, smoothstep(length(at - planar.as_map(fitted[0], box)), *STRANGE_PX))
        track = measure(self._anchor, at, missed, known, box, frame, strange=apart, planar=False)
        # Half of the region may be covered, once it is known to be a plane.
        if fitted[1] < (PLANAR_SHARE_AFTER if was_plane else PLANAR_SHARE):
            return Found(track, None)
        rigid = self._rigid.fitted(fitted[0], at, missed, known, box, grey, frame, track.covered)
        # What does not fit a plane seen for the first time is not hidden, where flow explains it.
        if not was_plane and rigid.track.cost > 1.2 * track.cost + 0.1:
            return Found(track, None)
        # The plane has eight numbers, the flow thousands: where both explain the frame equally well, the plane is right.
        if rigid.track.wide_strain <= track.strain * (1.10 if was_plane else 1.05) + 0.01:
            return rigid
        # A reflection that wanders takes flow along; what lies around it still lies on the plane, and light explains the rest.
        if fitted[1] > _MOST_AGREE and rigid.track.strain <= track.strain and _is_lit(rigid.track, length(at - rigid.track.at)):
            return rigid
        # On plain surfaces flow explains everything and means nothing. What has texture decides whether the plane bends.
        bent = smooth_rms(at - rigid.track.at, votes)
        return rigid if bent < BENT_PX and rigid.track.wide_strain < 1.5 * track.strain + 0.05 else Found(track, None)

    def _rescued(self, view: View, doubtful: Found) -> Found | None:
        """What is found straight from the anchor, if that explains the frame better. Tried more and more rarely."""
        leaving = doubtful.track.outside_share > _LEAVING
        self._waited += 1
        if self._waited < self._wait and not leaving:
            return doubtful
        found = self._found_again(view)
        better = found is not None and found.track.cost < min(0.8 * doubtful.track.cost, 1.2)
        self._wait, self._waited = (1, 0) if better else (min(2 * self._wait, _LONGEST_WAIT), 0)
        return found if better else None if leaving else doubtful

    def _found_again(self, view: View) -> Found | None:
        """Matched against the anchor anywhere in the picture, then corrected like any other prediction."""
        plane = self._reacquirer.find(view, view.whole)
        box = None if plane is None else self._box_on(plane, view)
        if plane is None or box is None:
            return None
        predicted = planar.as_map(plane, box)
        if not self._anchored.shows(predicted):
            return None
        grey = view.grey(box)
        at, missed = self._anchored.corrected(predicted, box, grey)
        return self._judge(at, missed, self._before.nothing_known(box), box, grey, view.rgb(box))

    def _box_on(self, plane: planar.Homography, view: View) -> Box | None:
        """Where the patch lies by a plane, with a margin; None where next to nothing of it is in the picture."""
        patch = mask_box(self._anchor.mask, self._anchor.box)
        sides = (patch.x, patch.x + patch.width), (patch.y, patch.y + patch.height)
        corners = np.array([(x, y) for x in sides[0] for y in sides[1]], np.float64)
        there = planar.project(np.asarray(np.linalg.inv(plane), np.float64), corners)
        (left, top), (right, bottom) = np.floor(there.min(0)).astype(int), np.ceil(there.max(0)).astype(int)
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, view.width), min(bottom, view.height)
        if right - left < 4 or bottom - top < 4:
            return None
        return Box(int(left), int(top), int(right - left), int(bottom - top)).grown(MARGIN_PX, view.width, view.height)


def _is_lit(rigid: Track, apart_px: Field) -> bool:
    """Whether the picture has grown brighter where flow leaves the plane, more than elsewhere."""
    seen = rigid.mask * (1 - rigid.covered) > 0.5
    left = seen & (apart_px > _LEFT_PX)
    if left.sum() < _LEAST_LIT or not (seen & ~left).any():
        return False
    brighter = mean(rigid.frame) - mean(rigid.warped)
    return float(brighter[left].mean() - np.median(brighter[seen & ~left])) > _BRIGHTER_LEVELS * LEVEL


def _strangeness(offset: Map) -> Field:
    """(h, w) 0..1: how far each pixel moves unlike its wider surroundings."""
    around = wide_blur(offset, max(6.0, 0.06 * max(offset.shape[:2])))
    return smoothstep(length(offset - around), *STRANGE_PX)
