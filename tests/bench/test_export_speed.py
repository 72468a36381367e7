"""A differential export beside a full encode of the same clip, in one run: `make bench`. Needs the ffmpeg program.

60 s of 1920×1080 at 30 fps, a patch of 24 frames from the middle on (t = 30 s, where a GOP of 60 frames begins). Both are timed
as whole processes, start-up included; the export checks itself in that time, the full encode does not. The segment cache is
emptied before every round.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "resources" / "sample" / "lake.mp4"
ROUNDS = 3

pytestmark = [pytest.mark.timeout(1800), pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not here")]


def _run(words: list[str], env: dict[str, str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(words, cwd=REPOSITORY, env=env, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, done.stdout


def _clip(path: Path) -> Path:
    picture = "scale=1920:1080,fps=30,noise=alls=3:allf=t"
    words = ["ffmpeg", "-v", "error", "-stream_loop", "9", "-i", str(SAMPLE), "-t", "60", "-vf", picture, "-c:v", "libx264"]
    words += ["-preset", "veryfast", "-crf", "23", "-g", "60", "-bf", "3", "-c:a", "aac", "-y", str(path)]
    subprocess.run(words, check=True)
    return path


def test_a_24_frame_patch_in_a_minute_of_1080p(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = {**os.environ, "PATCHREEL_HOME": str(tmp_path / "home")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    main = [sys.executable, str(REPOSITORY / "main.py")]
    source, project, out = _clip(tmp_path / "source.mp4"), str(tmp_path / "p.patchreel"), str(tmp_path / "out.mp4")
    _run([*main, "new", project, str(source)], env)
    patch = [*main, "patch", project, "--at", "f:912", "--box", "0.4,0.3,0.15,0.2", "--provider", "local.blur"]
    _run([*patch, "--before", "12", "--after", "11"], env)
    ours, full, result = [], [], {}
    for _ in range(ROUNDS):
        shutil.rmtree(tmp_path / "home" / "cache" / "segments", ignore_errors=True)
        seconds, text = _run([*main, "export", project, out, "--json"], env)
        result = json.loads(text)
        assert result["verified"] and not any(s["mode"] == "cached" for s in result["segments"])
        ours.append(seconds)
        encode = ["ffmpeg", "-v", "error", "-i", str(source), "-c:v", "libx264", "-preset", "veryfast", "-crf", "20"]
        full.append(_run([*encode, "-c:a", "copy", "-y", str(tmp_path / "full.mp4")], env)[0])
    _print(capsys, ours, full, result)


def _print(capsys: pytest.CaptureFixture[str], ours: list[float], full: list[float], result: dict[str, Any]) -> None:
    ratio = statistics.median(full) / statistics.median(ours)
    with capsys.disabled():
        sys.stdout.write(
            f"\nexport, checked: {statistics.median(ours):.2f} s ({min(ours):.2f} to {max(ours):.2f}), "
            f"{result['encoded_frames']} frames encoded, {result['seconds']:.2f} s without start-up, "
            f"{result['seconds_write']:.2f} s to write, "
            f"{result['seconds_verify']:.2f} s to check, {result['peak_rss_mb']:.0f} MB\n"
            f"ffmpeg -preset veryfast, full: {statistics.median(full):.2f} s ({min(full):.2f} to {max(full):.2f})\n"
            f"ratio 1 : {ratio:.1f}\n"
        )
