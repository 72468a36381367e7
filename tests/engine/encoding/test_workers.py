"""Segments encoded by several processes: the same bytes, errors in words, and no process left, whatever happens to whom."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from engine.cache.store import Cache
from engine.compositing.sources import PatchFrame
from engine.encoding.splice import segments
from engine.encoding.splice.segment_task import SegmentContext
from engine.errors import Cancelled, ExportError
from engine.jobs.workspace import Workspace
from engine.project.assets import AssetStore
from engine.project.model import Media, Patch
from engine.running import Progress, ThreadCancelToken
from tests.engine.encoding.makers import Bench, PatchedLibrary

pytestmark = pytest.mark.integration

WINDOWS = ((3, 6), (24, 29), (44, 50))
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def every_process_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small clips would be encoded here."""
    monkeypatch.setattr(segments, "WORKER_PIXELS", 1)


@dataclass(frozen=True)
class TroubledSources:
    """Opens sources that are as they should be in the process that asks, and in its workers do what `trouble` says."""

    cache: Cache
    trouble: str
    notes: Path

    @contextmanager
    def __call__(self) -> Iterator[PatchedLibrary]:
        in_worker = multiprocessing.parent_process() is not None
        library = _Troubled(self) if in_worker else PatchedLibrary(self.cache, lambda _asset: b"")
        try:
            yield library
        finally:
            library.close()


class _Troubled(PatchedLibrary):
    def __init__(self, made_by: TroubledSources) -> None:
        super().__init__(made_by.cache, lambda _asset: b"")
        self._made_by = made_by

    def patch_frame(self, media: Media, patch: Patch, time: Fraction) -> PatchFrame | None:
        (self._made_by.notes / str(os.getpid())).touch()
        match self._made_by.trouble:
            case "is killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hangs":
                threading.Event().wait()
            case "has no patch":
                return None
        return super().patch_frame(media, patch, time)


def troubled(bench: Bench, trouble: str) -> TroubledSources:
    notes = bench.folder / "cache" / "notes"
    notes.mkdir(parents=True, exist_ok=True)
    return TroubledSources(bench.cache, trouble, notes)


def workers_seen(bench: Bench) -> set[int]:
    return {int(path.name) for path in (bench.folder / "cache" / "notes").iterdir()}


def test_the_bytes_are_the_same_whatever_the_number_of_workers(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, *WINDOWS)
    steps: list[Progress] = []
    alone = bench.export(project, "alone.mp4")
    result = bench.export(project, "apart.mp4", workers=3, open_sources=troubled(bench, "none"), report=steps.append)
    assert result.output.read_bytes() == alone.output.read_bytes()
    assert result.encoded_frames == alone.encoded_frames and not result.warnings
    assert workers_seen(bench) and os.getpid() not in workers_seen(bench)
    assert not multiprocessing.active_children()
    assert max(step.fraction for step in steps if step.text == "Encoding") > 0


def test_an_error_in_a_worker_is_the_exports(bench: Bench, plain_clip: Path) -> None:
    sources = troubled(bench, "has no patch")
    with pytest.raises(ExportError, match=r"Patch \d+.*not carried") as raised:
        bench.export(bench.project(plain_clip, *WINDOWS), workers=2, open_sources=sources)
    assert raised.value.hint
    assert not multiprocessing.active_children()
    assert {path.name for path in bench.folder.iterdir()} == {"cache"}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_the_work_of_a_killed_worker_is_done_here(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, *WINDOWS)
    steps: list[Progress] = []
    result = bench.export(project, workers=2, open_sources=troubled(bench, "is killed"), report=steps.append)
    assert workers_seen(bench)
    assert result.output.read_bytes() == bench.export(project, "alone.mp4").output.read_bytes()
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)


def test_a_worker_that_does_not_answer_does_not_hold_up_a_cancel(bench: Bench, plain_clip: Path) -> None:
    token = _WhenWorkersWork(bench)
    with pytest.raises(Cancelled):
        bench.export(bench.project(plain_clip, *WINDOWS), workers=2, open_sources=troubled(bench, "hangs"), cancel=token)
    assert not multiprocessing.active_children()
    assert {path.name for path in bench.folder.iterdir()} == {"cache"}


class _WhenWorkersWork(ThreadCancelToken):
    """Cancels as soon as a worker is at its first patch."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench

    def check(self) -> None:
        if workers_seen(self._bench):
            self.cancel()
        super().check()


KILLED = """
import sys
from pathlib import Path
from engine.encoding.splice import segments
from tests.engine.encoding.makers import Bench
from tests.engine.encoding.test_workers import WINDOWS, troubled
if __name__ == "__main__":
    segments.WORKER_PIXELS = 1
    bench = Bench.at(Path(sys.argv[1]))
    bench.export(bench.project(Path(sys.argv[2]), *WINDOWS), workers=2, open_sources=troubled(bench, "hangs"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_workers_end_with_the_process_that_started_them(bench: Bench, plain_clip: Path, tmp_path: Path) -> None:
    notes = troubled(bench, "hangs").notes
    script = tmp_path / "cache" / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, str(script), str(bench.folder), str(plain_clip)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as parent:
        child = psutil.Process(parent.pid)
        while not list(notes.iterdir()):
            assert parent.poll() is None
        family = child.children(recursive=True)
        parent.kill()
    assert len(family) >= 2
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert {path.name for path in bench.folder.iterdir()} == {"cache"}


def test_processes_are_started_only_where_they_pay(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "WORKER_PIXELS", 320 * 180 * 10)
    seen: list[int] = []

    def ask(runs: list[range], context: SegmentContext, wanted: int) -> int:
        seen.append(real(runs, context, wanted))
        return 1

    real = segments.workers_for
    monkeypatch.setattr(segments, "workers_for", ask)
    for windows, wanted in (((24, 29),), 4), (WINDOWS, 4), (WINDOWS, 2), (((38, 39), (57, 58)), 4):
        bench.export(bench.project(plain_clip, *windows), workers=wanted)
    assert seen == [1, 3, 2, 1], "one run; three runs; two wanted; too little to do"


def test_a_workspace_opens_its_sources_in_another_process(tmp_path: Path) -> None:
    workspace = Workspace(AssetStore(tmp_path / "assets"), Cache(tmp_path / "cache", 1 << 20))
    there = pickle.loads(pickle.dumps(workspace.sources))
    workspace.cache.put("patch-frames", "k" * 8, b"frame")
    asset = workspace.assets.put(b"pixels")
    with there() as sources:
        assert sources.library.cache.get("patch-frames", "k" * 8) == b"frame"
        assert sources.library.cache is not workspace.cache
        assert sources.library._read_asset(asset) == b"pixels"
