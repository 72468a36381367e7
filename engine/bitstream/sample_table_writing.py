"""The tables of one row per sample, written again for samples that get other bytes.

`new_table` writes one of them as a whole box, `missing_tables` those that were not there and are needed now. Rows outside the new
samples keep their values. Must not know tracks, nor where samples lie. Source: ISO/IEC 14496-12, 8.6 to 8.9; QuickTime File
Format.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.bitstream.box_editing import full_box, with_body
from engine.bitstream.boxes import Box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_tables import BoolArray, Int64Array, read_durations, read_sizes
from engine.bitstream.table_boxes import LARGEST_32_BIT, TableBox, numbers, with_values

_DEPENDS_ON_OTHERS, _DEPENDS_ON_NONE = 0x10, 0x20
_INT32 = np.iinfo(np.int32)
_LARGEST_TIME = 1 << 62


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
        """The row behind the last."""
        return self.first + len(self.sizes)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The tables `boxes` of an `stbl` in `data`, and the samples that get other bytes: ascending, none of them empty."""

    data: bytes
    boxes: tuple[Box, ...]
    samples: tuple[NewSamples, ...]

    def count(self) -> int:
        """Samples that the size table declares."""
        return len(read_sizes(self.data, self.boxes))

    def names(self, rows: Int64Array) -> BoolArray:
        """Whether each of these rows is one of the new samples."""
        firsts, stops = np.array([(new.first, new.stop) for new in self.samples], np.int64).reshape(-1, 2).T
        place = np.searchsorted(stops, rows, side="right")
        found: BoolArray = (place < len(stops)) & (rows >= np.append(firsts, 0)[place])
        return found


def replacement(data: bytes, boxes: tuple[Box, ...], samples: Sequence[NewSamples]) -> Replacement:
    """Raises BitstreamError where columns differ in length, rows overlap, lie outside the table, or offsets have over 32 bits."""
    ordered = tuple(sorted((new for new in samples if len(new.sizes)), key=lambda new: new.first))
    made = Replacement(data, boxes, ordered)
    stop = 0
    for new in ordered:
        if new.first < stop or not len(new.sizes) == len(new.cts_offsets) == len(new.sync):
            raise BitstreamError("New samples overlap or have columns of different lengths.")
        if not _INT32.min <= int(new.cts_offsets.min()) <= int(new.cts_offsets.max()) <= _INT32.max:
            raise BitstreamError("A composition offset of a new sample has more than 32 bits.")
        stop = new.stop
    if ordered and stop > made.count():
        raise BitstreamError("New samples lie behind the last one of the track.")
    return made


def new_table(box: Box, change: Replacement) -> bytes | None:
    """The box written again for the new samples; None where it is none of the tables that tell of them."""
    write = _WRITERS.get(box.kind) if change.samples else None
    return write(box, change) if write else None


def missing_tables(change: Replacement) -> bytes:
    """`ctts` and `stss`, where they are missing (no offsets; every sample is one to start at) and the new samples need them."""
    kinds, made = {box.kind for box in change.boxes}, b""
    if "ctts" not in kinds and any(new.cts_offsets.any() for new in change.samples):
        runs = np.zeros((0, 2), np.int64)
        for new in change.samples:
            runs = with_values(runs, new.first, new.cts_offsets)
        is_negative = bool((runs[:, 1] < 0).any())
        made += full_box("ctts", is_negative << 24, _counted(runs & LARGEST_32_BIT))
    if "stss" not in kinds and not all(new.sync.all() for new in change.samples):
        rows = np.arange(change.count())
        made += full_box("stss", 0, _counted(_with_sync(rows[~change.names(rows)], change)))
    return made


def _counted(rows: Int64Array) -> bytes:
    return struct.pack(">I", len(rows)) + numbers(rows, ">u4")


def _new_sizes(box: Box, change: Replacement) -> bytes:
    """`stsz` and `stz2`: always a table of 32-bit sizes."""
    sizes = read_sizes(change.data, (box,))
    for new in change.samples:
        sizes[new.first : new.stop] = new.sizes
    (common,) = unpack("I", change.data, box.body + 4, box.end)
    is_table = box.kind == "stsz" and not common
    behind = change.data[box.body + 12 + 4 * len(sizes) : box.end] if is_table else b""
    body = change.data[box.body : box.body + 4] + struct.pack(">II", 0, len(sizes)) + numbers(sizes, ">u4") + behind
    return with_body(change.data, box, body, "stsz")


def _new_composition_offsets(box: Box, change: Replacement) -> bytes:
    """`ctts`. Version 1 where an offset is negative, but for writers that always put such ones into version 0."""
    table = TableBox(change.data, box, columns=2)
    runs = table.rows()
    runs[:, 1] -= (runs[:, 1] >> 31) << 32
    had_negative = bool((runs[:, 1] < 0).any())
    for new in change.samples:
        runs = with_values(runs, new.first, new.cts_offsets)
    needs_sign = bool((runs[:, 1] < 0).any()) and not had_negative
    return table.with_rows(runs & LARGEST_32_BIT, version=1 if needs_sign else None)


def _new_offset_bounds(box: Box, change: Replacement) -> bytes:
    """`cslg`: the bounds of offsets and of composition times, widened where new ones lie outside. An end of 0 is unknown."""
    (version,) = unpack("B", change.data, box.body, box.end)
    size = 40 if version else 20
    shift, least, greatest, start, end = unpack("5q" if version else "5i", change.data, box.body + 4, box.end)
    durations = read_durations(change.data, change.boxes, change.count())
    dts = np.cumsum(durations) - durations
    for new in change.samples:
        offsets, rows = new.cts_offsets, slice(new.first, new.stop)
        pts = dts[rows] + offsets
        least, greatest = min(least, int(offsets.min())), max(greatest, int(offsets.max()))
        start, end = min(start, int(pts.min())), max(end, int((pts + durations[rows]).max())) if end else 0
    fields = max(shift, -least), least, greatest, start, end
    is_long = bool(version) or not _INT32.min <= min(fields) <= max(fields) <= _INT32.max
    if max(fields) > _LARGEST_TIME or min(fields) < -_LARGEST_TIME:
        raise BitstreamError("The table 'cslg' declares times that cannot be.")
    head = bytes((max(version, int(is_long)),)) + change.data[box.body + 1 : box.body + 4]
    rest = change.data[box.body + 4 + size : box.end]
    return with_body(change.data, box, head + struct.pack(">5q" if is_long else ">5i", *fields) + rest)


def _with_sync(rows: Int64Array, change: Replacement) -> Int64Array:
    """Sample numbers, which count from 1, of these rows and of the new samples to start at."""
    added = [new.first + np.flatnonzero(new.sync) for new in change.samples]
    return np.sort(np.concatenate((rows, *added))) + 1


def _new_sync(box: Box, change: Replacement) -> bytes:
    """`stss`."""
    table = TableBox(change.data, box)
    rows = table.rows()[:, 0] - 1
    return table.with_rows(_with_sync(rows[~change.names(rows)], change))


def _without_new(box: Box, change: Replacement) -> bytes:
    """QuickTime's `stps` (partial sync) and `stsh` (shadow sync), without the rows that name a new sample."""
    table = TableBox(change.data, box, columns=2 if box.kind == "stsh" else 1)
    rows = table.rows()
    return table.with_rows(rows[~change.names(rows - 1).any(axis=1)])


def _new_dependencies(box: Box, change: Replacement) -> bytes:
    """`sdtp`: samples to start at depend on no other, the rest does; who depends on them is left open."""
    (head,) = unpack("I", change.data, box.body, box.end)
    flags = np.frombuffer(change.data[box.body + 4 : box.end], np.uint8).copy()
    for new in change.samples:
        values = np.where(new.sync, _DEPENDS_ON_NONE, _DEPENDS_ON_OTHERS)[: max(0, len(flags) - new.first)]
        flags[new.first : new.first + len(values)] = values
    return with_body(change.data, box, struct.pack(">I", head) + flags.tobytes())


def _new_groups(box: Box, change: Replacement) -> bytes:
    """`sbgp`: new samples belong to no group, whatever it is for."""
    table = TableBox(change.data, box, columns=2, fields=12 if unpack("B", change.data, box.body, box.end)[0] else 8)
    runs = table.rows()
    for new in change.samples:
        runs = with_values(runs, new.first, np.zeros(len(new.sizes), np.int64))
    return table.with_rows(runs)


def _new_sub_samples(box: Box, change: Replacement) -> bytes:
    """`subs` without the entries of new samples, whose parts are others now. Its entries differ in length: read one by one."""
    version, count = unpack("B3xI", change.data, box.body, box.end)
    part = 10 if version else 8
    deltas: list[int] = []
    places = [box.body + 8]
    for _ in range(count):
        delta, parts = unpack("IH", change.data, places[-1], box.end)
        deltas.append(delta)
        places.append(places[-1] + 6 + parts * part)
    if places[-1] > box.end:
        raise BitstreamError("The table 'subs' declares more than it holds.")
    sample_numbers = np.cumsum(np.array(deltas, np.int64))
    kept = np.flatnonzero(~change.names(sample_numbers - 1))
    new_deltas = numbers(np.diff(sample_numbers[kept], prepend=0), ">u4")
    entries = [new_deltas[4 * i : 4 * i + 4] + change.data[places[k] + 4 : places[k + 1]] for i, k in enumerate(kept.tolist())]
    head = change.data[box.body : box.body + 4] + struct.pack(">I", len(entries))
    return with_body(change.data, box, head + b"".join(entries) + change.data[places[-1] : box.end])


_WRITERS: dict[str, Callable[[Box, Replacement], bytes]] = {
    "stsz": _new_sizes,
    "stz2": _new_sizes,
    "ctts": _new_composition_offsets,
    "cslg": _new_offset_bounds,
    "stss": _new_sync,
    "stps": _without_new,
    "stsh": _without_new,
    "sdtp": _new_dependencies,
    "sbgp": _new_groups,
    "subs": _new_sub_samples,
}
