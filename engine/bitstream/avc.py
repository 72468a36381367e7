"""H.264 NAL units: what a unit is, whether a sample is an IDR or a recovery point, and the fields that decide a splice.

Knows units, PPS ids, SEI messages and the first fields of slices; must not know files, nor how a slice's pictures are
decoded. Source: ITU-T H.264, 7.3 and Annex D.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from engine.bitstream.bits import BitReader
from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import iter_length_prefixed, remove_emulation_prevention

MAX_SLICE_HEADER_BYTES = 64
"""Bytes looked at for the first fields of a slice, which take at most 26."""

MAX_SEI_MESSAGES = 1024
"""Messages read of one SEI unit; a real one has a few."""

_SEI_RECOVERY_POINT = 6


class NalType(IntEnum):
    """`nal_unit_type` of the units that this program tells apart; other numbers up to 31 exist."""

    SLICE = 1
    PARTITION_A = 2
    PARTITION_B = 3
    PARTITION_C = 4
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    AUD = 9
    END_OF_SEQUENCE = 10
    END_OF_STREAM = 11
    FILLER = 12
    SPS_EXTENSION = 13


_PICTURE_TYPES = frozenset(range(NalType.SLICE, NalType.IDR + 1))


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """A recovery point SEI: decoding may start here and is right `frame_count` frames (in `frame_num`) later.

    `is_broken_link`: leading pictures refer to what is not there.
    """

    frame_count: int
    is_exact: bool
    is_broken_link: bool


@dataclass(frozen=True, slots=True)
class Pps:
    """The beginning of a picture parameter set: ids up to 255 and 31, and whether it codes with CABAC."""

    pps_id: int
    sps_id: int
    is_cabac: bool


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """The beginning of a slice. `slice_type` is 0 P, 1 B, 2 I, 3 SP, 4 SI; `is_whole_picture_type`: all slices agree."""

    is_idr: bool
    is_reference: bool
    first_mb: int
    slice_type: int
    is_whole_picture_type: bool
    pps_id: int


def nal_type(nal: bytes) -> int:
    """`nal_unit_type`, 0 to 31, of a unit with at least its header byte."""
    if not nal:
        raise BitstreamError("A NAL unit is empty.")
    return nal[0] & 0x1F


def nal_types(sample: bytes, length_size: int) -> list[int]:
    """The types of a whole sample's units, in order. Raises BitstreamError."""
    return [nal_type(nal) for nal in iter_length_prefixed(sample, length_size)]


def first_picture_type(beginning: bytes, length_size: int) -> int | None:
    """The type (1 to 5) of the first slice in a sample, of which only the beginning need be given; None if not there.

    A few kilobytes do for most samples: parameter sets and SEI come first, and the slice may be cut off.
    """
    for nal in iter_length_prefixed(beginning, length_size, is_prefix=True):
        if nal_type(nal) in _PICTURE_TYPES:
            return nal_type(nal)
    return None


def is_idr(sample: bytes, length_size: int) -> bool:
    """Whether the sample's picture is an IDR: nothing after it refers to anything before it."""
    return first_picture_type(sample, length_size) == NalType.IDR


def find_recovery_point(sample: bytes, length_size: int) -> RecoveryPoint | None:
    """The recovery point that the sample declares, of which the beginning up to its first slice need be given."""
    for nal in iter_length_prefixed(sample, length_size, is_prefix=True):
        if nal_type(nal) in _PICTURE_TYPES:
            return None
        if nal_type(nal) == NalType.SEI:
            for kind, payload in iter_sei_messages(nal):
                if kind == _SEI_RECOVERY_POINT:
                    bits = BitReader(payload)
                    return RecoveryPoint(bits.ue(1 << 16), bits.flag(), bits.flag())
    return None


def iter_sei_messages(nal: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages of a SEI unit as (payload type, payload), up to the first that is cut off and to MAX_SEI_MESSAGES."""
    data = remove_emulation_prevention(nal)
    position = 1
    for _ in range(MAX_SEI_MESSAGES):
        if position + 2 >= len(data):
            return
        kind, position = _read_sei_number(data, position)
        size, position = _read_sei_number(data, position)
        if position + size > len(data):
            return
        yield kind, data[position : position + size]
        position += size


def parse_pps(nal: bytes) -> Pps:
    """Parse the ids and the entropy coding of a NAL unit of type 8, header byte included. Raises BitstreamError."""
    if nal_type(nal) != NalType.PPS:
        raise BitstreamError("The bytes are no picture parameter set.")
    bits = BitReader(remove_emulation_prevention(nal[:MAX_SLICE_HEADER_BYTES])[1:])
    return Pps(bits.ue(255), bits.ue(31), bits.flag())


def parse_slice_header(nal: bytes) -> SliceHeader:
    """Parse the first fields of a slice unit (types 1, 2, 5), of which 64 bytes are enough. Raises BitstreamError."""
    kind = nal_type(nal)
    if kind not in {NalType.SLICE, NalType.PARTITION_A, NalType.IDR}:
        raise BitstreamError(f"A NAL unit of type {kind} has no slice header.")
    bits = BitReader(remove_emulation_prevention(nal[:MAX_SLICE_HEADER_BYTES])[1:])
    first_mb, slice_type, pps_id = bits.ue(), bits.ue(9), bits.ue(255)
    return SliceHeader(
        is_idr=kind == NalType.IDR,
        is_reference=nal[0] & 0x60 != 0,
        first_mb=first_mb,
        slice_type=slice_type % 5,
        is_whole_picture_type=slice_type >= 5,
        pps_id=pps_id,
    )


def _read_sei_number(data: bytes, position: int) -> tuple[int, int]:
    """A SEI type or size: bytes of 255 add up until another byte ends the number. Returns it and where it ends."""
    end = position
    while end < len(data) and data[end] == 255:
        end += 1
    last = data[end] if end < len(data) else 0
    return (end - position) * 255 + last, end + 1
