"""A small clip with sound, and a way to run a command as a person would, in this process."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from editor.command_line import main

RATE, FRAMES, WIDTH, HEIGHT = 30, 90, 320, 180


def picture(number: int) -> np.ndarray:
    """A moving texture with a bright square that stays with it."""
    rng = np.random.default_rng(7)
    world = cv2.resize(rng.integers(40, 216, (40, 80, 3), np.uint8), (640, 320), interpolation=cv2.INTER_CUBIC)
    x, y = 60 + number, 40 + number // 3
    frame = world[y : y + HEIGHT, x : x + WIDTH].copy()
    cv2.rectangle(frame, (180 - number, 80 - number // 3), (220 - number, 110 - number // 3), (250, 250, 250), -1)
    return frame


def write_clip(path: Path, frames: int = FRAMES) -> Path:
    """H.264 High with B-frames, an IDR every 30 frames, AAC stereo; the audio is longer than nothing and shorter than all.

    The picture begins anew after 250 frames.
    """
    with av.open(str(path), "w") as out:
        options = {"crf": "20", "g": "30", "bf": "2", "sc_threshold": "0", "threads": "1"}
        video = out.add_stream("libx264", rate=RATE, options=options)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo")
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number % 250), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        tone = (np.sin(np.arange(48000 * frames // RATE) * 0.05) * 0.2).astype(np.float32)
        for start in range(0, len(tone) - 1023, 1024):
            block = av.AudioFrame.from_ndarray(np.stack([tone[start : start + 1024]] * 2), "fltp", "stereo")
            block.sample_rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
            out.mux(audio.encode(block))
        out.mux(audio.encode(None))
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: bytes
    err: bytes

    @property
    def data(self) -> dict[str, Any]:
        lines = self.out.splitlines()
        assert len(lines) == 1, "one JSON object on standard output and nothing else"
        parsed: dict[str, Any] = json.loads(lines[0])
        return parsed

    @property
    def sentence(self) -> str:
        return self.err.decode().splitlines()[-1]


Run = Callable[..., Outcome]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """`run("probe", path)` runs a command; words may be paths."""
    def call(*words: object) -> Outcome:
        code = main([os.fspath(w) if isinstance(w, Path) else str(w) for w in words])
        captured = capfdbinary.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call
