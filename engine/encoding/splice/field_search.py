"""Looks for pictures that are one field of a frame (PAFF) where the file could have some: no encoder continues such a stream.

Reads the first slice of samples, of a few spread over the file and of all around the places that change; decodes nothing.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.errors import BitstreamError
from engine.bitstream.slices import has_field_pictures
from engine.bitstream.sps import Sps
from engine.encoding.splice.errors import UnwritableError
from engine.encoding.splice.sets_in_force import units_of
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex
from engine.media.seeking import packets_from
from engine.planning.splice import splice_points

PAFF = "The video codes its two fields as separate pictures (PAFF)"

_SLICES = {NalType.SLICE, NalType.IDR}
_SPREAD = 32
_HEAD_BYTES = 4096


def has_fields(units: Iterable[bytes], sps: Sps) -> bool:
    """Whether a sample's first slice is one of a field. What cannot be read is none."""
    try:
        first = next((nal for nal in units if nal_type(nal) in _SLICES), None)
        return first is not None and not sps.is_frame_mbs_only and has_field_pictures(first, sps)
    except BitstreamError:
        return False


def refuse_fields(path: str, sps: Sps, length_size: int, index: FrameIndex, runs: Iterable[range]) -> None:
    """Look at every sample from the last IDR before each run to its end. Raises UnwritableError, MediaError."""
    if sps.is_frame_mbs_only:
        return
    points = splice_points(index)
    with open_container(path) as container:
        stream = video_stream(container)
        for run in runs if stream else ():
            assert stream is not None
            before = points.idr[points.idr < run.start]
            first, last = int(before[-1]) if len(before) else 0, int(index.pts[run.stop - 1])
            for packet in packets_from(container, stream, index, first):
                if packet.size and has_fields(_head(bytes(packet), length_size), sps):
                    raise UnwritableError(f"{PAFF} near the changes")
                if packet.dts is not None and packet.dts > last:
                    break


def spread_samples(container: InputContainer, stream: VideoStream, length_size: int) -> Iterator[list[bytes]]:
    """The units at the beginning of keyframes all over the file; `length_size` 0: start codes."""
    base = stream.time_base or Fraction(1)
    length = stream.duration or int(Fraction(container.duration or 0, av.time_base) / base)
    for number in range(1, _SPREAD + 1):
        try:
            container.seek((stream.start_time or 0) + length * number // (_SPREAD + 1), stream=stream, backward=True)
            packet = next((packet for packet in container.demux(stream) if packet.size), None)
        except (av.error.FFmpegError, OSError):
            continue
        if packet is not None:
            yield _head(bytes(memoryview(packet)[:_HEAD_BYTES]), length_size)


def _head(sample: bytes, length_size: int) -> list[bytes]:
    try:
        return list(units_of(sample[:_HEAD_BYTES], length_size, is_prefix=True))
    except BitstreamError:
        return []
