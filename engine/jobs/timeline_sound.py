"""The sound of the timeline as those hear it who look for words in it: one channel, 16 kHz, 16 bit, mixed as in an export."""

import tempfile
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from engine.encoding.mix import Mixer
from engine.errors import BadInputError, StorageError
from engine.folders import cache_dir
from engine.media.audio import SAMPLE_RATE
from engine.planning.sound import music_clips, original_clips
from engine.project.model import Project
from engine.providers.transcriber import RATE
from engine.running import CancelToken, Progress, Report

_BLOCK = SAMPLE_RATE * 2

Heard = npt.NDArray[np.int16]


def timeline_sound(project: Project, *, cancel: CancelToken, report: Report) -> Heard:
    """(n,) samples from 0 to the end of the last sound, read-only; they lie in a file without a name, not in memory.

    Raises: BadInputError: nothing is heard; MediaError; StorageError; Cancelled.
    """
    clips = (*original_clips(project), *music_clips(project))
    end = max((clip.end for clip in clips), default=Fraction(0))
    if not end:
        raise BadInputError("There is no sound on the timeline.", "Put a clip with sound on it, or unmute its track.")
    total = round(end * SAMPLE_RATE)
    mixer = Mixer(project)

    def heard() -> Iterator[Heard]:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        for first in range(0, total, _BLOCK):
            cancel.check()
            report(Progress(first / total, "Listening to the timeline"))
            mono = mixer.read(first, min(_BLOCK, total - first)).mean(axis=1, dtype=np.float32)
            yield from _samples(resampler.resample(_frame(mono, first)))
        yield from _samples(resampler.resample(None))

    try:
        return _written(heard(), round(end * RATE))
    finally:
        mixer.close()


def _written(pieces: Iterator[Heard], wanted: int) -> Heard:
    """`wanted` samples, silent where there are fewer. Written and only then mapped: a full disk is an error, not a signal."""
    try:
        folder = cache_dir()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            left = wanted
            for piece in pieces:
                file.write(piece[:left].tobytes())
                left -= len(piece[:left])
            file.truncate(wanted * 2)
            file.flush()
            return np.memmap(file, np.int16, "r", shape=(wanted,)) if wanted else np.zeros(0, np.int16)
    except OSError as error:
        text = f"The timeline's sound could not be written down: {error.strerror or error}."
        raise StorageError(text, "Make room on the disk of the cache.") from error


def _frame(mono: npt.NDArray[np.float32], first: int) -> AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(mono.reshape(1, -1)), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, first, Fraction(1, SAMPLE_RATE)
    return frame


def _samples(frames: list[AudioFrame]) -> list[Heard]:
    return [np.asarray(frame.to_ndarray()[0], np.int16) for frame in frames]
