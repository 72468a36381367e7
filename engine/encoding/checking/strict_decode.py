"""Decodes stretches of a file's first video stream with a decoder that forgives nothing, one after another.

Frames are recognised by their pts in the source's clock. Must not know what they are compared with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.encoding.av_types import AnyPacket
from engine.encoding.checking.ticks import converted
from engine.errors import MediaError
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex, Int64s

DECODER_THREADS = 2
"""Of each decoder. A thread more is a picture in flight more; two decoders run at once."""


_STEPS_BACK_SECONDS = (1, 4, 16, 1 << 32)
"""Where seeking is not exact (MPEG-TS), the demuxer may land behind the place that was asked for."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A frame and its number in the index; -1 where no frame of the index has its time."""

    number: int
    frame: VideoFrame


class StrictDecoder:
    """One open file. Belongs to one thread; leave its context to close it."""

    def __init__(self, path: str, index: FrameIndex, threads: int = DECODER_THREADS) -> None:
        self._index = index
        self._container: InputContainer = open_container(path)
        stream = video_stream(self._container)
        if stream is None:
            self._container.close()
            raise MediaError("There is no video in the file.")
        self._stream: VideoStream = stream
        self._time_base = Fraction(stream.time_base or index.time_base)
        # The demuxer's own context: it knows the reorder depth where the stream does not say it. A seek empties it.
        stream.codec_context.options = {"err_detect": "explode"}
        stream.codec_context.thread_count = threads
        stream.thread_type = "FRAME"

    def __enter__(self) -> "StrictDecoder":
        return self

    def __exit__(self, *_error: object) -> None:
        self._container.close()

    def frames(self, wide: range, needed: Int64s | None = None, *, goes_on: bool = False) -> Iterator[Decoded]:
        """Decode the packets of `wide`, whose first frame is an IDR or the file's first, in presentation order.

        Packets of frames that are not in `needed` (ascending) may be left out where no other frame refers to them.
        Raises FFmpeg's errors at the first thing that is wrong; with `goes_on` the frames that are wrong are left out.
        """
        for packet, is_needed in self._fed(wide, needed):
            self._stream.codec_context.skip_frame = "DEFAULT" if is_needed else "NONREF"
            yield from self._numbered(self._decoded(packet, goes_on))
        yield from self._numbered(self._decoded(None, goes_on))

    def _fed(self, wide: range, needed: Int64s | None) -> Iterator[tuple[AnyPacket, bool]]:
        is_fed, left = not self._index.is_idr[wide.start], set(wide)
        for packet in self._packets_from(wide.start):
            at = self._number(packet.pts)
            is_fed = is_fed or at == wide.start
            if is_fed:
                yield packet, needed is None or _holds(needed, at)
                left.discard(at)
                if not left:
                    return

    def _decoded(self, packet: AnyPacket | None, goes_on: bool) -> list[VideoFrame]:
        if not goes_on:
            return self._stream.codec_context.decode(packet)
        try:
            return [frame for frame in self._stream.codec_context.decode(packet) if not frame.is_corrupt]
        except av.error.FFmpegError:
            return []

    def _packets_from(self, frame: int) -> Iterator[AnyPacket]:
        """Packets from a point at or before the packet of a frame that is as far in decode as in presentation order."""
        wanted = converted(np.array([self._index.pts[frame], self._index.dts[frame]]), self._index.time_base, self._time_base)
        earlier = [max(int(wanted[1] - back / self._time_base), -(1 << 60)) for back in _STEPS_BACK_SECONDS]
        for target in (*wanted.tolist(), *earlier):
            self._container.seek(target, stream=self._stream, backward=True)
            packets = (packet for packet in self._container.demux(self._stream) if packet.size)
            head = next(packets, None)
            if head is not None and (head.dts is None or head.dts <= wanted[1] or self._number(head.pts) == frame):
                yield head
                yield from packets
                return
        raise MediaError("The file cannot be entered at one of its keyframes.")

    def _number(self, pts: int | None) -> int:
        if pts is None:
            return -1
        if self._time_base != self._index.time_base:
            pts = int(converted(np.array([pts]), self._time_base, self._index.time_base)[0])
        place = int(np.searchsorted(self._index.pts, pts))
        return place if place < len(self._index) and self._index.pts[place] == pts else -1

    def _numbered(self, frames: list[VideoFrame]) -> Iterator[Decoded]:
        return (Decoded(self._number(frame.pts), frame) for frame in frames)


def _holds(numbers: Int64s, number: int) -> bool:
    place = int(np.searchsorted(numbers, number))
    return place < len(numbers) and bool(numbers[place] == number)
