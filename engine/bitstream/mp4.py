"""MP4 and MOV: tracks, their times, their edit lists, their sample entries and sample tables.

Reads box headers and the `moov` box, wherever it lies, and never `mdat`. Must not know decoding, nor what a codec's
configuration bytes mean. Source: ISO/IEC 14496-12 and Apple's QuickTime File Format.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from engine.bitstream.boxes import (
    Box,
    ReadAt,
    child_boxes,
    find_box,
    require_box,
    top_level_boxes,
    unpack,
)
from engine.bitstream.display_matrix import Matrix, combine, is_mirrored, rotation_degrees
from engine.bitstream.errors import BitstreamError
from engine.bitstream.sample_entries import SampleEntry, parse_sample_entries
from engine.bitstream.sample_tables import SampleTable, build_sample_table, sample_count

MAX_MOOV_BYTES = 256 << 20
"""A `moov` above it is refused; 60 hours of video at 60 fps with sound need about 200 MiB."""

MAX_META_BYTES = 1 << 20
"""Of a file's own `meta` box no more is read, which a few kilobytes fill."""

MAX_TRACKS = 256
MAX_EDITS = 10_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of an edit list: `duration` in ticks of the movie, `media_time` in ticks of the track, -1 = empty."""

    duration: int
    media_time: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Track:
    """One track. `duration` is `mdhd`'s, in ticks of `timescale` (per second), None where it says unknown.

    `handler` is `vide`, `soun`, `text`, `sbtl`, `tmcd` …; `matrix` is the track's times the movie's, 16.16 and 2.30 fixed;
    `stbl` is the body of the sample table box as it lies in the file.
    """

    track_id: int
    handler: str
    is_enabled: bool
    timescale: int
    movie_timescale: int
    duration: int | None
    edits: tuple[Edit, ...]
    matrix: Matrix
    entries: tuple[SampleEntry, ...]
    sample_count: int
    stbl: bytes = field(repr=False)
    file_size: int

    @property
    def rotation_degrees(self) -> int:
        """0, 90, 180 or 270, clockwise: how far a player turns the stored picture (after mirroring) to show it."""
        return rotation_degrees(self.matrix)

    @property
    def is_mirrored(self) -> bool:
        """Whether the display matrix also flips the picture left to right, before turning it."""
        return is_mirrored(self.matrix)

    @property
    def presentation_offset(self) -> Fraction | None:
        """Seconds to add to a composition time (ticks / timescale) to get presentation time.

        None where the edit list is more than empty time followed by one stretch at rate 1.
        """
        shown = [edit for edit in self.edits if edit.media_time != -1]
        if not shown:
            return None if self.edits else Fraction(0)
        if len(shown) > 1 or self.edits[-1] is not shown[0] or shown[0].rate != 1:
            return None
        empty = sum(edit.duration for edit in self.edits[:-1])
        return Fraction(empty, self.movie_timescale) - Fraction(shown[0].media_time, self.timescale)

    def samples(self) -> SampleTable:
        """The sample table, unfolded on each call: some 41 bytes per sample. Raises BitstreamError."""
        return build_sample_table(self.stbl, self.file_size)


@dataclass(frozen=True, slots=True)
class Movie:
    """What `moov` says. `boxes` are the file's top-level boxes; `moov` is that box's bytes with its header.

    `meta` is the file's own `meta` box with its header, cut to MAX_META_BYTES; empty where there is none.

    `is_fragmented`: samples (also) lie in `moof` boxes, which are not read here. `is_truncated`: the file ends inside a
    box or in bytes that are no box.
    """

    timescale: int
    tracks: tuple[Track, ...]
    is_fragmented: bool
    is_truncated: bool
    boxes: tuple[Box, ...] = field(repr=False)
    moov: bytes = field(repr=False)
    meta: bytes = field(default=b"", repr=False)


def read_movie(read: ReadAt, size: int) -> Movie:
    """Parse a file of `size` bytes. Raises BitstreamError where it is no MP4/MOV or its `moov` is damaged."""
    boxes, is_truncated = top_level_boxes(read, size)
    place = find_box(boxes, "moov")
    if place is None:
        raise BitstreamError("The file has no 'moov' box: it is no MP4 or MOV, or its recording was cut off.")
    if place.size > MAX_MOOV_BYTES:
        raise BitstreamError(f"The 'moov' box of {place.size} bytes is larger than any real one.")
    moov = read(place.start, place.size)
    movie = parse_moov(moov, boxes=boxes, is_truncated=is_truncated, file_size=size)
    meta = find_box(boxes, "meta")
    return replace(movie, meta=read(meta.start, min(meta.size, MAX_META_BYTES))) if meta else movie


def parse_moov(moov: bytes, *, boxes: tuple[Box, ...] = (), is_truncated: bool = False, file_size: int) -> Movie:
    """Parse the bytes of a `moov` box, header included."""
    whole = child_boxes(moov, 0, len(moov))  # refuses one that was cut off
    if len(whole) != 1 or whole[0].kind != "moov":
        raise BitstreamError("The bytes are not one 'moov' box.")
    children = child_boxes(moov, whole[0].body, whole[0].end)
    if find_box(children, "cmov") is not None:
        raise BitstreamError("The movie header is compressed ('cmov'), which is not read.")
    timescale, movie_matrix = _parse_movie_header(moov, require_box(children, "mvhd"))
    trak_boxes = [box for box in children if box.kind == "trak"]
    if len(trak_boxes) > MAX_TRACKS:
        raise BitstreamError(f"The movie has more than {MAX_TRACKS} tracks.")
    context = _MovieContext(timescale, movie_matrix, file_size)
    return Movie(
        timescale=timescale,
        tracks=tuple(_parse_track(moov, box, context) for box in trak_boxes),
        is_fragmented=find_box(children, "mvex") is not None or find_box(boxes, "moof") is not None,
        is_truncated=is_truncated,
        boxes=boxes,
        moov=moov,
    )


@dataclass(frozen=True, slots=True)
class _MovieContext:
    timescale: int
    matrix: Matrix
    file_size: int


def _parse_movie_header(data: bytes, box: Box) -> tuple[int, Matrix]:
    """`mvhd`: timescale and matrix (version 0 has 32-bit times, version 1 has 64-bit ones)."""
    (version,) = unpack("B", data, box.body, box.end)
    times = 28 if version == 1 else 16
    (timescale,) = unpack("I", data, box.body + (20 if version == 1 else 12), box.end)
    matrix = unpack("9i", data, box.body + 4 + times + 16, box.end)
    return _positive(timescale, "mvhd"), matrix


def _parse_track(data: bytes, trak: Box, movie: _MovieContext) -> Track:
    children = child_boxes(data, trak.body, trak.end)
    track_id, is_enabled, matrix = _parse_track_header(data, require_box(children, "tkhd"))
    mdia = _children_of(data, children, "mdia")
    timescale, duration = _parse_media_header(data, require_box(mdia, "mdhd"))
    handler = _parse_handler(data, require_box(mdia, "hdlr"))
    stbl_box = require_box(_children_of(data, mdia, "minf"), "stbl")
    stbl = data[stbl_box.body : stbl_box.end]
    return Track(
        track_id=track_id,
        handler=handler,
        is_enabled=is_enabled,
        timescale=timescale,
        movie_timescale=movie.timescale,
        duration=duration,
        edits=_parse_edits(data, children),
        matrix=combine(matrix, movie.matrix),
        entries=parse_sample_entries(stbl, handler),
        sample_count=sample_count(stbl),
        stbl=stbl,
        file_size=movie.file_size,
    )


def _children_of(data: bytes, boxes: tuple[Box, ...], kind: str) -> tuple[Box, ...]:
    parent = require_box(boxes, kind)
    return child_boxes(data, parent.body, parent.end)


def _parse_track_header(data: bytes, box: Box) -> tuple[int, bool, Matrix]:
    """`tkhd`: track id, the enabled flag, and the matrix."""
    (version_and_flags,) = unpack("I", data, box.body, box.end)
    is_long = version_and_flags >> 24 == 1
    (track_id,) = unpack("I", data, box.body + (20 if is_long else 12), box.end)
    matrix = unpack("9i", data, box.body + (36 if is_long else 24) + 16, box.end)
    return track_id, bool(version_and_flags & 1), matrix


def _parse_media_header(data: bytes, box: Box) -> tuple[int, int | None]:
    """`mdhd`: timescale and duration, None for the all-ones value that means unknown."""
    (version,) = unpack("B", data, box.body, box.end)
    if version == 1:
        timescale, duration = unpack("IQ", data, box.body + 20, box.end)
        unknown = (1 << 64) - 1
    else:
        timescale, duration = unpack("II", data, box.body + 12, box.end)
        unknown = (1 << 32) - 1
    return _positive(timescale, "mdhd"), None if duration == unknown else duration


def _parse_handler(data: bytes, box: Box) -> str:
    return bytes(unpack("4B", data, box.body + 8, box.end)).decode("latin-1")


def _parse_edits(data: bytes, children: tuple[Box, ...]) -> tuple[Edit, ...]:
    edts = find_box(children, "edts")
    elst = find_box(child_boxes(data, edts.body, edts.end), "elst") if edts else None
    if elst is None:
        return ()
    version, count = unpack("B3xI", data, elst.body, elst.end)
    layout, size = ("Qqi", 20) if version == 1 else ("Iii", 12)
    if count > MAX_EDITS or count * size > elst.end - elst.body - 8:
        raise BitstreamError(f"The edit list declares {count} entries, more than it can hold.")
    rows = (unpack(layout, data, elst.body + 8 + i * size, elst.end) for i in range(count))
    return tuple(Edit(duration, media_time, Fraction(rate, 1 << 16)) for duration, media_time, rate in rows)


def _positive(timescale: int, kind: str) -> int:
    if timescale == 0:
        raise BitstreamError(f"The box '{kind}' declares a timescale of 0.")
    return timescale
