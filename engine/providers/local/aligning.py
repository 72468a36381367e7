"""Lays other frames of a shot over the crop that is edited: one homography per frame, from what surrounds the region.

The background is taken for a plane or for far away (Hartley and Zisserman 2004, ch. 13). Points of the surroundings are tracked
from the edited frame itself into each other one (Lucas and Kanade 1981, pyramids), never from frame to frame, so that nothing
drifts; the last homography only says where to look. Knows no mask's content and decides nothing about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.providers.protocol import Area, ContextCrop, Crop, FrameContext
from engine.rational_time import TimeRange
from engine.running import CancelToken

Gray = npt.NDArray[np.uint8]
_Pixels = TypeVar("_Pixels", npt.NDArray[np.uint8], npt.NDArray[np.uint16], Crop)
Matrix = npt.NDArray[np.float64]

_SIDE_PX = 480
"""The crop is aligned at this size of its larger side; a tracked point is good to a twentieth of such a pixel."""
_POINTS = 180
_MIN_POINTS = 12
_ENOUGH_POINTS = 90
_INLIER_PX = 1.0
_MIN_SHARE = 0.3
"""Share of the tracked points that must move as one plane."""
_NEAR_PX = 2.0
"""A guess that was so near needs no second look."""
_FURTHEST = 3.0
"""Times the last step: so far the camera is taken to go on as before."""
_PAD_PX = 48
"""Room for the camera's move since the last frame that was aligned."""
_MAX_LOST = 3
"""Frames in a row that may fail before a direction is given up."""
_BYTES = 384 << 20
"""Of all crops together."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A frame, and the homography from pixels of the edited crop to pixels of `crop.pixels`."""

    crop: ContextCrop
    matrix: Matrix


def aligned_frames(
    crop: Crop, free: npt.NDArray[np.bool_], context: FrameContext, count: int, reach_s: Fraction, cancel: CancelToken
) -> Iterator[Aligned]:
    """Up to `count` frames of the shot within `reach_s` seconds, those after the edited one first, then those before.

    `free` (h, w) is True where the crop shows surroundings. Nearer frames are taken more densely.
    """
    surroundings = _surroundings(crop, free, context)
    count = min(count, max(4, _BYTES // max(1, crop.nbytes * 3 // 2)))
    here = context.anchor
    after = context.times(TimeRange.between(here, here + reach_s))
    before = context.times(TimeRange.between(max(Fraction(0), here - reach_s), here))[::-1]
    forward = [time for time in after if time > here]
    room = count - min(count // 2, len(before))
    used = 0
    for found in _one_way(surroundings, context, spread(forward, room), cancel):
        used += 1
        yield found
    yield from _one_way(surroundings, context, spread(list(before), count - used), cancel)


def spread(times: list[Fraction], count: int) -> list[Fraction]:
    """`count` of the times, denser at the beginning; all where there are no more."""
    if len(times) <= count:
        return times
    places = (np.arange(count) / max(1, count - 1)) ** 1.2 * (len(times) - 1)
    chosen = np.maximum(np.rint(places).astype(int), np.arange(count))
    return [times[min(int(place), len(times) - 1)] for place in chosen]


def sampled(pixels: _Pixels, matrix: Matrix, area: Area, scale: float, flags: int = cv2.INTER_LINEAR) -> _Pixels:
    """What `pixels` show of an area of the edited crop, at `scale` (≤ 1) times its size; black outside."""
    size = (max(1, round(area[2] * scale)), max(1, round(area[3] * scale)))
    step = max(1, int(1 / scale + 1e-6))
    to_area = np.array([
        [area[2] / size[0], 0, area[0] + 0.5 * area[2] / size[0] - 0.5],
        [0, area[3] / size[1], area[1] + 0.5 * area[3] / size[1] - 0.5],
        [0, 0, 1],
    ])
    if step > 1:
        small = (max(1, pixels.shape[1] // step), max(1, pixels.shape[0] // step))
        whole = pixels[: small[1] * step, : small[0] * step]
        pixels = _like(pixels, cv2.resize(whole, small, interpolation=cv2.INTER_AREA))
        matrix = np.array([[1 / step, 0, 0.5 / step - 0.5], [0, 1 / step, 0.5 / step - 0.5], [0, 0, 1]]) @ matrix
    return _like(pixels, cv2.warpPerspective(pixels, matrix @ to_area, size, flags=flags | cv2.WARP_INVERSE_MAP))


def _like(pixels: _Pixels, made: Any) -> _Pixels:
    """OpenCV keeps the depth; its stubs do not say so."""
    return cast(_Pixels, made)


def seen(aligned: Aligned, area: Area, scale: float) -> npt.NDArray[np.bool_]:
    """Where a frame shows anything of an area, a pixel away from its edges."""
    inner = np.zeros(aligned.crop.pixels.shape[:2], np.uint8)
    inner[1:-1, 1:-1] = 255
    return np.asarray(sampled(inner, aligned.matrix, area, scale) > 250)


def grey(pixels: Crop) -> Gray:
    """(h, w) 8 bit."""
    eight = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    return np.asarray(cv2.cvtColor(eight, cv2.COLOR_RGB2GRAY), np.uint8)


def contrast(image: Gray) -> Gray:
    """(h, w) 8 bit: brightness against that of the neighbourhood, the same in any light."""
    own = image.astype(np.float32) + 8
    around = cv2.blur(own, (41, 41))
    return np.asarray(np.clip(200 * own / around - 72, 0, 255), np.uint8)


def _one_way(
    surroundings: "_Surroundings", context: FrameContext, times: list[Fraction], cancel: CancelToken
) -> Iterator[Aligned]:
    last, now, lost = (context.anchor, np.eye(3)), (context.anchor, np.eye(3)), 0
    for time in context.shot(times):
        cancel.check()
        found = surroundings.find(context, time, surroundings.ahead(last, now, time))
        found = found or surroundings.find(context, time, now[1]) or surroundings.search(context, time)
        if found is None:
            lost += 1
            if lost > _MAX_LOST:
                return
            continue
        last, now, lost = now, (time, _shifted(found.matrix, found.crop)), 0
        yield found


def _shifted(matrix: Matrix, crop: ContextCrop) -> Matrix:
    """From pixels of `crop` to pixels of the edited crop's grid, and the other way round for a negative offset."""
    return np.array([[1, 0, crop.x], [0, 1, crop.y], [0, 0, 1]], np.float64) @ matrix


def _surroundings(crop: Crop, free: npt.NDArray[np.bool_], context: FrameContext) -> "_Surroundings":
    """Those of the crop, or where it is bare (asphalt, sky) those of a wider part of the frame."""
    height, width = free.shape
    near = _Surroundings(crop, free, (0, 0, width, height))
    if len(near.points) >= _ENOUGH_POINTS:
        return near
    more = max(width, height)
    wide = context.crop(context.anchor, (-more, -more, width + 2 * more, height + 2 * more))
    if wide is None:
        return near
    known = np.ones(wide.pixels.shape[:2], np.bool_)
    known[-wide.y:height - wide.y, -wide.x:width - wide.x] = free
    area = (wide.x, wide.y, len(known[0]), len(known))
    return _Surroundings(wide.pixels, known, area)


class _Surroundings:
    """Points of the edited frame outside the region, at a size fit for tracking."""

    def __init__(self, pixels: Crop, free: npt.NDArray[np.bool_], area: Area) -> None:
        self.area = area
        x, y, width, height = area
        self.scale = min(1.0, _SIDE_PX / max(height, width))
        whole: Area = (0, 0, width, height)
        self.grey = contrast(sampled(grey(pixels), np.eye(3), whole, self.scale))
        size = self.grey.shape[1::-1]
        self._free = (cv2.resize(free.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99).astype(np.uint8)
        found = cv2.goodFeaturesToTrack(self.grey, _POINTS, 0.01, 4, mask=self._free)
        self.points = np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)
        across, down = width / size[0], height / size[1]
        self._to_crop = np.array([[across, 0, x + 0.5 * across - 0.5], [0, down, y + 0.5 * down - 0.5], [0, 0, 1]])

    def ahead(self, last: tuple[Fraction, Matrix], now: tuple[Fraction, Matrix], time: Fraction) -> Matrix:
        """Where the camera is at a time if it goes on as between the last two frames: mostly near enough for one look."""
        if last[0] == now[0]:
            return now[1]
        share = min(_FURTHEST, float((time - now[0]) / (now[0] - last[0])))
        there = self._corners(now[1])
        moved = there + share * (there - self._corners(last[1]))
        found = cv2.getPerspectiveTransform(self._corners(np.eye(3)).astype(np.float32), moved.astype(np.float32))
        return np.asarray(found, np.float64)

    def find(self, context: FrameContext, time: Fraction, guess: Matrix) -> Aligned | None:
        """The frame aligned, starting from the homography of another one; None where the surroundings are not found."""
        crop = context.crop(time, self._bounds(guess, _PAD_PX))
        if crop is None:
            return None
        seen_grey = grey(crop.pixels)
        matrix = _shifted_back(guess, crop)
        for levels in (4, 1):
            found = self._refined(seen_grey, matrix, levels)
            if found is None:
                return None
            moved, matrix = self._distance(matrix, found), found
            if moved < _NEAR_PX / self.scale:
                break
        wanted = self._bounds(_shifted(matrix, crop), 2)
        if not _holds(crop, wanted, context.picture):
            larger = context.crop(time, wanted)
            if larger is not None:
                return Aligned(larger, _shifted_back(_shifted(matrix, crop), larger))
        return Aligned(crop, matrix)

    def search(self, context: FrameContext, time: Fraction) -> Aligned | None:
        """The surroundings looked for by features in the whole frame, after a fast pan or something in front."""
        whole = context.crop(time, context.picture)
        if whole is None:
            return None
        small = np.asarray(
            cv2.resize(grey(whole.pixels), None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        orb = cv2.ORB.create(1500)
        own_points, own_words = orb.detectAndCompute(self.grey, self._free)
        points, words = orb.detectAndCompute(contrast(small), None)
        if own_words is None or words is None or min(len(words), len(own_words)) < _MIN_POINTS:
            return None
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(own_words, words)
        source = np.array([own_points[pair.queryIdx].pt for pair in pairs])
        target = np.array([points[pair.trainIdx].pt for pair in pairs])
        if len(pairs) < _MIN_POINTS:
            return None
        guess = _plane(_through(self._to_crop, source), _through(self._to_crop, target), 3.0, 0.15)
        if guess is None:
            return None
        guess = np.array([[1, 0, whole.x], [0, 1, whole.y], [0, 0, 1]], np.float64) @ guess
        return self.find(context, time, guess)

    def _refined(self, frame: Gray, matrix: Matrix, levels: int) -> Matrix | None:
        """A better homography: the frame laid over the crop by the old one, and what still moves tracked."""
        if len(self.points) < _MIN_POINTS:
            return None
        warped = contrast(sampled(frame, matrix, self.area, self.scale))
        there, ok, _ = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]  # the stubs want the points to be found
            self.grey, warped, self.points, None, winSize=(15, 15), maxLevel=levels
        )
        back, ok_back, _ = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]
            warped, self.grey, there, None, winSize=(15, 15), maxLevel=levels
        )
        miss = np.linalg.norm(back - self.points, axis=2).ravel()
        kept = (ok.ravel() > 0) & (ok_back.ravel() > 0) & (miss < 0.7)
        if kept.sum() < _MIN_POINTS:
            return None
        source = _through(self._to_crop, self.points[kept, 0])
        target = _through(matrix, _through(self._to_crop, there[kept, 0]))
        found = _plane(source, target, _INLIER_PX / self.scale, _MIN_SHARE)
        return _similarity(source, target, _INLIER_PX / self.scale) if found is None else found

    def _bounds(self, matrix: Matrix, pad: int) -> Area:
        """The box round where the crop lies in another frame."""
        corners = self._corners(matrix)
        low, high = np.floor(corners.min(axis=0)).astype(int) - pad, np.ceil(corners.max(axis=0)).astype(int) + pad
        return int(low[0]), int(low[1]), int(high[0] - low[0] + 1), int(high[1] - low[1] + 1)

    def _corners(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        left, top, right, bottom = self.area[0], self.area[1], self.area[0] + self.area[2] - 1, self.area[1] + self.area[3] - 1
        return _through(matrix, np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64))

    def _distance(self, one: Matrix, other: Matrix) -> float:
        return float(np.abs(self._corners(one) - self._corners(other)).max())


def _shifted_back(matrix: Matrix, crop: ContextCrop) -> Matrix:
    return np.array([[1, 0, -crop.x], [0, 1, -crop.y], [0, 0, 1]], np.float64) @ matrix


def _holds(crop: ContextCrop, area: Area, picture: Area) -> bool:
    """Whether a crop has all of an area that the picture has."""
    left, top = max(area[0], picture[0]), max(area[1], picture[1])
    right = min(area[0] + area[2], picture[0] + picture[2])
    bottom = min(area[1] + area[3], picture[1] + picture[3])
    height, width = crop.pixels.shape[:2]
    return crop.x <= left and crop.y <= top and right <= crop.x + width and bottom <= crop.y + height


def _through(matrix: Matrix, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    moved = cv2.perspectiveTransform(np.asarray(points, np.float64).reshape(-1, 1, 2), matrix)
    return np.asarray(moved, np.float64).reshape(-1, 2)


def _plane(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64], inlier_px: float, share: float
) -> Matrix | None:
    """The homography most pairs agree on (MAGSAC, Barath et al. 2019), then least squares; None where it is no camera's."""
    found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, inlier_px, maxIters=1000, confidence=0.999)
    if found is None:
        return None
    agree = np.asarray(inliers).ravel() > 0
    if agree.sum() < _MIN_POINTS or agree.mean() < share:
        return None
    refined, _ = cv2.findHomography(source[agree], target[agree], 0)
    matrix = np.asarray(found if refined is None else refined, np.float64)
    low, high = source.min(axis=0), source.max(axis=0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    if ((corners @ matrix[2, :2] + matrix[2, 2]) <= 1e-3).any():
        return None
    area = cv2.contourArea(_through(matrix, corners).astype(np.float32), oriented=True)
    return matrix if 0.1 < area / max(1.0, float(np.prod(high - low))) < 10 else None


def _similarity(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64], inlier_px: float) -> Matrix | None:
    """Shift, turn and zoom only: what few or noisy points still tell."""
    found, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=inlier_px, maxIters=2000)
    if found is None or inliers.sum() < max(_MIN_POINTS, 0.25 * len(source)):
        return None
    zoom = float(np.linalg.norm(found[:, 0]))
    return np.vstack([found, [0, 0, 1]]).astype(np.float64) if 0.5 < zoom < 2 else None
