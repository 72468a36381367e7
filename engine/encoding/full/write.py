"""Encodes every frame of a timeline: in the source's own kind of codec, depth and colours wherever there is an encoder for it.

Frames are numbered for the encoder and get their exact times back afterwards, so variable rates pass through encoders that
know only constant ones. What would be lost is said, and refused unless the request accepts it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from engine.compositing.output import OutputFormat
from engine.compositing.sources import Sources
from engine.encoding.av_frames import to_frame
from engine.encoding.av_types import AnyPacket
from engine.encoding.full.output_codec import OutputCodec, choose_codec
from engine.encoding.pictures import Composer, Pictures
from engine.encoding.presets import preset_named
from engine.encoding.result import ExportRequest
from engine.encoding.splice.stitch import ExtraAudio
from engine.encoding.target import muxer_name
from engine.errors import ExportError
from engine.limits import ENCODER_THREADS
from engine.media.fields import FieldOrder
from engine.planning.facts import MediaFacts
from engine.planning.output_form import first_video, output_format
from engine.planning.planner import Blueprint
from engine.planning.sample_times import OutputClock
from engine.project.model import Project
from engine.running import CancelToken, Progress, Report

_BITEXACT = 0x400


def write_full(
    request: ExportRequest, project: Project, sources: Sources, made: Blueprint, facts: MediaFacts, part_path: Path,
    audio: ExtraAudio | None, *, cancel: CancelToken, report: Report,
) -> tuple[int, tuple[str, ...]]:  # fmt: skip
    """Write `part_path`; returns frames encoded and what was lost. Raises ExportError, MediaError, Cancelled, OSError."""
    form = output_format(project, made.spans, facts)
    first = first_video(project, made.spans, facts)
    os.environ.setdefault("SVT_LOG", "1")  # errors only: the AV1 encoder writes to standard error, past FFmpeg's log
    codec_name = preset_named(request.preset).codec or (first.codec if first else "h264")
    with av.open(os.fspath(part_path), "w", format=muxer_name(part_path), options=mux_options(part_path, made.clock)) as out:
        out.flags |= _BITEXACT
        codec = choose_codec(
            codec_name, form, request.output.suffix.lower(), out, accept_losses=request.accept_losses,
            is_interlaced=first is not None and first.is_interlaced,
        )  # fmt: skip
        is_top_first = first.is_top_field_first if first and codec.is_interlaced else None
        job = FullEncoding(out, codec, made.clock, audio, is_top_first)
        job.run(Composer(project, sources, codec.form, made.clock), cancel, report)
    return len(made.clock), codec.warnings


def mux_options(path: Path, clock: OutputClock) -> dict[str, str]:
    """What the muxer must know so that frames keep their exact times."""
    if muxer_name(path) not in {"mp4", "mov"}:
        return {}
    return {"movflags": "+faststart", "video_track_timescale": str(clock.time_base.denominator)}


@dataclass(slots=True)
class FullEncoding:
    """Pictures by number into an open container, at the times of a clock."""

    out: OutputContainer
    codec: OutputCodec
    clock: OutputClock
    audio: ExtraAudio | None = None
    is_top_first: bool | None = None
    """Of the fields; None where the output is not interlaced."""

    @property
    def form(self) -> OutputFormat:
        return self.codec.form

    def run(self, composer: Pictures, cancel: CancelToken, report: Report) -> None:
        """Encode one picture of the codec's form for each time. Raises ExportError, what `composer` raises, Cancelled."""
        stream = self._add_stream()
        if self.audio is not None:
            self.audio.add_stream(self.out)
        written = 0
        for packet in self._packets(stream, composer, cancel, report):
            self._place(packet)
            if self.audio is not None and packet.dts is not None:
                for sound in self.audio.packets_until(packet.dts * packet.time_base):
                    self.out.mux_one(sound)
            self.out.mux_one(packet)
            written += 1
        if self.audio is not None:
            for sound in self.audio.packets_until(None):
                self.out.mux_one(sound)
        if written != len(self.clock):
            raise ExportError(f"The encoder gave {written} frames for {len(self.clock)}.", "Try another preset.")

    def _add_stream(self) -> VideoStream:
        rate = self._rate()
        stream = cast(VideoStream, self.out.add_stream(self.codec.encoder, rate=rate, options=dict(self.codec.options)))
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = self.form.width, self.form.height, self.codec.coded_format
        context.time_base, context.framerate = 1 / rate, rate
        context.thread_count = ENCODER_THREADS
        colour = self.form.colour
        context.color_range = 2 if colour.full_range else 1
        context.color_primaries, context.color_trc, context.colorspace = colour.primaries, colour.transfer, colour.matrix
        context.sample_aspect_ratio = self.form.pixel_aspect
        stream.time_base = self._tick
        return stream

    @property
    def _tick(self) -> Fraction:
        return Fraction(1, self.clock.time_base.denominator)

    def _rate(self) -> Fraction:
        """The average rate; encoders that know a few rates only find the nearest they may use themselves."""
        rate = (len(self.clock) / self.clock.duration).limit_denominator(1001) if self.clock.duration else Fraction(25)
        return max(rate, Fraction(1, 10))

    def _packets(
        self, stream: VideoStream, composer: Pictures, cancel: CancelToken, report: Report
    ) -> Iterator[AnyPacket]:
        count = len(self.clock)
        time_base, mark = 1 / self._rate(), self._field_mark()
        for number in range(count):
            cancel.check()
            frame = to_frame(composer.picture(number), number, time_base)
            if frame.format.name != self.codec.coded_format:
                frame = frame.reformat(format=self.codec.coded_format)
                frame.pts, frame.time_base = number, time_base
            yield from stream.encode(mark(frame) if mark else frame)
            report(Progress((number + 1) / count, "Encoding"))
        yield from stream.encode(None)

    def _field_mark(self) -> FieldOrder | None:
        if self.is_top_first is None:
            return None
        form, time_base = self.form, 1 / self._rate()
        return FieldOrder(form.width, form.height, self.codec.coded_format, time_base, is_top_first=self.is_top_first)

    def _place(self, packet: AnyPacket) -> None:
        """Turn frame numbers into the times of those frames."""
        step = packet.time_base * self._rate()
        shown = round((packet.pts or 0) * step)
        decoded = shown if packet.dts is None else round(packet.dts * step)
        scale = self.clock.time_base.numerator
        packet.pts = int(self.clock.pts[shown]) * scale
        packet.dts = self._ticks_of(decoded) * scale
        packet.duration = int(self.clock.durations[shown]) * scale
        packet.time_base = self._tick

    def _ticks_of(self, number: int) -> int:
        """Time of a frame; before the first one, times go on backwards at its duration."""
        if number >= 0:
            return int(self.clock.pts[min(number, len(self.clock) - 1)])
        return int(self.clock.pts[0]) + number * int(self.clock.durations[0])
