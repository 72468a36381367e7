"""Which rows of a track's sample table are the frames of an index, and which of its bytes a run takes the place of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.bitstream.mp4 import Movie, Track
from engine.bitstream.sample_tables import Int64Array, SampleTable, chunk_starts
from engine.encoding.splice.errors import SpliceError
from engine.media.index import FrameIndex


@dataclass(frozen=True, slots=True)
class TrackRows:
    """`rows` (N,) is the sample number of the frame that is k-th in decode order; `shift` its pts minus the table's."""

    table: SampleTable
    rows: Int64Array
    shift: int


def rows_of(track: Track, index: FrameIndex) -> TrackRows | None:
    """Find the frames of an index in its track; None where tables and demuxer tell different stories."""
    if index.time_base.numerator != 1 or index.time_base.denominator != track.timescale:
        return None
    table = track.samples()
    shown = index.pts[index.decode_order]
    for shift in _shifts(track, table, shown):
        order = np.argsort(table.pts, kind="stable")
        found = np.searchsorted(table.pts[order], shown - shift)
        if int(found.max(initial=0)) >= len(order):
            continue
        rows = order[found]
        if np.array_equal(table.pts[rows], shown - shift) and bool((np.diff(rows) > 0).all()):
            return TrackRows(table, rows, shift)
    return None


def _shifts(track: Track, table: SampleTable, shown: Int64Array) -> list[int]:
    """What a demuxer may add to the table's times: where nothing is hidden the first frames tell, else the edit list."""
    if len(table) == len(shown):
        return [int(shown[0] - table.pts[0])]
    if track.presentation_offset is None:
        return []
    exact = track.presentation_offset * track.timescale
    whole = exact.numerator // exact.denominator
    return [whole, whole + 1, whole - 1]


def run_rows(found: TrackRows, index: FrameIndex, run: range) -> range:
    """The samples of a run, hidden ones included. Raises SpliceError where there are others among them, which refer to them."""
    first = int(found.rows[run.start])
    follower = int(found.rows[run.stop]) if run.stop < len(index) else len(found.table)
    if follower - first != len(run) + len(index.hidden_pts_inside(run)):
        raise SpliceError("The file has hidden frames among the changed ones or behind them, which refer to them.")
    return range(first, follower)


def is_shared(movie: Movie, track: Track, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether anything but the track's own samples lies in these byte ranges (ascending, disjoint) of the file."""
    starts, ends = (np.array(column, np.int64) for column in zip(*spans, strict=True))
    for other in movie.tracks:
        begins = chunk_starts(other.stbl)
        if other is not track and _meets(begins, begins + 1, starts, ends):
            return True
        if other is not track and other.sample_count <= len(_CHECKED):
            table = other.samples()
            if _meets(table.offsets, table.offsets + table.sizes, starts, ends):
                return True
    return False


_CHECKED = range(1 << 22)
"""Samples of another track that are looked at one by one; uncompressed sound has more, and its chunks tell enough."""


def _meets(first: Int64Array, last: Int64Array, starts: Int64Array, ends: Int64Array) -> bool:
    """Whether one of the ranges [first, last) meets one of [start, end), which ascend."""
    place = np.searchsorted(ends, first, side="right")
    inside = place < len(starts)
    return bool((last[inside] > starts[place[inside]]).any())
