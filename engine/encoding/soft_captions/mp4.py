"""Captions as a track of a finished MP4 or MOV: texts and a new index are put behind it, and not one byte of the rest moves.

The old index becomes free space. The file's index so lies at its end, as cameras write it.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from io import FileIO
from pathlib import Path

from engine.bitstream.boxes import Box, find_box, read_at
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, read_movie
from engine.bitstream.text_track import TIMESCALE, TextSpan, TextTrack, with_text_track
from engine.encoding.soft_captions.spans import TRACK_NAME, SoftCaptions
from engine.errors import ExportError

_LARGEST_32_BIT = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """The picture that the captions belong to: the movie's time of its first frame, how long it lasts (seconds), its size."""

    offset: Fraction
    duration: Fraction
    width: int
    height: int


def append_captions(path: Path, captions: SoftCaptions, place: Place) -> None:
    """Add the track in place.

    Raises: ExportError: the file is one that cannot take a track; OSError.
    """
    try:
        _append(path, captions, place)
    except BitstreamError as error:
        raise ExportError(f"The captions could not be put into the file: {error}", "Burn them in, or export to .mkv.") from error


def _append(path: Path, captions: SoftCaptions, place: Place) -> None:
    with path.open("r+b", buffering=0) as file:
        read, length = read_at(file)
        movie = read_movie(read, length)
        if movie.is_fragmented or movie.is_truncated:
            raise BitstreamError("it is written in fragments.")
        _close_last(file, movie, length)
        end = round((place.offset + place.duration) * TIMESCALE)
        track = TextTrack(_spans(captions, place.offset), end, captions.language, TRACK_NAME, place.width, place.height)
        data = b"".join(sample for _, sample in track.samples())
        texts = struct.pack(">I4s", 8 + len(data), b"mdat") + data
        moov = with_text_track(movie.moov, track, length + 8)
        _write(file, length, texts + moov)
        old = find_box(movie.boxes, "moov")
        assert old is not None
        _write(file, old.start + 4, b"free")  # last: until here the file is what it was


def _spans(captions: SoftCaptions, offset: Fraction) -> tuple[TextSpan, ...]:
    found: list[TextSpan] = []
    for span, text in captions.spans:
        start, end = (max(0, round((time + offset) * TIMESCALE)) for time in (span.start, span.end))
        if found and start < found[-1].end:
            start = found[-1].end
        if end > start:
            found.append(TextSpan(start, end, text))
    return tuple(found)


def _close_last(file: FileIO, movie: Movie, length: int) -> None:
    """A last box may say that it goes on to the end of the file, which is about to move."""
    last: Box = movie.boxes[-1]
    file.seek(last.start)
    if file.read(4) != b"\0\0\0\0":
        return
    if length - last.start > _LARGEST_32_BIT:
        raise BitstreamError("its last box has no size.")
    _write(file, last.start, struct.pack(">I", length - last.start))


def _write(file: FileIO, place: int, data: bytes) -> None:
    file.seek(place)
    done = 0
    while done < len(data):
        done += file.write(data[done:])
