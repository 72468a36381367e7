"""Writes the output of a splice by changing the source's file structure and nothing else: new samples take the places of the
replaced ones, `moov` is rewritten, every other byte is moved by the kernel.

So edit lists, metadata, chapters, timecode, cover art and boxes that nobody models survive. Must not know projects or pixels.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.bitstream.avcc import build_avcc
from engine.bitstream.boxes import find_box, read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.moov_rewriting import NewSamples, rewrite_moov, surgery_refusal
from engine.bitstream.mp4 import Movie, Track, read_movie
from engine.bitstream.sample_tables import chunk_starts
from engine.encoding.splice.byte_copy import ByteCopier, OnCopied, write_at
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.layout import Hole, Layout, lay_out
from engine.encoding.splice.rows import TrackRows, is_shared, rows_of, run_rows
from engine.encoding.splice.samples import NewSample, merged_record, new_samples
from engine.encoding.splice.segments import Run
from engine.encoding.splice.sei import carried_messages
from engine.encoding.splice.stitch import Stitch
from engine.errors import MediaError
from engine.running import CancelToken, Progress, Report

_MOST_LAYOUTS = 8


class NotOperableError(Exception):
    """This file's tables cannot be kept; it can still be written packet by packet. The text says why, for the log."""


@dataclass(frozen=True, slots=True)
class _Replaced:
    """One run: its rows, and what takes their places."""

    run: Run
    rows: range
    new: NewSamples


def operate(job: Stitch, *, is_quicktime: bool, on_copied: OnCopied, cancel: CancelToken, report: Report) -> None:
    """Write `job.target`, a MOV or an MP4. `on_copied` is told of every range of the source that was copied.

    Raises NotOperableError before anything was written, SpliceError, MediaError, OSError, Cancelled.
    """
    with Path(job.source.path).open("rb", buffering=0) as source:
        operation = _Operation(job, _movie(source, is_quicktime))
        try:
            layout, moov = operation.laid_out()
        except BitstreamError as error:
            raise NotOperableError(str(error)) from error
        target = os.open(job.target, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0))  # emptied, ext4 would write at close
        try:
            _write(layout, moov, operation.samples(), (source.fileno(), target), on_copied, cancel, report)
        finally:
            os.close(target)


class _Operation:
    def __init__(self, job: Stitch, movie: Movie) -> None:
        self._job, self._movie = job, movie
        self._track, found = _found_track(movie, job)
        self._table, self._chunks = found.table, np.sort(chunk_starts(self._track.stbl))
        runs = [run.frames for run in job.runs]
        self._carried = carried_messages(job.source, job.index, runs)
        self._replaced = [self._replacement(run, found) for run in job.runs]
        self._holes = [hole for item in self._replaced for hole in self._holes_of(item)]
        spans = [(hole.start, hole.end) for hole in self._holes]
        if any(a[1] > b[0] for a, b in pairwise(spans)) or (spans and is_shared(movie, self._track, spans)):
            raise NotOperableError("samples share their bytes with others")

    def laid_out(self) -> tuple[Layout, bytes]:
        """A layout and the `moov` that fits it: the one's offsets depend on the other's size, which only grows."""
        config = build_avcc(merged_record(self._job.source, self._job.runs))
        new, size = [item.new for item in self._replaced], len(self._movie.moov)
        for _ in range(_MOST_LAYOUTS):
            layout = lay_out(self._movie.boxes, size, self._holes)
            moov = rewrite_moov(self._movie, self._track.track_id, new, config, layout.moved)
            if len(moov) == size:
                return layout, moov
            size = len(moov)
        raise NotOperableError("no layout fits its own tables")

    def samples(self) -> Iterator[bytes]:
        """What goes into each hole, one after another."""
        for item in self._replaced:
            samples = self._samples(item.run)
            for hole in self._holes_of(item):
                yield b"".join(next(samples).data for _ in range(len(hole.new_sizes)))

    def _samples(self, run: Run) -> Iterator[NewSample]:
        return new_samples(run, self._job.index, self._carried, self._job.source.record.length_size)

    def _replacement(self, run: Run, found: TrackRows) -> _Replaced:
        rows = run_rows(found, self._job.index, run.frames)
        made = [(len(s.data), s.pts, s.is_keyframe) for s in self._samples(run)]
        if len(made) != len(rows) or not found.table.sizes[rows.start : rows.stop].all():
            raise NotOperableError("the changed samples do not fit the tables")
        sizes, pts, sync = (np.array(column) for column in zip(*made, strict=True))
        offsets = pts - found.shift - found.table.dts[rows.start : rows.stop]
        if len(rows) > len(run.frames) and offsets.min() < min(0, int(found.table.cts_offset.min())):
            raise SpliceError("The encoded frames do not fit the decode times of the source.")
        new = NewSamples(rows.start, sizes.astype(np.int64), offsets.astype(np.int64), sync.astype(np.bool_))
        return _Replaced(run, rows, new)

    def _holes_of(self, item: _Replaced) -> list[Hole]:
        """The run's bytes, cut where other bytes lie between its samples."""
        table, rows = self._table, item.rows
        offsets, sizes = table.offsets[rows.start : rows.stop], table.sizes[rows.start : rows.stop]
        cuts = np.flatnonzero(offsets[1:] != offsets[:-1] + sizes[:-1]) + 1
        holes: list[Hole] = []
        for first, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(rows)], strict=True):
            end = self._chunk_end(rows.start + stop - 1)
            holes.append(Hole(int(offsets[first]), sizes[first:stop], item.new.sizes[first:stop], end))
        return holes

    def _chunk_end(self, row: int) -> int:
        """Where the chunk of a sample ends: behind it bytes may be put in."""
        table = self._table
        ends = table.offsets[row:] + table.sizes[row:]
        gaps = np.flatnonzero(table.offsets[row + 1 :] != ends[:-1])
        contiguous = int(ends[gaps[0]] if len(gaps) else ends[-1])
        later = self._chunks[np.searchsorted(self._chunks, table.offsets[row], side="right") :]
        return min(contiguous, int(later[0])) if len(later) else contiguous


def _movie(source: BinaryIO, is_quicktime: bool) -> Movie:
    read, size = read_at(source)
    try:
        movie = read_movie(read, size)
    except BitstreamError as error:
        raise NotOperableError(str(error)) from error
    kind = find_box(movie.boxes, "ftyp")
    brand = read(kind.body, 4) if kind else b"qt  "  # QuickTime wrote none at first
    if (brand == b"qt  ") != is_quicktime:
        raise NotOperableError("the output is of the other kind of MP4 and MOV")
    return movie


def _found_track(movie: Movie, job: Stitch) -> tuple[Track, TrackRows]:
    """The track whose samples are the frames of the index."""
    reason = "no track has the frames that the demuxer tells of"
    for track in movie.tracks:
        if track.handler != "vide":
            continue
        reason = surgery_refusal(movie, track.track_id) or reason
        found = rows_of(track, job.index) if not surgery_refusal(movie, track.track_id) else None
        if found is not None:
            return track, found
    raise NotOperableError(reason)


def _write(
    layout: Layout, moov: bytes, samples: Iterator[bytes], files: tuple[int, int], on_copied: OnCopied, cancel: CancelToken,
    report: Report,
) -> None:  # fmt: skip
    (source, target), total, done = files, max(1, layout.size), 0

    def advance(source_offset: int, target_offset: int, size: int) -> None:
        nonlocal done
        done += size
        on_copied(source_offset, target_offset, size)
        report(Progress(min(1.0, done / total), "Copying"))

    write_at(target, layout.moov, moov)
    for literal in layout.literals:
        write_at(target, literal.target, literal.data)
    for place, data in zip(layout.holes, samples, strict=True):
        cancel.check()
        write_at(target, place, data)
    copier = ByteCopier(source, target, cancel, advance)
    try:
        for piece in layout.copies:
            copier.copy(piece.source, piece.target, piece.size)
    except EOFError as error:
        hint = "Put the whole file back, then export again."
        raise MediaError("The source became shorter while it was exported.", hint) from error
    os.ftruncate(target, layout.size)
