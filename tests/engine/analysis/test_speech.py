"""Where somebody speaks is found by energy: on voices made here at known places, and on a real one."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.analysis.speech import RATE, SpeechOptions, speech_ranges
from engine.media.audio import SAMPLE_RATE, AudioReader
from engine.rational_time import TimeRange

ISLANDS = ((0.8, 2.1), (2.6, 4.4), (5.4, 5.9), (6.3, 9.0), (10.2, 11.6))
LENGTH_S = 13


def voice(noise: float, seed: int = 5) -> npt.NDArray[np.int16]:
    """Syllables of a voice (a buzz through two formants) in the islands, over a hiss."""
    random = np.random.default_rng(seed)
    time = np.arange(LENGTH_S * RATE) / RATE
    sound = random.normal(0, noise, len(time))
    for start, end in ISLANDS:
        inside = (time >= start) & (time < end)
        pitch = 120 + 25 * np.sin(2 * np.pi * 0.7 * time[inside])
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        buzz = sum(np.sin(k * phase) / k * np.exp(-(((k * 120 - 600) / 900) ** 2)) for k in range(1, 20))
        syllables = 0.25 + 0.75 * np.abs(np.sin(2 * np.pi * 2.3 * (time[inside] - start) + 0.4))
        sound[inside] += 0.2 * buzz * syllables
    return np.asarray(np.clip(sound, -1, 1) * 32767, np.int16)


def score(found: tuple[TimeRange, ...]) -> float:
    """F of frames of 10 ms."""
    times = (np.arange(LENGTH_S * 100) + 0.5) / 100
    truth = np.any([(times >= a) & (times < b) for a, b in ISLANDS], axis=0)
    told = np.zeros(len(times), bool)
    for item in found:
        told |= (times >= float(item.start)) & (times < float(item.end))
    hits = (truth & told).sum()
    return float(2 * hits / (truth.sum() + told.sum()))


@pytest.mark.parametrize(("noise", "least"), [(0.0, 0.96), (0.001, 0.96), (0.01, 0.95)])
def test_speech_is_found_where_it_is(noise: float, least: float) -> None:
    found = speech_ranges(voice(noise))
    assert score(found) >= least, found
    assert len(found) == len(ISLANDS)
    assert all(abs(float(item.start) - start) < 0.12 for item, (start, _) in zip(found, ISLANDS, strict=True))


def test_silence_and_hiss_are_no_speech() -> None:
    assert speech_ranges(np.zeros(0, np.int16)) == () == speech_ranges(np.zeros(5 * RATE, np.int16))
    hiss = np.random.default_rng(1).normal(0, 300, 10 * RATE)
    assert sum((item.duration for item in speech_ranges(np.asarray(hiss, np.int16))), Fraction(0)) < 1


def test_short_pauses_are_bridged_and_clicks_left_out() -> None:
    assert len(speech_ranges(voice(0.001), SpeechOptions(least_pause=Fraction(3, 5)))) == 3
    click = np.zeros(3 * RATE, np.int16)
    click[RATE : RATE + 400] = 20_000
    assert speech_ranges(click) == ()


def test_what_is_said_lies_inside_the_sound() -> None:
    found = speech_ranges(voice(0.0)[round(0.9 * RATE) : round(8.5 * RATE)])
    assert found[0].start == 0 and found[-1].end == Fraction(76, 10)


def test_a_real_voice_pauses_where_it_pauses(shared_media: Path) -> None:
    reader = AudioReader(shared_media / "speech_female_mono22k.ogg")
    sound = reader.read(Fraction(0), Fraction(139, 10)).mean(axis=1)[:: SAMPLE_RATE // RATE]
    reader.close()
    found = speech_ranges(np.asarray(sound * 32767, np.int16))
    spoken = float(sum((item.duration for item in found), Fraction(0)))
    assert 3 <= len(found) <= 9 and 9 < spoken < 13.5
