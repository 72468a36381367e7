"""Encodes one segment of a splice with libx264 and does not trust it: every frame is decoded again and compared.

Streaming: a picture lives from its composition until its decoded copy was compared, some twenty frames later. Composing,
encoding and comparing run at once. Where a frame comes out worse than asked, the segment is encoded again at a better quality.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import av
import av.error
from av.video.codeccontext import VideoCodecContext

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.avcc import annexb_to_length_prefixed
from engine.bitstream.nal import split_annexb
from engine.encoding.av_frames import luma_of, psnr_db, to_frame
from engine.encoding.av_types import AnyPacket
from engine.encoding.splice.encoder_settings import H264Settings
from engine.errors import ExportError
from engine.limits import ENCODER_THREADS, SEAM_PSNR_MIN_DB
from engine.media.picture import Picture, Plane
from engine.running import CancelToken, ahead

PRESET = "superfast"
QUALITIES = (22, 19, 16, 12, 6, 1)
"""crf of each attempt; the last one is nearly lossless."""

MEAN_DB = 45.0
_GLOBAL_HEADER = 1 << 22
_MARGIN_DB = 0.2
_EARLY_FRAMES, _EARLY_DB = 8, 0.3
"""The first frames come out best: a mean that is not so far above after so many will not hold, so the attempt ends early."""

_COMPOSED_AHEAD = 3
_UNCOMPARED = 6
"""Pictures composed before the encoder asks, and packets that wait for their comparison: both bound the memory."""

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


def encode_segment(pictures: Pictures, settings: H264Settings, *, cancel: CancelToken, on_frame: OnFrame) -> EncodedSegment:
    """Encode the pictures, first frame an IDR, until all reach 42 dB and their mean 45 dB (luma, against what was asked).

    `pictures` is called once for each attempt. Raises ExportError where the encoder fails, Cancelled.
    """
    for crf in QUALITIES:
        try:
            with closing(ahead(pictures(), _COMPOSED_AHEAD)) as composed, ThreadPoolExecutor(1, "compare") as comparing:
                found = _Attempt(settings, crf, cancel, on_frame, comparing).run(composed)
        except av.error.FFmpegError as error:
            raise ExportError(f"The H.264 encoder failed: {error.strerror or error}.", "Try another preset.") from error
        if found is not None:
            return found
    raise ExportError("The changed frames could not be encoded well enough to stand beside the source's.")


def open_encoder(settings: H264Settings, crf: int) -> VideoCodecContext:
    """An encoder that is open, so that its parameter sets (`extradata`) are known."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = settings.width, settings.height, settings.pixel_format
    encoder.time_base, encoder.framerate = 1 / settings.rate, settings.rate
    encoder.flags |= _GLOBAL_HEADER
    encoder.thread_count, encoder.thread_type = ENCODER_THREADS, "SLICE"  # no frames in flight: less memory, no delay
    encoder.color_range = 2 if settings.full_range else 1
    encoder.color_primaries, encoder.color_trc, encoder.colorspace = settings.primaries, settings.transfer, settings.matrix
    if settings.pixel_aspect:
        encoder.sample_aspect_ratio = settings.pixel_aspect
    encoder.options = {
        "preset": PRESET, "crf": str(crf), "profile": settings.profile, "x264-params": settings.x264_params(),
    }  # fmt: skip
    encoder.open()
    return encoder


def parameter_sets(extradata: bytes) -> tuple[bytes, bytes]:
    """The encoder's SPS and PPS."""
    units = split_annexb(extradata)
    sps = next(nal for nal in units if nal_type(nal) == NalType.SPS)
    return sps, next(nal for nal in units if nal_type(nal) == NalType.PPS)


class _Attempt:
    """One encoder and one decoder, for one quality."""

    def __init__(
        self, settings: H264Settings, crf: int, cancel: CancelToken, on_frame: OnFrame, comparing: ThreadPoolExecutor
    ) -> None:
        self._settings, self._cancel, self._on_frame = settings, cancel, on_frame
        self._encoder = open_encoder(settings, crf)
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.extradata = self._encoder.extradata
        self._is_last = crf == QUALITIES[-1]
        self._awaited: deque[tuple[int, Plane, int]] = deque()
        self._packets: list[EncodedPacket] = []
        self._comparing, self._comparisons = comparing, deque[Future[bool]]()
        self._sum_db, self._checked = 0.0, 0

    def run(self, pictures: Iterator[Picture]) -> EncodedSegment | None:
        """The segment, or None as soon as a frame is worse than asked."""
        time_base = 1 / self._settings.rate
        for number, picture in enumerate(pictures):
            self._cancel.check()
            self._awaited.append((number, picture.planes[0], picture.format.peak))
            if not self._take(self._encoder.encode(to_frame(picture, number, time_base))):
                return None
            self._on_frame()
        if not self._take(self._encoder.encode(None)) or not self._is_good_so_far(0) or not self._compare(None):
            return None
        if self._awaited or not self._checked:
            raise ExportError("The H.264 encoder lost frames.")
        if self._sum_db / self._checked < MEAN_DB and not self._is_last:
            return None
        sps, pps = parameter_sets(self._encoder.extradata or b"")
        return EncodedSegment(sps, pps, tuple(self._packets))

    def _take(self, packets: list[AnyPacket]) -> bool:
        for packet in packets:
            self._cancel.check()
            data = annexb_to_length_prefixed(bytes(packet), self._settings.length_size)
            self._packets.append(EncodedPacket(packet.pts or 0, packet.is_keyframe, data))
            self._comparisons.append(self._comparing.submit(self._compare, packet))
        return self._is_good_so_far(_UNCOMPARED)

    def _is_good_so_far(self, unknown: int) -> bool:
        """Whether every comparison but the last `unknown` ones held; waits for those."""
        while len(self._comparisons) > unknown:
            if not self._comparisons.popleft().result():
                return False
        return True

    def _compare(self, packet: AnyPacket | None) -> bool:
        """Decode a packet and compare what comes out with the pictures that went in, in order."""
        for frame in self._decoder.decode(packet):
            number, luma, peak = self._awaited.popleft()
            if frame.pts is not None and frame.pts != number:
                raise ExportError("The H.264 encoder changed the order of frames.")
            value = psnr_db(luma, luma_of(frame), peak)
            self._sum_db += value
            self._checked += 1
            if not self._is_last and (value < SEAM_PSNR_MIN_DB + _MARGIN_DB or self._is_hopeless()):
                return False
        return True

    def _is_hopeless(self) -> bool:
        return self._checked == _EARLY_FRAMES and self._sum_db / self._checked < MEAN_DB + _EARLY_DB
