"""Reads a stream's packets from a place on, in every container, also where seeking is not exact (MPEG-TS)."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av.error
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
    position = {pts: place for place, pts in enumerate(index.pts[index.decode_order].tolist())}
    for back in _STEPS_BACK:
        time = max(int(index.dts[start]) - int(back / index.time_base), int(index.dts[0]))
        try:
            container.seek(time, stream=stream, backward=True)
        except (av.error.FFmpegError, OSError):
            continue
        packets = container.demux(stream)
        first = next((packet for packet in packets if packet.size and packet.pts is not None), None)
        if first is not None and first.pts is not None and position.get(first.pts, -1) <= start:
            return _from(chain([first], packets), position, start)
    return iter(())


def _from(packets: Packets, position: dict[int, int], start: int) -> Packets:
    for packet in packets:
        place = None if packet.pts is None else position.get(packet.pts)
        if place is None or place >= start:
            yield packet
            if place is not None:
                break
    yield from packets
