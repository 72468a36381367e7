"""Writes the output of a splice: every packet of the source in its order, runs of encoded frames in place of theirs.

No timestamp is computed: new packets take the decode times and durations of the packets they replace, so sample tables, edit
list and every neighbour stay. Both encoders' parameter sets stand in one `avcC`, or in a byte stream before each new IDR. Must
not know projects or pixels.
"""

import os
from collections.abc import Iterator

import av
import av.error
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.avcc import build_avcc
from engine.bitstream.nal import iter_length_prefixed, join_annexb
from engine.encoding.av_types import AnyPacket
from engine.encoding.splice.containers import Kind, matroska_options, matroska_rate, mp4_options, ts_options
from engine.encoding.splice.errors import SpliceError, UnwritableError
from engine.encoding.splice.matroska_length import keep_length
from engine.encoding.splice.samples import NewSample, merged_record, new_samples, stored_sets
from engine.encoding.splice.segments import Run
from engine.encoding.splice.sei import carried_messages
from engine.encoding.splice.source import Mp4Form
from engine.encoding.splice.stitch import ExtraAudio, Stitch
from engine.encoding.target import muxer_name
from engine.errors import ExportError
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex
from engine.running import CancelToken, Progress, Report

_BRANDS = {"major_brand", "minor_version", "compatible_brands"}
_CHECK_EVERY = 64
_LEAD_TICKS = 1000
"""Made-up decode times begin so far before the first frame, so that the packets that come first stay first."""
_DELIMITER = bytes([NalType.AUD, 0xF0])
"""Of a picture that may have slices of any type."""


def stitch(job: Stitch, audio: ExtraAudio | None, *, cancel: CancelToken, report: Report) -> None:
    """Write `job.target`. Raises ExportError, Cancelled, OSError and FFmpeg's errors; what was written so far stays there.

    Data tracks that no muxer of FFmpeg takes (some cameras' own) are left out.
    """
    try:
        _write(job, audio, cancel, report, with_data=True)
    except _HeaderRefusedError:
        _write(job, audio, cancel, report, with_data=False)


class _HeaderRefusedError(Exception):
    """The muxer does not take one of the data tracks."""


def _write(job: Stitch, audio: ExtraAudio | None, cancel: CancelToken, report: Report, *, with_data: bool) -> None:
    with open_container(job.source.path) as inside:
        video = video_stream(inside)
        if video is None:
            raise ExportError("The source has no video any more.", "Relink the media.")
        with av.open(os.fspath(job.target), "w", format=muxer_name(job.target), options=_options(job, inside)) as out:
            streams = _add_streams(job, inside, out, video, with_data)
            _start(out, audio, has_data=any(stream.type == "data" for stream in streams.values()))
            writer = _Writer(job, video, streams, _carried(job), out, audio)
            size, place = max(1, inside.size or 1), 0
            for number, packet in enumerate(inside.demux()):
                if number % _CHECK_EVERY == 0:
                    cancel.check()
                    place = max(place, packet.pos or 0)  # not every packet knows its place
                    report(Progress(min(1.0, place / size), "Copying"))
                writer.write(packet)
            writer.finish()
        if job.source.kind is Kind.MATROSKA and audio is None and job.keep_audio:
            said = [inside.streams[index].metadata.get("DURATION", "") for index in streams]
            keep_length(job.source.path, job.target, said)


def _start(out: OutputContainer, audio: ExtraAudio | None, *, has_data: bool) -> None:
    if audio is not None:
        audio.add_stream(out)
    try:
        out.start_encoding()
    except av.error.FFmpegError as error:
        if has_data:
            raise _HeaderRefusedError from error
        raise


def _options(job: Stitch, inside: InputContainer) -> dict[str, str]:
    form = job.source.mp4
    if form is None:
        return matroska_options() if job.source.kind is Kind.MATROSKA else ts_options(job.target)
    movie_timescale = _movie_timescale(job, form)
    return mp4_options(inside, timescale=form.timescale, movie_timescale=movie_timescale, is_faststart=form.is_faststart)


def _movie_timescale(job: Stitch, form: Mp4Form) -> int:
    """The source's, unless the start of the video is no multiple of it (fragmented files): edit lists are written in it."""
    start = int(job.index.pts[0]) * job.index.time_base
    return form.movie_timescale if (start * form.movie_timescale).denominator == 1 else form.timescale


def _add_streams(
    job: Stitch, inside: InputContainer, out: OutputContainer, video: VideoStream, with_data: bool
) -> dict[int, Stream]:
    out.metadata.update({key: value for key, value in inside.metadata.items() if key not in _BRANDS})
    out.set_chapters(inside.chapters())
    streams: dict[int, Stream] = {}
    for stream in inside.streams:
        if _is_left_out(job, stream, with_data):
            continue
        if job.source.kind is Kind.MATROSKA and stream.disposition & Disposition.attached_pic:
            _attach(job.source.path, stream, out)
            continue
        try:
            added = out.add_stream_from_template(stream, opaque=True)
        except ValueError as error:
            hint = "Use the source's own container."
            raise SpliceError(f"The output cannot hold a stream of the source: {error}.", hint) from error
        added.time_base = stream.time_base
        added.disposition = Disposition(stream.disposition)
        added.metadata.update(stream.metadata)
        if job.source.kind is Kind.MATROSKA and isinstance(added, VideoStream):
            added.codec_context.framerate = matroska_rate(job.source.path, stream.index)
        streams[stream.index] = added
    if job.source.mp4 and job.index.hidden[-1:].sum() > job.index.torn:
        raise SpliceError("The file hides frames at its end, which the new one would show.")
    if any(job.index.hidden_inside(run.frames) for run in job.runs):
        raise SpliceError("The file hides frames that refer to changed ones.")
    if not job.source.is_byte_stream:
        streams[video.index].codec_context.extradata = build_avcc(merged_record(job.source, job.runs))
    return streams


def _attach(path: str, stream: Stream, out: OutputContainer) -> None:
    """An attached picture of an MKV, which the demuxer shows as a stream of one packet."""
    with open_container(path) as fresh:
        picture = next((bytes(packet) for packet in fresh.demux(fresh.streams[stream.index]) if packet.size), b"")
    out.add_attachment(stream.metadata.get("filename", ""), stream.metadata.get("mimetype", ""), picture)


def _is_left_out(job: Stitch, stream: Stream, with_data: bool) -> bool:
    """Sound that is replaced, data no muxer takes, and tracks that the muxer makes itself (timecode, titles of chapters)."""
    if stream.type == "audio":
        return not job.keep_audio
    made_by_muxer = job.source.mp4.made_by_muxer if job.source.mp4 else ()
    return stream.type == "data" and (not with_data or stream.id in made_by_muxer)


def _carried(job: Stitch) -> dict[int, bytes]:
    """SEI units by pts that belong to the pictures and not to their coding: captions, HDR."""
    return carried_messages(job.source, job.index, [run.frames for run in job.runs])


class _Writer:
    """Decides for each source packet whether it is copied or replaced."""

    def __init__(
        self, job: Stitch, video: VideoStream, streams: dict[int, Stream], carried: dict[int, bytes], out: OutputContainer,
        audio: ExtraAudio | None,
    ) -> None:  # fmt: skip
        self._job, self._streams, self._carried, self._out, self._audio = job, streams, carried, out, audio
        self._video, self._base = video.index, video.time_base
        self._run_of = {int(pts): number for number, run in enumerate(job.runs) for pts in _pts(job.index, run.frames)}
        self._current = -1
        self._waiting: Iterator[NewSample] = iter(())
        self._replaced = 0
        self._next_dts = int(job.index.pts[0]) - _LEAD_TICKS
        self._last_dts: dict[int, int] = {}

    def write(self, packet: AnyPacket) -> None:
        """Mux one packet of the source, or what stands in its place. Empty packets only say that the file ends."""
        stream = self._streams.get(packet.stream.index)
        if packet.size == 0 or stream is None:
            return
        if packet.stream.index == self._video:
            if packet.pts in self._run_of:
                packet = self._replacement(packet)
            if packet.dts is None:
                packet.dts = self._made_up_dts()
            if self._audio is not None:
                self._write_audio(packet.dts)
        packet.stream = stream
        self._mux(packet)

    def _mux(self, packet: AnyPacket) -> None:
        """Raises UnwritableError for a packet before its neighbour in time: no muxer of FFmpeg takes it."""
        before, dts, kind = self._last_dts.get(packet.stream.index), packet.dts, packet.stream.type
        try:
            self._out.mux_one(packet)
        except av.error.FFmpegError as error:
            if before is None or dts is None or dts > before:
                raise
            what = {"video": "picture", "audio": "sound"}.get(kind, kind)
            raise UnwritableError(f"The source's {what} goes back in time, as where recordings were joined") from error
        if dts is not None:
            self._last_dts[packet.stream.index] = dts

    def finish(self) -> None:
        """Check that every encoded frame found its place, and write the rest of the sound."""
        if next(self._waiting, None) is not None or self._replaced != len(self._run_of):
            raise SpliceError("The encoded frames did not fit the source's packets.")
        if self._audio is not None:
            for packet in self._audio.packets_until(None):
                self._out.mux_one(packet)

    def _made_up_dts(self) -> int:
        """MKV stores no decode times, and the demuxer guesses none for the first packets. The muxer only wants them to ascend."""
        self._next_dts += 1
        return self._next_dts

    def _write_audio(self, dts: int | None) -> None:
        if self._audio is not None and dts is not None and self._base is not None:
            for sound in self._audio.packets_until(dts * self._base):
                self._out.mux_one(sound)

    def _replacement(self, slot: AnyPacket) -> AnyPacket:
        """The next encoded packet with the slot's decode time and duration."""
        number = self._run_of[slot.pts or 0]
        if number != self._current:
            self._current, self._waiting = number, self._samples(self._job.runs[number])
        found = next(self._waiting, None)
        if found is None:
            raise SpliceError("The encoder gave fewer frames than the source has there.")
        packet = Packet(self._stored(found, self._job.runs[number]))
        packet.pts, packet.dts, packet.duration, packet.time_base = found.pts, slot.dts, slot.duration, slot.time_base
        packet.is_keyframe = found.is_keyframe
        self._replaced += 1
        return packet

    def _samples(self, run: Run) -> Iterator[NewSample]:
        return new_samples(run, self._job.index, self._carried, self._job.source.record.length_size)

    def _stored(self, sample: NewSample, run: Run) -> bytes:
        """The sample as the container takes it."""
        if not self._job.source.is_byte_stream:
            return sample.data
        units = list(iter_length_prefixed(sample.data, self._job.source.record.length_size))
        if nal_type(units[0]) != NalType.AUD:
            units.insert(0, _DELIMITER)
        return join_annexb([units[0], *(stored_sets(self._job.source, run) if sample.is_keyframe else ()), *units[1:]])


def _pts(index: FrameIndex, frames: range) -> list[int]:
    return [int(pts) for pts in index.pts[frames.start : frames.stop].tolist()]
