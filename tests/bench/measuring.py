"""Runs a program as a whole process and says what it cost. Must not know what is measured.

Imports nothing heavy: the system counts the memory of the process that starts a program into that program's peak.
"""

import contextlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[2]


class RunError(RuntimeError):
    """A measured program failed; the text has its last words."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: wall seconds and CPU seconds of the process and its children, peak MB (10⁶ bytes) of the largest of them."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    stdout: str


def run(words: Sequence[str], env: Mapping[str, str] | None = None) -> Ran:
    """Run a program from the repository's root to its end. What was written before goes to disk first. Raises RunError."""
    os.sync()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=REPOSITORY, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        text = _text(out)
        if process.returncode:
            raise RunError(f"{' '.join(words[:4])} … ended with {process.returncode}:\n{_text(errors)[-2000:]}{text[-500:]}")
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, text)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def peak_of_all(words: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Peak MB of a program and all processes it starts, at the same time, shared pages counted once; Linux. Raises RunError.

    Looked at every 20 ms, which slows the program: not for times.
    """
    process = subprocess.Popen(words, cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    try:
        while process.poll() is None:
            peak = max(peak, sum(_kilobytes(number) for number in _family(process.pid)))
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise RunError(f"{' '.join(words[:4])} … ended with {process.returncode}.")
    return peak * 1024 / 1e6


def _family(number: int) -> list[int]:
    found = [number]
    for parent in found:
        files: list[Path] = []
        with contextlib.suppress(OSError):  # it may end while it is looked at
            files = list(Path(f"/proc/{parent}/task").glob("*/children"))
        for file in files:
            with contextlib.suppress(OSError):
                found += map(int, file.read_text(encoding="ascii").split())
    return found


def _kilobytes(number: int) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)
