"""Metadata items whose bytes lie at places in the file: they would dangle in a file whose bytes moved.

Reads `meta` and `iloc` boxes and must not know what the items are. Source: ISO/IEC 14496-12, 8.11.1 and 8.11.3.
"""

from engine.bitstream.boxes import Box, child_boxes, find_box, unpack

MAX_ITEMS = 65_536
"""Items of one `iloc` that are looked at; a real one has a few dozen."""

_IN_FILE = 0


def has_item_places(data: bytes, meta: Box) -> bool:
    """Whether the `meta` box names an item by its offset in the file. Raises BitstreamError where it cannot be read."""
    is_full = data[meta.body + 4 : meta.body + 8] != b"hdlr"  # QuickTime's has no version
    iloc = find_box(child_boxes(data, meta.body + (4 if is_full and meta.end - meta.body >= 4 else 0), meta.end), "iloc")
    return iloc is not None and _names_places(data, iloc)


def _names_places(data: bytes, iloc: Box) -> bool:
    version, sizes = unpack("B3xH", data, iloc.body, iloc.end)
    (count,) = unpack("I" if version == 2 else "H", data, iloc.body + 6, iloc.end)
    if version == 0 or version > 2 or count > MAX_ITEMS:
        return count > 0
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    position = iloc.body + (10 if version == 2 else 8)
    for _ in range(count):
        position += 4 if version == 2 else 2
        (method,) = unpack("H", data, position, iloc.end)
        if method & 15 == _IN_FILE:
            return True
        (extents,) = unpack("H", data, position + 4 + base, iloc.end)
        position += 6 + base + extents * (index + offset + length)
    return False
