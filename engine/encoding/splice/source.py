"""An H.264 file whose packets are to stay: what a splice must know of it, or why it cannot be spliced.

Reads the sample entry, the parameter sets and the beginnings of sync samples; decodes nothing.
"""

import os
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from av.container import InputContainer
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type, parse_pps
from engine.bitstream.avcc import AvcC, Chroma, free_parameter_set_id, parse_avcc
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, read_movie
from engine.bitstream.nal import split_annexb
from engine.bitstream.sps import Sps, parse_sps, parse_sps_id
from engine.encoding.splice.containers import Kind, kind_of
from engine.encoding.splice.field_search import PAFF, has_fields, spread_samples
from engine.encoding.splice.set_search import sets_in_packets, sets_in_table
from engine.encoding.splice.sets_in_force import SetsInForce, units_of
from engine.encoding.splice.shown_order import Sample, contradicts_times
from engine.media.animated import is_animation
from engine.media.container import codec_name, open_container, video_stream

_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
_PIXEL_FORMATS = {1: "yuv420p", 2: "yuv422p", 3: "yuv444p"}
_BOTTOM_FIRST = {3, 5}
_LENGTH_SIZE = 4
"""Of samples that were made from a byte stream, until they become one again."""

_MATROSKA_CLOCK = Fraction(1, 1000)

_PROBED_SAMPLES = 32
_HEAD_BYTES = 4096

_IN_FULL = "so every frame is encoded"


@dataclass(frozen=True, slots=True)
class Mp4Form:
    """What a muxer must be told of an MP4 or MOV."""

    timescale: int
    movie_timescale: int
    is_faststart: bool
    made_by_muxer: frozenset[int]
    """Ids of tracks that a muxer writes from metadata: timecode, titles of chapters."""


@dataclass(frozen=True, slots=True)
class SpliceSource:
    """A file that can be spliced. `parameter_set_id` is free in the file, in its `avcC` and in its samples."""

    path: str
    kind: Kind
    record: AvcC
    """Made from the first sets where the stream has start codes and no `avcC` (MPEG-TS)."""
    sps: Sps
    profile: str
    pixel_format: str
    parameter_set_id: int
    in_samples: tuple[bytes, ...]
    """The different parameter sets that lie in samples, in the order of the file."""
    has_aud: bool
    """Samples begin with an access unit delimiter."""
    reorder_depth: int
    pixel_aspect: Fraction
    is_bottom_field_first: bool
    mp4: Mp4Form | None

    def open_packets(self) -> InputContainer:
        """The file, for who decodes nothing; close it. Raises MediaError."""
        return open_container(self.path, may_decode=self.kind is not Kind.MP4)

    @property
    def is_byte_stream(self) -> bool:
        """Samples have start codes, and each IDR carries its parameter sets."""
        return self.kind is Kind.TS

    @property
    def length_size(self) -> int:
        """Bytes of the lengths before the units of its samples; 0 where they have start codes."""
        return 0 if self.is_byte_stream else self.record.length_size


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
            return _described(path, container, stream)
        except (BitstreamError, OSError) as error:
            return f"The file's tables cannot be kept ({error}), {_IN_FULL}."


def _refused_form(container: InputContainer, stream: VideoStream) -> str:
    codec = codec_name(stream.codec_context)
    if codec != "h264":
        return f"{codec.upper()} cannot be copied in parts yet, {_IN_FULL}."
    kind = kind_of(container)
    if kind is None:
        return f"Only MP4, MOV, MKV and MPEG-TS files can be copied in parts, {_IN_FULL}."
    if kind is not Kind.TS and (stream.codec_context.extradata or b"\0")[0] != 1:
        return f"The file does not say how its video is coded (avcC), {_IN_FULL}."
    if kind is Kind.MATROSKA and stream.time_base != _MATROSKA_CLOCK:
        return f"The MKV's clock is not in milliseconds, {_IN_FULL}."
    return ""


def _described(path: str, container: InputContainer, stream: VideoStream) -> SpliceSource | str:
    context, kind = stream.codec_context, kind_of(container)
    assert kind is not None
    extradata = context.extradata or b""
    record = _record_of_stream(extradata) if kind is Kind.TS else parse_avcc(extradata)
    if not record.sps or not record.pps:
        return f"The file keeps its parameter sets in the stream only, {_IN_FULL}."
    length_size = 0 if kind is Kind.TS else record.length_size
    sps, aspect = parse_sps(record.sps[0]), Fraction(stream.sample_aspect_ratio or 0)
    found = _read_tables(path, stream, length_size) if kind is Kind.MP4 else _Tables(None, None, 1)
    samples = _first_samples(container, stream, length_size)
    sets = _sets_in_packets(path, length_size) if found.sets is None else found.sets
    number = _free_id(record, sets)
    pixel_format, refusal = _pixel_format(sps), _refused_coding(record, samples, sets, found.entries)
    if not refusal and not sps.is_frame_mbs_only:  # looked for all over the file, where there can be any
        spread = spread_samples(container, stream, length_size)
        refusal = f"{PAFF}, {_IN_FULL}." if any(has_fields(units, sps) for units in spread) else ""
    if refusal or pixel_format is None or number is None:
        return refusal or f"The file has no free parameter set number, {_IN_FULL}."
    return SpliceSource(
        path=path, kind=kind, record=record, sps=sps, profile=_PROFILES[sps.profile], pixel_format=pixel_format,
        parameter_set_id=number, in_samples=tuple(sets), has_aud=_has_delimiters(samples),
        reorder_depth=_reorder_depth(stream, sps), pixel_aspect=aspect,
        is_bottom_field_first=int(context.field_order) in _BOTTOM_FIRST, mp4=found.form,
    )  # fmt: skip


def _refused_coding(record: AvcC, samples: list[Sample], sets: list[bytes], entries: int) -> str:
    """Why this kind of H.264 cannot be continued by an encoder; empty where it can."""
    sps = parse_sps(record.sps[0])
    if sps.profile not in _PROFILES or _pixel_format(sps) is None:
        return f"There is no encoder for this kind of H.264 (profile {sps.profile}), {_IN_FULL}."
    others = (parse_sps(nal) for nal in (*record.sps, *sets) if nal_type(nal) == NalType.SPS)
    if entries != 1 or any(_form(other) != _form(sps) for other in others):
        return f"The video changes its form inside the file, {_IN_FULL}."
    if any(has_fields(units, sps) for _, units in samples):
        return f"{PAFF}, {_IN_FULL}."
    if contradicts_times(samples, SetsInForce((*record.sps, *record.pps, *sets))):
        return f"The file's times contradict the order in which its frames are shown (a table of times is missing), {_IN_FULL}."
    return ""


def _sets_in_packets(path: str, length_size: int) -> list[bytes]:
    with open_container(path) as fresh:
        stream = video_stream(fresh)
        return sets_in_packets(fresh, stream, length_size) if stream else []


@dataclass(frozen=True, slots=True)
class _Tables:
    """What an MP4's tables tell; `sets` is None where packets must be read for them."""

    form: Mp4Form | None
    sets: list[bytes] | None
    entries: int


def _read_tables(path: str, stream: VideoStream, length_size: int) -> _Tables:
    with Path(path).open("rb") as file:
        movie = read_movie(lambda offset, size: _read(file, offset, size), os.fstat(file.fileno()).st_size)
        track = next((item for item in movie.tracks if item.track_id == stream.id), None)
        if track is None:
            raise BitstreamError("the video's track is not in 'moov'")
        sets = None if movie.is_fragmented else sets_in_table(file, track.samples(), length_size)
    made = frozenset(item.track_id for item in movie.tracks if item.handler in {"text", "tmcd"})
    return _Tables(Mp4Form(track.timescale, movie.timescale, _is_faststart(movie), made), sets, len(track.entries))


def _record_of_stream(extradata: bytes) -> AvcC:
    """The sets of a byte stream's beginning as a record; of several with one id the first."""
    units = split_annexb(extradata)
    sps = {parse_sps_id(nal): nal for nal in reversed(units) if nal_type(nal) == NalType.SPS}
    pps = {parse_pps(nal).pps_id: nal for nal in reversed(units) if nal_type(nal) == NalType.PPS}
    if not sps:
        raise BitstreamError("its beginning has no parameter sets")
    first = next(nal for nal in units if nal_type(nal) == NalType.SPS)
    form = parse_sps(first)
    chroma = Chroma(form.chroma_format_idc, form.bit_depth_luma, form.bit_depth_chroma)
    others = (nal for nal in sps.values() if nal != first)
    return AvcC(form.profile, form.compat, form.level, _LENGTH_SIZE, (first, *others), tuple(pps.values()), chroma)


def _form(sps: Sps) -> tuple[int, ...]:
    return sps.width, sps.height, sps.chroma_format_idc, sps.bit_depth_luma, sps.bit_depth_chroma


def _first_samples(container: InputContainer, stream: VideoStream, length_size: int) -> list[Sample]:
    """Times and units of the container's first samples, as far as a few kilobytes of each go. `length_size` 0: start codes."""
    packets = (packet for packet in container.demux(stream) if packet.size)
    heads = ((packet.pts, bytes(memoryview(packet)[:_HEAD_BYTES])) for packet in islice(packets, _PROBED_SAMPLES))
    return [(pts, list(units_of(head, length_size, is_prefix=True))) for pts, head in heads]


def _has_delimiters(samples: list[Sample]) -> bool:
    """Whether pictures begin with an access unit delimiter; some muxers put messages of the first one before it."""
    return bool(samples) and any(nal_type(nal) == NalType.AUD for nal in samples[-1][1])


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


def _is_faststart(movie: Movie) -> bool:
    kinds = [box.kind for box in movie.boxes if box.kind in {"moov", "mdat"}]
    return kinds[:1] == ["moov"]
