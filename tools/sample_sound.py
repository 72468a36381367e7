"""Synthesises the sound of the bundled sample: a slow, soft chord above small waves on stones. Knows nothing of files."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Samples = NDArray[np.float64]

CHORDS = (
    (73.42, 146.83, 220.00, 277.18, 329.63),
    (61.74, 123.47, 185.00, 220.00, 293.66),
)  # D major 9, B minor 7
WAVES_PER_S = 0.31


def soundtrack(seconds: float, seed: int = 7) -> NDArray[np.float32]:
    """Stereo samples, shape (2, seconds × RATE), -1..1, faded in and out, peak at -6 dB."""
    count = round(seconds * RATE)
    rng = np.random.default_rng(seed)
    t = np.arange(count) / RATE
    mixed = 0.75 * _pad(t, rng) + 0.5 * _water(t, rng)
    fade = np.clip(np.minimum(t / 1.2, (seconds - t) / 1.8), 0, 1)
    mixed *= np.sin(fade * np.pi / 2) ** 2
    return np.asarray(mixed / np.abs(mixed).max() * 0.5, np.float32)


def _pad(t: Samples, rng: np.random.Generator) -> Samples:
    """Two chords that melt into each other; every note is three slightly mistuned sines on each side."""
    half = t[-1] / 2
    second = 0.5 - 0.5 * np.cos(np.pi * np.clip((t - half + 1.5) / 3, 0, 1))
    out = np.zeros((2, t.size))
    for chord, weight in zip(CHORDS, (np.sqrt(1 - second), np.sqrt(second)), strict=True):
        for number, pitch in enumerate(chord):
            breath = 0.75 + 0.25 * np.sin(2 * np.pi * (0.07 + 0.03 * number) * t + number)
            for side in (0, 1):
                cents = rng.uniform(-6, 6, 3)
                phases = rng.uniform(0, 2 * np.pi, 3)
                tones = np.sin(2 * np.pi * pitch * 2 ** (cents[:, None] / 1200) * t + phases[:, None])
                out[side] += weight * breath * tones.sum(0) / (1.5 + number)
    return np.asarray(out / np.abs(out).max())


def _water(t: Samples, rng: np.random.Generator) -> Samples:
    """Noise between a murmur and a splash: it grows brighter as each wave runs up the shore."""
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * WAVES_PER_S * t + 0.6 * np.sin(2 * np.pi * 0.11 * t))
    murmur = np.stack([_band(t.size, 120, 700, rng) for _ in range(2)])
    splash = np.stack([_band(t.size, 900, 5200, rng) for _ in range(2)])
    out = murmur * (0.35 + 0.25 * swell) + splash * 0.45 * swell**3
    return np.asarray(out / np.abs(out).max())


def _band(count: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> Samples:
    """Noise of a band with soft edges, falling with frequency like pink noise; standard deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    spectrum *= np.exp(
        -((np.log(hz / np.sqrt(low_hz * high_hz)) / np.log(high_hz / low_hz) * 2) ** 2)
    ) / np.sqrt(hz)
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / noise.std())
