"""NAL units: cutting them out of samples and byte streams, putting them back, and emulation prevention.

The same for H.264 and HEVC; must not know what a unit's header or payload means. A NAL unit is `bytes` without its
length field or start code. Source: ITU-T H.264, 7.3.1, 7.4.1.1 and Annex B; ISO/IEC 14496-15, 5.3.
"""

import re
from collections.abc import Iterable, Iterator

from engine.bitstream.errors import BitstreamError

LENGTH_SIZES = (1, 2, 4)

MAX_UNITS = 1 << 16
"""NAL units of one sample, empty ones included; a real one has a few, seldom hundreds."""

_START_CODE = b"\x00\x00\x01"
_NEEDS_PREVENTION = re.compile(rb"\x00\x00(?=[\x00-\x03]|\Z)")


def iter_length_prefixed(sample: bytes, length_size: int, *, is_prefix: bool = False) -> Iterator[bytes]:
    """The NAL units of a sample, empty ones left out. Raises BitstreamError where a length reaches past the sample.

    With `is_prefix` the bytes may be the beginning of a sample only: the last unit then comes as far as it is there.
    More than MAX_UNITS of them are an error as well.
    """
    _check_length_size(length_size)
    position, end, count = 0, len(sample), 0
    while position + length_size <= end:
        count += 1
        if count > MAX_UNITS:
            raise BitstreamError(f"A sample has more than {MAX_UNITS} NAL units.")
        start = position + length_size
        position = start + int.from_bytes(sample[position:start], "big")
        if position > end and not is_prefix:
            raise BitstreamError("A NAL unit claims to be longer than its sample.")
        if position > start and start < end:
            yield sample[start:position]
    if position < end and not is_prefix:
        raise BitstreamError("A sample ends inside the length of a NAL unit.")


def split_length_prefixed(sample: bytes, length_size: int) -> list[bytes]:
    """The NAL units of a whole sample, see `iter_length_prefixed`."""
    return list(iter_length_prefixed(sample, length_size))


def join_length_prefixed(nals: Iterable[bytes], length_size: int) -> bytes:
    """A sample of these NAL units. Raises BitstreamError where one is too long for `length_size` bytes of length."""
    _check_length_size(length_size)
    parts: list[bytes] = []
    for nal in nals:
        if len(nal) >= 1 << (8 * length_size):
            raise BitstreamError(f"A NAL unit of {len(nal)} bytes does not fit {length_size}-byte lengths.")
        parts += (len(nal).to_bytes(length_size, "big"), nal)
    return b"".join(parts)


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units of a byte stream with 3- or 4-byte start codes; what lies before the first code is left out.

    Zero bytes at the end of a unit belong to no unit (`trailing_zero_8bits`); empty units are left out.
    """
    nals: list[bytes] = []
    start = data.find(_START_CODE)
    while start >= 0:
        start += len(_START_CODE)
        following = data.find(_START_CODE, start)
        nal = data[start : following if following >= 0 else len(data)].rstrip(b"\x00")
        if nal:
            nals.append(nal)
        start = following
    return nals


def join_annexb(nals: Iterable[bytes]) -> bytes:
    """A byte stream of these NAL units with 4-byte start codes."""
    return b"".join(b"\x00" + _START_CODE + nal for nal in nals)


def remove_emulation_prevention(nal: bytes) -> bytes:
    """The unit without the 3 that encoders put after two zero bytes."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


def insert_emulation_prevention(payload: bytes) -> bytes:
    """The reverse: no start code and no three zero bytes are left in the result."""
    return _NEEDS_PREVENTION.sub(b"\x00\x00\x03", payload)


def _check_length_size(length_size: int) -> None:
    if length_size not in LENGTH_SIZES:
        raise BitstreamError(f"NAL unit lengths have 1, 2 or 4 bytes, not {length_size}.")
