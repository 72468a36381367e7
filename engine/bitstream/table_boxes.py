"""A full box that is a count and rows of numbers, and runs of equal values: read, changed in part, written again.

Must not know what a table means. What is not asked to change stays as it was written: header form, fields before the count, bytes
behind the rows, and how runs were cut.
"""

import struct
from dataclasses import dataclass

import numpy as np

from engine.bitstream.box_editing import with_body
from engine.bitstream.boxes import Box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_tables import Int64Array, read_rows

LARGEST_32_BIT = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class TableBox:
    """`box` in `data`: version and flags, `fields` bytes ending in the row count, rows of `columns` numbers of one `dtype`."""

    data: bytes
    box: Box
    dtype: str = ">u4"
    columns: int = 1
    fields: int = 4

    @property
    def version(self) -> int:
        """The version of the full box."""
        return unpack("B", self.data, self.box.body, self.box.end)[0]

    def rows(self) -> Int64Array:
        """(N, columns), to be written into. Raises BitstreamError."""
        return read_rows(self.data, self.box, self.dtype, self.columns, self.fields)

    def with_rows(self, rows: Int64Array, dtype: str = "", version: int | None = None, kind: str = "") -> bytes:
        """The box with other rows, and another number type, version or kind where given. Raises BitstreamError."""
        first = self.box.body + 4 + self.fields
        behind = first + len(self.rows()) * self.columns * np.dtype(self.dtype).itemsize
        head = bytearray(self.data[self.box.body : first])
        head[0] = self.version if version is None else version
        head[-4:] = struct.pack(">I", len(rows))
        body = bytes(head) + numbers(rows, dtype or self.dtype) + self.data[behind : self.box.end]
        return with_body(self.data, self.box, body, kind)


def numbers(values: Int64Array, dtype: str) -> bytes:
    """The values as big-endian numbers. Raises BitstreamError where one does not fit."""
    limits = np.iinfo(np.dtype(dtype))
    if values.size and not limits.min <= int(values.min()) <= int(values.max()) <= limits.max:
        raise BitstreamError("A number does not fit the table that it belongs into.")
    return values.astype(dtype).tobytes()


def runs_of(values: Int64Array) -> Int64Array:
    """(K, 2) rows of (how often, value)."""
    if not len(values):
        return np.zeros((0, 2), np.int64)
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return np.stack((np.diff(starts, append=len(values)), values[starts]), axis=1)


def with_values(runs: Int64Array, first: int, values: Int64Array) -> Int64Array:
    """Runs of (how often, value), in which places [first, first + N) get other values. What no run covers is 0, and stays so."""
    ends = np.cumsum(runs[:, 0])
    starts, total = ends - runs[:, 0], int(ends[-1]) if len(ends) else 0
    if first + len(values) > total:
        last = np.flatnonzero(values)
        values = values[: max(total - first, int(last[-1]) + 1 if len(last) else 0, 0)]
    if not len(values):
        return runs
    stop = first + len(values)
    if stop <= total and np.array_equal(runs[np.searchsorted(ends, np.arange(first, stop), side="right"), 1], values):
        return runs
    before, after = int(np.searchsorted(ends, first, side="right")), int(np.searchsorted(starts, stop, side="left"))
    left = [runs[:before]]
    if first > total:
        left.append(np.array([[first - total, 0]], np.int64))
    elif before < len(runs) and starts[before] < first:
        left.append(np.array([[first - starts[before], runs[before, 1]]], np.int64))
    right = [runs[after:]]
    if after > 0 and ends[after - 1] > stop:
        right.insert(0, np.array([[ends[after - 1] - stop, runs[after - 1, 1]]], np.int64))
    return _joined(_joined(np.concatenate(left), runs_of(values)), np.concatenate(right))


def _joined(left: Int64Array, right: Int64Array) -> Int64Array:
    """Two lists of runs, the runs that meet made one where they have one value."""
    if len(left) and len(right) and left[-1, 1] == right[0, 1] and left[-1, 0] + right[0, 0] <= LARGEST_32_BIT:
        right = right.copy()
        right[0, 0] += left[-1, 0]
        left = left[:-1]
    return np.concatenate((left, right))
