"""Compares places of two files with each other at the speed of memory, in buffers of fixed size.

Plain reads and no memory maps: touched pages of a map count as the process's memory. Must not know what lies at the places.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from engine.bitstream.sample_tables import Int64Array
from engine.running import CancelToken

_BUFFER_BYTES = 1 << 20
"""Two of them stay in a core's cache, and take well under a millisecond."""

_CHECK_EVERY = 64


def different_places(
    left: BinaryIO, right: BinaryIO, left_offsets: Int64Array, right_offsets: Int64Array, sizes: Int64Array, *,
    cancel: CancelToken,
) -> Int64Array:  # fmt: skip
    """Row numbers, ascending, at which `sizes` bytes of the one file are not those of the other.

    All arrays (N,) int64. Places that lie one after another in both files are compared as one. The files must be opened
    without buffering. Raises Cancelled, OSError.
    """
    order = np.argsort(left_offsets, kind="stable")
    a, b, lengths = left_offsets[order], right_offsets[order], sizes[order]
    buffers = bytearray(_BUFFER_BYTES), bytearray(_BUFFER_BYTES)
    found: list[int] = []
    for number, (first, stop) in enumerate(_joined(a, b, lengths)):
        if number % _CHECK_EVERY == 0:
            cancel.check()
        size = int(a[stop - 1] - a[first] + lengths[stop - 1])
        starts = a[first:stop] - a[first]
        for place, count in _differences(left, right, (int(a[first]), int(b[first]), size), buffers, cancel):
            hit = slice(int(np.searchsorted(starts, place, side="right")) - 1, int(np.searchsorted(starts, place + count)))
            found += order[first:stop][hit].tolist()
    return np.unique(np.array(found, np.int64))


def _joined(a: Int64Array, b: Int64Array, sizes: Int64Array) -> Iterator[tuple[int, int]]:
    """Rows first..stop that lie without a gap in both files."""
    if not len(a):
        return
    is_next = (a[:-1] + sizes[:-1] == a[1:]) & (b[:-1] + sizes[:-1] == b[1:])
    cuts = np.flatnonzero(~is_next) + 1
    yield from zip([0, *cuts.tolist()], [*cuts.tolist(), len(a)], strict=True)


def _differences(
    left: BinaryIO, right: BinaryIO, place: tuple[int, int, int], buffers: tuple[bytearray, bytearray], cancel: CancelToken
) -> Iterator[tuple[int, int]]:
    """(start, bytes) of stretches without equal bytes, relative to the place; what lies past a file's end differs."""
    a, b, size = place
    left.seek(a)
    right.seek(b)
    for start in range(0, size, _BUFFER_BYTES):
        if start:
            cancel.check()
        count = min(_BUFFER_BYTES, size - start)
        got = min(_read(left, buffers[0], count), _read(right, buffers[1], count))
        if got == _BUFFER_BYTES and buffers[0] == buffers[1]:  # bytearrays are compared by memcmp, memoryviews byte by byte
            continue
        if got < _BUFFER_BYTES and buffers[0][:got] == buffers[1][:got]:
            if got < count:
                yield start + got, count - got
            continue
        unequal = np.flatnonzero(np.frombuffer(buffers[0], np.uint8, got) != np.frombuffer(buffers[1], np.uint8, got))
        yield from ((start + position, 1) for position in unequal.tolist())
        if got < count:
            yield start + got, count - got


def _read(file: BinaryIO, buffer: bytearray, count: int) -> int:
    """Fill the first `count` bytes; fewer only where the file ends."""
    view, got = memoryview(buffer), 0
    while got < count:
        more = file.readinto(view[got:count])  # type: ignore[attr-defined]
        if not more:
            break
        got += more
    return got
