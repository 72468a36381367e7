"""Dense optical flow on crops, and coordinate maps made of it.

A *map* is (h, w, 2) float32: for each pixel of a box in one frame the (x, y) it shows in another frame. Maps are composed and
pixels are sampled once, so nothing is blurred by warping what was warped. Knows no patch, no mask and no colour.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]
Field = npt.NDArray[np.float32]

MIN_SIDE_PX = 48
"""DIS works on a pyramid of 8-pixel blocks: smaller crops have no level to start from."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels of a frame, inside it."""

    x: int
    y: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def grown(self, by: int, frame_width: int, frame_height: int) -> "Box":
        """Larger by `by` pixels on each side, at least `MIN_SIDE_PX` where the frame allows it, clipped to the frame."""
        left, right = _span(self.x - by, self.x + self.width + by, frame_width)
        top, bottom = _span(self.y - by, self.y + self.height + by, frame_height)
        return Box(left, top, right - left, bottom - top)

    def grid(self) -> Map:
        """The identity map of this box."""
        x, y = np.meshgrid(
            np.arange(self.x, self.x + self.width, dtype=np.float32), np.arange(self.y, self.y + self.height, dtype=np.float32)
        )
        return np.dstack([x, y])


def _span(low: int, high: int, size: int) -> tuple[int, int]:
    lack = max(0, MIN_SIDE_PX - (high - low))
    low, high = low - lack // 2, high + lack - lack // 2
    if low < 0:
        low, high = 0, max(high, min(MIN_SIDE_PX, size))
    if high > size:
        low, high = min(low, size - MIN_SIDE_PX), size
    return max(0, low), min(size, high)


class DenseFlow:
    """Dense inverse search (Kroeger et al. 2016), as in OpenCV. One object belongs to one thread; it remembers nothing."""

    def __init__(self, finest_scale: int = 1) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setFinestScale(finest_scale)

    def __call__(self, source: Gray, target: Gray) -> Field:
        """(h, w, 2): where each pixel of `source` lies in `target`, as an offset. Both (h, w) uint8 of one size."""
        height, width = source.shape
        lack = (max(0, MIN_SIDE_PX - height), max(0, MIN_SIDE_PX - width))
        if lack != (0, 0):
            pad = ((0, lack[0]), (0, lack[1]))
            source, target = np.pad(source, pad, mode="edge"), np.pad(target, pad, mode="edge")
        # OpenCV 5 asserts on crops that are not contiguous.
        flow = self._dis.calc(np.ascontiguousarray(source), np.ascontiguousarray(target), None)  # type: ignore[call-overload]
        return np.asarray(flow[:height, :width], np.float32)


def sample(image: npt.NDArray[np.float32], at: Map, box: Box, interpolation: int = cv2.INTER_LINEAR) -> npt.NDArray[np.float32]:
    """`image`, which shows `box`, at the coordinates of a map; what lies outside repeats the edge."""
    x, y = at[..., 0] - np.float32(box.x), at[..., 1] - np.float32(box.y)
    return np.asarray(cv2.remap(image, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE), np.float32)


def inside(at: Map, box: Box) -> Field:
    """1 where a map points into `box`, falling to 0 over one pixel outside it."""
    x, y = at[..., 0] - box.x, at[..., 1] - box.y
    nearest = np.minimum(np.minimum(x, box.width - 1 - x), np.minimum(y, box.height - 1 - y))
    return np.asarray(np.clip(nearest + 1, 0, 1), np.float32)


def disagreement(forward: Field, backward: Field) -> Field:
    """(h, w) pixels by which going there and back again misses: the usual check of optical flow."""
    height, width = forward.shape[:2]
    box = Box(0, 0, width, height)
    back = sample(backward, box.grid() + forward, box)
    return np.asarray(np.hypot(forward[..., 0] + back[..., 0], forward[..., 1] + back[..., 1]), np.float32)


def texture_share(grey: Gray, noise_levels: float) -> Field:
    """(h, w) 0..1: where a shift in any direction would be seen; 0 on plain surfaces and along straight edges.

    By the smaller eigenvalue of the structure tensor (Shi and Tomasi 1994), in levels per pixel above what noise gives.
    """
    smallest = cv2.cornerMinEigenVal(cv2.GaussianBlur(grey, (0, 0), 1.0).astype(np.float32), 9, ksize=3)
    steep = np.sqrt(np.maximum(smallest, 0)) / 8  # Sobel's scale
    return np.asarray(np.clip((steep - 0.2 * noise_levels - 0.6) / 1.2, 0, 1), np.float32)


def length(flow: Field) -> Field:
    """(h, w) of each vector of (h, w, 2)."""
    return np.asarray(np.hypot(flow[..., 0], flow[..., 1]), np.float32)


def shifted(at: Map, flow: Field, box: Box) -> Map:
    """The map that leads first along `flow` within `box`, then as `at` does."""
    moved = box.grid() + flow
    return moved + sample(at - box.grid(), moved, box)


def smooth_rms(offset: Map, weight: Field) -> float:
    """How far an offset departs from nothing over areas larger than its noise, in pixels."""
    certain = cv2.blur(weight, (15, 15))
    smooth = cv2.blur(offset * weight[..., None], (15, 15)) / (certain[..., None] + np.float32(1e-3))
    return float(np.sqrt((length(smooth) ** 2 * weight).sum() / max(float(weight.sum()), 1.0)))


def wide_blur(image: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """A Gaussian blur computed on a copy small enough that its sigma is a few pixels."""
    height, width = image.shape[:2]
    step = max(1, int(sigma / 3))
    size = (max(2, width // step), max(2, height // step))
    small = cv2.GaussianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / step)
    blurred = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(blurred.reshape(image.shape), np.float32)
