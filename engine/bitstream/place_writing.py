"""The tables of a track that hold places in the file, written again for bytes that moved. Must not know why they moved.

Source: ISO/IEC 14496-12, 8.7.5 (`stco`, `co64`) and 8.7.9 (`saio`).
"""

from collections.abc import Callable

from engine.bitstream.boxes import Box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_tables import MAX_FILE_OFFSET, Int64Array
from engine.bitstream.table_boxes import LARGEST_32_BIT, TableBox

Moved = Callable[[Int64Array], Int64Array]
"""Absolute file offsets in the source as offsets in the output."""


def moved_table(data: bytes, box: Box, moved: Moved) -> bytes | None:
    """The box with its offsets moved, None where it holds none. Raises BitstreamError.

    32-bit offsets become 64-bit ones where one of the table needs it, and never the other way.
    """
    if box.kind in {"stco", "co64"}:
        return _moved_chunks(data, box, moved)
    return _moved_auxiliary(data, box, moved) if box.kind == "saio" else None


def _moved_chunks(data: bytes, box: Box, moved: Moved) -> bytes:
    table = TableBox(data, box, ">u4" if box.kind == "stco" else ">i8")
    places = _moved_places(table, moved)
    is_long = box.kind == "co64" or int(places.max(initial=0)) > LARGEST_32_BIT
    return table.with_rows(places, ">i8" if is_long else ">u4", kind="co64" if is_long else "stco")


def _moved_auxiliary(data: bytes, box: Box, moved: Moved) -> bytes:
    """`saio`: offsets of auxiliary information, behind its type where the first flag is set."""
    (head,) = unpack("I", data, box.body, box.end)
    table = TableBox(data, box, ">i8" if head >> 24 else ">u4", fields=12 if head & 1 else 4)
    places = _moved_places(table, moved)
    is_long = table.version > 0 or int(places.max(initial=0)) > LARGEST_32_BIT
    return table.with_rows(places, ">i8" if is_long else ">u4", version=max(table.version, int(is_long)))


def _moved_places(table: TableBox, moved: Moved) -> Int64Array:
    places = _checked(table.rows()[:, 0], table.box)
    return _checked(moved(places), table.box) if len(places) else places


def _checked(places: Int64Array, box: Box) -> Int64Array:
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) <= MAX_FILE_OFFSET:
        raise BitstreamError(f"The table '{box.kind}' points outside any file.")
    return places
