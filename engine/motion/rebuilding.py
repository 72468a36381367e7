"""Rebuilds what a patch shows between two anchors from these two alone: motion is followed from both into the middle.

The frames in between are not used for it, so it serves where they do not show what moves, or show it damaged; how well it meets
them around the patch says how far it may be trusted. Knows no provider and no project; frames come by number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from engine.compositing.sources import Alpha, PatchFrame, in_steps
from engine.motion import appearance
from engine.motion.confidence import Reason, held_confidence
from engine.motion.cuts import is_cut
from engine.motion.flow import MIN_SIDE_PX, Box, sample
from engine.motion.interpolation import Passed, Way
from engine.motion.laying import alpha_on, composited, visible_box
from engine.motion.lie import lie
from engine.motion.propagation import ANCHOR_MARGIN_PX, CarriedFrame, Frames
from engine.motion.view import View
from engine.running import CancelToken

_RIM_PX = 12
"""Surroundings on which a rebuilt frame is compared with the real one."""
_FAR_LEVELS = 6.0
"""A mean difference that a person should look at."""


@dataclass(frozen=True, slots=True)
class End:
    """An anchor: its frame's number, and the patch as it lies there."""

    frame: int
    patch: PatchFrame


def rebuild(
    frames: Frames, first: End, last: End, share_of: Callable[[int], float], *, cancel: CancelToken
) -> Iterator[CarriedFrame]:
    """The frames after `first` and before `last`, in order; `share_of` says how far one lies on the way, 0..1.

    Nothing is rebuilt where another shot begins in between. What was carried lies where the patches are, moved evenly from one
    to the other; what moves within them is found. Raises: BadInputError where a patch lies outside the picture; Cancelled.
    """
    between = range(first.frame + 1, last.frame)
    if _has_cut(frames, range(first.frame, last.frame + 1), cancel):
        yield from (CarriedFrame(number, None, 0.0, (Reason.CUT,)) for number in between)
        return
    span = _Span(View(frames(first.frame)), first.patch, View(frames(last.frame)), last.patch, cancel)
    for number in between:
        cancel.check()
        yield span.frame(number, share_of(number), View(frames(number)), cancel)


def _has_cut(frames: Frames, numbers: range, cancel: CancelToken) -> bool:
    before = View(frames(numbers.start)).small()
    for number in numbers[1:]:
        cancel.check()
        now = View(frames(number)).small()
        if is_cut(before, now):
            return True
        before = now
    return False


class _Span:
    """Both anchors over boxes of one size, each laid round its patch, and the motion between them."""

    def __init__(self, one: View, patch: PatchFrame, other: View, other_patch: PatchFrame, cancel: CancelToken) -> None:
        self._boxes = _boxes(visible_box(patch, one), visible_box(other_patch, other), one.width, one.height)
        sides = ((one, patch, self._boxes[0]), (other, other_patch, self._boxes[1]))
        self._alphas = [alpha_on(laid, box) for _, laid, box in sides]
        whole = [
            composited(view.rgb(box), laid, alpha, box) for (view, laid, box), alpha in zip(sides, self._alphas, strict=True)
        ]
        self._way = Way(*whole, cancel=cancel)
        self._is_deep = patch.rgb.dtype == np.uint16

    def frame(self, number: int, share: float, view: View, cancel: CancelToken) -> CarriedFrame:
        one, other = self._boxes
        across, down = one.x + share * (other.x - one.x), one.y + share * (other.y - one.y)
        box = Box(round(across), round(down), one.width, one.height)
        made = self._way.at(share, (box.x - across, box.y - down), cancel=cancel)
        alpha = self._alpha(made, share)
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        if not len(rows):
            return CarriedFrame(number, None, 0.0, (Reason.LEFT,))
        misfit = float(made.misfit[alpha > 0].mean())
        around = _around(made, alpha, view, box)
        why = [reason for levels, reason in ((around, Reason.DIFFERS), (misfit, Reason.DISAGREES)) if levels > _FAR_LEVELS]
        to_first = made.in_before + np.array([one.x, one.y], np.float32)
        cut = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        levels = np.rint(np.clip(made.pixels[cut], 0, 1) * np.float32(65535 if self._is_deep else 255))
        rgb = levels.astype(np.uint16) if self._is_deep else levels.astype(np.uint8)
        drawn = np.ascontiguousarray(alpha[cut])
        rgb.flags.writeable = drawn.flags.writeable = False
        patch = PatchFrame(box.x + int(columns[0]), box.y + int(rows[0]), rgb, drawn)
        return CarriedFrame(
            number, patch, held_confidence(max(around, misfit)), tuple(why), residual_levels=around,
            to_anchor=lie(to_first, box, alpha),
        )

    def _alpha(self, made: Passed, share: float) -> Alpha:
        whole = self._way.box
        one, other = (
            sample(alpha, at, whole) for alpha, at in zip(self._alphas, (made.in_before, made.in_after), strict=True)
        )
        return in_steps(np.asarray(one * np.float32(1 - share) + other * np.float32(share), np.float32))


def _boxes(one: Box, other: Box, frame_width: int, frame_height: int) -> tuple[Box, Box]:
    """Boxes of one size round two rectangles, inside the frame: what is in the middle of one is in the middle of the other."""
    width = min(frame_width, max(one.width, other.width, MIN_SIDE_PX) + 2 * ANCHOR_MARGIN_PX)
    height = min(frame_height, max(one.height, other.height, MIN_SIDE_PX) + 2 * ANCHOR_MARGIN_PX)

    def round_(box: Box) -> Box:
        x = min(max(0, box.x + (box.width - width) // 2), frame_width - width)
        y = min(max(0, box.y + (box.height - height) // 2), frame_height - height)
        return Box(x, y, width, height)

    return round_(one), round_(other)


def _around(made: Passed, alpha: Alpha, view: View, box: Box) -> float:
    """Mean difference, in 8-bit levels, between what was rebuilt and what the frame shows just outside the patch."""
    inside = (alpha > 0).astype(np.uint8)
    ring = (cv2.dilate(inside, np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8)) > 0) & (inside == 0)
    if not ring.any():
        return 0.0
    return float(np.abs(made.pixels - view.rgb(box))[ring].mean() / appearance.LEVEL)
