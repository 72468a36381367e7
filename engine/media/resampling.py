"""Sound of any sample rate to 48 kHz, in blocks, such that the result does not depend on where decoding began."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

SAMPLE_RATE = 48_000
Samples = npt.NDArray[np.float32]


class Resampler:
    """(n, 2) at one rate to (m, 2) at 48 kHz. Its first input sample must lie on both grids (see `aligned_skip`), so that the
    result does not depend on where decoding began."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._native_step = (Fraction(rate, SAMPLE_RATE)).numerator
        self._filter = None if rate == SAMPLE_RATE else AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)

    def aligned_skip(self, place: int) -> int:
        """How many samples to leave out so that the next one lies at a whole sample of 48 kHz too."""
        return -place % self._native_step

    def __call__(self, samples: Samples) -> Samples:
        if self._filter is None:
            return samples
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = self._rate
        return self._collect(self._filter.resample(frame))

    def flush(self) -> Samples:
        if self._filter is None:
            return np.zeros((0, 2), np.float32)
        return self._collect(self._filter.resample(None))

    @staticmethod
    def _collect(frames: list[AudioFrame]) -> Samples:
        parts = [frame.to_ndarray().T for frame in frames]
        return np.ascontiguousarray(np.concatenate(parts)) if parts else np.zeros((0, 2), np.float32)
