"""One of two MP4/MOV files that are compared: its sample tables, and what FFmpeg's demuxer makes of them.

The tables are read by `engine.bitstream`, the demuxer is asked independently: about its entries at given rows, about what the
edit list hides, and for the first packets, which tell by how much it moves composition times.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream

from engine.bitstream.boxes import read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, Track, read_movie
from engine.bitstream.sample_tables import BoolArray, Int64Array, SampleTable
from engine.encoding.av_types import AnyPacket
from engine.media.container import open_container, video_stream

MAX_ROWS = 1 << 20
"""Samples of one track that are compared by tables (some 40 MB); uncompressed sound may have a sample per tick."""

_FIRST_PACKETS = 256
_SHIFT_PACKETS = 4

Place = tuple[str, int]
"""Kind of a stream and its number among those of that kind."""


@dataclass(frozen=True, slots=True)
class Side:
    """`first` are the demuxer's first packets; `streams` are those it reads, cover pictures included."""

    container: InputContainer
    file: BinaryIO
    movie: Movie
    streams: dict[Place, Stream]
    first: tuple[AnyPacket, ...]
    video: Place

    def track(self, place: Place) -> Track | None:
        """None for a picture that lies in the metadata (cover art)."""
        stream = self.streams[place]
        return next((track for track in self.movie.tracks if track.track_id == stream.id), None)

    def covers(self) -> dict[Place, bytes]:
        """Pictures that are no track; the demuxer gives them before anything else."""
        of_stream = {s.index: place for place, s in self.streams.items() if self.track(place) is None}
        return {of_stream[p.stream.index]: bytes(p) for p in self.first if p.stream.index in of_stream}


@contextmanager
def open_side(path: str) -> Iterator[Side | None]:
    """The file opened twice: for the demuxer, and without buffering for its bytes.

    None where it is no plain MP4: fragmented, cut off, damaged, without video or too large. Raises MediaError, OSError.
    """
    with open_container(path) as container, Path(path).open("rb", buffering=0) as file:
        yield _described(container, file) if "mp4" in container.format.name else None


def _described(container: InputContainer, file: BinaryIO) -> Side | None:
    try:
        movie = read_movie(*read_at(file))
    except BitstreamError:
        return None
    ids = [track.track_id for track in movie.tracks]
    if movie.is_fragmented or movie.is_truncated or len(set(ids)) < len(ids):
        return None
    if any(track.sample_count > MAX_ROWS for track in movie.tracks):
        return None
    video = video_stream(container)
    if video is None:
        return None
    places: dict[Place, Stream] = {}
    for stream in container.streams:
        places[stream.type, sum(kind == stream.type for kind, _ in places)] = stream
    at = next(place for place, stream in places.items() if stream.index == video.index)
    read = {place: s for place, s in places.items() if s.discard != Discard.all or s.disposition & Disposition.attached_pic}
    return Side(container, file, movie, read, tuple(islice((p for p in container.demux() if p.size), _FIRST_PACKETS)), at)


@dataclass(frozen=True, slots=True)
class Shown:
    """(N,) arrays, a row per sample: pts in the demuxer's ticks, and whether the sample is shown at all."""

    pts: Int64Array
    is_shown: BoolArray


def shown_samples(side: Side, place: Place, table: SampleTable) -> Shown | None:
    """When the samples of a video track are shown; None where the demuxer's first packets do not agree with the table."""
    stream, track = side.streams[place], side.track(place)
    shift = _pts_shift(side, stream, table)
    if track is None or shift is None:
        return None
    is_shown = np.ones(len(table), np.bool_) if _hides_nothing(stream, track, table) else _listed(stream, table)
    return Shown(table.pts + shift, is_shown)


def _pts_shift(side: Side, stream: Stream, table: SampleTable) -> int | None:
    """What the demuxer adds to the table's composition times, by its first packets of the stream."""
    packets = list(islice((p for p in side.first if p.stream.index == stream.index), _SHIFT_PACKETS))
    rows = rows_at(table, np.array([-1 if p.pos is None else p.pos for p in packets], np.int64))
    if not packets or rows is None or any(p.pts is None for p in packets):
        return None
    shifts = {int(p.pts or 0) - int(table.pts[row]) for p, row in zip(packets, rows.tolist(), strict=True)}
    return shifts.pop() if len(shifts) == 1 else None


def _hides_nothing(stream: Stream, track: Track, table: SampleTable) -> bool:
    """Whether the demuxer lists every sample and the edit list, by itself, leaves all of them visible."""
    if len(stream.index_entries) != len(table) or track.presentation_offset is None:
        return False
    shown = [edit for edit in track.edits if edit.media_time != -1]
    if not shown:
        return True
    start, length = shown[0].media_time, shown[0].duration * track.timescale // track.movie_timescale
    return bool(table.pts.min() >= start and (not length or table.pts.max() < start + length))


def _listed(stream: Stream, table: SampleTable) -> BoolArray:
    """The same by asking the demuxer about every entry."""
    is_shown = np.zeros(len(table), np.bool_)
    places = np.array([e.pos for e in stream.index_entries if not e.is_discard], np.int64)
    rows = rows_at(table, places)
    if rows is not None:
        is_shown[rows] = True
    return is_shown


def rows_at(table: SampleTable, positions: Int64Array) -> Int64Array | None:
    """The rows of the samples that begin at these places of the file; None where one is none."""
    order = np.argsort(table.offsets, kind="stable")
    found = np.minimum(np.searchsorted(table.offsets[order], positions), len(order) - 1)
    rows: Int64Array = order[found]
    return rows if len(rows) == 0 or bool((table.offsets[rows] == positions).all()) else None


@dataclass(frozen=True, slots=True)
class Entries:
    """What the demuxer says of some of its entries: (N,) arrays; `times` are dts in its ticks."""

    places: Int64Array
    sizes: Int64Array
    times: Int64Array
    is_hidden: BoolArray
    is_keyframe: BoolArray
    time_base: Fraction


def entries_of(stream: Stream, numbers: Int64Array) -> Entries:
    """The demuxer's entries of these numbers; half a microsecond each."""
    listed = stream.index_entries
    found = [(e.pos, e.size, e.timestamp, e.is_discard, e.is_keyframe) for e in (listed[n] for n in numbers.tolist())]
    places, sizes, times, hidden, keys = np.array(found, np.int64).reshape(len(found), 5).T
    return Entries(places, sizes, times, hidden.astype(np.bool_), keys.astype(np.bool_), Fraction(stream.time_base or 1))
