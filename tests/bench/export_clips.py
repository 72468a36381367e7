"""The clips that exports are measured on: 1080p30 H.264 and AAC of real moving water with light noise, made once and kept.

Two minutes are encoded (x264, crf 23, 3 B-frames, a keyframe every 60 or 600 frames and nowhere else, AAC 128k). Twenty minutes
are the same two minutes ten times, packets copied, and looked at afterwards: every frame 1/30 s, every keyframe in its place.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import REPOSITORY

SAMPLE = REPOSITORY / "resources" / "sample" / "lake.mp4"
RATE = 30
PART_S = 120
_TICKS = 512
"""Of a frame, at the timescale of 15,360 that FFmpeg gives to 30 frames per second."""


@dataclass(frozen=True, slots=True)
class Clip:
    """`gop` is the distance of keyframes in frames."""

    path: Path
    seconds: int
    gop: int

    @property
    def frames(self) -> int:
        """Of video."""
        return self.seconds * RATE


def ready(folder: Path, seconds: int, gop: int) -> Clip:
    """The clip, made where it is not there yet. `seconds` is a multiple of 120."""
    path = folder / f"lake-{seconds}s-gop{gop}.mp4"
    if path.exists():
        return Clip(path, seconds, gop)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    if seconds == PART_S:
        _encode(part, gop)
    else:
        _loop(ready(folder, PART_S, gop), seconds // PART_S, part)
    _check(part, seconds, gop)
    part.rename(path)
    return Clip(path, seconds, gop)


def _ffmpeg(words: Sequence[str]) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *words], check=True)


def _encode(part: Path, gop: int) -> None:
    picture = f"scale=1920:1080,fps={RATE},noise=alls=3:allf=t"
    words = ["-stream_loop", "-1", "-i", str(SAMPLE), "-t", str(PART_S), "-vf", picture, "-c:v", "libx264"]
    words += ["-preset", "veryfast", "-crf", "23", "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-bf", "3"]
    _ffmpeg([*words, "-c:a", "aac", "-b:a", "128k", "-y", str(part)])


def _loop(clip: Clip, times: int, part: Path) -> None:
    """The second pass puts frames that the loop moved by a tick back in their places."""
    rough = part.with_suffix(".rough.mp4")
    _ffmpeg(["-stream_loop", str(times - 1), "-i", str(clip.path), "-c", "copy", "-y", str(rough)])
    rounded = ":".join(f"{name}={_TICKS}*round({name.upper()}/{_TICKS})" for name in ("pts", "dts"))
    _ffmpeg(["-i", str(rough), "-c", "copy", "-bsf:v", f"setts={rounded}:duration={_TICKS}", "-y", str(part)])
    rough.unlink()


def _check(part: Path, seconds: int, gop: int) -> None:
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts,flags", "-of", "csv=p=0", str(part)]
    lines = subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8").stdout.split()
    rows = [line.split(",") for line in lines]
    times = sorted(int(row[0]) for row in rows)
    keys = [number for number, row in enumerate(rows) if row[1].startswith("K")]
    if times != [times[0] + _TICKS * n for n in range(seconds * RATE)] or keys != list(range(0, len(rows), gop)):
        raise RuntimeError(f"{part} has {len(rows)} frames and {len(keys)} keyframes, not as they should lie.")
