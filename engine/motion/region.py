"""Follows a region for itself: what is drawn moves as one piece, whatever lies around it does.

A patch is carried by a dense map, in which a thing that moves on its own smears at its edge. A region that is blurred, or that
stays in front, needs a sharp edge and the right place: corners inside it are followed from frame to frame (Lucas-Kanade with a
check backwards), one affine map or homography is fitted to most of them, and every frame is put right against the anchor, so
that errors do not add up. Knows no provider and no project.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.sources import Alpha, PatchFrame, in_steps
from engine.errors import BadInputError
from engine.motion import matching
from engine.motion.confidence import Reason
from engine.motion.cuts import is_cut
from engine.motion.flow import Box, Gray
from engine.motion.lie import STILL, Matrix
from engine.motion.planar import Homography, project
from engine.motion.propagation import CarriedFrame, Frames
from engine.motion.view import View
from engine.running import CancelToken

_CORRECTED_SHARE = 0.35
_FOUND = 0.7
"""Correlation at which something that was lost counts as found again."""
_LOST = 0.45
_DOUBTFUL = 0.6
_SURE = 0.9
_MOSTLY = 0.55
"""Of a region that has left the picture by more than the rest, habit says where it is."""
_MARGIN_PX = 24
_COARSE_PX = 40
_WIDE_PX = 480


def follow(frames: Frames, anchor: int, region: PatchFrame, window: range, *, cancel: CancelToken) -> Iterator[CarriedFrame]:
    """The region on the anchor, then on the frames after it, then on those before it, as `propagation.propagate` does.

    Carried is the alpha of `region`, whole, also where something covers it; the pixels are black. Raises: BadInputError where
    the anchor is not in the window or the region not in the picture; Cancelled.
    """
    if anchor not in window:
        raise BadInputError("The anchor frame lies outside the propagation window.", "Move the ends of the window around it.")
    cancel.check()
    start = View(frames(anchor))
    yield CarriedFrame(anchor, region, 1.0, to_anchor=STILL)
    for numbers in (range(anchor + 1, window.stop), range(anchor - 1, window.start - 1, -1)):
        yield from _one_way(frames, numbers, start, region, cancel)


def _one_way(frames: Frames, numbers: range, start: View, region: PatchFrame, cancel: CancelToken) -> Iterator[CarriedFrame]:
    follower = Follower(start, region)
    before, is_over = start.small(), False
    for number in numbers:
        cancel.check()
        found = None
        if not is_over:
            view = View(frames(number))
            now = view.small()
            is_over, before = is_cut(before, now), now
            found = None if is_over else follower.step(view)
        if found is None:
            yield CarriedFrame(number, None, 0.0, (Reason.CUT if is_over else Reason.LEFT,))
        else:
            yield _carried(number, found, region)


def _carried(number: int, found: "Found", region: PatchFrame) -> CarriedFrame:
    rgb = np.zeros((*found.alpha.shape, 3), region.rgb.dtype)
    rgb.flags.writeable = found.alpha.flags.writeable = False
    drawn = PatchFrame(found.box.x, found.box.y, rgb, found.alpha)
    reasons = ((Reason.DISAGREES,) if found.confidence < 0.75 else ()) + ((Reason.COVERED,) if found.likeness < _LOST else ())
    return CarriedFrame(number, drawn, found.confidence, reasons, to_anchor=_matrix(np.linalg.inv(found.matrix)))


def _matrix(matrix: npt.NDArray[np.floating]) -> Matrix:
    return tuple(float(n) for n in (matrix / matrix[2, 2]).ravel())


@dataclass(frozen=True, slots=True)
class Found:
    """A region on one frame. `alpha` covers `box`; `matrix` leads from the anchor to the frame."""

    box: Box
    alpha: Alpha
    matrix: Homography
    confidence: float
    likeness: float
    """Correlation with the frame before, inside the region, -1..1."""


class Follower:
    """Call `step` with the frames outward from the anchor, one after the other. Keeps one frame."""

    def __init__(self, anchor: View, region: PatchFrame) -> None:
        height, width = region.alpha.shape
        self._anchor, self._region = anchor, region
        self._drawn = Box(region.x, region.y, width, height).grown(_MARGIN_PX, anchor.width, anchor.height)
        self._grey = anchor.grey(self._drawn)
        self._matrix: Homography = np.eye(3)
        self._sure_matrix = self._matrix
        self._previous, self._speed = anchor, np.zeros(2)
        place = np.array([self._drawn.x, self._drawn.y], np.float64)
        self._corners: matching.Points = matching.corners(self._grey, self._alpha_on(self._matrix, self._drawn)) + place
        self._centre = np.array([[region.x + width / 2, region.y + height / 2]])
        self._sure = 1.0

    def step(self, view: View) -> Found | None:
        """The region on one more frame; None where it has left the picture."""
        matrix, share = self._put_right(self._moved(view), view)
        is_doubtful = self._sure < _DOUBTFUL or self._like_before(matrix, view) < _DOUBTFUL
        if is_doubtful and self._like_anchor(matrix, view) < _LOST:
            found = self._found_again(matrix, view)
            matrix, share = found if found is not None else (matrix, share)
        box = self._bounds(matrix, view)
        if box is None:
            self._keep(matrix, view)
            return None
        likeness, to_anchor = self._like_before(matrix, view), self._like_anchor(matrix, view)
        confidence = self._confidence(likeness, to_anchor, share)
        self._sure_matrix = matrix if self._sure >= _SURE else self._sure_matrix
        alpha = self._alpha_on(matrix, box)
        self._keep(matrix, view)
        return Found(box, alpha, matrix, confidence, likeness)

    def _confidence(self, likeness: float, to_anchor: float, share: float) -> float:
        """0..1: like the frame before, and surely still the same. What was lost is doubtful until the anchor knows it again."""
        if to_anchor > _LOST and share >= _CORRECTED_SHARE:
            self._sure = max(_SURE, self._sure)
        elif likeness < _LOST:
            self._sure *= 0.3
        else:
            self._sure *= 1 - 0.1 * (1 - _ramp(to_anchor, 0.3, 0.8))
        looks = max(_ramp(likeness, 0.5, 0.9), _ramp(to_anchor, 0.6, 0.9))
        return float(min(1.0, looks * min(1.0, self._sure + 0.1)))

    # From the frame before

    def _moved(self, view: View) -> Homography:
        """anchor -> frame by what moved since the frame before: as corners, matching or habit say, whichever looks most alike."""
        here = self._bounds(self._matrix, view)
        if here is None or self._visible_share(here) < _MOSTLY:
            return self._on(self._speed)
        shift = self._coarse(view, here)
        said = [self._by_corners(view, here, shift), self._on(shift), self._on(self._speed)]
        tried = [(self._like_before(m, view) + 0.02 * (m is said[0]), m) for m in said if m is not None]
        alike, best = max(tried, key=lambda pair: pair[0])
        return best if alike > _LOST else self._on(self._speed)

    def _visible_share(self, here: Box) -> float:
        """Share of the region that lies in the picture, as it was on the frame before."""
        growth = abs(float(np.linalg.det(self._matrix[:2, :2])))
        whole = float(self._region.alpha.sum()) * growth
        return float(self._alpha_on(self._matrix, here).sum()) / max(1.0, whole)

    def _by_corners(self, view: View, here: Box, shift: npt.NDArray[np.float64]) -> Homography | None:
        area = here.grown(_MARGIN_PX + int(np.abs(shift).max()), view.width, view.height)
        before, now = self._previous.grey(area), view.grey(area)
        corners = matching.corners(before, self._alpha_on(self._matrix, area))
        found, good = matching.tracked(before, now, corners, corners + shift, matching.levels(here))
        fitted = matching.fitted(corners[good] + (area.x, area.y), found[good] + (area.x, area.y), may_bend=False)
        return fitted[0] @ self._matrix if fitted is not None and matching.is_small_step(fitted[0], here) else None

    def _on(self, shift: npt.NDArray[np.float64]) -> Homography:
        return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ self._matrix

    def _coarse(self, view: View, here: Box) -> npt.NDArray[np.float64]:
        """About how far the region itself moved, by matching it without its surroundings on a small copy."""
        reach = round(0.06 * view.width) + int(np.abs(self._speed).max())
        area = here.grown(reach, view.width, view.height)
        scale = min(1.0, _COARSE_PX / max(here.width, here.height))
        mask = self._alpha_on(self._matrix, here)
        template, searched = matching.shrunk(self._previous.grey(here), scale), matching.shrunk(view.grey(area), scale)
        scores = matching.scores(template, matching.shrunk((mask * 255).astype(np.uint8), scale) > 127, searched)
        if scores is None:
            return self._speed.copy()
        expected = np.rint((np.array([here.x - area.x, here.y - area.y]) + self._speed) * scale).astype(int)
        expected = np.clip(expected, 0, np.array(scores.shape[::-1]) - 1)
        _, best, _, where = cv2.minMaxLoc(scores)
        if best < float(scores[expected[1], expected[0]]) + 0.04:  # repeated texture matches everywhere: habit needs no proof
            return self._speed.copy()
        return np.array(where) / scale + (area.x - here.x, area.y - here.y)

    # Against the anchor

    def _put_right(self, matrix: Homography, view: View) -> tuple[Homography, float]:
        """The map corrected by the anchor's own corners, and the share of them that agree; as it was where too few do."""
        box = self._bounds(matrix, view)
        if box is None or len(self._corners) < matching.LEAST:
            return matrix, 0.0
        area = box.grown(_MARGIN_PX, view.width, view.height)
        there = project(matrix, self._corners) - (area.x, area.y)
        inside = (there > 4).all(axis=1) & (there < np.array([area.width, area.height]) - 5).all(axis=1)
        if inside.sum() < matching.LEAST:
            return matrix, 0.0
        now = view.grey(area)
        expected = matching.levelled(self._anchor_on(matrix, area), now, self._alpha_on(matrix, area))
        found, good = matching.tracked(expected, now, there[inside], there[inside], 1)
        share = float(good.sum()) / len(self._corners)
        if good.sum() < matching.LEAST or share < _CORRECTED_SHARE:
            return matrix, share
        fitted = matching.fitted(self._corners[inside][good], found[good] + (area.x, area.y), may_bend=True)
        if fitted is None or not matching.is_small_step(fitted[0] @ np.linalg.inv(matrix), box):
            return matrix, 0.0
        is_worse = (
            self._like_anchor(fitted[0], view) < self._like_anchor(matrix, view) - 0.005
            or self._like_before(fitted[0], view) < self._like_before(matrix, view) - 0.05
        )
        return (matrix, 0.0) if is_worse else (fitted[0], share * fitted[1])

    def _found_again(self, matrix: Homography, view: View) -> tuple[Homography, float] | None:
        """The anchor looked for in a wide area, in the size and turn that it surely had last; everywhere where it had left."""
        has_left = self._bounds(matrix, view) is None
        around = np.array([[view.width / 2, view.height / 2]]) if has_left else project(matrix, self._centre)
        matrix = _shift(*(around - project(self._sure_matrix, self._centre))[0]) @ self._sure_matrix
        here, reach = self._bounds(matrix, view), round(0.1 * view.width) + int(np.abs(self._speed).max())
        reach = max(view.width, view.height) if has_left else reach
        if here is None:
            return None
        area = here.grown(reach, view.width, view.height)
        scale = min(1.0, _COARSE_PX / max(here.width, here.height), _WIDE_PX / area.width)
        template, mask = matching.shrunk(self._anchor_on(matrix, here), scale), self._alpha_on(matrix, here)
        cover = matching.shrunk((mask * 255).astype(np.uint8), scale) > 127
        scores = matching.scores(template, cover, matching.shrunk(view.grey(area), scale))
        if scores is None:
            return None
        _, best, _, where = cv2.minMaxLoc(scores)
        if best < _FOUND:
            return None
        shift = np.array(where) / scale + (area.x - here.x, area.y - here.y)
        found, agreed = self._put_right(_shift(float(shift[0]), float(shift[1])) @ matrix, view)
        is_sure = self._like_anchor(found, view) > _DOUBTFUL and (agreed >= _CORRECTED_SHARE or not has_left)
        return (found, agreed) if is_sure else None

    def _anchor_on(self, matrix: Homography, area: Box) -> Gray:
        """(h, w) the anchor's luma as it would lie on a frame."""
        there = np.linalg.inv(_shift(-area.x, -area.y) @ matrix @ _shift(self._drawn.x, self._drawn.y))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shape = (area.width, area.height)
        return np.asarray(cv2.warpPerspective(self._grey, there, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _alpha_on(self, matrix: Homography, area: Box) -> Alpha:
        """(h, w) the region's alpha on a frame, in steps that storing keeps."""
        there = np.linalg.inv(_shift(-area.x, -area.y) @ matrix @ _shift(self._region.x, self._region.y))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpPerspective(self._region.alpha, there, (area.width, area.height), flags=flags)
        return in_steps(np.asarray(warped, np.float32))

    def _bounds(self, matrix: Homography, view: View) -> Box | None:
        """The box of the region on a frame; None where it lies outside."""
        region = self._region
        height, width = region.alpha.shape
        left, top = region.x - 0.5, region.y - 0.5
        corners = np.array(
            [(left, top), (left + width, top), (left + width, top + height), (left, top + height)], np.float64
        )
        placed = project(matrix, corners)
        low = np.clip(np.floor(placed.min(axis=0)), 0, (view.width, view.height)).astype(int)
        high = np.clip(np.ceil(placed.max(axis=0)) + 1, 0, (view.width, view.height)).astype(int)
        if not np.isfinite(placed).all() or (high - low < 2).any():
            return None
        return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))

    def _like_before(self, matrix: Homography, view: View) -> float:
        box = self._bounds(matrix, view)
        return self._likeness(view, box, matrix, self._previous, self._matrix) if box is not None else -1.0

    def _like_anchor(self, matrix: Homography, view: View) -> float:
        box = self._bounds(matrix, view)
        return self._likeness(view, box, matrix, self._anchor, np.eye(3)) if box is not None else -1.0

    def _likeness(self, view: View, box: Box, matrix: Homography, other: View, there: Homography) -> float:
        """Correlation of the region on a frame with the region on another, where both are in the picture."""
        alpha = self._alpha_on(matrix, box)
        back = there @ np.linalg.inv(matrix) @ _shift(box.x, box.y)
        corners = np.array([(0, 0), (box.width, 0), (box.width, box.height), (0, box.height)], np.float64)
        placed = project(back, corners)
        low, high = placed.min(axis=0), placed.max(axis=0)
        source = Box(int(low[0]), int(low[1]), max(1, int(high[0] - low[0])), max(1, int(high[1] - low[1])))
        if source.x + source.width <= 0 or source.y + source.height <= 0 or source.x >= other.width or source.y >= other.height:
            return 0.0
        source = _clipped(source, other)
        lie = _shift(-source.x, -source.y) @ back
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        expected = cv2.warpPerspective(
            other.grey(source), lie, (box.width, box.height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return matching.correlation(np.asarray(expected, np.float32), view.grey(box).astype(np.float32), alpha)

    def _keep(self, matrix: Homography, view: View) -> None:
        self._speed = (project(matrix, self._centre) - project(self._matrix, self._centre))[0]
        self._matrix, self._previous = matrix, view


def _clipped(box: Box, view: View) -> Box:
    x, y = max(0, box.x), max(0, box.y)
    return Box(x, y, max(1, min(view.width, box.x + box.width) - x), max(1, min(view.height, box.y + box.height) - y))


def _shift(x: float, y: float) -> Homography:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _ramp(value: float, low: float, high: float) -> float:
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)
