"""The H.264 decoder configuration record (`avcC`): reading, writing, and adding a second encoder's parameter sets.

Must not know boxes or files. Source: ISO/IEC 14496-15, 5.3.3.1.
"""

from collections.abc import Collection, Set
from dataclasses import dataclass, replace

from engine.bitstream.avc import NalType, nal_type, parse_pps
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import LENGTH_SIZES, join_length_prefixed, split_annexb
from engine.bitstream.sps import parse_sps_id

MAX_SPS_COUNT = 31
MAX_PPS_COUNT = 255
MAX_SPLICE_ID = 31
"""The highest id that a sequence parameter set may have; picture parameter sets go further, but x264 gives both one id."""

DROPPED_BY_DEFAULT = frozenset({NalType.SPS, NalType.PPS, NalType.SPS_EXTENSION, NalType.SEI, NalType.AUD})

_PROFILES_WITHOUT_CHROMA = {66, 77, 88}


@dataclass(frozen=True, slots=True)
class Chroma:
    """What the record of a High profile adds: `chroma_format_idc` (0 to 3), bit depths (8 to 15), SPS extensions."""

    format_idc: int
    bit_depth_luma: int
    bit_depth_chroma: int
    sps_extensions: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AvcC:
    """A decoder configuration record; parameter sets are NAL units with their header byte.

    `chroma` is None for Baseline, Main and Extended, and for records that leave it out against the standard.
    """

    profile: int
    compat: int
    level: int
    length_size: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    chroma: Chroma | None = None


class _Cursor:
    """Bounds-checked bytes, one field after another."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, count: int) -> bytes:
        if count > self.left():
            raise BitstreamError("The decoder configuration 'avcC' ends before its last field.")
        self._position += count
        return self._data[self._position - count : self._position]

    def byte(self) -> int:
        return self.take(1)[0]

    def sets(self, count: int) -> tuple[bytes, ...]:
        return tuple(self.take(int.from_bytes(self.take(2), "big")) for _ in range(count))


def parse_avcc(data: bytes) -> AvcC:
    """Parse the body of an `avcC` box (a stream's extradata). Raises BitstreamError; bytes after the end are ignored."""
    cursor = _Cursor(data)
    if cursor.byte() != 1:
        raise BitstreamError("The decoder configuration 'avcC' has an unknown version.")
    profile, compat, level = cursor.take(3)
    length_size = (cursor.byte() & 3) + 1
    if length_size not in LENGTH_SIZES:
        raise BitstreamError(f"The decoder configuration 'avcC' declares {length_size}-byte lengths.")
    sps = cursor.sets(cursor.byte() & 31)
    pps = cursor.sets(cursor.byte())
    has_chroma = profile not in _PROFILES_WITHOUT_CHROMA and cursor.left() >= 4
    return AvcC(profile, compat, level, length_size, sps, pps, _parse_chroma(cursor) if has_chroma else None)


def build_avcc(record: AvcC) -> bytes:
    """The bytes of a record. Raises BitstreamError where a count or a set does not fit its field."""
    if record.length_size not in LENGTH_SIZES:
        raise BitstreamError(f"NAL unit lengths have 1, 2 or 4 bytes, not {record.length_size}.")
    if len(record.sps) > MAX_SPS_COUNT or len(record.pps) > MAX_PPS_COUNT:
        raise BitstreamError("There are more parameter sets than an 'avcC' can hold.")
    head = bytes((1, record.profile, record.compat, record.level, 0xFC | (record.length_size - 1)))
    sps = bytes((0xE0 | len(record.sps),)) + join_length_prefixed(record.sps, 2)
    pps = bytes((len(record.pps),)) + join_length_prefixed(record.pps, 2)
    return head + sps + pps + (_build_chroma(record.chroma) if record.chroma else b"")


def merge(source: AvcC, sps: bytes, pps: bytes) -> AvcC:
    """The source's record with another encoder's sets added, so that one sample entry serves both.

    The profile stays the source's, `compat` is the AND and `level` the maximum. Sets that are there byte for byte are
    not added again. Raises BitstreamError where another set has the same id, or there is no room.
    """
    has_sps, has_pps = sps in source.sps, pps in source.pps
    if not has_sps and parse_sps_id(sps) in {parse_sps_id(known) for known in source.sps}:
        raise BitstreamError("Another sequence parameter set of the source has the same id.")
    if not has_pps and parse_pps(pps).pps_id in {parse_pps(known).pps_id for known in source.pps}:
        raise BitstreamError("Another picture parameter set of the source has the same id.")
    merged = replace(
        source,
        compat=source.compat if has_sps else source.compat & sps[2],
        level=source.level if has_sps else max(source.level, sps[3]),
        sps=source.sps if has_sps else (*source.sps, sps),
        pps=source.pps if has_pps else (*source.pps, pps),
    )
    if len(merged.sps) > MAX_SPS_COUNT or len(merged.pps) > MAX_PPS_COUNT:
        raise BitstreamError("There is no room for another parameter set in the 'avcC'.")
    return merged


def free_parameter_set_id(used_sps_ids: Collection[int], used_pps_ids: Collection[int]) -> int | None:
    """The lowest id, 0 to 31, that is free for a sequence and a picture parameter set alike; None if there is none."""
    used = {*used_sps_ids, *used_pps_ids}
    return next((number for number in range(MAX_SPLICE_ID + 1) if number not in used), None)


def annexb_to_length_prefixed(data: bytes, length_size: int, drop: Set[int] = DROPPED_BY_DEFAULT) -> bytes:
    """An encoder's byte stream as a sample of `length_size`-byte lengths, without the unit types in `drop`.

    The default leaves out what an `avc1` track must not repeat (parameter sets), delimiters and SEI; give another set
    where SEI carries something (captions, picture structure). Raises BitstreamError where a unit does not fit.
    """
    return join_length_prefixed((nal for nal in split_annexb(data) if nal_type(nal) not in drop), length_size)


def _parse_chroma(cursor: _Cursor) -> Chroma:
    format_idc, luma, chroma = cursor.byte() & 3, (cursor.byte() & 7) + 8, (cursor.byte() & 7) + 8
    return Chroma(format_idc, luma, chroma, cursor.sets(cursor.byte()))


def _build_chroma(chroma: Chroma) -> bytes:
    depths = 0xF8 | (chroma.bit_depth_luma - 8), 0xF8 | (chroma.bit_depth_chroma - 8)
    if len(chroma.sps_extensions) > MAX_PPS_COUNT:
        raise BitstreamError("There are more parameter sets than an 'avcC' can hold.")
    head = bytes((0xFC | chroma.format_idc, *depths, len(chroma.sps_extensions)))
    return head + join_length_prefixed(chroma.sps_extensions, 2)
