"""Measures a patch over its window, frame by frame, before encoding: what changed, how much, and that nothing changed outside."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.compositing.difference import changed_samples, difference, difference_stats
from engine.compositing.frame import frame_time
from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.jobs.workspace import Workspace
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Media, MediaKind, Patch
from engine.running import CancelToken, Progress, Report


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
    """Raises: MediaError; Cancelled."""
    media, patch, version = request.media, request.patch, request.patch.version
    reviews: list[FrameReview] = []
    if version is None:
        return Review(patch.id, 0, ())
    with workspace.sources() as sources:
        times = [version.anchor]
        if media.kind is MediaKind.VIDEO:
            index = sources.index(media)
            times = [index.time_of(n) for n in index.frames_between(patch.window.start, patch.window.end)]
        before: _Seen | None = None
        for done, time in enumerate(times, start=1):
            cancel.check()
            carried = sources.patch_frame(media, version, frame_time(media, time, sources))
            if carried is not None:
                before = _Seen(sources.picture(media, time), carried, before)
                reviews.append(before.review(time))
                if partial is not None:
                    partial(reviews[-1])
            report(Progress(done / len(times), f"{done} of {len(times)} frames"))
    return Review(patch.id, version.number, tuple(reviews))


class _Seen:
    """A frame with its patch, and what of the frame before is needed to measure flicker."""

    def __init__(self, picture: Picture, carried: PatchFrame, before: "_Seen | None") -> None:
        self.picture, self.carried = picture, carried
        self.patched = replace_frame(picture, carried)
        self._flicker = self._since(before) if before is not None else 0.0

    def review(self, time: Fraction) -> FrameReview:
        diff = difference(self.picture, self.patched)
        stats = difference_stats(self.picture, self.patched, diff, self.carried)
        return FrameReview(time, stats.changed_share, stats.largest, stats.outside_changed_count, self._flicker)

    def _since(self, before: "_Seen") -> float:
        """Keeps pixels of two frames only: the one before lets go of its own predecessor."""
        height, width = self.carried.alpha.shape
        box = (self.carried.x, self.carried.y, width, height)
        box = _inside(box, self.picture)
        meant = changed_samples(self.picture, self.patched)[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
        if not meant.any():
            return 0.0
        change = _rgb(self.patched, box) - _rgb(before.patched, box) - (_rgb(self.picture, box) - _rgb(before.picture, box))
        return float(np.abs(change)[meant].mean() * 255)


def _inside(box: tuple[int, int, int, int], picture: Picture) -> tuple[int, int, int, int]:
    x, y = max(0, box[0]), max(0, box[1])
    return x, y, min(picture.width, box[0] + box[2]) - x, min(picture.height, box[1] + box[3]) - y


def _rgb(picture: Picture, box: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    return region_to_rgb(picture, *box)
