"""The tables of one row per sample, written again for samples that get other bytes.

Each function takes the data, the boxes of the `stbl`, the box to write (None: it is missing and is made, where it is needed) and
the new samples, and gives the whole new box. Rows outside the new samples keep their values.
Source: ISO/IEC 14496-12, 8.6 to 8.9.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.bitstream.box_editing import full_box, with_body
from engine.bitstream.boxes import Box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_tables import (
    BoolArray,
    Int64Array,
    read_cts_offsets,
    read_rows,
    read_sizes,
    unfold,
)

_LARGEST_32_BIT = (1 << 32) - 1
_DEPENDS_ON_OTHERS, _DEPENDS_ON_NONE = 0x10, 0x20


@dataclass(frozen=True, slots=True, eq=False)
class NewSamples:
    """Rows [first, first + N) of a track in decode order that get other bytes; their decode times and durations stay.

    `sizes` (N,) bytes; `cts_offsets` (N,) signed ticks, pts minus dts before the edit list; `sync` (N,) whether a decoder may
    start there.
    """

    first: int
    sizes: Int64Array
    cts_offsets: Int64Array
    sync: BoolArray

    @property
    def stop(self) -> int:
        return self.first + len(self.sizes)


Samples = Sequence[NewSamples]
_Boxes = tuple[Box, ...]


def moved_chunks(data: bytes, box: Box, moved: Callable[[Int64Array], Int64Array]) -> bytes:
    """`stco` or `co64`; the short one becomes the long one where an offset needs it, and never the other way."""
    is_short = box.kind == "stco"
    places = moved(read_rows(data, box, ">u4" if is_short else ">i8")[:, 0])
    is_short = is_short and not bool((places > _LARGEST_32_BIT).any())
    (version_and_flags,) = unpack("I", data, box.body, box.end)
    body = struct.pack(">II", version_and_flags, len(places)) + places.astype(">u4" if is_short else ">i8").tobytes()
    return with_body(data, box, body) if is_short or box.kind == "co64" else full_box("co64", version_and_flags, body[4:])


def moved_auxiliary_places(data: bytes, box: Box, moved: Callable[[Int64Array], Int64Array]) -> bytes:
    """`saio`, which holds file offsets of auxiliary information."""
    (version_and_flags,) = unpack("I", data, box.body, box.end)
    kind = data[box.body + 4 : box.body + 12] if version_and_flags & 1 else b""
    is_short = not version_and_flags >> 24
    places = moved(read_rows(data, box, ">u4" if is_short else ">i8", fields=4 + len(kind))[:, 0])
    if is_short and bool((places > _LARGEST_32_BIT).any()):
        is_short, version_and_flags = False, version_and_flags | 1 << 24
    rows = places.astype(">u4" if is_short else ">i8").tobytes()
    return with_body(data, box, struct.pack(">I", version_and_flags) + kind + struct.pack(">I", len(places)) + rows)


def new_sizes(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`stsz`, also where it was a compact or a constant table."""
    sizes = read_sizes(data, boxes)
    for new in samples:
        if new.stop > len(sizes):
            raise BitstreamError("New samples reach behind the size table.")
        sizes[new.first : new.stop] = new.sizes
    if len(sizes) and not 0 <= int(sizes.min()) <= int(sizes.max()) <= _LARGEST_32_BIT:
        raise BitstreamError("A sample is too large for the size table.")
    return full_box("stsz", 0, struct.pack(">II", 0, len(sizes)) + sizes.astype(">u4").tobytes())


def new_composition_offsets(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`ctts`; nothing where there was none and none is needed."""
    if box is None and not any(new.cts_offsets.any() for new in samples):
        return b""
    offsets = read_cts_offsets(data, boxes, len(read_sizes(data, boxes)))
    for new in samples:
        offsets[new.first : new.stop] = new.cts_offsets
    had_negative = box is not None and _has_negative(data, box)
    (version,) = unpack("B", data, box.body, box.end) if box else (0,)
    if bool((offsets < 0).any()) and not had_negative:
        version = 1
    rows = _folded(offsets)
    return full_box("ctts", version << 24, struct.pack(">I", len(rows)) + (rows & _LARGEST_32_BIT).astype(">u4").tobytes())


def _has_negative(data: bytes, box: Box) -> bool:
    """Writers of version 0 that put negative offsets there all the same are understood, and their version stays."""
    return bool((read_rows(data, box, ">u4", columns=2)[:, 1] >> 31).any())


def new_offset_bounds(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`cslg`: the bounds of composition offsets, widened where new ones lie outside. First and last times stay: so do frames."""
    assert box is not None
    (version,) = unpack("B", data, box.body, box.end)
    layout = "5q" if version == 1 else "5i"
    shift, least, greatest, start, end = unpack(layout, data, box.body + 4, box.end)
    offsets = np.concatenate([new.cts_offsets for new in samples])
    least, greatest = min(least, int(offsets.min())), max(greatest, int(offsets.max()))
    fields = struct.pack(">" + layout, max(shift, -least), least, greatest, start, end)
    head = data[box.body : box.body + 4]
    return with_body(data, box, head + fields + data[box.body + 4 + len(fields) : box.end])


def new_sync(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`stss`; nothing where there was none (every sample is one to start at) and that still holds."""
    if box is None and all(new.sync.all() for new in samples):
        return b""
    count = len(read_sizes(data, boxes))
    numbers = read_rows(data, box, ">u4")[:, 0] if box else np.arange(1, count + 1)
    added = [new.first + 1 + np.flatnonzero(new.sync) for new in samples]
    numbers = np.sort(np.concatenate((numbers[~_is_new(numbers - 1, samples)], *added)))
    return full_box("stss", 0, struct.pack(">I", len(numbers)) + numbers.astype(">u4").tobytes())


def new_partial_sync(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """QuickTime's `stps`: new samples are no open places to start at."""
    assert box is not None
    numbers = read_rows(data, box, ">u4")[:, 0]
    numbers = numbers[~_is_new(numbers - 1, samples)]
    return with_body(data, box, data[box.body : box.body + 4] + struct.pack(">I", len(numbers)) + numbers.astype(">u4").tobytes())


def new_shadow_sync(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`stsh` without the pairs that name a new sample."""
    assert box is not None
    rows = read_rows(data, box, ">u4", columns=2)
    rows = rows[~(_is_new(rows[:, 0] - 1, samples) | _is_new(rows[:, 1] - 1, samples))]
    return with_body(data, box, data[box.body : box.body + 4] + struct.pack(">I", len(rows)) + rows.astype(">u4").tobytes())


def new_dependencies(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`sdtp`: places to start at depend on no other sample, the rest does; who depends on them is left open."""
    assert box is not None
    flags = np.frombuffer(data, np.uint8, box.end - box.body - 4, box.body + 4).copy()
    for new in samples:
        values = np.where(new.sync, _DEPENDS_ON_NONE, _DEPENDS_ON_OTHERS)[: max(0, len(flags) - new.first)]
        flags[new.first : new.first + len(values)] = values
    return with_body(data, box, data[box.body : box.body + 4] + flags.tobytes())


def new_groups(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`sbgp`: new samples belong to no group of whatever kind."""
    assert box is not None
    (version,) = unpack("B", data, box.body, box.end)
    fields = 12 if version == 1 else 8
    rows = read_rows(data, box, ">u4", columns=2, fields=fields)
    count = min(len(read_sizes(data, boxes)), int(rows[:, 0].sum()))
    groups = unfold(rows, count, 0)
    for new in samples:
        groups[new.first : new.stop] = 0
    rows = _folded(groups)
    head = data[box.body : box.body + fields]
    return with_body(data, box, head + struct.pack(">I", len(rows)) + rows.astype(">u4").tobytes())


def new_sub_samples(data: bytes, boxes: _Boxes, box: Box | None, samples: Samples) -> bytes:
    """`subs` without the entries of new samples, whose parts are others now."""
    assert box is not None
    version, count = unpack("B3xI", data, box.body, box.end)
    place, row, kept, last = box.body + 8, -1, [], -1
    for _ in range(min(count, (box.end - place) // 6)):
        delta, parts = unpack("IH", data, place, box.end)
        size = 6 + parts * (10 if version == 1 else 8)
        if place + size > box.end:
            raise BitstreamError("The table 'subs' declares more than it holds.")
        row += delta
        if not any(new.first <= row < new.stop for new in samples):
            kept.append(struct.pack(">I", row - last) + data[place + 4 : place + size])
            last = row
        place += size
    return with_body(data, box, data[box.body : box.body + 4] + struct.pack(">I", len(kept)) + b"".join(kept))


def _is_new(rows: Int64Array, samples: Samples) -> BoolArray:
    found = np.zeros(len(rows), np.bool_)
    for new in samples:
        found |= (rows >= new.first) & (rows < new.stop)
    return found


def _folded(values: Int64Array) -> Int64Array:
    """(K, 2) rows of (how often, value)."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1]))) if len(values) else np.zeros(0, np.int64)
    return np.stack((np.diff(starts, append=len(values)), values[starts]), axis=1)

