"""An H.264 file whose packets are to stay: what a splice must know of it, or why it cannot be spliced.

Reads the sample entry, the parameter sets and the beginnings of sync samples; decodes nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type, parse_pps
from engine.bitstream.avcc import AvcC, free_parameter_set_id, parse_avcc
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, Track, read_movie
from engine.bitstream.nal import iter_length_prefixed
from engine.bitstream.sps import Sps, parse_sps, parse_sps_id
from engine.media.animation import is_animation
from engine.media.container import open_container, video_stream

_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
_PIXEL_FORMATS = {1: "yuv420p", 2: "yuv422p", 3: "yuv444p"}
_BOTTOM_FIRST = {3, 5}
_HEAD_BYTES = 1024
_PROBED_SYNC_SAMPLES = 32

_IN_FULL = "so every frame is encoded"


@dataclass(frozen=True, slots=True)
class SpliceSource:
    """A file that can be spliced. `parameter_set_id` is free in the file, in its `avcC` and in its samples."""

    path: str
    record: AvcC
    sps: Sps
    profile: str
    pixel_format: str
    parameter_set_id: int
    reorder_depth: int
    pixel_aspect: Fraction
    is_bottom_field_first: bool
    timescale: int
    movie_timescale: int
    is_faststart: bool
    made_by_muxer: frozenset[int]
    """Ids of tracks that a muxer writes from metadata: timecode, titles of chapters."""


def splice_source(path: str) -> SpliceSource | str:
    """Look at a file; a sentence where new frames cannot be put between its packets. Raises MediaError."""
    if is_animation(path):
        return f"An animated picture has no packets of video, {_IN_FULL}."
    with open_container(path) as container:
        stream = video_stream(container)
        if stream is None:
            return f"The file has no video, {_IN_FULL}."
        refusal = _refused_form(container, stream)
        if refusal:
            return refusal
        try:
            return _described(path, stream)
        except (BitstreamError, OSError) as error:
            return f"The file's tables cannot be kept ({error}), {_IN_FULL}."


def _refused_form(container: InputContainer, stream: VideoStream) -> str:
    codec = stream.codec_context.name
    if codec != "h264":
        return f"{codec.upper()} cannot be copied in parts yet, {_IN_FULL}."
    if "mp4" not in container.format.name:
        return f"Only MP4 and MOV files can be copied in parts for now, {_IN_FULL}."
    if (stream.codec_context.extradata or b"\0")[0] != 1:
        return f"The file does not say how its video is coded (avcC), {_IN_FULL}."
    return ""


def _described(path: str, stream: VideoStream) -> SpliceSource | str:
    context = stream.codec_context
    record = parse_avcc(context.extradata or b"")
    if not record.sps:
        return f"The file keeps its parameter sets in the stream only, {_IN_FULL}."
    sps = parse_sps(record.sps[0])
    pixel_format = _pixel_format(sps)
    if sps.profile not in _PROFILES or pixel_format is None:
        return f"There is no encoder for this kind of H.264 (profile {sps.profile}), {_IN_FULL}."
    with Path(path).open("rb") as file:
        movie = read_movie(lambda offset, size: _read(file, offset, size), os.fstat(file.fileno()).st_size)
        track = next(item for item in movie.tracks if item.track_id == stream.id)
        if len(track.entries) != 1:
            return f"The video changes its form inside the file, {_IN_FULL}."
        number = _free_id(record, _sets_in_samples(file, movie, track, record.length_size))
    if number is None:
        return f"The file has no free parameter set number, {_IN_FULL}."
    return SpliceSource(
        path=path, record=record, sps=sps, profile=_PROFILES[sps.profile], pixel_format=pixel_format, parameter_set_id=number,
        reorder_depth=_reorder_depth(stream, sps), pixel_aspect=Fraction(stream.sample_aspect_ratio or 0),
        is_bottom_field_first=int(context.field_order) in _BOTTOM_FIRST, timescale=track.timescale,
        movie_timescale=movie.timescale, is_faststart=_is_faststart(movie),
        made_by_muxer=frozenset(item.track_id for item in movie.tracks if item.handler in {"text", "tmcd"}),
    )


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _pixel_format(sps: Sps) -> str | None:
    name, bits = _PIXEL_FORMATS.get(sps.chroma_format_idc), sps.bit_depth_luma
    if name is None or bits != sps.bit_depth_chroma or bits not in {8, 10}:
        return None
    return name if bits == 8 else f"{name}10le"


def _reorder_depth(stream: VideoStream, sps: Sps) -> int:
    declared = sps.vui.max_num_reorder_frames if sps.vui else None
    return int(stream.codec_context.reorder_depth) if declared is None else declared


def _free_id(record: AvcC, sets: list[bytes]) -> int | None:
    used_sps = {parse_sps_id(nal) for nal in (*record.sps, *(n for n in sets if nal_type(n) == NalType.SPS))}
    used_pps = {parse_pps(nal).pps_id for nal in (*record.pps, *(n for n in sets if nal_type(n) == NalType.PPS))}
    return free_parameter_set_id(used_sps, used_pps)


def _sets_in_samples(file: BinaryIO, movie: Movie, track: Track, length_size: int) -> list[bytes]:
    """Parameter sets that lie in sync samples; where the first ones have none, the others are not looked at."""
    if movie.is_fragmented:
        return []
    table = track.samples()
    places = table.offsets[table.sync]
    found: list[bytes] = []
    for number, offset in enumerate(places.tolist()):
        if number >= _PROBED_SYNC_SAMPLES and not found:
            break
        found += (nal for nal in _head_units(file, offset, length_size) if nal not in found)
    return found


def _head_units(file: BinaryIO, offset: int, length_size: int) -> Iterator[bytes]:
    for nal in iter_length_prefixed(_read(file, offset, _HEAD_BYTES), length_size, is_prefix=True):
        if nal_type(nal) in range(1, 6):
            return
        if nal_type(nal) in {NalType.SPS, NalType.PPS}:
            yield nal


def _is_faststart(movie: Movie) -> bool:
    kinds = [box.kind for box in movie.boxes if box.kind in {"moov", "mdat"}]
    return kinds[:1] == ["moov"]
