"""How long a command takes to start, and what decoding the bundled clip costs here. Figures, no bounds: `make bench`."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 5


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str, list[float]], None]:
    """Writes one line: what was measured, the median and the range, in milliseconds."""

    def write(what: str, seconds: list[float]) -> None:
        low, middle, high = (1000 * value for value in (min(seconds), statistics.median(seconds), max(seconds)))
        with capsys.disabled():
            sys.stdout.write(f"\n{what}: {middle:.1f} ms ({low:.1f} to {high:.1f})\n")

    return write


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.parametrize("module", ["main", "editor.command_line", "av", "cv2", "PySide6.QtWidgets"])
def test_import(module: str, report: Callable[[str, list[float]], None]) -> None:
    command = [sys.executable, "-c", f"import {module}"]
    report(
        f"new process that imports {module}",
        [_timed(lambda: subprocess.run(command, cwd=REPOSITORY, check=True)) for _ in range(ROUNDS)],
    )


def test_decoding_one_gop_of_the_sample(report: Callable[[str, list[float]], None]) -> None:
    def decode() -> None:
        with av.open(str(REPOSITORY / "resources" / "sample" / "lake.mp4")) as container:
            for number, _ in enumerate(container.decode(video=0)):
                if number == 49:
                    return

    report("50 frames of 1280x720 H.264", [_timed(decode) for _ in range(ROUNDS)])
