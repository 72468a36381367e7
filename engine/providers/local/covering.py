"""Where the thing in the region stands in other frames, once these are laid over the edited one: there they show nothing new.

Its points are tracked from the edited frame outwards (Lucas and Kanade 1981) and one similarity is fitted to those that move; the
background does not move here. Works on small pictures. Knows no frame's time but as a number.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float32]

_POINTS = 150
_MIN_POINTS = 6
_STILL_PX = 0.8
_MAX_LOST = 2
"""Frames in a row over which the thing is taken to go on as before."""


def covered(anchor: Gray, frames: Sequence[Gray], times: Sequence[float], region: Bools) -> list[Bools | None]:
    """Per frame (h, w) where the thing of `region` (h, w) stands; None where it was lost.

    `times` are counted from the edited frame, which is not among them; in order.
    """
    found = cv2.goodFeaturesToTrack(anchor, _POINTS, 0.005, 3, mask=region.astype(np.uint8))
    points = np.zeros((0, 2), np.float32) if found is None else np.asarray(found, np.float32)[:, 0]
    result: list[Bools | None] = [None] * len(frames)
    after = [index for index, time in enumerate(times) if time > 0]
    before = [index for index, time in enumerate(times) if time < 0][::-1]
    for order in (after, before):
        _one_way(anchor, frames, times, region, points, order, result)
    return result


def _one_way(
    anchor: Gray, frames: Sequence[Gray], times: Sequence[float], region: Bools, points: Points, order: list[int],
    result: list[Bools | None],
) -> None:
    move, velocity, last, lost = np.eye(2, 3), np.zeros(2), 0.0, 0
    middle = points.mean(axis=0).astype(np.float64) if len(points) else np.zeros(2)
    for index in order:
        step = times[index] - last
        guess = move.copy()
        guess[:, 2] += velocity * step
        found = _similarity(anchor, frames[index], points, guess)
        if found is None:
            lost += 1
            if lost > _MAX_LOST:
                return
            found = guess
        else:
            velocity, lost = (_at(found, middle) - _at(move, middle)) / step, 0
        move, last = found, times[index]
        shifted = cv2.warpAffine(region.astype(np.uint8), move, region.shape[::-1], flags=cv2.INTER_NEAREST)
        result[index] = np.asarray(cv2.dilate(shifted, np.ones((3, 3), np.uint8)) > 0)
        if not shifted.any():  # gone
            for later in order[order.index(index):]:
                result[later] = np.zeros_like(region)
            return


def _at(move: npt.NDArray[np.float64], point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(move[:, :2] @ point + move[:, 2])


def _similarity(anchor: Gray, frame: Gray, points: Points, guess: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """How the thing moved since the edited frame; not at all where nothing in the region moves."""
    if len(points) < _MIN_POINTS:
        return None
    start = (points @ guess[:, :2].T + guess[:, 2]).astype(np.float32)
    there, ok, _ = cv2.calcOpticalFlowPyrLK(
        anchor, frame, points, start.copy(), winSize=(13, 13), maxLevel=3, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(
        frame, anchor, there, points.copy(), winSize=(13, 13), maxLevel=3, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    kept = (ok.ravel() > 0) & (ok_back.ravel() > 0) & (np.linalg.norm(back - points, axis=1) < 1.0)
    moved = kept & (np.linalg.norm(there - points, axis=1) > _STILL_PX)
    if moved.sum() < max(_MIN_POINTS, 0.1 * len(points)):
        return np.eye(2, 3) if kept.sum() >= 0.6 * len(points) else None
    found, inliers = cv2.estimateAffinePartial2D(points[moved], there[moved], ransacReprojThreshold=2.0)
    if found is None or inliers.sum() < max(_MIN_POINTS, 0.3 * moved.sum()):
        return None
    size = float(np.linalg.norm(found[:, 0]))
    return np.asarray(found, np.float64) if 0.6 < size < 1.7 else None
