"""The frame index of an MP4 or MOV from its sample tables: nothing is read but `moov` and a few bytes at each sync sample.

Which samples are shown, and when, is asked of FFmpeg's demuxer (its index has the edit list applied), because that is the clock
in which the decoder will hand out frames; the tables add what the demuxer does not tell: composition offsets.
"""

import os
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.boxes import read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Track, read_movie
from engine.bitstream.sample_tables import SampleTable
from engine.media.container import SourcePath
from engine.media.cut_off import nothing_there
from engine.media.idr import IdrTest
from engine.media.index import Bools, Int64s
from engine.media.index_building import PacketTable, hidden_between, without_open_gops

_PROBED_ENTRIES = 64
_PROBED_PACKETS = 4


def mp4_packets(path: SourcePath, container: InputContainer, stream: VideoStream) -> PacketTable | None:
    """The shown frames by the tables; None where they do not tell (fragmented, damaged, another clock than the demuxer's).

    `container` must be freshly opened; its first packets are read. Frames whose data lies behind the end of the file are not
    among them. Raises MediaError where none is there.
    """
    with Path(path).open("rb") as file:
        try:
            track = _track(file, stream.id)
            table = track.samples() if track else None
        except BitstreamError:
            return None
        if track is None or table is None or not len(table):
            return None
        rows, dts, hidden = _plain_rows(stream, track, table) or _listed_rows(stream, table)
        shift = _pts_shift(container, stream, table, rows, dts)
        if shift is None:
            return None
        there, torn = _there(table, rows, track.file_size)
        missing = int((~hidden[there:]).sum())
        rows, dts, hidden = rows[:there], dts[:there], hidden[:there]
        if missing and hidden.all():
            raise nothing_there(path)
        shown = ~hidden
        pts = dts + table.cts_offset[rows] + shift
        found = _packets(stream, table, rows[shown], dts[shown], pts[shown], file)
        if found is None:
            return None
        between = hidden_between(np.append(hidden, np.ones(torn, np.bool_)))
        return replace(found, hidden=between, hidden_pts=pts[hidden], missing=missing, torn=torn)


def _track(file: BinaryIO, track_id: int) -> Track | None:
    movie = read_movie(*read_at(file))
    found = [t for t in movie.tracks if t.track_id == track_id and t.handler == "vide"]
    return found[0] if len(found) == 1 and not movie.is_fragmented else None


def _plain_rows(stream: VideoStream, track: Track, table: SampleTable) -> tuple[Int64s, Int64s, Bools] | None:
    """(table row, dts, is hidden) of each of the demuxer's entries, for a file whose edit list hides and moves nothing.

    The demuxer is asked about some entries only: asking about all takes 7 µs each.
    """
    entries, count = stream.index_entries, len(table)
    if len(entries) != count or track.presentation_offset is None:
        return None
    shown = [edit for edit in track.edits if edit.media_time != -1]
    if shown:
        start, length = shown[0].media_time, shown[0].duration * track.timescale // track.movie_timescale
        if table.pts.min() < start or (length and table.pts.max() >= start + length):
            return None
    shift = entries[0].timestamp - int(table.dts[0])
    for row in np.unique(np.linspace(0, count - 1, _PROBED_ENTRIES).astype(int)):
        entry = entries[int(row)]
        if entry.pos != table.offsets[row] or entry.timestamp - table.dts[row] != shift:
            return None
    return np.arange(count), table.dts + shift, np.zeros(count, np.bool_)


def _listed_rows(stream: VideoStream, table: SampleTable) -> tuple[Int64s, Int64s, Bools]:
    """The same by asking about every entry."""
    listed = [(e.pos, e.timestamp, e.is_discard) for e in stream.index_entries]
    positions = np.array([pos for pos, _, _ in listed], np.int64)
    order = np.argsort(table.offsets, kind="stable")
    found = np.minimum(np.searchsorted(table.offsets[order], positions), len(order) - 1)
    rows = order[found]
    known = table.offsets[rows] == positions
    dts = np.array([timestamp for _, timestamp, _ in listed], np.int64)
    hidden = np.array([is_hidden for _, _, is_hidden in listed], np.bool_)
    return rows[known], dts[known], hidden[known]


def _there(table: SampleTable, rows: Int64s, file_size: int) -> tuple[int, int]:
    """How many of the samples, from the first on, lie wholly in the file, and whether (1 or 0) it ends inside the next one."""
    lost = np.flatnonzero(table.offsets[rows] + table.sizes[rows] > file_size)
    if not len(lost):
        return len(rows), 0
    return int(lost[0]), int(table.offsets[rows[lost[0]]] < file_size)


def _pts_shift(
    container: InputContainer, stream: VideoStream, table: SampleTable, rows: Int64s, dts: Int64s
) -> int | None:
    """What the demuxer adds to dts + composition offset, by its first packets; None where they contradict each other."""
    shifts = set()
    packets = islice((p for p in container.demux(stream) if p.size), _PROBED_PACKETS)
    for row, time, packet in zip(rows, dts, packets, strict=False):
        if packet.pts is None or packet.pos != table.offsets[row] or packet.dts != time:
            return None
        shifts.add(packet.pts - int(time) - int(table.cts_offset[row]))
    return shifts.pop() if len(shifts) == 1 else None


def _packets(
    stream: VideoStream, table: SampleTable, rows: Int64s, dts: Int64s, pts: Int64s, file: BinaryIO
) -> PacketTable | None:
    if not len(rows):
        return None
    keyframe = table.sync[rows]
    test = IdrTest(stream.codec_context.name, stream.codec_context.extradata)
    found = PacketTable(
        Fraction(stream.time_base or 1), pts, dts, table.durations[rows], table.sizes[rows], keyframe, keyframe,
        np.zeros(len(rows) + 1, np.int64),
    )  # fmt: skip
    if not test.applies:
        idr = without_open_gops(found)
    elif keyframe.all():
        idr = keyframe  # every frame stands alone: nothing can refer to what was before
    else:
        idr = keyframe.copy()
        for place in np.flatnonzero(keyframe):
            row = rows[place]
            idr[place] = _is_idr(file, test, int(table.offsets[row]), int(table.sizes[row]))
    return replace(found, is_idr=idr)


def _is_idr(file: BinaryIO, test: IdrTest, offset: int, size: int) -> bool:
    def read(limit: int | None) -> bytes:
        file.seek(offset, os.SEEK_SET)
        return file.read(size if limit is None else min(limit, size))

    return test(read)
