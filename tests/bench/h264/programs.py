"""Runs the ffmpeg program and the commands of the editor, as a user does. Knows nothing of what is inside either."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]

_NICE = ["nice"] if shutil.which("nice") else []
_LIMIT_S = 1200


@dataclass(frozen=True, slots=True)
class Done:
    """What a program did; `last` is the last line it said, for people."""

    code: int
    out: str
    errors: str

    @property
    def last(self) -> str:
        lines = [line for line in self.errors.splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit code {self.code}"


def run(words: list[str], env: dict[str, str] | None = None) -> Done:
    """Run a program to its end; a program that takes twenty minutes is stopped and counts as failed."""
    try:
        done = subprocess.run([*_NICE, *words], env=env, capture_output=True, check=False, timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        return Done(124, "", f"{words[0]} took more than {_LIMIT_S} s")
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def ffmpeg(*words: str | Path) -> None:
    """Make a file with the ffmpeg program. Raises RuntimeError with what it said."""
    done = run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-y", *(str(word) for word in words)])
    if done.code:
        raise RuntimeError(f"ffmpeg: {done.last}")


def strict_decode(path: Path) -> list[str]:
    """What ffmpeg says when it decodes everything and forgives nothing; empty where all is well."""
    words = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-xerror", "-err_detect", "explode", "-i", str(path)]
    done = run([*words, "-map", "0:v", "-map", "0:a?", "-f", "null", "-"])
    said = [line for line in done.errors.splitlines() if line.strip()]
    return said or ([f"exit code {done.code}"] if done.code else [])


def pictures_md5(path: Path) -> str:
    """One hash over all decoded pictures of the first video stream."""
    words = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "quiet", "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough"]
    return run([*words, "-f", "md5", "-"]).out.strip()


def copied_again(path: Path, folder: Path) -> Path | None:
    """`ffmpeg -c copy` of a file into its own container; None where that fails."""
    copy = folder / f"copy-of-{path.name}"
    try:
        ffmpeg("-i", path, "-map", "0", "-c", "copy", "-copy_unknown", copy)
    except RuntimeError:
        return None
    return copy


def patchreel(home: Path, *words: str | Path) -> Done:
    """One command of the editor with caches and settings of its own."""
    env = {**os.environ, "PATCHREEL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return run([sys.executable, str(REPOSITORY / "main.py"), *(str(word) for word in words)], env)
