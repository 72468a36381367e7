"""What a patch changes on a frame, as numbers taken from its pixels before encoding, and where such numbers are kept.

A frame that was measured once is known for good: its numbers lie in the cache under the name of its carried pixels. Opens no file
and decodes nothing: pictures are handed in.
"""

import json
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.compositing.difference import (
    Box,
    Mask,
    changed_box,
    changed_in,
    covered_in,
    levels_between,
    outside_count,
)
from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.jobs.carried import PatchFrames
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Media, Patch, PatchVersion

REVIEWS = "patch-reviews"
MEASURE = "measure-1"
"""Changes when the same pixels would give other numbers."""

_REACH_PX = 4
"""Chroma filters reach one chroma sample beyond what changed."""
_MOST_BEHIND = 4
"""Frames that wait to be measured before the work that makes them waits too."""


@dataclass(frozen=True, slots=True)
class FrameReview:
    """One frame of the window. Levels are 8-bit levels."""

    time: Fraction
    changed_share: float
    """Share of the picture's pixels that changed, 0..1."""
    largest: int
    outside_changed: int
    """Pixels outside the region with a changed sample; 0 is the promise, and it is counted, not claimed."""
    flicker: float
    """Mean level in the region of what changed since the frame before and did not change in the original."""
    mean: float = 0.0
    """Mean change over the region."""


class Record:
    """What is known of one version's frames: one entry of the cache, in which each frame's numbers have a name of their own.

    A frame's flicker depends on the frame before, so its name does too. `times` are those of the window's frames, in order.
    """

    def __init__(self, media: Media, patch: Patch, version: PatchVersion, times: Sequence[Fraction], cache: Cache) -> None:
        frames = PatchFrames(media, patch, cache)
        self._cache, self._entry = cache, Cache.key(MEASURE, frames.name(version.anchor))
        keys = [frames.name(time) for time in times]
        pairs = zip(["", *keys], keys, strict=False)
        self._names = {time: Cache.key(MEASURE, *pair) for time, pair in zip(times, pairs, strict=True)}
        data = cache.get(REVIEWS, self._entry)
        self._numbers: dict[str, dict[str, float]] = json.loads(data) if data is not None else {}

    def known(self) -> dict[Fraction, FrameReview]:
        pairs = ((time, self._numbers.get(name)) for time, name in self._names.items())
        return {time: FrameReview(time, **numbers) for time, numbers in pairs if numbers is not None}  # type: ignore[arg-type]

    def keep(self, found: Iterable[FrameReview]) -> None:
        for review in found:
            numbers = {key: value for key, value in asdict(review).items() if key != "time"}
            self._numbers[self._names[review.time]] = numbers
        self._cache.put(REVIEWS, self._entry, json.dumps(self._numbers).encode())


class Measuring:
    """Measures frames beside the work that makes them, while their pictures are there anyway; what it found is kept at the end.

    Belongs to the thread that makes it, and works on one of its own. Frames come in any order, each next to one that came before:
    a frame's numbers are known once the frame before it has come too.
    """

    def __init__(self, media: Media, patch: Patch, version: PatchVersion, times: Sequence[Fraction], cache: Cache) -> None:
        self._frames = PatchFrames(media, patch, cache)
        self._record, self._times = Record(media, patch, version, times, cache), times
        self._places = {time: place for place, time in enumerate(times)}
        self._done = {self._places[time] for time in self._record.known()}
        self._seen: dict[int, Seen] = {}
        self._found: list[FrameReview] = []
        self._pool = ThreadPoolExecutor(1, "measuring")
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> "Measuring":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        if self._found:
            self._record.keep(self._found)

    def add(self, time: Fraction, picture: Picture) -> None:
        """Measure the frame that begins at `time` and shows `picture`; it must have been carried."""
        place = self._places.get(time)
        if place is None or self._done.issuperset((place, min(place + 1, len(self._times) - 1))):
            return
        self._waiting.append(self._pool.submit(self._add, place, picture))
        if len(self._waiting) > _MOST_BEHIND:
            self._waiting.popleft().result()

    def _add(self, place: int, picture: Picture) -> None:
        carried = self._frames.frame(self._times[place])
        if carried is None:
            return
        self._seen[place] = Seen(picture, carried)
        for now in (place, place + 1):
            if now in self._seen and now not in self._done and (now == 0 or now - 1 in self._seen):
                self._found.append(self._seen[now].review(self._times[now], self._seen.get(now - 1)))
                self._done.add(now)
        for near in (place - 1, place, place + 1):
            if near in self._done and (near + 1 in self._done or near + 1 == len(self._times)):
                self._seen.pop(near, None)


class Seen:
    """What a patch changes on one frame, kept in the rectangle that it changes."""

    def __init__(self, picture: Picture, carried: PatchFrame) -> None:
        patched = replace_frame(picture, carried)
        self._pixels = picture.width * picture.height
        tight = changed_box(picture, patched)  # the whole picture is compared
        self.box = tight.grown(_REACH_PX, picture.width, picture.height) if tight.width else tight
        self.changed = changed_in(picture, patched, self.box)
        self.region_box, self.region = covered_in(picture, carried)
        self.largest, self.mean = 0, 0.0
        self.delta: npt.NDArray[np.float32] = np.zeros((0, 0, 3), np.float32)
        if self.box.width:
            self._compare(picture, patched)

    def review(self, time: Fraction, before: "Seen | None") -> FrameReview:
        outside = outside_count(self.changed, self.box, self.region_box, self.region)
        share = int(self.changed.sum()) / self._pixels
        return FrameReview(time, share, self.largest, outside, self._flicker(before), self.mean)

    def _compare(self, picture: Picture, patched: Picture) -> None:
        one, other = (region_to_rgb(p, *self.box.corner_and_size) for p in (picture, patched))
        levels = levels_between(one, other)
        self.largest, self.mean = int(levels.max()), _mean_over(levels, self.box, self.region_box, self.region)
        self.delta = other - one

    def _flicker(self, before: "Seen | None") -> float:
        """The change of a change is what is new in the result and not in the original."""
        if before is None or not self.changed.any():
            return 0.0
        change = self.delta.copy()
        mine, other = _overlap(self.box, before.box)
        change[mine] -= before.delta[other]
        mean = cv2.mean(cv2.absdiff(change, np.zeros((), np.float64)), self.changed.view(np.uint8))
        return float(sum(mean[:3]) / 3 * 255)


def _mean_over(levels: npt.NDArray[np.uint8], box: Box, region_box: Box, region: Mask) -> float:
    """Mean level over the region; it is 0 where the region reaches beyond what changed."""
    count = int(region.sum())
    mine, other = _overlap(box, region_box)
    return float(levels[mine][region[other]].sum() / count) if count else 0.0


def _overlap(one: Box, other: Box) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """What two rectangles share, as slices of each."""
    left, top = max(one.x, other.x), max(one.y, other.y)
    right = max(left, min(one.x + one.width, other.x + other.width))
    bottom = max(top, min(one.y + one.height, other.y + other.height))
    return (
        (slice(top - one.y, bottom - one.y), slice(left - one.x, right - one.x)),
        (slice(top - other.y, bottom - other.y), slice(left - other.x, right - other.x)),
    )
