"""The sample tables of an MP4/MOV track, unfolded into one row per sample.

Reads the boxes inside `stbl` (ISO/IEC 14496-12, 8.6 and 8.7) and must not know tracks, edit lists or codecs. Where a
table is too short or too long for the others, this follows what FFmpeg does, because FFmpeg decodes the same file:
samples outside every chunk are left out, the last duration goes on, a missing composition offset is 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.bitstream.boxes import Box, child_boxes, find_box, require_box, unpack
from engine.bitstream.errors import BitstreamError

MAX_SAMPLES = 1 << 22
"""Samples of one track that are unfolded: 19 hours at 60 fps. Uncompressed sound (one sample per tick) may have more."""

MAX_FILE_OFFSET = 1 << 62
"""Offsets above it cannot be a place in a file and would overflow sums."""

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """One row per sample in decode order; read-only arrays of one length, int64 and bool.

    `dts`, `cts_offset` and `durations` are ticks of the track's timescale before the edit list, `dts[0]` being 0;
    `sizes` and `offsets` are bytes in the file, whose end may come earlier (check it); `sync` says what `stss` and
    QuickTime's `stps` say, which for H.264 and HEVC is not always an IDR.
    """

    dts: Int64Array
    cts_offset: Int64Array
    sizes: Int64Array
    offsets: Int64Array
    durations: Int64Array
    sync: BoolArray

    def __len__(self) -> int:
        return len(self.dts)

    @property
    def pts(self) -> Int64Array:
        """Composition times in ticks, before the edit list; not sorted."""
        return self.dts + self.cts_offset


def sample_count(stbl: bytes) -> int:
    """How many samples the size table of an `stbl` body declares; 0 where it has none (fragmented files)."""
    boxes = child_boxes(stbl, 0, len(stbl))
    box = find_box(boxes, "stsz") or find_box(boxes, "stz2")
    return unpack("I", stbl, box.body + 8, box.end)[0] if box else 0


def chunk_starts(stbl: bytes) -> Int64Array:
    """File offsets of the chunks of an `stbl` body, in its order; empty where it lists none. Raises BitstreamError."""
    boxes = child_boxes(stbl, 0, len(stbl))
    has_chunks = find_box(boxes, "stco") or find_box(boxes, "co64")
    return _read_chunk_starts(stbl, boxes) if has_chunks else np.zeros(0, np.int64)


def data_end(stbl: bytes) -> int:
    """The end of the last byte in the file that the samples of an `stbl` body take, without unfolding them.

    Where one size is declared for all samples (uncompressed sound, whose writers do not always mean bytes), only the first byte
    of each chunk counts. Raises BitstreamError.
    """
    boxes = child_boxes(stbl, 0, len(stbl))
    starts, count = chunk_starts(stbl), sample_count(stbl)
    if not len(starts) or not count:
        return 0
    filled = _read_samples_per_chunk(stbl, boxes, len(starts), count)
    stops = np.cumsum(filled)
    starts, stops, filled = starts[filled > 0], stops[filled > 0], filled[filled > 0]
    box = find_box(boxes, "stsz")
    if box is not None and unpack("I", stbl, box.body + 4, box.end)[0]:
        return int((starts + 1).max(initial=0))
    before = np.concatenate(([0], np.cumsum(read_sizes(stbl, boxes))))
    return int((starts + before[stops] - before[stops - filled]).max(initial=0))


def build_sample_table(stbl: bytes, file_size: int) -> SampleTable:
    """Unfold the body of an `stbl` box. `file_size` (bytes) bounds tables that declare samples without listing them.

    Raises BitstreamError where a box is missing, cut off, contradicts itself or declares over MAX_SAMPLES samples.
    """
    boxes = child_boxes(stbl, 0, len(stbl))
    sizes = read_sizes(stbl, boxes, file_size)
    chunk_starts = _read_chunk_starts(stbl, boxes)
    per_chunk = _read_samples_per_chunk(stbl, boxes, len(chunk_starts), len(sizes))
    count = int(per_chunk.sum())
    sizes = sizes[:count].copy()
    durations = read_durations(stbl, boxes, count)
    table = SampleTable(
        dts=np.cumsum(durations) - durations,
        cts_offset=_read_cts_offsets(stbl, boxes, count),
        sizes=sizes,
        offsets=_sample_offsets(chunk_starts, per_chunk, sizes),
        durations=durations,
        sync=_read_sync(stbl, boxes, count),
    )
    for column in (table.dts, table.cts_offset, table.sizes, table.offsets, table.durations, table.sync):
        column.setflags(write=False)
    return table


def read_rows(data: bytes, box: Box, dtype: str, columns: int = 1, fields: int = 4) -> npt.NDArray[np.int64]:
    """The rows of a full box: version and flags, `fields` bytes ending in the row count, then rows of one type."""
    first = box.body + 4 + fields
    (count,) = unpack("I", data, first - 4, box.end)
    row_bytes = np.dtype(dtype).itemsize * columns
    if count * row_bytes > box.end - first:
        raise BitstreamError(f"The table '{box.kind}' declares {count} entries and holds fewer.")
    rows = np.frombuffer(data[first : first + count * row_bytes], dtype).astype(np.int64)
    return rows.reshape(count, columns)


def read_sizes(data: bytes, boxes: tuple[Box, ...], file_size: int = MAX_FILE_OFFSET) -> Int64Array:
    """Bytes of every sample that the size table declares. `file_size` bounds a table that lists none."""
    box = find_box(boxes, "stsz")
    if box is None:
        return _read_compact_sizes(data, require_box(boxes, "stz2"))
    common, count = unpack("II", data, box.body + 4, box.end)
    _check_count(count)
    if common == 0:
        return read_rows(data, box, ">u4", fields=8)[:, 0]
    if count * common > file_size:
        raise BitstreamError(f"The table 'stsz' declares {count} samples of {common} bytes, more than the file.")
    return np.full(count, common, np.int64)


def _read_compact_sizes(data: bytes, box: Box) -> Int64Array:
    field_bits, count = unpack("II", data, box.body + 4, box.end)
    _check_count(count)
    field_bits &= 0xFF
    if field_bits in {8, 16}:
        return read_rows(data, box, f">u{field_bits // 8}", fields=8)[:, 0]
    first = box.body + 12
    if field_bits != 4 or (count + 1) // 2 > box.end - first:
        raise BitstreamError("The table 'stz2' has an unknown field size or holds fewer entries than it declares.")
    pairs = np.frombuffer(data[first : first + (count + 1) // 2], np.uint8)
    return np.stack((pairs >> 4, pairs & 15), axis=1).reshape(-1)[:count].astype(np.int64)


def _check_count(count: int) -> None:
    if count > MAX_SAMPLES:
        raise BitstreamError(f"The track declares {count} samples; {MAX_SAMPLES} are read at most.")


def _read_chunk_starts(data: bytes, boxes: tuple[Box, ...]) -> Int64Array:
    box = find_box(boxes, "stco")
    if box is not None:
        return read_rows(data, box, ">u4")[:, 0]
    starts = read_rows(data, require_box(boxes, "co64"), ">i8")[:, 0]
    if len(starts) and (int(starts.min()) < 0 or int(starts.max()) > MAX_FILE_OFFSET):
        raise BitstreamError("The table 'co64' points outside any file.")
    return starts


def _read_samples_per_chunk(data: bytes, boxes: tuple[Box, ...], chunks: int, samples: int) -> Int64Array:
    """Samples in each chunk, cut where the size table has no more of them."""
    rows = read_rows(data, require_box(boxes, "stsc"), ">u4", columns=3)
    if chunks == 0 or samples == 0:
        return np.zeros(chunks, np.int64)
    if len(rows) == 0 or rows[0, 0] != 1 or bool((np.diff(rows[:, 0]) <= 0).any()):
        raise BitstreamError("The table 'stsc' does not start at the first chunk or does not go upward.")
    starts = np.minimum(rows[:, 0] - 1, chunks)
    declared = np.repeat(rows[:, 1], np.diff(starts, append=chunks))
    per_chunk: Int64Array = np.diff(np.minimum(np.cumsum(declared), samples), prepend=0)
    return per_chunk


def _sample_offsets(chunk_starts: Int64Array, per_chunk: Int64Array, sizes: Int64Array) -> Int64Array:
    before = np.cumsum(sizes) - sizes
    first_samples = np.cumsum(per_chunk) - per_chunk
    filled = per_chunk > 0
    base = chunk_starts[filled] - before[first_samples[filled]]
    offsets: Int64Array = np.repeat(base, per_chunk[filled]) + before
    return offsets


def _unfold(runs: Int64Array, count: int, beyond: int) -> Int64Array:
    """Rows of (how often, value) as `count` values, cut to it or filled up with `beyond`."""
    ends = np.minimum(np.cumsum(runs[:, 0]), count)
    values = np.repeat(runs[:, 1], np.diff(ends, prepend=0))
    return np.concatenate((values, np.full(count - len(values), beyond, np.int64)))


def read_durations(data: bytes, boxes: tuple[Box, ...], count: int) -> Int64Array:
    """Ticks of each of `count` samples, the last duration going on where `stts` ends early."""
    runs = read_rows(data, require_box(boxes, "stts"), ">u4", columns=2)
    if count and not len(runs):
        raise BitstreamError("The table 'stts' gives no sample a duration.")
    return _unfold(runs, count, int(runs[-1, 1]) if len(runs) else 0)


def _read_cts_offsets(data: bytes, boxes: tuple[Box, ...], count: int) -> Int64Array:
    """Signed in both versions: version 0 is unsigned on paper, and writers put negative offsets there all the same."""
    box = find_box(boxes, "ctts")
    if box is None:
        return np.zeros(count, np.int64)
    runs = read_rows(data, box, ">u4", columns=2)
    runs[:, 1] -= (runs[:, 1] >> 31) << 32
    return _unfold(runs, count, 0)


def _read_sync(data: bytes, boxes: tuple[Box, ...], count: int) -> BoolArray:
    full, partial = find_box(boxes, "stss"), find_box(boxes, "stps")
    sync = np.full(count, full is None, np.bool_)
    for box in (full, partial):
        if box is None:
            continue
        numbers = read_rows(data, box, ">u4")[:, 0]
        if len(numbers) and numbers.min() < 1:
            raise BitstreamError(f"The table '{box.kind}' names a sample 0; samples count from 1.")
        sync[numbers[numbers <= count] - 1] = True
    return sync
