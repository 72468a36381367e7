"""The sound of the timeline as those hear it who look for words in it: one channel, 16 kHz, 16 bit, mixed as in an export."""

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from engine.encoding.mix import Mixer
from engine.errors import BadInputError
from engine.media.audio import SAMPLE_RATE
from engine.planning.sound import music_clips, original_clips
from engine.project.model import Project
from engine.providers.transcriber import RATE
from engine.running import CancelToken, Progress, Report

_BLOCK = SAMPLE_RATE * 2

Heard = npt.NDArray[np.int16]


def timeline_sound(project: Project, *, cancel: CancelToken, report: Report) -> Heard:
    """(n,) samples from 0 to the end of the last sound. Raises: BadInputError: nothing is heard; MediaError; Cancelled."""
    clips = (*original_clips(project), *music_clips(project))
    end = max((clip.end for clip in clips), default=Fraction(0))
    if not end:
        raise BadInputError("There is no sound on the timeline.", "Put a clip with sound on it, or unmute its track.")
    total = round(end * SAMPLE_RATE)
    mixer, resampler = Mixer(project), AudioResampler(format="s16", layout="mono", rate=RATE)
    parts: list[Heard] = []
    try:
        for first in range(0, total, _BLOCK):
            cancel.check()
            report(Progress(first / total, "Listening to the timeline"))
            mono = mixer.read(first, min(_BLOCK, total - first)).mean(axis=1, dtype=np.float32)
            parts += _samples(resampler.resample(_frame(mono, first)))
    finally:
        mixer.close()
    parts += _samples(resampler.resample(None))
    wanted = round(end * RATE)
    sound = np.concatenate(parts)[:wanted]
    return np.pad(sound, (0, wanted - len(sound)))


def _frame(mono: npt.NDArray[np.float32], first: int) -> AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(mono.reshape(1, -1)), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, first, Fraction(1, SAMPLE_RATE)
    return frame


def _samples(frames: list[AudioFrame]) -> list[Heard]:
    return [np.asarray(frame.to_ndarray()[0], np.int16) for frame in frames]
