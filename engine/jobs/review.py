"""Measures a patch over its window, frame by frame, before encoding: what changed, how much, and that nothing changed outside.

A frame that was measured once is known for good: its numbers lie in the cache under the name of its carried pixels. What is not
known is measured by several threads, each with files of its own and a part of the window.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from queue import SimpleQueue
from threading import Event

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
from engine.compositing.frame import frame_time
from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.jobs.carried import PatchFrames
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Media, MediaKind, Patch, PatchVersion
from engine.running import CancelToken, Progress, Report

REVIEWS = "patch-reviews"
MEASURE = "measure-1"
"""Changes when the same pixels would give other numbers."""

MOST_THREADS = 4
LEAST_FRAMES_PER_THREAD = 12
_REACH_PX = 4
"""Chroma filters reach one chroma sample beyond what changed."""


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


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """Review the current version of `patch` over its window; frames that were not carried are passed over."""

    media: Media
    patch: Patch


@dataclass(frozen=True, slots=True)
class Review:
    """`frames` by time."""

    patch_id: str
    version_number: int
    frames: tuple[FrameReview, ...]

    @property
    def outside_changed(self) -> int:
        return sum(f.outside_changed for f in self.frames)


Partial = Callable[[FrameReview], None]


def run(
    request: ReviewRequest, workspace: Workspace, *, cancel: CancelToken, report: Report, partial: Partial | None = None
) -> Review:
    """`partial` and `report` are called on the caller's thread. Raises: MediaError; Cancelled."""
    patch, version = request.patch, request.patch.version
    if version is None:
        return Review(patch.id, 0, ())
    with workspace.sources() as sources:
        times = _times(request, version, sources)
    record = _Record(request.media, patch, version, workspace.cache)
    found = record.known(times)
    missing = [place for place, time in enumerate(times) if time not in found]
    try:
        for done, review in enumerate(_measured(request, times, missing, workspace, cancel), start=1):
            if review is not None:
                found[review.time] = review
                if partial is not None:
                    partial(review)
            report(Progress(done / len(missing), f"{done} of {len(missing)} frames"))
    finally:
        if missing:
            record.keep(times, found)
    report(Progress(1.0, "Measured"))
    return Review(patch.id, version.number, tuple(found[time] for time in times if time in found))


def _times(request: ReviewRequest, version: PatchVersion, sources: ProjectSources) -> list[Fraction]:
    """Source times of the window's frames; the anchor's for a still."""
    if request.media.kind is not MediaKind.VIDEO:
        return [version.anchor]
    index, window = sources.index(request.media), request.patch.window
    return [index.time_of(n) for n in index.frames_between(window.start, window.end)]


class _Record:
    """What is known of one version's frames: one entry of the cache, in which each frame's numbers have a name of their own.

    A frame's flicker depends on the frame before, so its name does too.
    """

    def __init__(self, media: Media, patch: Patch, version: PatchVersion, cache: Cache) -> None:
        self._frames, self._cache = PatchFrames(media, patch, cache), cache
        self._entry = Cache.key(MEASURE, self._frames.name(version.anchor))
        data = cache.get(REVIEWS, self._entry)
        self._numbers: dict[str, dict[str, float]] = json.loads(data) if data is not None else {}

    def known(self, times: Sequence[Fraction]) -> dict[Fraction, FrameReview]:
        names = zip(times, self._names(times), strict=True)
        return {time: FrameReview(time, **self._numbers[name]) for time, name in names if name in self._numbers}  # type: ignore[arg-type]

    def keep(self, times: Sequence[Fraction], found: Mapping[Fraction, FrameReview]) -> None:
        for time, name in zip(times, self._names(times), strict=True):
            if time in found:
                self._numbers[name] = {key: value for key, value in asdict(found[time]).items() if key != "time"}
        self._cache.put(REVIEWS, self._entry, json.dumps(self._numbers).encode())

    def _names(self, times: Sequence[Fraction]) -> list[str]:
        keys = [self._frames.name(time) for time in times]
        return [Cache.key(MEASURE, before, now) for before, now in zip(["", *keys], keys, strict=False)]


def _measured(
    request: ReviewRequest, times: Sequence[Fraction], missing: Sequence[int], workspace: Workspace, cancel: CancelToken
) -> Iterator[FrameReview | None]:
    """One answer for each missing frame as it is measured, in no order; None for one that was not carried."""
    parts = _parts(missing)
    answers: SimpleQueue[FrameReview | BaseException | None] = SimpleQueue()
    stopped = Event()

    def work(places: Sequence[int]) -> None:
        try:
            with workspace.sources() as sources:
                for review in _measure(request, times, places, sources):
                    cancel.check()
                    if stopped.is_set():
                        return
                    answers.put(review)
        except BaseException as error:  # raised again on the caller's thread
            answers.put(error)

    with ThreadPoolExecutor(max(1, len(parts)), "review") as pool:
        try:
            for places in parts:
                pool.submit(work, places)
            for _ in missing:
                answer = answers.get()
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            stopped.set()


def _parts(missing: Sequence[int]) -> list[Sequence[int]]:
    """The missing frames in runs of about one length, a thread for each."""
    threads = min(MOST_THREADS, os.cpu_count() or 1, max(1, len(missing) // LEAST_FRAMES_PER_THREAD))
    bounds = [round(len(missing) * n / threads) for n in range(threads + 1)]
    return [missing[start:end] for start, end in pairwise(bounds) if end > start]


def _measure(
    request: ReviewRequest, times: Sequence[Fraction], places: Sequence[int], sources: ProjectSources
) -> Iterator[FrameReview | None]:
    seen: tuple[int, _Seen | None] = (-1, None)
    for place in places:
        carried = _carried(request, times[place], sources)
        if carried is None:
            yield None
            continue
        if place and seen[0] != place - 1:
            before = _carried(request, times[place - 1], sources)
            seen = (place - 1, _Seen(sources.picture(request.media, times[place - 1]), before) if before else None)
        now = _Seen(sources.picture(request.media, times[place]), carried)
        yield now.review(times[place], seen[1] if place else None)
        seen = (place, now)


def _carried(request: ReviewRequest, time: Fraction, sources: ProjectSources) -> PatchFrame | None:
    return sources.patch_frame(request.media, request.patch, frame_time(request.media, time, sources))


class _Seen:
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

    def review(self, time: Fraction, before: "_Seen | None") -> FrameReview:
        outside = outside_count(self.changed, self.box, self.region_box, self.region)
        share = int(self.changed.sum()) / self._pixels
        return FrameReview(time, share, self.largest, outside, self._flicker(before), self.mean)

    def _compare(self, picture: Picture, patched: Picture) -> None:
        one, other = (region_to_rgb(p, *self.box.corner_and_size) for p in (picture, patched))
        levels = levels_between(one, other)
        self.largest, self.mean = int(levels.max()), _mean_over(levels, self.box, self.region_box, self.region)
        self.delta = other - one

    def _flicker(self, before: "_Seen | None") -> float:
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
