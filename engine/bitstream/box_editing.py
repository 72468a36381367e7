"""Boxes put together again: the bytes of one box with some of those inside it exchanged.

Headers keep their form (32 or 64 bits); bytes between and behind boxes stay. Must not know what a box means.
"""

import struct
from collections.abc import Callable, Mapping

from engine.bitstream.boxes import Box, child_boxes
from engine.bitstream.errors import BitstreamError

_LARGEST_32_BIT = (1 << 32) - 1


def edited_children(data: bytes, box: Box, edit: Callable[[Box], bytes | None]) -> bytes:
    """The box, each child of it replaced by what `edit` gives for it; None keeps the child."""
    children = child_boxes(data, box.body, box.end)
    made = {child: new for child in children if (new := edit(child)) is not None}
    return with_body(data, box, edited(data, box.body, box.end, children, made))


def edited(data: bytes, start: int, end: int, boxes: tuple[Box, ...], made: Mapping[Box, bytes]) -> bytes:
    """`data[start:end]`, in which `boxes` lie, with some of them replaced."""
    parts: list[bytes] = []
    done = start
    for box in boxes:
        if box in made:
            parts += (data[done : box.start], made[box])
            done = box.end
    return b"".join((*parts, data[done:end]))


def with_body(data: bytes, box: Box, body: bytes, kind: str = "") -> bytes:
    """The box with another body, its header's size put right, and another kind where one is given.

    A box that ended with its parent (size 0) gets a size. Raises BitstreamError where a short header cannot hold it.
    """
    head = data[box.start : box.body]
    size, kind_bytes = len(head) + len(body), kind.encode("latin-1") or head[4:8]
    if head[:4] == b"\0\0\0\1":
        return head[:4] + kind_bytes + struct.pack(">Q", size) + head[16:] + body
    if size > _LARGEST_32_BIT:
        raise BitstreamError(f"The box '{box.kind}' would become too large for its header.")
    return struct.pack(">I", size) + kind_bytes + head[8:] + body


def full_box(kind: str, version_and_flags: int, body: bytes) -> bytes:
    """A new box with version and flags."""
    return struct.pack(">I4sI", 12 + len(body), kind.encode("latin-1"), version_and_flags) + body
