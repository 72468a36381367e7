"""The sound of a timeline, mixed and encoded as the output needs it: originals at their places, music over them.

48 kHz stereo float32 throughout; the sum is limited to ±1. Exactly as long as the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

from engine.encoding.av_types import AnyPacket
from engine.errors import ExportError
from engine.media.audio import SAMPLE_RATE, AudioReader, Samples
from engine.planning.planner import Blueprint
from engine.planning.sound import music_clips, original_clips
from engine.project.model import Clip, Project

BITRATE_BPS = 192_000
_BLOCK = 4096
_CODECS = ("aac", "libopus", "libvorbis", "flac", "pcm_s16le")
"""The first one that the container holds."""


def mixed_audio(project: Project, made: Blueprint) -> "MixedAudio":
    """The sound for a blueprint. In a splice it begins where the source's picture begins, which need not be at 0."""
    index = made.source.facts.index if made.source else None
    offset = int(index.pts[0]) * index.time_base if index is not None else Fraction(0)
    return MixedAudio(Mixer(project), round(made.plan.duration * SAMPLE_RATE), offset)


class Mixer:
    """Blocks of the sum, in order. Opens a file when its clip begins and closes it when it ends."""

    def __init__(self, project: Project) -> None:
        paths = {media.id: media.path for media in project.media}
        clips = (*original_clips(project), *music_clips(project))
        self._voices = [_Voice.of(clip, paths[clip.media_id or ""]) for clip in clips]

    def read(self, first: int, count: int) -> Samples:
        """(count, 2) from sample `first` of the timeline. Raises MediaError."""
        total = np.zeros((count, 2), np.float32)
        for voice in self._voices:
            voice.add_to(total, first)
        return np.clip(total, -1.0, 1.0)

    def close(self) -> None:
        for voice in self._voices:
            voice.close()


@dataclass(slots=True)
class _Voice:
    path: str
    first: int
    stop: int
    source_first: int
    factor: np.float32
    reader: AudioReader | None = None

    @classmethod
    def of(cls, clip: Clip, path: str) -> "_Voice":
        first, stop = round(clip.start * SAMPLE_RATE), round(clip.end * SAMPLE_RATE)
        factor = np.float32(10 ** (clip.gain_db / 20))
        return cls(path, first, stop, round(clip.source_range.start * SAMPLE_RATE), factor)

    def add_to(self, total: Samples, first: int) -> None:
        start, stop = max(first, self.first), min(first + len(total), self.stop)
        if start < stop:
            self.reader = self.reader or AudioReader(self.path)
            samples = self.reader.read_samples(self.source_first + start - self.first, stop - start)
            total[start - first : stop - first] += samples * self.factor
        elif first >= self.stop:
            self.close()

    def close(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None


class MixedAudio:
    """Implements `stitch.ExtraAudio`."""

    def __init__(self, mixer: Mixer, samples: int, offset: Fraction) -> None:
        self._mixer, self._samples = mixer, samples
        self._offset = round(offset * SAMPLE_RATE)
        self._done = 0
        self._is_flushed = False
        self._stream: AudioStream | None = None

    def add_stream(self, output: OutputContainer) -> None:
        """Raises ExportError where the container holds no sound we can write."""
        codec = next((name for name in _CODECS if _holds(output, name)), None)
        if codec is None:
            raise ExportError("This kind of file cannot hold sound.", "Choose .mp4, .mov, .mkv or .webm.")
        stream = cast(AudioStream, output.add_stream(codec, rate=SAMPLE_RATE))
        stream.codec_context.layout = "stereo"
        if codec in {"aac", "libopus", "libvorbis"}:
            stream.codec_context.bit_rate = BITRATE_BPS
        self._stream = stream

    def packets_until(self, seconds: Fraction | None) -> Iterator[AnyPacket]:
        """Mix and encode up to a time of the output's clock; everything that is left where it is None."""
        wanted = self._samples if seconds is None else min(self._samples, round(seconds * SAMPLE_RATE) - self._offset + _BLOCK)
        assert self._stream is not None
        while self._done < wanted:
            count = min(_BLOCK, self._samples - self._done)
            frame = self._frame(self._mixer.read(self._done, count))
            self._done += count
            yield from self._stream.encode(frame)
        if self._done >= self._samples and not self._is_flushed:
            self._is_flushed = True
            self._mixer.close()
            yield from self._stream.encode(None)

    def _frame(self, samples: Samples) -> AudioFrame:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._done + self._offset
        frame.time_base = Fraction(1, SAMPLE_RATE)
        return frame


def _holds(output: OutputContainer, name: str) -> bool:
    if output.format.name == "mpegts":  # its muxer does not say
        return name == "aac"
    try:
        codec = av.Codec(name, "w")
    except ValueError:
        return False
    return bool({codec.name, codec.canonical_name} & set(output.supported_codecs))
