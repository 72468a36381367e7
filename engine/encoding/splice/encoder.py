"""Encodes one segment of a splice with libx264, which measures every frame against what it was given.

Streaming: a picture lives until the encoder has taken it. Composing and encoding run at once. Where a frame comes out worse than
asked, the segment is encoded again with a finer quantiser; what the first frames show is used before the others are composed.
Nothing is decoded here: the finished file is, by `checking.seam_check`.
"""

import struct
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from math import log10

import av
import av.error
from av.video.codeccontext import VideoCodecContext

from engine.bitstream.avc import NalType, iter_sei_messages, nal_type
from engine.bitstream.nal import join_length_prefixed, split_annexb
from engine.bitstream.sps import parse_sps
from engine.encoding.av_frames import IDENTICAL_DB, to_frame
from engine.encoding.av_types import AnyPacket
from engine.encoding.splice.encoder_settings import H264Settings
from engine.encoding.splice.quality import FINEST, GOALS, PROBED, Judge, RunFacts, kept_apart
from engine.errors import ExportError
from engine.limits import ENCODER_THREADS
from engine.media.fields import FieldOrder
from engine.media.picture import Picture
from engine.running import CancelToken, ahead

_GLOBAL_HEADER = 1 << 22
_MEASURE = 1 << 15
"""AV_CODEC_FLAG_PSNR: packets then carry the squared error of their frame."""

_ERRORS = struct.Struct("<IBBxxq")
"""AV_PKT_DATA_QUALITY_STATS: quality, type of picture, how many sums follow; the first is luma's."""

_COMPOSED_AHEAD = 3
_KEPT_PICTURES = 12
"""The first pictures stay until the first packets were judged: an attempt that ends there costs no second composing."""

_BUFFERED_ATTEMPTS = 2
_PIC_TIMING = 1
_PICTURE_UNITS = {NalType.SLICE, NalType.IDR, NalType.AUD}

Pictures = Callable[[], Iterator[Picture]]
OnFrame = Callable[[], None]


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One sample, length-prefixed. `frame` counts from the segment's first frame in presentation order."""

    frame: int
    is_keyframe: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EncodedSegment:
    """Packets in decode order, with the parameter sets they need."""

    sps: bytes
    pps: bytes
    packets: tuple[EncodedPacket, ...] = field(repr=False)


def encode_segment(
    pictures: Pictures, settings: H264Settings, run: RunFacts, *, cancel: CancelToken, on_frame: OnFrame
) -> EncodedSegment:
    """Encode the pictures, first frame an IDR, until they reach the seam's goal (luma, against what was asked).

    `pictures` is called again only where an attempt fails late; `on_frame` then tells its frames anew. Raises ExportError where
    the encoder fails, SpliceError where it does not fit the source, BitstreamError where a slice does not fit the source's
    lengths, Cancelled.
    """
    goal = GOALS[settings.seam]
    first = quantiser = kept_apart(goal.first(run.source), run.source)
    coarsest = goal.coarsest(run.source)
    with closing(_Supply(pictures, on_frame)) as supply:
        for attempts in count():
            judge = Judge(goal, quantiser, coarsest, run)
            is_buffered = settings.buffer is not None and attempts < _BUFFERED_ATTEMPTS
            try:
                found = _Attempt(settings, quantiser, is_buffered, judge, cancel).run(supply)
            except av.error.FFmpegError as error:
                raise ExportError(f"The H.264 encoder failed: {error.strerror or error}.", "Try another preset.") from error
            if found is not None:
                return found
            if judge.retry is None or quantiser == FINEST:
                break
            # Only the first attempt may be followed by a coarser one; where that was wrong, the first one was right.
            wanted = max(FINEST, judge.retry if quantiser <= first else min(judge.retry, first))
            coarsest, quantiser = FINEST, kept_apart(wanted, run.source)
    raise ExportError("The changed frames could not be encoded well enough to stand beside the source's.")


def open_encoder(settings: H264Settings, quantiser: int, *, is_buffered: bool = False) -> VideoCodecContext:
    """An encoder that is open, so that its parameter sets (`extradata`) are known.

    With `is_buffered` it keeps to the decoder buffer that the source declares, and `quantiser` is a constant rate factor.
    """
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = settings.width, settings.height, settings.pixel_format
    encoder.time_base, encoder.framerate = 1 / settings.rate, settings.rate
    encoder.flags |= _GLOBAL_HEADER | _MEASURE
    # No frames in flight: less memory, no delay.
    encoder.thread_count, encoder.thread_type = _threads(settings, is_buffered), "SLICE"
    encoder.color_range = 2 if settings.full_range else 1
    encoder.color_primaries, encoder.color_trc, encoder.colorspace = settings.primaries, settings.transfer, settings.matrix
    if settings.pixel_aspect:
        encoder.sample_aspect_ratio = settings.pixel_aspect
    encoder.options = {
        "preset": settings.preset, "profile": settings.profile, **_rate_control(settings, quantiser, is_buffered),
    }  # fmt: skip
    encoder.open()
    return encoder


def _threads(settings: H264Settings, is_buffered: bool) -> int:
    """x264's slice threads race in MBAFF, and where rows are weighed against a buffer: other bytes from run to run."""
    return 1 if settings.fields in {"tff", "bff"} or is_buffered else ENCODER_THREADS


def _rate_control(settings: H264Settings, quantiser: int, is_buffered: bool) -> dict[str, str]:
    if not is_buffered or settings.buffer is None:
        return {"qp": str(quantiser + 6 * (settings.bits - 8)), "x264-params": settings.x264_params()}
    rate, size = max(1, settings.buffer.bit_rate // 1000), max(1, settings.buffer.buffer_bits // 1000)
    buffer = f":vbv-maxrate={rate}:vbv-bufsize={size}:nal-hrd=none"
    return {"crf": str(quantiser), "x264-params": settings.x264_params() + buffer}


def parameter_sets(extradata: bytes) -> tuple[bytes, bytes]:
    """The encoder's SPS and PPS."""
    units = split_annexb(extradata)
    sps = next(nal for nal in units if nal_type(nal) == NalType.SPS)
    return sps, next(nal for nal in units if nal_type(nal) == NalType.PPS)


def luma_psnr_db(packet: AnyPacket, settings: H264Settings) -> float:
    """What the encoder measured. Raises ExportError where it measured nothing."""
    stats = bytes(packet.get_sidedata("quality_stats"))
    if len(stats) < _ERRORS.size or not stats[5]:
        raise ExportError("The H.264 encoder did not measure its frames.")
    error: int = _ERRORS.unpack_from(stats)[3]
    peak = (1 << settings.bits) - 1
    return IDENTICAL_DB if error <= 0 else min(IDENTICAL_DB, 10 * log10(peak * peak * settings.width * settings.height / error))


class _Supply:
    """The pictures for each attempt, composed ahead; the first ones are kept until `release`."""

    def __init__(self, pictures: Pictures, on_frame: OnFrame) -> None:
        self._pictures, self._on_frame = pictures, on_frame
        self._composed: Generator[Picture, None, None] | None = None
        self._kept: list[Picture] | None = None

    def stream(self) -> Iterator[Picture]:
        """All pictures from the first on."""
        if self._kept is None or self._composed is None:
            self.close()
            self._composed, self._kept = ahead(self._pictures(), _COMPOSED_AHEAD), []
        yield from tuple(self._kept)
        for picture in self._composed:
            if self._kept is not None:
                self._kept.append(picture)
                if len(self._kept) > _KEPT_PICTURES:
                    self.release()
            self._on_frame()
            yield picture

    def release(self) -> None:
        """Let the first pictures go."""
        self._kept = None

    def close(self) -> None:
        """End composing; waits for it."""
        if self._composed is not None:
            self._composed.close()


class _Attempt:
    """One encoder, for one quantiser."""

    def __init__(
        self, settings: H264Settings, quantiser: int, is_buffered: bool, judge: Judge, cancel: CancelToken
    ) -> None:
        self._settings, self._judge, self._cancel = settings, judge, cancel
        self._encoder = open_encoder(settings, quantiser, is_buffered=is_buffered)
        self._sets = parameter_sets(self._encoder.extradata or b"")
        settings.check(parse_sps(self._sets[0]))
        self._packets: list[EncodedPacket] = []

    def run(self, supply: _Supply) -> EncodedSegment | None:
        """The segment, or None as soon as the judge has seen enough."""
        s, time_base, number = self._settings, 1 / self._settings.rate, 0
        is_marked = s.fields in {"tff", "bff"}
        mark = FieldOrder(s.width, s.height, s.pixel_format, time_base, is_top_first=s.fields == "tff") if is_marked else None
        for picture in supply.stream():
            self._cancel.check()
            frame = to_frame(picture, number, time_base, s.pixel_format)
            if not self._take(self._encoder.encode(mark(frame) if mark else frame)):
                return None
            number += 1
            if len(self._packets) >= PROBED:
                supply.release()
        if not self._take(self._encoder.encode(None)):
            return None
        self._judge.finish()
        if self._judge.retry is not None:
            return None
        if not number or {packet.frame for packet in self._packets} != set(range(number)):
            raise ExportError("The H.264 encoder lost frames.")
        return EncodedSegment(*self._sets, tuple(self._packets))

    def _take(self, packets: list[AnyPacket]) -> bool:
        for packet in packets:
            frame = packet.pts or 0
            self._packets.append(EncodedPacket(frame, packet.is_keyframe, self._sample(bytes(packet))))
            self._judge.see(luma_psnr_db(packet, self._settings), frame)
        return self._judge.retry is None

    def _sample(self, data: bytes) -> bytes:
        """Length-prefixed, without parameter sets; of the messages only the picture's timing, where the set announces it."""
        kept = (nal for nal in split_annexb(data) if nal_type(nal) in _PICTURE_UNITS or self._is_timing(nal))
        return join_length_prefixed(kept, self._settings.length_size)

    def _is_timing(self, nal: bytes) -> bool:
        if nal_type(nal) != NalType.SEI or not self._settings.has_pic_struct:
            return False
        return any(kind == _PIC_TIMING for kind, _ in iter_sei_messages(nal))
