"""ISO base media boxes: where each begins and ends, and bounds-checked reads of their fields.

Knows the box header (ISO/IEC 14496-12, 4.2) and nothing of what a box means. Opens no file: the caller gives a function
that reads bytes at an offset, so that a 60 GB `mdat` is stepped over and never read.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from engine.bitstream.errors import BitstreamError

ReadAt = Callable[[int, int], bytes]
"""`read(offset, size)`: the bytes there, fewer only where the file ends."""

MAX_TOP_LEVEL_BOXES = 200_000
"""A day of one-second fragments has 172,800."""

MAX_CHILD_BOXES = 4096
"""Boxes in one container; a real one has a few dozen."""

_HEADER_BYTES = 32


@dataclass(frozen=True, slots=True)
class Box:
    """A box's place, in bytes from the start of the file or buffer it was found in; `kind` is its fourcc as Latin-1."""

    kind: str
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Bytes of the whole box with its header."""
        return self.end - self.start


def read_at(file: BinaryIO) -> tuple[ReadAt, int]:
    """A reader over an open binary file, and the file's size in bytes. Not for use by two threads at once."""

    def read(offset: int, size: int) -> bytes:
        file.seek(offset)
        return file.read(size)

    return read, file.seek(0, SEEK_END)


def top_level_boxes(read: ReadAt, size: int) -> tuple[tuple[Box, ...], bool]:
    """The boxes of a file of `size` bytes, and whether its end is damaged (a box cut off, or bytes that are no box).

    Only headers are read. A box that claims more than the file holds ends at the file's end.
    """
    boxes: list[Box] = []
    position = 0
    while position < size:
        if len(boxes) >= MAX_TOP_LEVEL_BOXES:
            raise BitstreamError(f"The file has more than {MAX_TOP_LEVEL_BOXES} boxes at its top level.")
        box = _parse_header(read(position, min(_HEADER_BYTES, size - position)), position, size)
        if box is None:
            return tuple(boxes), True
        if box.end > size:
            boxes.append(Box(box.kind, box.start, box.body, size))
            return tuple(boxes), True
        boxes.append(box)
        position = box.end
    return tuple(boxes), False


def child_boxes(data: bytes, start: int, end: int) -> tuple[Box, ...]:
    """The boxes lying one after another in `data[start:end]`. Fewer than 8 bytes left over are padding (QuickTime)."""
    if not 0 <= start <= end <= len(data):
        raise BitstreamError("A box is shorter than the fields that it must hold.")
    boxes: list[Box] = []
    position = start
    while end - position >= 8:
        if len(boxes) >= MAX_CHILD_BOXES:
            raise BitstreamError(f"A box holds more than {MAX_CHILD_BOXES} boxes.")
        box = _parse_header(data[position : min(position + _HEADER_BYTES, end)], position, end)
        if box is None or box.end > end:
            raise BitstreamError(f"The box at byte {position} of its parent claims a size that cannot be.")
        boxes.append(box)
        position = box.end
    return tuple(boxes)


def find_box(boxes: tuple[Box, ...], kind: str) -> Box | None:
    """The first box of that kind."""
    return next((box for box in boxes if box.kind == kind), None)


def require_box(boxes: tuple[Box, ...], kind: str) -> Box:
    """The first box of that kind; BitstreamError where there is none."""
    box = find_box(boxes, kind)
    if box is None:
        raise BitstreamError(f"The required box '{kind}' is missing.")
    return box


def unpack(layout: str, data: bytes, offset: int, end: int) -> tuple[int, ...]:
    """Big-endian integers at `offset` (a struct layout without its byte order), none of them reaching past `end`."""
    layout = ">" + layout
    if offset < 0 or offset + struct.calcsize(layout) > min(end, len(data)):
        raise BitstreamError("A box is shorter than the fields that it must hold.")
    return struct.unpack_from(layout, data, offset)


def _parse_header(head: bytes, start: int, limit: int) -> Box | None:
    """None where the bytes are no header; the end is not checked against `limit`, which only size 0 uses."""
    if len(head) < 8:
        return None
    size, kind = struct.unpack_from(">I4s", head)
    header = 8
    if size == 1:
        if len(head) < 16:
            return None
        (size,) = struct.unpack_from(">Q", head, 8)
        header = 16
    elif size == 0:
        size = limit - start
    if kind == b"uuid":
        header += 16
    if size < header:
        return None
    return Box(kind.decode("latin-1"), start, start + header, start + size)
