"""Measures a patch over its window, frame by frame, before encoding: what changed, how much, and that nothing changed outside.

Frames that were carried in this session were measured on the way. What is not known is decoded here once, in order, while several
threads measure.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from engine.jobs.measuring import FrameReview, Record, Seen
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.picture import Picture
from engine.project.model import Media, MediaKind, Patch, PatchVersion
from engine.running import CancelToken, Progress, Report

__all__ = ["FrameReview", "Partial", "Review", "ReviewRequest", "run"]

MOST_THREADS = 4
_AHEAD = 2
"""Decoded frames that wait for each thread that measures."""


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
        record = Record(request.media, patch, version, times, workspace.cache)
        found = record.known()
        missing = [place for place, time in enumerate(times) if time not in found]
        fresh: list[FrameReview] = []
        try:
            for done, review in enumerate(_measured(request, times, missing, sources, cancel), start=1):
                if review is not None:
                    fresh.append(review)
                    if partial is not None:
                        partial(review)
                report(Progress(done / len(missing), f"{done} of {len(missing)} frames"))
        finally:
            if fresh:
                record.keep(fresh)
    found |= {review.time: review for review in fresh}
    report(Progress(1.0, "Measured"))
    return Review(patch.id, version.number, tuple(found[time] for time in times if time in found))


def _times(request: ReviewRequest, version: PatchVersion, sources: ProjectSources) -> list[Fraction]:
    """Source times of the window's frames; the anchor's for a still."""
    if request.media.kind is not MediaKind.VIDEO:
        return [version.anchor]
    index, window = sources.index(request.media), request.patch.window
    return [index.time_of(n) for n in index.frames_between(window.start, window.end)]


_Measured = tuple[Seen | None, FrameReview | None]


def _measured(
    request: ReviewRequest, times: Sequence[Fraction], missing: Sequence[int], sources: ProjectSources, cancel: CancelToken
) -> Iterator[FrameReview | None]:
    """One answer for each missing frame, in order; None for one that was not carried. Decoded here, measured by threads."""
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[_Measured]] = deque()
    last: tuple[int, Future[_Measured] | None] = (-1, None)
    with ThreadPoolExecutor(threads, "review") as pool:

        def begun(place: int, before: Future[_Measured] | None) -> Future[_Measured]:
            cancel.check()
            picture = sources.picture(request.media, times[place])
            return pool.submit(_measure, request, times[place], picture, before, sources)

        try:
            for place in missing:
                before = last[1] if last[0] == place - 1 else begun(place - 1, None)
                last = place, begun(place, before)
                waiting.append(last[1])
                if len(waiting) > threads * (1 + _AHEAD):
                    yield waiting.popleft().result()[1]
            while waiting:
                cancel.check()
                yield waiting.popleft().result()[1]
        finally:
            pool.shutdown(cancel_futures=True)


def _measure(
    request: ReviewRequest, time: Fraction, picture: Picture, before: Future[_Measured] | None, sources: ProjectSources
) -> _Measured:
    """`before` was begun earlier, so it is done or at work: to wait for it never waits for oneself."""
    carried = sources.patch_frame(request.media, request.patch, time)
    if carried is None:
        return None, None
    seen = Seen(picture, carried)
    return seen, seen.review(time, before.result()[0] if before is not None else None)
