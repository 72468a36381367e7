"""Where everything of a rewritten MP4/MOV lies: which bytes come from where in the source, and how offsets move.

The file stays as it was, box by box and chunk by chunk; only replaced samples give way to new ones, in their very places, so
none of their bytes is left. What follows a replaced sample moves; after the chunk it moves by whole blocks, so that file
systems can share them (see `byte_copy.py`). Pure: opens no file. Source of the box layout: ISO/IEC 14496-12.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.bitstream.boxes import Box
from engine.bitstream.sample_tables import Int64Array
from engine.encoding.splice.byte_copy import BLOCK

_LARGEST_32_BIT = (1 << 32) - 1
_HEADER, _LONG_HEADER = 8, 16


@dataclass(frozen=True, slots=True)
class Hole:
    """Neighbouring replaced samples, contiguous in the source. `chunk_end`: where the bytes that must stay behind them end.

    `sizes` are those of the source's samples, `new_sizes` of what takes their places.
    """

    start: int
    sizes: Int64Array
    new_sizes: Int64Array
    chunk_end: int

    @property
    def end(self) -> int:
        return self.start + int(self.sizes.sum())


@dataclass(frozen=True, slots=True)
class Copy:
    """Bytes of the source."""

    source: int
    target: int
    size: int


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes that are made: headers and padding."""

    target: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """`holes` are the target offsets of the holes' first new samples, in the order of the holes that were given."""

    copies: tuple[Copy, ...]
    literals: tuple[Literal, ...]
    moov: int
    holes: tuple[int, ...]
    size: int
    _from: Int64Array = field(repr=False)
    _shift: Int64Array = field(repr=False)

    def moved(self, offsets: Int64Array) -> Int64Array:
        """Offsets in the source as offsets in the target; each must be the start of a sample or lie in a copied range."""
        return offsets + self._shift[np.searchsorted(self._from, offsets, side="right") - 1]


def lay_out(boxes: Sequence[Box], moov_size: int, holes: Sequence[Hole]) -> Layout:
    """Lay out a file of these top-level boxes, whose `moov` gets `moov_size` bytes. Holes ascend and lie in `mdat` boxes."""
    return _Builder(holes).built(boxes, moov_size)


class _Builder:
    def __init__(self, holes: Sequence[Hole]) -> None:
        self._all = holes
        self._copies: list[Copy] = []
        self._literals: list[Literal] = []
        self._from: list[int] = [0]
        self._shift: list[int] = [0]
        self._places: list[int] = []
        self._moov = self._target = 0

    def built(self, boxes: Sequence[Box], moov_size: int) -> Layout:
        for number, box in enumerate(boxes):
            holes = [hole for hole in self._all if box.body <= hole.start < box.end]
            if box.kind == "moov":
                self._place_moov(box, moov_size, is_last=number == len(boxes) - 1)
            elif holes:
                self._place_media(box, holes)
            else:
                self._copy(box.start, box.end)
        places, shifts = np.array(self._from, np.int64), np.array(self._shift, np.int64)
        return Layout(
            tuple(self._copies), tuple(self._literals), self._moov, tuple(self._places), self._target, places, shifts
        )

    def _place_moov(self, box: Box, size: int, *, is_last: bool) -> None:
        self._moov, self._target = self._target, self._target + size
        if not is_last:
            self._make(free_box(_to_whole_blocks(self._target - box.end, _HEADER)))

    def _place_media(self, box: Box, holes: list[Hole]) -> None:
        """`mdat` with its holes. Its header becomes the long one where it must."""
        if self._body_size(box, holes, self._target + _HEADER) + _HEADER <= _LARGEST_32_BIT and box.body - box.start == _HEADER:
            header = _HEADER
        else:
            header = _LONG_HEADER
        size = header + self._body_size(box, holes, self._target + header)
        name = box.kind.encode("latin-1")
        short, long = struct.pack(">I4s", size & _LARGEST_32_BIT, name), struct.pack(">I4sQ", 1, name, size)
        self._make(short if header == _HEADER else long)
        self._place_body(box, holes)

    def _body_size(self, box: Box, holes: list[Hole], target: int) -> int:
        trial = _Builder(holes)
        trial._target = target
        trial._place_body(box, holes)
        return trial._target - target

    def _place_body(self, box: Box, holes: list[Hole]) -> None:
        done = box.body
        for number, hole in enumerate(holes):
            following = holes[number + 1].start if number + 1 < len(holes) else box.end
            self._copy(done, hole.start)
            self._place_samples(hole)
            done = min(hole.chunk_end, following)
            self._copy(hole.end, done)
            if done < following:  # else another hole is in the same chunk, or the box ends
                self._make(bytes(_to_whole_blocks(self._target - done, 0)))
        self._copy(done, box.end)

    def _place_samples(self, hole: Hole) -> None:
        self._places.append(self._target)
        source = hole.start + np.cumsum(hole.sizes) - hole.sizes
        target = self._target + np.cumsum(hole.new_sizes) - hole.new_sizes
        self._from += source.tolist()
        self._shift += (target - source).tolist()
        self._target += int(hole.new_sizes.sum())

    def _copy(self, start: int, end: int) -> None:
        if end <= start:
            return
        last = self._copies[-1] if self._copies else None
        self._from.append(start)
        self._shift.append(self._target - start)
        if last and last.source + last.size == start and last.target + last.size == self._target:
            self._copies[-1] = Copy(last.source, last.target, last.size + end - start)
        else:
            self._copies.append(Copy(start, self._target, end - start))
        self._target += end - start

    def _make(self, data: bytes) -> None:
        if data:
            self._literals.append(Literal(self._target, data))
            self._target += len(data)


def free_box(size: int) -> bytes:
    """A box of zeros that says nothing; empty for size 0. `size` is 0 or at least 8."""
    return struct.pack(">I4s", size, b"free") + bytes(size - _HEADER) if size else b""


def _to_whole_blocks(shift: int, at_least: int) -> int:
    """Bytes to add so that a shift is a whole number of blocks: none, or not fewer than `at_least`."""
    padding = -shift % BLOCK
    return padding if padding >= at_least or not padding else padding + BLOCK
