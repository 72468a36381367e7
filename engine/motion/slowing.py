"""The frames of slow motion: those of a shot as they are, and between each two of them some that are made from both.

Asked for in order. Nothing is made across a hard cut, where the frame before it stays. Knows no file, no clip and no times.
"""

from collections.abc import Callable

import cv2
import numpy as np

from engine.media.colour import region_to_rgb, rgb_to_planes
from engine.media.picture import Picture
from engine.motion.cuts import is_cut
from engine.motion.flow import Field
from engine.motion.interpolation import Way
from engine.motion.view import Rgb01, View
from engine.running import CancelToken

_DOUBT = 0.5
_TILES = (16, 9)
_DOUBTED_SHARE = 1 / 3
"""Of one of so many tiles of the picture: where more cannot be brought together, something is seen to smear or to dissolve."""


class SlowFrames:
    """Frame `n · times` is the n-th of the shot. One object belongs to one thread.

    `own(n)` gives the shot's frames, all of one size and format; `count` says how many there are.
    """

    def __init__(self, own: Callable[[int], Picture], count: int, times: int, cancel: CancelToken) -> None:
        self._own, self._count, self._times, self._cancel = own, count, times, cancel
        self._first = -1
        self._pair: tuple[Picture, Way | None] | None = None
        """A frame, and the way from it to the next where there is one to go."""
        self.made = 0
        """Frames that were made, and not shown once more."""
        self.cuts: list[int] = []
        """Frames of the shot after which another one begins."""
        self.doubtful: list[int] = []
        """Frames of the shot after which something moves in a way that could not be followed."""

    def picture(self, frame: int) -> Picture:
        """Raises Cancelled, and what `own` raises."""
        number, step = divmod(frame, self._times)
        if self._pair is None or number != self._first:
            self._pair = None  # not two of them in memory at a time
            self._first, self._pair = number, self._looked_at(number)
        before, way = self._pair
        if step == 0 or way is None:
            return before
        pixels, doubt = way.picture(step / self._times, cancel=self._cancel)
        self.made += 1
        if self.doubtful[-1:] != [number] and _smears(doubt):
            self.doubtful.append(number)
        return _like(before, pixels)

    def _looked_at(self, number: int) -> tuple[Picture, Way | None]:
        before = self._own(number)
        if number + 1 >= self._count:
            return before, None
        after = self._own(number + 1)
        if all(np.array_equal(one, other) for one, other in zip(before.planes, after.planes, strict=True)):
            return before, None
        if is_cut(View(before).small(), View(after).small()):
            self.cuts.append(number)
            return before, None
        return before, Way(_rgb(before), _rgb(after), cancel=self._cancel)


def _smears(doubt: Field) -> bool:
    return float(cv2.resize((doubt > _DOUBT).astype(np.float32), _TILES, interpolation=cv2.INTER_AREA).max()) > _DOUBTED_SHARE


def _rgb(picture: Picture) -> Rgb01:
    return region_to_rgb(picture, 0, 0, picture.width, picture.height)


def _like(picture: Picture, rgb: Rgb01) -> Picture:
    planes = rgb_to_planes(rgb, picture.format, picture.colour, (picture.width, picture.height))
    return Picture(planes, picture.format, picture.colour)
