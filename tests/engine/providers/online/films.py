"""Small MP4s as services hand them out. Knows nothing of the program."""

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from tests.engine.providers.online.pictures import Rgb8


def film_of(pictures: Sequence[Rgb8], rate: int = 24, *, has_audio: bool = True) -> bytes:
    """H.264 with its index in front, and a tone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        _write(path, pictures, rate, has_audio=has_audio)
        return path.read_bytes()


def _write(path: Path, pictures: Sequence[Rgb8], rate: int, *, has_audio: bool) -> None:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        height, width = pictures[0].shape[:2]
        video = out.add_stream("libx264", rate=rate, options={"crf": "18", "g": "12", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo") if has_audio else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            tone = (np.sin(np.arange(48000 * len(pictures) // rate) * 0.05) * 0.2).astype(np.float32)
            for start in range(0, len(tone) - 1023, 1024):
                block = av.AudioFrame.from_ndarray(np.stack([tone[start : start + 1024]] * 2), "fltp", "stereo")
                block.sample_rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
                out.mux(audio.encode(block))
            out.mux(audio.encode(None))


@cache
def film(frames: int = 24, width: int = 192, height: int = 108) -> bytes:
    """Something that moves, a second long."""
    rows, columns = np.mgrid[0:height, 0:width]
    return film_of([
        np.stack([(columns + 3 * number) % 256, (rows * 2) % 256, np.full_like(rows, 10 * number % 256)], 2).astype(np.uint8)
        for number in range(frames)
    ])
