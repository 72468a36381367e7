"""Finds the parameter sets that lie in a stream's samples, so that a new set takes an id that none of them has.

Reads the beginnings of samples only. Where the first sync samples hold no sets, the others are not looked at.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type, parse_pps
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import iter_length_prefixed, split_annexb
from engine.bitstream.sample_tables import SampleTable
from engine.bitstream.sps import parse_sps

_HEAD_BYTES = 4096
_PROBED_SYNC_SAMPLES = 32
_PICTURES = range(1, 6)


def sets_in_table(file: BinaryIO, table: SampleTable, length_size: int) -> list[bytes]:
    """The different sets in the samples of an MP4 or MOV."""
    heads = ((_read(file, offset), sync) for offset, sync in zip(table.offsets.tolist(), table.sync.tolist(), strict=True))
    first = table.offsets[table.sync][:_PROBED_SYNC_SAMPLES].tolist()
    if not any(_units(_read(file, offset), length_size) for offset in first):
        return []
    return _different(heads, length_size)


def sets_in_packets(container: InputContainer, stream: VideoStream, length_size: int) -> list[bytes]:
    """The same for any container, freshly opened; `length_size` 0 is a byte stream with start codes."""
    packets = (packet for packet in container.demux(stream) if packet.size)
    return _different(((bytes(memoryview(p)[:_HEAD_BYTES]), p.is_keyframe) for p in packets), length_size)


def _different(heads: Iterable[tuple[bytes, bool]], length_size: int) -> list[bytes]:
    found: dict[bytes, None] = {}
    probed = 0
    for head, is_sync in heads:
        found.update(dict.fromkeys(_units(head, length_size)))
        probed += is_sync
        if probed >= _PROBED_SYNC_SAMPLES and not found:
            break
    return list(found)


def _read(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(_HEAD_BYTES)


def _units(head: bytes, length_size: int) -> list[bytes]:
    """The sets at the beginning of a sample that a decoder can read; others it cannot use either."""
    return [nal for nal in _before_picture(head, length_size) if _is_readable_set(nal)]


def _before_picture(head: bytes, length_size: int) -> Iterator[bytes]:
    for nal in iter_length_prefixed(head, length_size, is_prefix=True) if length_size else split_annexb(head):
        if nal_type(nal) in _PICTURES:
            return
        yield nal


def _is_readable_set(nal: bytes) -> bool:
    try:
        if nal_type(nal) == NalType.SPS:
            return parse_sps(nal).sps_id >= 0
        return nal_type(nal) == NalType.PPS and parse_pps(nal).pps_id >= 0
    except BitstreamError:
        return False
