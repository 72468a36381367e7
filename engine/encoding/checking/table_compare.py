"""Compares two MP4/MOV files by their sample tables, whole columns at once, and the bytes they point to in large reads.

It proves equality and finds differing bytes. Where tables differ in any other way, or FFmpeg's demuxer sees either file in
another way than its tables read, it gives no verdict: then packets are compared one by one, as the demuxer gives them.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_tables import BoolArray, Int64Array, SampleTable
from engine.encoding.checking.byte_compare import different_places
from engine.encoding.checking.compared_copies import lie_in
from engine.encoding.checking.mp4_side import Place, Side, entries_of, open_side, rows_at, shown_samples
from engine.encoding.checking.report import Comparison, PacketReport
from engine.encoding.checking.ticks import converted, equal_times
from engine.running import CancelToken

_PROBED = 512
_PROBED_EDGE = 8


def compare_tables(job: Comparison, *, cancel: CancelToken) -> PacketReport | None:
    """The report where tables can tell, else None. Raises MediaError, OSError, Cancelled."""
    with open_side(job.source) as left, open_side(job.output) as right:
        if left is None or right is None or left.video != right.video:
            return None
        try:
            return _Compared(job, left, right, cancel).report()
        except (_UndecidedError, BitstreamError):
            return None


class _UndecidedError(Exception):
    """The tables do not tell."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Samples of one track that must be equal: their tables, and which rows those are."""

    place: Place
    left: SampleTable
    right: SampleTable
    is_kept: BoolArray
    is_shown: BoolArray


class _Compared:
    def __init__(self, job: Comparison, left: Side, right: Side, cancel: CancelToken) -> None:
        self._job, self._left, self._right, self._cancel = job, left, right, cancel
        self._report = PacketReport()

    def report(self) -> PacketReport:
        tracks: list[_Rows] = []
        for place in {**self._left.streams, **self._right.streams}:
            if place[0] == "audio" and not self._job.with_audio:
                continue
            rows = self._paired(place)
            if rows is not None:
                tracks.append(rows)
        self._compare_covers()
        self._compare_bytes(tracks)
        return self._report

    def _paired(self, place: Place) -> _Rows | None:
        """The samples of the same track in both files; what only one has is counted."""
        sides = [side for side in (self._left, self._right) if place in side.streams]
        tracks = [side.track(place) for side in sides]
        if None in tracks:
            if any(tracks):
                raise _UndecidedError  # cover art here, a track there
            return None
        tables = [track.samples() for track in tracks if track is not None]
        if len(tables) == 1:
            self._report.unpaired[place[0]] += len(tables[0])
            return None
        left, right = tables
        if len(left) != len(right):
            raise _UndecidedError
        if not len(left):
            return None
        everything = np.ones(len(left), np.bool_)
        kept, shown = self._kept_video(left, right) if place == self._left.video else (everything, everything)
        rows = _Rows(place, left, right, kept, shown)
        self._compare_times(rows)
        self._ask_demuxer(rows)
        return rows

    # --- times -------------------------------------------------------------------------------------------------------

    def _kept_video(self, left: SampleTable, right: SampleTable) -> tuple[BoolArray, BoolArray]:
        """Which video samples must stay, hidden ones included, and which are shown; reports when the output's are."""
        place, index = self._left.video, self._job.index
        shown, out = shown_samples(self._left, place, left), shown_samples(self._right, place, right)
        if shown is None or out is None or self._left.streams[place].time_base != index.time_base:
            raise _UndecidedError
        frames = np.minimum(np.searchsorted(index.pts, shown.pts), len(index) - 1)
        if not np.array_equal(np.sort(shown.pts[shown.is_shown]), index.pts):
            raise _UndecidedError
        replaced = shown.is_shown & self._job.is_replaced()[frames]
        replaced |= ~shown.is_shown & np.isin(shown.pts, self._job.hidden_replaced())
        out_base = Fraction(self._right.streams[place].time_base or 1)
        if not equal_times(shown.pts[~replaced], index.time_base, out.pts[~replaced], out_base).all():
            raise _UndecidedError
        if shown.is_shown.sum() != out.is_shown.sum() or not np.array_equal(shown.is_shown[~replaced], out.is_shown[~replaced]):
            raise _UndecidedError
        self._report.output_pts = converted(out.pts[out.is_shown], out_base, index.time_base)
        self._report.replaced = int(replaced.sum())
        self._report.replaced_places = np.stack((left.offsets, left.sizes), 1)[replaced]
        return ~replaced, shown.is_shown

    def _compare_times(self, rows: _Rows) -> None:
        left, right = self._clock(self._left, rows.place), self._clock(self._right, rows.place)
        same = equal_times(rows.left.dts, left, rows.right.dts, right).all()
        same &= equal_times(rows.left.durations, left, rows.right.durations, right).all()
        if rows.place != self._left.video:  # the video's were compared as they are shown
            same &= equal_times(rows.left.cts_offset, left, rows.right.cts_offset, right).all()
        if not same or not np.array_equal(rows.left.sync[rows.is_kept], rows.right.sync[rows.is_kept]):
            raise _UndecidedError

    @staticmethod
    def _clock(side: Side, place: Place) -> Fraction:
        track = side.track(place)
        assert track is not None
        return Fraction(1, track.timescale)

    # --- the demuxer's view ------------------------------------------------------------------------------------------

    def _ask_demuxer(self, rows: _Rows) -> None:
        """FFmpeg must find the same samples at the same times in both files: rows all over them, and all that are new."""
        streams = self._left.streams[rows.place], self._right.streams[rows.place]
        count = len(streams[0].index_entries)
        if count != len(streams[1].index_entries) or not count:
            raise _UndecidedError
        numbers = _probed(count, rows.is_kept)
        a, b = (entries_of(stream, numbers) for stream in streams)
        at, there = rows_at(rows.left, a.places), rows_at(rows.right, b.places)
        if at is None or there is None or not np.array_equal(at, there):
            raise _UndecidedError
        same = np.array_equal(a.sizes, rows.left.sizes[at]) and np.array_equal(b.sizes, rows.right.sizes[at])
        same &= bool(equal_times(a.times, a.time_base, b.times, b.time_base).all())
        kept = rows.is_kept[at]
        same &= np.array_equal(a.is_hidden[kept], b.is_hidden[kept])
        if not same or not np.array_equal(a.is_keyframe[kept], b.is_keyframe[kept]):
            raise _UndecidedError

    # --- bytes -------------------------------------------------------------------------------------------------------

    def _compare_covers(self) -> None:
        left, right = self._left.covers(), self._right.covers()
        for place in {**left, **right}:
            if place not in left or place not in right:
                self._report.unpaired[place[0]] += 1
                continue
            counts = self._report.others_equal if left[place] == right[place] else self._report.others_different
            counts[place[0]] += 1

    def _compare_bytes(self, tracks: list[_Rows]) -> None:
        """All tracks at once, because their samples lie one after another."""
        owner = np.concatenate([np.full(len(rows.left), number) for number, rows in enumerate(tracks)])
        kept = np.concatenate([rows.is_kept for rows in tracks])
        a, b = (np.concatenate([getattr(rows, side).offsets for rows in tracks]) for side in ("left", "right"))
        sizes, new_sizes = (np.concatenate([getattr(rows, side).sizes for rows in tracks]) for side in ("left", "right"))
        differs = kept & (sizes != new_sizes)
        compared = np.flatnonzero(kept & ~differs & ~lie_in(self._job.equal, a, b, sizes))
        found = different_places(
            self._left.file, self._right.file, a[compared], b[compared], sizes[compared], cancel=self._cancel
        )
        differs[compared[found]] = True
        self._report.proven = _ascending(b[kept & ~differs], sizes[kept & ~differs])
        for number, rows in enumerate(tracks):
            bad = int(differs[owner == number].sum())
            if rows.place == self._left.video:
                self._report.strays = bad
                self._report.copied = int((rows.is_kept & rows.is_shown & ~differs[owner == number]).sum())
            else:
                self._report.others_different[rows.place[0]] += bad
                self._report.others_equal[rows.place[0]] += len(rows.left) - bad


def _probed(count: int, is_kept: BoolArray) -> Int64Array:
    """Entry numbers: the file's ends, some hundred between, every new sample and its neighbours."""
    spread = np.linspace(0, count - 1, min(count, _PROBED)).astype(np.int64)
    edges = np.arange(min(_PROBED_EDGE, count))
    new = np.flatnonzero(~is_kept)
    near = np.concatenate((new - 1, new, new + 1)) if len(is_kept) == count else np.arange(count if len(new) else 0)
    numbers = np.unique(np.concatenate((spread, edges, count - 1 - edges, near)))
    return numbers[(numbers >= 0) & (numbers < count)]


def _ascending(offsets: Int64Array, sizes: Int64Array) -> Int64Array:
    order = np.argsort(offsets, kind="stable")
    return np.stack((offsets[order], sizes[order]), 1)
