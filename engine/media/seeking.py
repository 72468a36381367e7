"""Reads a stream's packets from a place on, in every container, also where seeking is not exact (MPEG-TS)."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from engine.media.index import FrameIndex

_STEPS_BACK = (Fraction(0), Fraction(1), Fraction(4), Fraction(16), Fraction(1 << 32))
"""Seconds to seek before the place, one after another, until the demuxer lands at or before it."""

Packets = Iterator["Packet[VideoStream]"]


def packets_from(container: InputContainer, stream: VideoStream, index: FrameIndex, start: int) -> Packets:
    """Packets of the stream that the index was made of, from decode position `start` on.

    Packets of frames decoded before are left out, those that no frame of the index belongs to (hidden ones) are not. Empty
    packets, which end a file, are included.
    """
    position = _Positions(index)
    for back in _STEPS_BACK:
        time = max(int(index.dts[start]) - int(back / index.time_base), int(index.dts[0]))
        try:
            container.seek(time, stream=stream, backward=True)
        except (av.error.FFmpegError, OSError):
            continue
        packets = container.demux(stream)
        first = next((packet for packet in packets if packet.size and packet.pts is not None), None)
        if first is not None and first.pts is not None and _at_most(position.get(first.pts), start):
            return _from(chain([first], packets), position, start)
    return iter(())


class _Positions:
    """Decode positions by pts, for a few of many: nothing is made per frame of the file."""

    def __init__(self, index: FrameIndex) -> None:
        self._pts = index.pts
        self._place = np.empty(len(index), np.int64)
        self._place[index.decode_order] = np.arange(len(index))

    def get(self, pts: int) -> int | None:
        """None where no frame of the index has this time."""
        number = int(np.searchsorted(self._pts, pts))
        return int(self._place[number]) if number < len(self._pts) and self._pts[number] == pts else None


def _at_most(place: int | None, start: int) -> bool:
    return place is None or place <= start


def _from(packets: Packets, position: _Positions, start: int) -> Packets:
    for packet in packets:
        place = None if packet.pts is None else position.get(packet.pts)
        if place is None or place >= start:
            yield packet
            if place is not None:
                break
    yield from packets
