"""Decodes exactly the frame that is asked for, forward, backward and at random.

A frame is named by its number in the index and recognised in the decoder's output by its pts, never by counting. A decoder is
started only at a keyframe from which the frame can be decoded: one that is decoded before it and shown no later (the leading
pictures of an open GOP need the keyframe before).
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.errors import MediaError
from engine.media.animated import is_animation
from engine.media.container import SourcePath, display_name, must_count, open_container, video_stream
from engine.media.frames import picture_of
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.rational_time import clock
from engine.running import CancelToken

KEPT_BYTES = 256 << 20
"""Decoded frames that a reader keeps: 80 of 1080p, 20 of 4K. It makes stepping backward cheap."""

_SEEK_GAIN = 12
"""Seeking costs the decoder's start; it pays when it spares at least so many frames."""

_OUT_OF_ORDER = 16
"""A decoder that learns of B-frames late may hand out a few pictures in the wrong order."""

_SHORT = 4
"""A stretch that takes up at most this part of what is kept is decoded whole: it may soon be asked for again."""

_NEVER = 1 << 62
"""A pts behind every other."""


@dataclass(frozen=True, slots=True)
class _Few:
    """What is asked for of a stretch, and whether what nothing refers to may be left out there."""

    frames: frozenset[int]
    cancel: CancelToken
    may_skip: bool


class Reader(Protocol):
    """Pictures by frame number. One object belongs to one thread."""

    def picture(self, frame: int) -> Picture: ...

    def pictures(self, frames: range) -> Iterator[Picture]: ...

    def few(self, frames: Sequence[int], cancel: CancelToken) -> Iterator[Picture]: ...

    def close(self) -> None: ...


def open_reader(path: SourcePath, index: FrameIndex, kept_bytes: int = KEPT_BYTES, threads: int = 0) -> Reader:
    """A reader for a moving file: through FFmpeg, or through Pillow for animated WebP and PNG. Raises MediaError.

    `threads` decode at once, 0 = as many as the computer has cores.
    """
    if is_animation(path):
        from engine.media.animation import AnimationReader  # brings Pillow

        return AnimationReader(path, index)
    return VideoReader(path, index, kept_bytes, threads)


def damaged_frame(
    path: SourcePath, index: FrameIndex, frame: int, what: str, hint: str = "Choose another frame, or copy the file again."
) -> MediaError:
    """The error of a frame whose packet is damaged; `what` cannot be done with it: "shown", "changed"."""
    place = f"Frame {frame} at {clock(index.time_of(frame))} of “{display_name(path)}”"
    return MediaError(f"{place} is damaged and cannot be {what}.", hint)


class VideoReader:
    """The first video stream of a file. For use by one thread; `close()` it."""

    def __init__(self, path: SourcePath, index: FrameIndex, kept_bytes: int = KEPT_BYTES, threads: int = 0) -> None:
        self._path, self._index, self._kept_bytes, self._threads = path, index, kept_bytes, threads
        self._decode_position = np.empty(len(index), np.int64)
        self._decode_position[index.decode_order] = np.arange(len(index))
        self._frame_of_pts = {int(pts): frame for frame, pts in enumerate(index.pts)}
        self._kept: OrderedDict[int, VideoFrame | Picture] = OrderedDict()
        self._wanted = -1
        self._few: _Few | None = None
        self._frame_bytes = 0
        self._container: InputContainer | None = None
        self._open()

    def picture(self, frame: int) -> Picture:
        """The exact picture of a frame. Raises MediaError where it cannot be decoded, IndexError outside the file."""
        if not 0 <= frame < len(self._index):
            raise IndexError(frame)
        if frame not in self._kept:
            self._decode_to(frame)
        found = self._kept[frame]
        if not isinstance(found, Picture):
            found = self._kept[frame] = picture_of(found)
        self._kept.move_to_end(frame)
        return found

    def pictures(self, frames: range) -> Iterator[Picture]:
        """The pictures one after another."""
        return (self.picture(frame) for frame in frames)

    def few(self, frames: Sequence[int], cancel: CancelToken) -> Iterator[Picture]:
        """The pictures of a few frames of a long stretch, in this order. What lies between them is decoded only where they refer
        to it, and not kept. Raises as `picture`; Cancelled, also within a stretch.
        """
        stretch = (max(frames) - min(frames) + 1) if frames else 0
        fits = 0 < stretch * self._frame_bytes <= self._kept_bytes // _SHORT
        self._few = _Few(frozenset(frames), cancel, may_skip=self._counted is None and not fits)
        try:
            for frame in frames:
                yield self.picture(frame)
        finally:
            if self._few.may_skip:
                self._shown_pts = _NEVER  # what was left out comes only from a keyframe again
                self._stream.codec_context.skip_frame = "DEFAULT"
            self._few = None

    def close(self) -> None:
        """Give the file and all memory back; may be called twice."""
        self._kept.clear()
        if self._container is not None:
            self._container.close()
            self._container = None

    # --- choosing where to start -------------------------------------------------------------------------------------

    def _decode_to(self, frame: int) -> None:
        starts = self._starts(frame)
        if self._can_go_on(frame, starts[0]) and self._run_to(frame):
            return
        for start in starts:
            self._seek(start)
            if self._run_to(frame):
                return
        raise damaged_frame(self._path, self._index, frame, "shown")

    def _can_go_on(self, frame: int, start: int) -> bool:
        """Whether decoding on from here comes to the frame, and no keyframe ahead makes a seek cheaper."""
        return self._index.pts[frame] > self._shown_pts and start <= self._fed + _SEEK_GAIN

    def _starts(self, frame: int) -> list[int]:
        """Decode positions to start at, best first: the last fitting keyframe, the one before it, the file's beginning."""
        fed_before = self._index.decode_order[: self._decode_position[frame] + 1]
        fitting = np.flatnonzero(self._index.is_keyframe[fed_before] & (fed_before <= frame))
        return [*(int(place) for place in fitting[:-3:-1] if place), 0]

    # --- moving the demuxer ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._container is not None:
            self._container.close()
        self._container = open_container(self._path)
        stream = video_stream(self._container)
        if stream is None:
            raise MediaError(f"“{display_name(self._path)}” has no video.")
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = self._threads
        self._stream: VideoStream = stream
        self._counted = 0 if must_count(self._container, stream) else None
        self._restart(0)

    def _restart(self, start: int) -> None:
        assert self._container is not None
        self._packets = self._container.demux(self._stream)
        self._fed = start - 1
        self._shown_pts = -_NEVER
        self._valid_pts = -_NEVER

    def _seek(self, start: int) -> None:
        """Place the demuxer at or before the packet at decode position `start`, which must be a keyframe or 0."""
        assert self._container is not None
        keyframe = int(self._index.decode_order[start])
        second = int(1 / self._index.time_base)
        earlier = (self._index.dts[start] - second, self._index.dts[start] - 4 * second)  # MPEG-TS lands too late
        for target in (self._index.pts[keyframe], self._index.dts[start], *earlier) if start else ():
            try:
                self._container.seek(int(target), stream=self._stream, backward=True)
            except (av.error.FFmpegError, OSError):
                break
            self._restart(start)
            if self._skip_to_keyframe(start):
                return
        self._open()

    def _skip_to_keyframe(self, start: int) -> bool:
        """Drop packets up to the first keyframe and feed that; False where it lies behind `start`.

        Frames shown before it are dropped later on: what they refer to was never decoded.
        """
        for packet in self._packets:
            frame = self._frame_of(packet)
            if frame is None or not self._index.is_keyframe[frame]:
                if frame is not None and self._decode_position[frame] > start:
                    return False
                continue
            if self._decode_position[frame] > start:
                return False
            self._valid_pts = int(self._index.pts[frame])
            self._feed(packet)
            return True
        return False

    def _frame_of(self, packet: "Packet[VideoStream]") -> int | None:
        return None if packet.pts is None else self._frame_of_pts.get(packet.pts)

    # --- decoding ----------------------------------------------------------------------------------------------------

    def _run_to(self, frame: int) -> bool:
        """Decode until the frame has come out; False where it does not come (its packet is damaged)."""
        if frame in self._kept:
            return True
        self._wanted = frame
        too_late = int(self._index.pts[min(frame + _OUT_OF_ORDER, len(self._index) - 1)])
        try:
            for packet in self._packets:
                if self._few is not None:
                    self._few.cancel.check()
                self._feed(packet)
                if frame in self._kept:
                    return True
                if self._shown_pts > too_late:
                    return False
        except (av.error.FFmpegError, OSError):
            pass  # the demuxer cannot go on: the disk refuses, or the file ends inside a packet
        return False

    def _feed(self, packet: "Packet[VideoStream]") -> None:
        if packet.is_corrupt and self._index.torn:
            return  # the last one: it gives nothing, and threads would take its error for that of the frames before it
        frame = self._frame_of(packet)
        if frame is not None:
            self._fed = max(self._fed, int(self._decode_position[frame]))
        if self._few is not None and self._few.may_skip:
            self._stream.codec_context.skip_frame = "DEFAULT" if self._is_wanted(frame) else "NONREF"
        try:
            decoded = packet.decode()
        except (av.error.FFmpegError, ValueError):
            return  # a damaged packet: the frames that do come are still good, and what does not come is missed by its pts
        for picture in decoded:
            self._keep(picture)

    def _keep(self, picture: VideoFrame) -> None:
        if self._counted is not None and self._counted < len(self._index):
            picture.pts = int(self._index.pts[self._counted])
            self._counted += 1
        if picture.pts is None or picture.pts < self._valid_pts:
            return
        self._shown_pts = max(self._shown_pts, picture.pts)
        frame = self._frame_of_pts.get(picture.pts)
        if frame is None or frame in self._kept or not self._is_wanted(frame):
            return
        self._kept[frame] = picture
        self._frame_bytes = size = sum(plane.buffer_size for plane in picture.planes)
        while len(self._kept) > max(4, self._kept_bytes // max(size, 1)):
            del self._kept[next(kept for kept in self._kept if kept != self._wanted)]

    def _is_wanted(self, frame: int | None) -> bool:
        few = self._few
        return few is None or not few.may_skip or frame is None or frame in few.frames or frame == self._wanted
