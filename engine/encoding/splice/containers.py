"""The containers in which packets can be replaced, and what FFmpeg's muxer of each must be told so that it changes nothing.

Must not know projects, pictures or which packets are replaced.
"""

from enum import Enum
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.container import InputContainer
from av.stream import Disposition

from engine.media.container import open_container

_QUICKTIME_KEYS = "+use_metadata_tags"
_FASTSTART = "+faststart"


class Kind(Enum):
    """A container, by the name that the user sees."""

    MP4 = "MP4"
    MATROSKA = "MKV"
    TS = "MPEG-TS"


_KIND_OF_FORMAT = {"mov": Kind.MP4, "matroska": Kind.MATROSKA, "mpegts": Kind.TS}
_KIND_OF_SUFFIX = {
    ".mp4": Kind.MP4, ".m4v": Kind.MP4, ".mov": Kind.MP4, ".mkv": Kind.MATROSKA,
    ".ts": Kind.TS, ".m2ts": Kind.TS, ".mts": Kind.TS,
}  # fmt: skip
_BLU_RAY_SUFFIXES = {".m2ts", ".mts"}
_PROBED_PACKETS = 4

SPLICE_SUFFIXES = frozenset(_KIND_OF_SUFFIX)
"""Files that can take a source's packets."""


def kind_of(container: InputContainer) -> Kind | None:
    """None for a container in which nothing can be replaced."""
    return _KIND_OF_FORMAT.get(container.format.name.split(",")[0])


def kind_of_file(path: Path) -> Kind | None:
    """The same by a file's name, a part file's too."""
    return _KIND_OF_SUFFIX.get(Path(path.name.removesuffix(".part")).suffix.lower())


def refused_target(source: Kind, output: Path) -> str:
    """Why an output cannot take a source's packets, one sentence; empty where it can."""
    target = kind_of_file(output)
    if target is source:
        return ""
    if target is None:
        return f"A {output.suffix} file cannot take the source's packets, so every frame is encoded."
    return f"The source is {source.value} and the output {target.value}, so every frame is encoded."


def mp4_options(inside: InputContainer, *, timescale: int, movie_timescale: int, is_faststart: bool) -> dict[str, str]:
    """Options of the MP4 and MOV muxers; timescales are those of the video track and of the movie header."""
    flags = [_FASTSTART] if is_faststart else []
    if any("." in key for key in inside.metadata):  # QuickTime's own keys (com.apple…), which the plain list has no place for
        flags.append(_QUICKTIME_KEYS)
    options = {"movie_timescale": str(movie_timescale)}
    clocks = {stream.time_base for stream in inside.streams.video if not stream.disposition & Disposition.attached_pic}
    if len(clocks) == 1:  # else the muxer takes a multiple of each one's
        options["video_track_timescale"] = str(timescale)
    return options | ({"movflags": "".join(flags)} if flags else {})


def matroska_options() -> dict[str, str]:
    """Options of the MKV muxer: made-up decode times begin below 0, which must not move the file; no id is random."""
    return {"avoid_negative_ts": "disabled", "fflags": "+bitexact"}


def matroska_rate(path: str, number: int) -> Fraction:
    """Frames per second by which an MKV tells how long each frame of a stream lasts, 0 where it does not.

    Then its packets have no durations, and those of a copy may not get any from the rate that the coded stream names. Raises
    MediaError.
    """
    with open_container(path) as container:
        stream = container.streams[number]
        first = islice((packet.duration for packet in container.demux(stream) if packet.size), _PROBED_PACKETS)
        return Fraction(getattr(stream, "average_rate", None) or 0) if any(first) else Fraction(0)


def ts_options(target: Path) -> dict[str, str]:
    """Options of the TS muxer: times as they are, and a PES packet for each packet, else sound gets rounded times."""
    options = {"avoid_negative_ts": "disabled", "mpegts_copyts": "1", "pes_payload_size": "0"}
    suffix = Path(target.name.removesuffix(".part")).suffix.lower()
    return options | ({"mpegts_m2ts_mode": "1"} if suffix in _BLU_RAY_SUFFIXES else {"mpegts_m2ts_mode": "0"})
