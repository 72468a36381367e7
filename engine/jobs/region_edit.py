"""One region edit on one frame: cut the crop, ask the provider, keep only what lies inside the region.

A provider sees an upright crop with some surroundings. What comes back is turned to stored orientation and cut to the box of the
region's alpha; outside the alpha it is the source's own pixels again, whatever the provider did there.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import repeat
from threading import Lock
from typing import Protocol, cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import as_stored, upright
from engine.compositing.mask import RegionMask, region_mask
from engine.jobs.remote import as_sent, fitted_to, is_picture
from engine.media.colour import region_to_rgb
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.motion.cuts import is_cut
from engine.motion.view import View
from engine.project.model import Region
from engine.providers.protocol import Area, ContextCrop, Crop, RegionEditor, RegionEditReply, RegionEditRequest
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report

CONTEXT_SHARE = 0.5
"""Surroundings shown to a provider on each side, as a share of the region's larger side."""
CONTEXT_MIN_PX = 32
CONTEXT_MAX_PX = 256
_AHEAD = 2
"""Frames of the shot that are decoded before they are asked for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The stored picture that is edited, and how it is displayed."""

    picture: Picture
    rotation: int
    pixel_aspect: Fraction


@dataclass(frozen=True, slots=True)
class EditedRegion:
    """What came back, cut to the region's box: `pixels` (h, w, 3) stored R'G'B', uint8 or uint16."""

    x: int
    y: int
    pixels: Crop
    raw_reply: str = ""
    """What `keep_raw` named the reply as it came; empty for offline providers."""
    cost_usd: float = 0.0
    model: str = ""
    warnings: tuple[str, ...] = ()


KeepRaw = Callable[[RegionEditReply], str]
"""Stores a remote reply as it came and returns its asset's hash; called before anything is done with it."""


@dataclass(frozen=True, slots=True)
class _Window:
    """A rectangle of the stored picture: the region's box with its surroundings."""

    x: int
    y: int
    width: int
    height: int

    def grown(self, margin: int, picture: Picture) -> "_Window":
        left, top = max(0, self.x - margin), max(0, self.y - margin)
        right = min(picture.width, self.x + self.width + margin)
        bottom = min(picture.height, self.y + self.height + margin)
        return _Window(left, top, right - left, bottom - top)


def edit_region(
    editor: RegionEditor,
    frame: Frame,
    region: Region | RegionMask,
    *,
    prompt: str = "",
    image: npt.NDArray[np.uint8] | None = None,
    params: Mapping[str, float | str | bool] | None = None,
    seed: int = 0,
    context: "ShotContext | None" = None,
    cancel: CancelToken,
    report: Report,
    keep_raw: KeepRaw | None = None,
    kept: RegionEditReply | None = None,
) -> EditedRegion:
    """Ask `editor` for the region of one frame (or for its alpha there), or use a reply that it gave before (`kept`).

    Raises: EditError where the region lies outside the picture; ProviderError where the reply does not fit; Cancelled.
    """
    mask = region if isinstance(region, RegionMask) else _mask_of(region, frame)
    window = _window_of(mask, frame.picture)
    crop, alpha = upright_crop(frame, window), np.ascontiguousarray(upright(_mask_on(mask, window), frame.rotation))
    request = RegionEditRequest(crop, alpha, prompt, image, params or {}, seed, keep_raw)
    if editor.info.is_remote:
        request = as_sent(request, editor.info, frame.picture.colour, _aspect(frame))
    local = context.around(window) if context is not None and editor.info.needs_context else None
    cancel.check()
    usable = kept if kept is not None and is_picture(kept, editor.info) else None
    reply = usable or editor.edit(request, local, cancel=cancel, report=report)
    # What was paid for is on the disk before anybody looks at it, also where the user has cancelled meanwhile.
    has_picture = editor.info.is_remote and bool(reply.raw or reply.pixels.size)
    name = reply.kept or (keep_raw(reply) if keep_raw is not None and has_picture else "")
    cancel.check()
    fitted = fitted_to(editor.info, reply, request, crop, alpha, is_kept=bool(name))
    pixels = _enforced(as_stored(fitted.pixels, frame.rotation), frame, mask, window)
    return EditedRegion(mask.x, mask.y, pixels, name, reply.cost_usd, reply.model, (*reply.warnings, *fitted.warnings))


def _aspect(frame: Frame) -> float:
    """Width over height of a pixel of the upright crop."""
    return float(1 / frame.pixel_aspect if frame.rotation % 180 else frame.pixel_aspect)


def upright_crop(frame: Frame, window: _Window) -> Crop:
    """(h, w, 3) R'G'B' of a window as displayed: uint8 for 8-bit sources, uint16 over the full 0..65535 for deeper ones."""
    return np.ascontiguousarray(upright(_stored_crop(frame.picture, window), frame.rotation))


def _stored_crop(picture: Picture, window: _Window) -> Crop:
    rgb = region_to_rgb(picture, window.x, window.y, window.width, window.height)
    peak, depth = (255.0, cv2.CV_8U) if picture.format.bits == 8 else (65535.0, cv2.CV_16U)
    # Rounded and clipped in one pass: a clean plate asks for fifty crops.
    return cast(Crop, cv2.addWeighted(rgb, peak, rgb, 0.0, 0.0, dtype=depth))


def _mask_of(region: Region, frame: Frame) -> RegionMask:
    return region_mask(region, frame.picture.width, frame.picture.height, frame.rotation, frame.pixel_aspect)


def _window_of(mask: RegionMask, picture: Picture) -> _Window:
    x, y, width, height = mask.box
    margin = min(CONTEXT_MAX_PX, max(CONTEXT_MIN_PX, round(max(width, height) * CONTEXT_SHARE)))
    return _Window(x, y, width, height).grown(margin, picture)


def _mask_on(mask: RegionMask, window: _Window) -> npt.NDArray[np.float32]:
    full = np.zeros((window.height, window.width), np.float32)
    height, width = mask.alpha.shape
    top, left = mask.y - window.y, mask.x - window.x
    full[top : top + height, left : left + width] = mask.alpha
    return full


def _enforced(stored: Crop, frame: Frame, mask: RegionMask, window: _Window) -> Crop:
    """The reply cut to the mask's box, with the source's own pixels wherever alpha is 0."""
    top, left = mask.y - window.y, mask.x - window.x
    height, width = mask.alpha.shape
    own = _stored_crop(frame.picture, _Window(mask.x, mask.y, width, height))
    reply = stored[top : top + height, left : left + width]
    kept = own.copy()
    kept[mask.alpha > 0] = reply[mask.alpha > 0]
    return kept


class Shot(Protocol):
    """Where the other frames of a video come from, by source time."""

    def picture(self, time: Fraction) -> Picture: ...

    def few(self, times: Sequence[Fraction]) -> Iterator[Picture]:
        """The pictures of some times, in this order; only what they need is decoded."""


class ShotContext:
    """The shot round one frame, for local providers that need it; nothing is decoded before it is asked for.

    `index` and `shot` are None for a still, which has no other frames.
    """

    def __init__(
        self, index: FrameIndex | None, shot: Shot | None, frame: Frame, anchor: Fraction, cancel: CancelToken
    ) -> None:
        self._index, self._source, self._frame, self._cancel = index, shot, frame, cancel
        self._window = _Window(0, 0, frame.picture.width, frame.picture.height)
        self._shown, self._decoding = (anchor, frame.picture), Lock()
        self.anchor = anchor

    def around(self, window: _Window) -> "ShotContext":
        self._window = window
        return self

    @property
    def picture(self) -> Area:
        """The whole displayed picture, counted from the crop's left upper pixel."""
        x, y, _, _ = self._displayed(self._window)
        stored = self._frame.picture
        _, _, width, height = self._displayed(_Window(0, 0, stored.width, stored.height))
        return -x, -y, width, height

    def times(self, window: TimeRange) -> tuple[Fraction, ...]:
        """Source times of the frames that begin in a source range; a still's anchor."""
        if self._index is None:
            return (self.anchor,)
        return tuple(self._index.time_of(number) for number in self._index.frames_between(window.start, window.end))

    def shot(self, times: Iterable[Fraction]) -> Iterator[Fraction]:
        """The times given, up to the first whose frame shows another shot than the one before it."""
        before = View(self._frame.picture).small()
        for time, picture in self._ahead(times):
            self._cancel.check()
            now = View(picture).small()
            if is_cut(before, now):
                return
            self._shown = time, picture
            yield time
            before = now

    def _ahead(self, times: Iterable[Fraction]) -> Iterator[tuple[Fraction, Picture]]:
        """The pictures of these times, the next ones decoded while one is looked at."""
        wanted = tuple(times)
        pictures = self._source.few(wanted) if self._source is not None else repeat(self._frame.picture)
        waiting: deque[tuple[Fraction, Future[Picture]]] = deque()
        with ThreadPoolExecutor(1, "decoding ahead") as pool:
            try:
                for time in wanted:
                    waiting.append((time, pool.submit(self._next, pictures)))
                    if len(waiting) > _AHEAD:
                        yield waiting[0][0], waiting.popleft()[1].result()
                for time, picture in waiting:
                    yield time, picture.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _next(self, pictures: Iterator[Picture]) -> Picture:
        with self._decoding:
            return next(pictures)

    def crop(self, time: Fraction, area: Area) -> ContextCrop | None:
        """A part of the frame shown at a source time, clipped to the picture; None where it lies outside, or is damaged."""
        self._cancel.check()
        left, top, width, height = self.picture
        x, y = max(left, area[0]), max(top, area[1])
        right, bottom = min(left + width, area[0] + area[2]), min(top + height, area[1] + area[3])
        if right <= x or bottom <= y:
            return None
        window = turned((x - left, y - top, right - x, bottom - y), width, height, -self._frame.rotation % 360)
        picture = self._at(time)
        if picture.is_damaged and time != self.anchor:
            return None
        shot = Frame(picture, self._frame.rotation, self._frame.pixel_aspect)
        return ContextCrop(time, upright_crop(shot, _Window(*window)), x, y)

    def frames(self, window: TimeRange, margin: int) -> Iterator[tuple[Fraction, Crop]]:
        """(source time, the crop grown by `margin` pixels on each side) for the frames of a source range."""
        area = self._window.grown(margin, self._frame.picture)
        for time in self.times(window):
            self._cancel.check()
            shot = Frame(self._at(time), self._frame.rotation, self._frame.pixel_aspect)
            yield time, upright_crop(shot, area)

    def _at(self, time: Fraction) -> Picture:
        shown = self._shown
        if self._source is None or time == self.anchor:
            return self._frame.picture
        if time == shown[0]:
            return shown[1]
        with self._decoding:
            return self._source.picture(time)

    def _displayed(self, window: _Window) -> Area:
        stored = self._frame.picture
        area = (window.x, window.y, window.width, window.height)
        return turned(area, stored.width, stored.height, self._frame.rotation)


def turned(area: Area, width: int, height: int, rotation: int) -> Area:
    """Where an area of a `width` × `height` picture lies once the picture is turned clockwise by 0, 90, 180 or 270 degrees."""
    x, y, w, h = area
    return {
        0: (x, y, w, h), 90: (height - y - h, x, h, w), 180: (width - x - w, height - y - h, w, h), 270: (y, width - x - w, h, w),
    }[rotation]
