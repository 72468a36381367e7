"""Sound of a file as float32 stereo at 48 kHz, exactly placed in source time, forward or at random.

Source time 0 is the first frame of the media's video, or the first sample where it has no video. Priming samples are hidden as
the container says (edit list, skip side data); where a stream begins late or has a hole there is silence.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice
from math import lcm
from statistics import median_low
from typing import cast

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from engine.errors import MediaError
from engine.media.container import SourcePath, display_name, open_container, video_stream
from engine.media.downmix import stereo_matrix
from engine.media.resampling import SAMPLE_RATE, Resampler, Samples

__all__ = ["SAMPLE_RATE", "AudioReader", "Samples"]

_PREROLL_S = Fraction(1, 2)
"""Decoded before the first wanted sample: MP3's bit reservoir and Opus' convergence need it, and Ogg's first times after a
seek are not sound."""

_LEAST_PREROLL_SAMPLES = SAMPLE_RATE // 8
_GOING_ON_SAMPLES = 5 * SAMPLE_RATE
"""A jump forward of up to this is decoded through instead of sought."""

_LEADING_FRAMES = 16
_BATCH_SAMPLES = 8192
_VORBIS_BLOCK = 8192


class AudioReader:
    """One audio stream of a file. For use by one thread; `close()` it."""

    def __init__(self, path: SourcePath, stream_index: int | None = None) -> None:
        """Open stream `stream_index` (the first audio stream where None). Raises MediaError."""
        self._path, self._stream_index = path, stream_index
        self._container: InputContainer | None = None
        self._grid: tuple[int, int] | None = None  # where the second frame of the file begins, and the length of a frame
        self._open()

    def read(self, start: Fraction, end: Fraction) -> Samples:
        """(n, 2) samples of the half-open source range; see `read_samples`."""
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        return self.read_samples(first, last - first)

    def read_samples(self, first: int, count: int) -> Samples:
        """`count` samples from sample `first` of source time (48,000 a second), (count, 2), about -1..1; silence outside."""
        if count <= 0:
            return np.zeros((0, 2), np.float32)
        if first < self._start or (first > self._end + _GOING_ON_SAMPLES and not self._is_at_end):
            self._seek(first)
        while self._end < first + count and not self._is_at_end:
            self._drop_before(first)
            self._append()
        return self._cut(first, count)

    def close(self) -> None:
        """Give the file back; may be called twice."""
        if self._container is not None:
            self._container.close()
            self._container = None

    # --- the samples at hand: `_blocks` lie one after another from `_start` to `_end` -----------------------------------

    def _cut(self, first: int, count: int) -> Samples:
        result = np.zeros((count, 2), np.float32)
        position = self._start
        for block in self._blocks:
            begin, end = max(position, first), min(position + len(block), first + count)
            if begin < end:
                result[begin - first : end - first] = block[begin - position : end - position]
            position += len(block)
        return result

    def _drop_before(self, first: int) -> None:
        while self._blocks and self._start + len(self._blocks[0]) <= first:
            self._start += len(self._blocks.pop(0))

    def _append(self) -> None:
        block = next(self._resampled, None)
        if block is None:
            self._is_at_end = True
        else:
            self._blocks.append(block)
            self._end += len(block)

    # --- the file -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.close()
        self._container = open_container(self._path)
        self._stream = self._find_stream(self._container)
        self._origin = _origin(self._container, self._stream)
        self._begin()

    def _find_stream(self, container: InputContainer) -> AudioStream:
        for stream in container.streams.audio:
            if self._stream_index in {None, stream.index} and stream.codec_context and stream.codec_context.sample_rate:
                return stream
        raise MediaError(f"“{display_name(self._path)}” has no such sound stream.")

    def _seek(self, first: int) -> None:
        """Begin again at least the preroll before a sample; at the start of the file where the demuxer overshoots."""
        assert self._container is not None
        wanted = Fraction(first, SAMPLE_RATE) + self._origin
        target = wanted - _PREROLL_S
        time_base = Fraction(self._stream.time_base or 1)
        if target > 0:
            try:
                self._container.seek(int(target / time_base), stream=self._stream, backward=True)
                self._begin()
                if not self._is_at_end and self._start <= first - _LEAST_PREROLL_SAMPLES:
                    return
            except (av.error.FFmpegError, OSError):
                pass  # this container cannot be sought; decoding from its beginning can
        self._open()

    def _begin(self) -> None:
        """Take up decoding at the demuxer's place."""
        self._blocks: list[Samples] = []
        self._start = self._end = 0
        self._is_at_end = False
        self._converters: dict[tuple[str, str, int], AudioResampler] = {}
        frames = self._frames()
        leading = list(islice(frames, _LEADING_FRAMES))
        # What comes out counts, not what the header says: HE-AAC decodes to twice the rate that it may declare.
        self._rate = leading[0].sample_rate if leading else self._stream.codec_context.sample_rate
        self._place_of_pts = _integer_line(Fraction(self._stream.time_base or 1) * self._rate, self._origin * self._rate)
        self._tolerance = self._find_tolerance()
        self._resampled: Iterator[Samples] = self._resample(self._native(leading, frames))
        self._append()

    def _native(self, leading: list[AudioFrame], frames: Iterator[AudioFrame]) -> Iterator[tuple[int, Samples]]:
        """(sample number at the stream's own rate in source time, (n, 2) samples) one frame after another."""
        place = self._first_place(leading)
        for frame in chain(leading, frames):
            told = self._told(frame)
            if told is not None and abs(told - place) > self._tolerance:
                place = told
            frame.pts = None
            for part in self._planar(frame):
                samples = _mixed_down(part)
                yield place, samples
                place += len(samples)

    def _planar(self, frame: AudioFrame) -> list[AudioFrame]:
        """Float planes at the stream's rate. Layout and rate may change on the way (broadcast, joined files)."""
        if frame.format.name == "fltp" and frame.sample_rate == self._rate:
            return [frame]
        key = frame.format.name, frame.layout.name, frame.sample_rate
        if key not in self._converters:
            self._converters[key] = AudioResampler(format="fltp", layout=frame.layout, rate=self._rate)
        return self._converters[key].resample(frame)

    def _told(self, frame: AudioFrame) -> int | None:
        """The number of a frame's first sample, as the container says."""
        if frame.pts is None:
            return None
        factor, offset, divisor = self._place_of_pts
        return int((frame.pts * factor - offset + divisor // 2) // divisor)

    def _first_place(self, frames: list[AudioFrame]) -> int:
        """Where the first frame begins, by what most of the frames say: single times are rounded or wrong."""
        places, position = [], 0
        for frame in frames:
            told = self._told(frame)
            if told is not None:
                places.append(told - position)
            position += frame.samples
        place = median_low(places) if places else 0
        if self._grid is None and frames:  # the beginning of the file, the one time that is no sum of others
            told = self._told(frames[0])
            place = place if told is None else told
            self._grid = place + frames[0].samples, max(frames[-1].samples, 1)
        if self._grid is not None and Fraction(self._stream.time_base or 1) * self._rate > 1:
            base, step = self._grid
            snapped = base + round((place - base) / step) * step
            return snapped if abs(snapped - place) <= self._tolerance else place
        return place

    def _find_tolerance(self) -> int:
        """Samples by which a frame's time may differ from the count of samples without being a hole in the stream.

        Matroska rounds to 1 ms; Ogg's times of Vorbis are off for a frame where the block size changes.
        """
        if self._stream.codec_context.name == "vorbis":
            return _VORBIS_BLOCK
        return int(2 * Fraction(self._stream.time_base or 1) * self._rate) + 1

    def _frames(self) -> Iterator[AudioFrame]:
        assert self._container is not None
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                except (av.error.FFmpegError, ValueError):
                    continue  # a damaged packet is silence of its length: the next one tells its time
        except (av.error.FFmpegError, OSError):
            return

    def _resample(self, native: Iterator[tuple[int, Samples]]) -> Iterator[Samples]:
        """Blocks of 48 kHz one after another; sets `_start` before the first."""
        converter = Resampler(self._rate)
        waiting: list[Samples] = []
        for samples in self._contiguous(native, converter):
            waiting.append(samples)
            if sum(map(len, waiting)) >= _BATCH_SAMPLES:  # the call costs more than the work for frames of 128 samples
                yield converter(np.concatenate(waiting))
                waiting.clear()
        if waiting:
            yield converter(np.concatenate(waiting))
        yield converter.flush()

    def _contiguous(self, native: Iterator[tuple[int, Samples]], converter: Resampler) -> Iterator[Samples]:
        """Samples without gaps from a place where both rates have one: a hole becomes silence, an overlap is cut."""
        position: int | None = None
        for place, samples in native:
            if position is None:
                position = place + converter.aligned_skip(place)
                self._start = self._end = position * SAMPLE_RATE // self._rate
            while place > position:
                silence = min(place - position, self._rate)
                position += silence
                yield np.zeros((silence, 2), np.float32)
            fresh = samples[position - place :]
            position += len(fresh)
            yield fresh


def _mixed_down(frame: AudioFrame) -> Samples:
    """(n, 2) of float planes in any layout."""
    planes = cast(Samples, frame.to_ndarray())
    channels = tuple(channel.name for channel in frame.layout.channels)
    return (planes if channels == ("FL", "FR") else stereo_matrix(channels) @ planes).T


def _integer_line(slope: Fraction, offset: Fraction) -> tuple[int, int, int]:
    """(a, b, c) such that `slope * x - offset` is `(a * x - b) / c`; asked for every frame, where fractions are slow."""
    divisor = lcm(slope.denominator, offset.denominator)
    return int(slope * divisor), int(offset * divisor), divisor


def _origin(container: InputContainer, stream: AudioStream) -> Fraction:
    """Time in the container's clock of source time 0."""
    leading = video_stream(container) or stream
    return Fraction(leading.start_time or 0) * Fraction(leading.time_base or 1)
