"""Ctrl+C and SIGTERM, sent to a real process: the usual exit code, one sentence, nothing left behind, the old file intact."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.editor.commands.conftest import write_clip

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals between processes"),
]
MAIN = Path(__file__).parents[3] / "main.py"
LONG = 600
PATIENCE_S = 60


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes seconds to encode in full."""
    return write_clip(tmp_path_factory.mktemp("long") / "long.mp4", LONG)


@pytest.fixture
def project(run: Any, long_clip: Path, tmp_path: Path) -> Path:
    path = tmp_path / "work" / "film.patchreel"
    path.parent.mkdir()
    assert run("new", path, long_clip).code == 0
    return path


@contextmanager
def child(*words: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, str(MAIN), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_export_that_is_ended(project: Path, number: signal.Signals, code: int) -> None:
    out = project.parent / "out.mp4"
    out.write_bytes(b"an older film")
    before = files(project.parent)
    with child("export", project, out, "--preset", "HEVC MP4", "--json") as process:
        assert process.stderr is not None
        assert b"Encoding" in process.stderr.readline(), "the job has begun"
        process.send_signal(number)
        process.send_signal(number)
        said, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, told.decode()
    assert said == b"" and told.decode().splitlines()[-1] == "Cancelled, nothing was written."
    assert b"Traceback" not in told and told.count(b"Cancelled") == 1
    assert files(project.parent) == before and list(project.parent.glob(".*")) == []


def test_a_splice_that_is_ended(run: Any, project: Path) -> None:
    """The part file of the copying way goes too."""
    words = ("--box", "0.4,0.4,0.2,0.2", "--provider", "local.blur", "--before", "0", "--after", "40")
    assert run("patch", project, "--at", "f:200", *words).code == 0
    before = files(project.parent)
    with child("export", project, project.parent / "out.mp4", "--seam", "best") as process:
        assert process.stderr is not None
        assert process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
    assert files(project.parent) == before and list(project.parent.glob(".*")) == []


def test_a_signal_before_any_job_ends_the_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Reading the words can take a while, since it brings the imports."""
    from editor.commands.running import run_guarded

    def read() -> Any:
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    assert run_guarded(read) == 143
    assert capfd.readouterr().err == "Cancelled, nothing was written.\n"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("when", ["reading", "running"])
def test_a_signal_that_an_import_swallows_is_heard_after_it(when: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Modules written in C lose the exception that a signal raises in them."""
    from editor.commands.running import cancel_token, run_guarded

    def swallowed() -> None:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGINT)

    def command(_: argparse.Namespace) -> Any:
        if when == "running":
            swallowed()
        cancel_token()
        pytest.fail("the job was begun")

    def read() -> argparse.Namespace:
        if when == "reading":
            swallowed()
        return argparse.Namespace(run=command, json=True)

    assert run_guarded(read) == 130
    assert capfd.readouterr().err == "Cancelled, nothing was written.\n"
