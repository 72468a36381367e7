"""The outline of a sound for drawing: least, greatest and rms value of every 10 ms, once per content."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.cache.arrays import arrays_from_bytes, arrays_to_bytes
from engine.cache.store import Cache
from engine.media.audio import SAMPLE_RATE, AudioReader, Samples
from engine.project.model import Media
from engine.running import CancelToken, Progress, Report, ignore

Halfs = npt.NDArray[np.float16]

PEAK_SECONDS = Fraction(1, 100)
_BLOCK = SAMPLE_RATE // 100
_BLOCKS_AT_ONCE = 1000
_KIND = "peaks"


@dataclass(frozen=True, slots=True)
class Peaks:
    """(N,) float16 arrays over both channels; value n is of the source time [n / 100, (n + 1) / 100) seconds. Read-only."""

    minimum: Halfs
    maximum: Halfs
    rms: Halfs


def peaks(media: Media, cache: Cache, *, cancel: CancelToken | None = None, report: Report = ignore) -> Peaks:
    """The peaks of a media's first sound stream, from the cache or by decoding it once, block by block.

    Raises: MediaError where it has no sound or cannot be read, Cancelled.
    """
    key = cache.key("peaks", 1, media.fingerprint)
    stored = cache.get(_KIND, key)
    found = _from_bytes(stored) if stored else None
    if found is None:
        found = _measure(media, cancel, report)
        cache.put(_KIND, key, _to_bytes(found))
    return found


def _measure(media: Media, cancel: CancelToken | None, report: Report) -> Peaks:
    total = int(media.available_range.duration / PEAK_SECONDS) + 1 if media.available_range else 0
    parts: list[npt.NDArray[np.float16]] = []
    reader = AudioReader(media.path)
    try:
        for first in range(0, total, _BLOCKS_AT_ONCE):
            if cancel is not None:
                cancel.check()
            count = min(_BLOCKS_AT_ONCE, total - first)
            parts.append(_rows(reader.read_samples(first * _BLOCK, count * _BLOCK)))
            report(Progress((first + count) / total, "Drawing the waveform"))
    finally:
        reader.close()
    return _of_rows(np.concatenate(parts) if parts else np.zeros((0, 3), np.float16))


def _rows(samples: Samples) -> npt.NDArray[np.float16]:
    blocks = samples.reshape(-1, _BLOCK * 2)
    rms = np.sqrt(np.mean(np.square(blocks), axis=1))
    return np.stack([blocks.min(axis=1), blocks.max(axis=1), rms], axis=1).astype(np.float16)


def _of_rows(rows: npt.NDArray[np.float16]) -> Peaks:
    columns = [np.ascontiguousarray(rows[:, column]) for column in range(3)]
    for column in columns:
        column.setflags(write=False)
    return Peaks(*columns)


def _to_bytes(found: Peaks) -> bytes:
    return arrays_to_bytes({"rows": np.stack([found.minimum, found.maximum, found.rms], axis=1)})


def _from_bytes(data: bytes) -> Peaks | None:
    stored = arrays_from_bytes(data)
    rows = None if stored is None else stored.get("rows")
    return None if rows is None or rows.ndim != 2 or rows.shape[1] != 3 else _of_rows(rows.astype(np.float16))
