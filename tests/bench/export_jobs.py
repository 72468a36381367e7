"""The programs an export is held against, each as the words that start it on a clip. Which figures count is `export_table`'s.

Nearest job of each: `cp` and `ffmpeg -c copy` change nothing; `ffmpeg` encodes everything and paints nothing; smartcut cuts the
0.8 s away; melt and MoviePy put a box on the 24 frames and encode everything.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.export_clips import RATE, Clip

CHANGED_FRAMES = 24
_CHANGED_S = CHANGED_FRAMES / RATE
_HERE = Path(__file__).resolve().parent

Words = Callable[[Clip, str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Job:
    """`words` makes the command from clip, output and seconds to write. `part_s` are the most seconds of a clip that it is given
    unless all is wanted (0: the whole clip); `is_once`: too long for every round. `missing` says why it is left out."""

    name: str
    title: str
    words: Words
    part_s: int = 0
    is_once: bool = False
    missing: str = ""

    def seconds_of(self, clip: Clip, is_full: bool) -> int:
        """How much of the clip is given to it."""
        return clip.seconds if is_full or not self.part_s else min(self.part_s, clip.seconds)


def jobs(rivals: Path) -> list[Job]:
    """All of them; `rivals` holds an environment of Python for each of smartcut and moviepy."""
    smartcut, moviepy, melt = rivals / "smartcut/bin/smartcut", rivals / "moviepy/bin/python", shutil.which("melt")
    return [
        Job("cp", "`cp`", lambda clip, out, _: ["cp", str(clip.path), out]),
        Job("copy", "`ffmpeg -c copy`", lambda clip, out, _: _ffmpeg(clip, out, 0, "-c", "copy")),
        Job("smartcut", "smartcut 1.7, cuts 0.8 s", _smartcut(str(smartcut)), missing=_absent(smartcut)),
        Job("veryfast", "`ffmpeg -preset veryfast -crf 20`", _encode("veryfast"), part_s=120),
        Job("medium", "`ffmpeg -preset medium -crf 20`", _encode("medium"), part_s=120, is_once=True),
        Job("melt", "melt, veryfast", _melt, part_s=20, is_once=True, missing="" if melt else "melt is not installed"),
        Job("moviepy", "MoviePy 2.2, veryfast", _moviepy(str(moviepy)), part_s=20, is_once=True, missing=_absent(moviepy)),
    ]


def _absent(program: Path) -> str:
    return "" if os.access(program, os.X_OK) else f"{program.parents[1].name} is not installed"


def _ffmpeg(clip: Clip, out: str, seconds: int, *words: str) -> list[str]:
    part = ["-t", str(seconds)] if seconds else []
    return ["ffmpeg", "-nostdin", "-v", "error", *part, "-i", str(clip.path), *words, "-y", out]


def _encode(preset: str) -> Words:
    words = ("-c:v", "libx264", "-preset", preset, "-crf", "20", "-c:a", "copy")
    return lambda clip, out, seconds: _ffmpeg(clip, out, seconds, *words)


def _smartcut(program: str) -> Words:
    def words(clip: Clip, out: str, _: int) -> list[str]:
        start = clip.seconds // 2
        return [program, str(clip.path), out, "--cut", f"{start},{start + _CHANGED_S}", "--log-level", "error"]

    return words


def _melt(clip: Clip, out: str, seconds: int) -> list[str]:
    middle = seconds * RATE // 2
    source = ["melt", "-silent", str(clip.path), "in=0", f"out={seconds * RATE - 1}"]
    box = ["-track", "-blank", str(middle), "color:red", f"out={CHANGED_FRAMES - 1}"]
    over = ["-transition", "composite:", "geometry=40%/30%:15%x20%", "a_track=0", "b_track=1"]
    return [*source, *box, *over, "-consumer", f"avformat:{out}", "vcodec=libx264", "preset=veryfast", "crf=20",
            "acodec=aac", "real_time=-2"]  # fmt: skip


def _moviepy(python: str) -> Words:
    def words(clip: Clip, out: str, seconds: int) -> list[str]:
        return [python, str(_HERE / "moviepy_job.py"), str(clip.path), out, str(seconds / 2), str(_CHANGED_S), str(seconds)]

    return words
