"""Adapter: scores `engine.motion` with an outside evaluator of patch propagation and of interpolation.

The evaluator calls `propagate(frames, anchor, patched_anchor, mask)` with lists of (H, W, 3) uint8 BGR pictures and a float
mask, and wants the composited frames back. Give it this file as its implementation, with the repository root on the Python path.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion.interpolation import between
from engine.motion.propagation import propagate as carry
from engine.running import ThreadCancelToken

Bgr = npt.NDArray[np.uint8]
_GBRP = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)


def _picture(bgr: Bgr) -> Picture:
    blue, green, red = (np.asarray(plane, np.uint8) for plane in cv2.split(bgr))
    return Picture((green, blue, red), _GBRP, Colour(0, 1, 1, True))


def _bgr(picture: Picture) -> Bgr:
    green, blue, red = picture.planes[:3]
    return np.asarray(cv2.merge([blue, green, red]), np.uint8)


def propagate(frames: Sequence[Bgr], anchor: int, patched_anchor: Bgr, mask: npt.NDArray[np.float32]) -> list[Any]:
    """The frames with the patch carried to each; where there is none, the frame itself."""
    pictures = [_picture(frame) for frame in frames]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    # The picture given is composited already: laid on whole, it is what it is.
    patch = PatchFrame(
        int(columns[0]), int(rows[0]), np.ascontiguousarray(patched_anchor[box][..., ::-1]), (mask[box] > 0).astype(np.float32)
    )
    result: list[Any] = list(frames)
    for carried in carry(pictures.__getitem__, anchor, patch, range(len(frames)), cancel=ThreadCancelToken()):
        if carried.patch is not None:
            result[carried.frame] = _bgr(replace_frame(pictures[carried.frame], carried.patch))
    return result


def interpolate(before: Bgr, after: Bgr, share: float) -> Bgr:
    """The frame at `share` of the way between two."""
    return np.asarray(between(before[..., ::-1], after[..., ::-1], share, cancel=ThreadCancelToken())[..., ::-1], np.uint8)
