"""The stored length of an MKV that was written packet by packet: the muxer counts the last block of sound in full, which the
source's program perhaps did not, so the source's own figures are put in the place of its."""

from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import BinaryIO

from engine.bitstream.boxes import read_at
from engine.bitstream.ebml import INFO, TAGS, length_in, read_body, segment_head, with_duration, with_track_durations
from engine.bitstream.errors import BitstreamError


def keep_length(source: str, target: Path, tracks: Sequence[str]) -> None:
    """Give a finished file the length that its source, all of whose packets it has, says of itself. Raises OSError.

    `tracks` are the texts that the source has for the length of each track (`00:00:12.023000000`), empty where it has none. A
    source that was cut off only promises its length: what it says is not taken.
    """
    ticks, scale_ns = _said_length(source)
    if not 0 < ticks < inf:
        return
    with target.open("r+b") as file:
        _change(file, INFO, lambda info: with_duration(info, ticks * (scale_ns / length_in(info).scale_ns)))
        _change(file, TAGS, lambda tags: with_track_durations(tags, tracks))


def _change(file: BinaryIO, which: int, change: Callable[[bytes], bytes]) -> None:
    """Write an element's body anew, as long as it was; as it is where there is none or no place in it."""
    read, size = read_at(file)
    try:
        element = segment_head(read, size)[0][which]
        body = change(read_body(read, element))
    except (BitstreamError, KeyError):
        return
    file.seek(element.body)
    file.write(body)


def _said_length(source: str) -> tuple[float, int]:
    """What the source says, in ticks of so many nanoseconds; 0 where it does not, or is not all there."""
    with Path(source).open("rb") as file:
        read, size = read_at(file)
        try:
            elements, is_cut_off = segment_head(read, size)
            length = length_in(read_body(read, elements[INFO]))
        except (BitstreamError, KeyError):
            return 0.0, 1
    return (0.0 if length.duration is None or is_cut_off else length.duration), length.scale_ns
