"""Where somebody speaks, by the energy of the sound in the band of voices. Knows samples, not files.

Good in a quiet room; in music and noise a loudness is all it sees. What it says is a proposal for somebody who listens.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.rational_time import TimeRange

RATE = 16_000
"""Samples a second of the sound that is looked at."""
_HOP = RATE // 100
_LOW_HZ, _HIGH_HZ = 200, 3800
_BLOCK = 4096
"""Windows at once: bounds the memory for long sounds."""
_ABOVE_DB, _HOLD_DB = 9.0, 5.0
"""Speech begins this much above the floor, and goes on down to the second."""
_QUIET_DB = -60.0
"""What is softer is nothing, however quiet the rest is."""
_FLOOR_SHARE = 10.0
_FLOOR_WINDOWS = 1_000
"""The floor is what the softest tenth of ten seconds has, so that a fan that starts later is floor as well."""

Samples16k = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """Seconds."""

    least_pause: Fraction = Fraction(3, 10)
    least_speech: Fraction = Fraction(3, 20)
    margin: Fraction = Fraction(1, 20)
    """Added before and after: consonants are soft."""


_USUAL = SpeechOptions()


def speech_ranges(samples: Samples16k, options: SpeechOptions = _USUAL) -> tuple[TimeRange, ...]:
    """Ranges in seconds from the first sample in which somebody seems to speak; (n,) int16 mono at 16 kHz."""
    levels = _levels(samples)
    if not len(levels):
        return ()
    floor = _floor(levels)
    is_loud = _with_hold(levels > np.maximum(floor + _ABOVE_DB, _QUIET_DB), levels > np.maximum(floor + _HOLD_DB, _QUIET_DB))
    return _ranges(is_loud, Fraction(len(samples), RATE), options)


def _levels(samples: Samples16k) -> npt.NDArray[np.float64]:
    """dB of full scale in the band of voices, one value per 10 ms, over windows of 20 ms."""
    count = max(0, len(samples) // _HOP - 1)
    found = np.empty(count)
    window = np.hanning(2 * _HOP)
    band = slice(_LOW_HZ * 2 * _HOP // RATE, _HIGH_HZ * 2 * _HOP // RATE)
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        part = samples[first * _HOP : (last + 1) * _HOP].astype(np.float64) / 32768
        views = np.lib.stride_tricks.sliding_window_view(part, 2 * _HOP)[::_HOP]
        power = np.abs(np.fft.rfft(views * window, axis=1)[:, band]) ** 2
        found[first:last] = power.sum(axis=1) / (2 * _HOP) ** 2 * 8
    return np.asarray(10 * np.log10(found + 1e-12), np.float64)


def _floor(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The level that is always there, for each window: stretches of ten seconds, joined by straight lines."""
    edges = range(0, len(levels), _FLOOR_WINDOWS // 2)
    centres = [min(start + _FLOOR_WINDOWS // 2, len(levels) - 1) for start in edges]
    values = [float(np.percentile(levels[start : start + _FLOOR_WINDOWS], _FLOOR_SHARE)) for start in edges]
    return np.interp(np.arange(len(levels)), centres, values)


def _with_hold(loud: npt.NDArray[np.bool_], going_on: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Stretches of `going_on` that hold something `loud`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], going_on.view(np.int8), [0]))))
    result = np.zeros(len(loud), bool)
    for start, stop in edges.reshape(-1, 2):
        result[start:stop] = loud[start:stop].any()
    return result


def _ranges(is_loud: npt.NDArray[np.bool_], duration: Fraction, options: SpeechOptions) -> tuple[TimeRange, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_loud.view(np.int8), [0]))))
    joined: list[tuple[Fraction, Fraction]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        start, end = Fraction(first * _HOP, RATE), Fraction((last + 1) * _HOP, RATE)
        if joined and start - joined[-1][1] < options.least_pause:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    kept = [(start, end) for start, end in joined if end - start >= options.least_speech]
    margin = options.margin
    return tuple(TimeRange.between(max(Fraction(0), a - margin), min(duration, b + margin)) for a, b in kept)
