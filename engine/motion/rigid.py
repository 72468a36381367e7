"""The hypothesis that the patch lies on a plane, from frame to frame: how that plane lay, how it moves, whether it goes on.

Four ways lead to the plane of the next frame: as it moved so far, put right by the flow that is left; fitted to the map that flow
gave; simply on as it went, where there is nothing to see; laid straight over the pictures, where all is plain. Knows what is left
of the frames before (`History`), and judges nothing against flow: the tracker does.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.motion import planar
from engine.motion.anchored import Anchored
from engine.motion.appearance import smoothstep
from engine.motion.flow import Box, Field, Gray, Map, inside, length, shifted, smooth_rms
from engine.motion.history import History
from engine.motion.judging import AnchorView, Known, Track, measure
from engine.motion.plain import PlainSurface
from engine.motion.planar import Homography
from engine.motion.view import Rgb01, View

PLANAR_SHARE, PLANAR_SHARE_AFTER = 0.75, 0.5
"""Share of the votes that must agree on a plane where there was none before, and where there was."""
STRANGE_PX = (1.5, 4.0)
BENT_PX = 0.3
TROUBLE = 0.85
"""Cost above which a track is doubted."""
_RIGID_RUN = 2
"""Frames that must have lain on a plane before the next is first tried as one."""
_STEADINESS = 0.5
_LONGEST_GLIDE = 6
_PLAIN_SHARE = 0.12
_LARGE_PX = 160_000


@dataclass(frozen=True, slots=True)
class Found:
    """A track, and the plane it lies on, where it does."""

    track: Track
    plane: Homography | None


class Rigid:
    """The planes of one direction. Call `keep` after the history has taken in the frame."""

    def __init__(self, anchor: AnchorView, anchored: Anchored, history: History) -> None:
        self._anchor, self._anchored, self._history = anchor, anchored, history
        self._plane: Homography | None = np.eye(3)
        self._motion = np.eye(3)  # from the last frame to the one before
        self._glide = np.zeros(2)
        self._unseen = 0
        self._surface = PlainSurface(history.view, anchor.box, anchor.mask, anchored.texture, anchor.noise_levels)
        self.run = 0
        """How many frames have lain on a plane without a break."""

    @property
    def is_plain(self) -> bool:
        """Whether flow would only guess on this surface, and that would be seen."""
        return self._surface.is_plain and self._anchor.is_drawn_on

    @property
    def is_fixed(self) -> bool:
        """Whether a plain surface has surroundings that hold it, so that nothing need be guessed."""
        return self.is_plain and self._surface.is_fixed

    def goes_on(self, plane: Homography, known: Known) -> bool:
        """Whether a plane may follow on that of the last frame."""
        if self._plane is None or not self.run or known.is_new:
            return True
        return planar.is_gradual(self._plane, plane, self._history.patch_box)

    def first(self, view: View, box: Box, grey: Gray, shift: npt.NDArray[np.int64]) -> Found | None:
        """The plane of the last frame, moved on as it moved, fitted to the flow that is left against the anchor.

        None where it did not lie on one, or no longer fits as well: then flow has to say what happens.
        """
        if self.run < _RIGID_RUN or self._plane is None:
            return None
        plane = self._plane @ self._expected_motion(shift)
        for _ in range(2):
            at = planar.as_map(plane, box)
            known = self._known(plane, self._plane, box)
            # Eight numbers from many vectors: over a large region coarser ones do as well.
            left = self._anchored.left(at, grey, is_coarse=grey.size >= _LARGE_PX)
            at = shifted(at, left, box)
            votes = self._anchored.votes(at, np.zeros_like(known.covered), known)
            fitted = planar.fit(at, box, votes)
            if fitted is None or fitted[1] < PLANAR_SHARE_AFTER or not self.goes_on(fitted[0], known):
                return None
            plane = fitted[0]
            if float(np.median(length(left)[votes > 0.5])) < 1.5:
                break
        apart = at - planar.as_map(plane, box)
        if smooth_rms(apart, votes * (length(apart) < 3)) > BENT_PX or not self._anchored.shows(planar.as_map(plane, box)):
            return None
        found = self._measured(plane, self._plane, view, box)
        return found if found.track.strain < 1.3 * self._history.strain + 0.1 or found.track.cost < 0.5 else None

    def directly(self, view: View, box: Box) -> Found | None:
        """As a plane laid straight over the pictures, where the surface is too plain for flow. None where that does not fit."""
        if self._plane is None:
            return None
        before = self._history
        laid = self._surface.plane(view, before.view, self._plane, self._motion, before.patch_box, before.step_px)
        if laid is None or not self._anchored.shows(planar.as_map(laid[0], box)):
            return None
        self._unseen = 0
        return _with_doubt(self._measured(laid[0], self._plane, view, box), laid[1])

    def gliding(self, view: View, box: Box) -> Found | None:
        """Simply on as it went, for some frames: behind what hides it and its surroundings."""
        if self._plane is None or self._unseen >= _LONGEST_GLIDE:
            return None
        plane = self._plane @ _moved_by(-self._glide)
        if not self._anchored.shows(planar.as_map(plane, box)):
            return None
        self._unseen += 1
        return _with_doubt(self._measured(plane, self._plane, view, box), 1 + self._unseen / _LONGEST_GLIDE)

    def steady(self, found: Found, view: View, box: Box, grey: Gray) -> Found:
        """What was a plane a frame ago and shows no texture now goes on as it went: there, flow follows whatever comes near."""
        if self._plane is None or not self.run or not self._shows_little(found.track, grey):
            return found
        plane = self._plane @ _moved_by(-self._glide)
        at = planar.as_map(plane, box)
        if not self._anchored.shows(at):
            return found
        left = self._anchored.left(at, grey, is_coarse=True)
        covered = self._known(plane, self._plane, box).covered
        certain = self._anchored.textured(at, grey) * (1 - covered) * inside(at, self._anchor.box) * (length(left) < 3)
        # The less there is to see, the less it may move the plane.
        move = (left * certain[..., None]).sum(axis=(0, 1)) / (float(certain.sum()) + 0.02 * grey.size)
        gone = self._measured(plane @ _moved_by(move), self._plane, view, box, expected=plane)
        return gone if gone.track.wide_strain < found.track.strain else found

    def fitted(
        self, plane: Homography, at: Map, missed: Field, known: Known, box: Box, grey: Gray, frame: Rgb01, covered: Field
    ) -> Found:
        """The plane of a map `at`, fitted once more to the flow that is left against the anchor carried by it."""
        carried = planar.as_map(plane, box)
        left = self._anchored.left(carried, grey)
        again = planar.fit(
            shifted(carried, left, box), box, self._anchored.votes(at, missed, known) * (1 - covered)
        )
        if again is not None and again[1] > PLANAR_SHARE_AFTER and self.goes_on(again[0], known):
            plane = again[0]
            carried = planar.as_map(plane, box)
        apart = smoothstep(length(at - carried), *STRANGE_PX)
        return Found(measure(self._anchor, carried, missed, known, box, frame, strange=apart, planar=True), plane)

    def keep(self, found: Found) -> None:
        was, self._plane = self._plane, found.plane
        self.run = self.run + 1 if found.track.planar else 0
        if found.plane is None or was is None:
            return
        self._motion = np.linalg.inv(was) @ found.plane
        # Not the step of the box: that moves too where it leaves the picture.
        centre = self._history.centre[None]
        step = (centre - planar.project(self._motion, centre))[0]
        self._glide = _STEADINESS * self._glide + (1 - _STEADINESS) * step

    def _measured(
        self, plane: Homography, last: Homography, view: View, box: Box, expected: Homography | None = None
    ) -> Found:
        """The track of a plane that was found without flow. `expected` is where what is known of the last frame is taken from."""
        known = self._known(plane if expected is None else expected, last, box)
        nothing = np.zeros_like(known.covered)
        at = planar.as_map(plane, box)
        return Found(measure(self._anchor, at, nothing, known, box, view.rgb(box), strange=nothing, planar=True), plane)

    def _known(self, plane: Homography, last: Homography, box: Box) -> Known:
        there = planar.as_map(np.linalg.inv(last) @ plane, box)
        return self._history.known(there, there)

    def _expected_motion(self, shift: npt.NDArray[np.int64]) -> Homography:
        """From the coming frame to the last: as before, unless the picture shows another shift."""
        centre = self._history.centre[None]
        steady = centre - planar.project(self._motion, centre)
        if shift.any() and float(np.abs(steady - shift).max()) > 4:
            return _moved_by(-shift)
        return self._motion

    def _shows_little(self, track: Track, grey: Gray) -> bool:
        seen = track.mask * (1 - track.covered) > 0.5
        return float((self._anchored.textured(track.at, grey) > 0.5)[seen].mean() if seen.any() else 0) < _PLAIN_SHARE


def _with_doubt(found: Found, doubt: float) -> Found:
    return replace(found, track=replace(found.track, unheld=doubt))


def _moved_by(shift: npt.NDArray[np.generic]) -> Homography:
    return np.array([[1, 0, float(shift[0])], [0, 1, float(shift[1])], [0, 0, 1]])
