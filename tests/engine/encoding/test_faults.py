"""Faults from outside while an export runs: one sentence, the old file as it was, nothing left behind."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.encoding import export as export_module
from engine.encoding import part_file
from engine.errors import MediaError, StorageError
from engine.media.importing import import_media
from engine.project.model import Clip, LayerKind, Track
from engine.running import Progress
from tests.engine.encoding.makers import Bench, make_clip

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[3]
KILLS = 10
WINDOWS = ((3, 6), (44, 50))


def once_at(fraction: float, fault: Callable[[], object]) -> Callable[[Progress], None]:
    """A report that does the fault when the export is so far."""
    done: list[object] = []

    def report(progress: Progress) -> None:
        if progress.fraction >= fraction and not done:
            done.append(fault())

    return report


def shorten(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(bytes(size))
    os.utime(path, (1, 1))


def put_another(path: Path) -> None:
    """Another file under the same name, of the same size and time."""
    before, other = path.stat(), path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


FAULTS: dict[str, Callable[[Path], object]] = {
    "shorter": shorten, "emptied": lambda path: os.truncate(path, 0), "other bytes": overwrite,
    "another file": put_another, "removed": Path.unlink,
}  # fmt: skip


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.9, 1.0], ids=["at once", "encoding", "checking", "checked"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_source_that_changes_is_named(fault: str, fraction: float, bench: Bench, plain_clip: Path) -> None:
    clip = bench.folder / "cache" / "in.mp4"
    clip.parent.mkdir(exist_ok=True)
    shutil.copyfile(plain_clip, clip)
    project, target = bench.project(clip, *WINDOWS), bench.folder / "out.mp4"
    target.write_bytes(b"old")
    report = once_at(fraction, lambda: FAULTS[fault](clip))
    with pytest.raises(MediaError, match=r"in\.mp4” was (changed|removed) while it was exported"):
        bench.export(project, report=report)
    assert target.read_bytes() == b"old"
    assert {path.name for path in bench.folder.iterdir()} == {"cache", "out.mp4"}


@pytest.mark.parametrize("fraction", [0.0, 0.5, 0.9, 1.0])
def test_a_folder_that_vanishes_is_named(fraction: float, bench: Bench, plain_clip: Path) -> None:
    folder = bench.folder / "folder"
    folder.mkdir()
    report = once_at(fraction, lambda: shutil.rmtree(folder))
    with pytest.raises(StorageError, match=r"folder.*is gone"):
        bench.export(bench.project(plain_clip, *WINDOWS), "folder/out.mp4", report=report)
    assert {path.name for path in bench.folder.iterdir()} == {"cache"}


EXPORT_FOR_EVER = """
import os, sys
from pathlib import Path
from engine.cache.store import Cache
from engine.encoding import part_file
from tests.engine.encoding.makers import Bench
folder, clip, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if how == "named":
    part_file._open_unnamed = lambda folder: None
bench = Bench(folder, Cache(folder.parent / "cache", 1 << 28))
project = bench.project(clip, (3, 6), (44, 50))
for _ in sys.stdin:
    child = os.fork()
    while not child:
        bench.export(project)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def made(bench: Bench, plain_clip: Path) -> tuple[Path, bytes]:
    """A folder to export to, and what the export gives."""
    folder = bench.folder / "out"
    folder.mkdir()
    result = bench.export(bench.project(plain_clip, *WINDOWS), "out/out.mp4")
    return folder, result.output.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize(("how", "kills"), [("unnamed", KILLS), ("named", 3)])
def test_a_kill_at_any_moment_leaves_a_whole_file_or_none(
    how: str, kills: int, made: tuple[Path, bytes], bench: Bench, plain_clip: Path
) -> None:
    folder, whole = made
    moments = random.Random(3)
    command = [sys.executable, "-c", EXPORT_FOR_EVER, str(folder), str(plain_clip), how]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as exporting:
        assert exporting.stdin is not None and exporting.stdout is not None
        for number in range(kills):
            (folder / "out.mp4").unlink(missing_ok=True)
            if number % 2:
                (folder / "out.mp4").write_bytes(b"old")
            exporting.stdin.write(b"one\n")
            exporting.stdin.flush()
            child = int(exporting.stdout.readline())
            threading.Event().wait(moments.uniform(0, 0.6))
            os.kill(child, signal.SIGKILL)
            assert int(exporting.stdout.readline()) == signal.SIGKILL
            left = {path.name: path.read_bytes() for path in folder.iterdir()}
            assert left.pop("out.mp4", whole) in {whole, b"old"}
            assert not left or how == "named"
        exporting.stdin.close()
    assert bench.export(bench.project(plain_clip, *WINDOWS), "out/out.mp4").verified
    assert [path.name for path in folder.iterdir()] == ["out.mp4"], "what a named part file left goes with the next export"


LIMITED = """
import resource, signal, sys
from pathlib import Path
from engine.errors import StorageError
from tests.engine.encoding.makers import Bench
bench = Bench.at(Path(sys.argv[1]))
project = bench.project(Path(sys.argv[2]), (3, 6), (44, 50))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        bench.export(project, "out/out.mp4")
        print("written")
    except StorageError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file size limit to play a full disk with")
def test_a_disk_that_is_full_at_any_moment(made: tuple[Path, bytes], bench: Bench, plain_clip: Path) -> None:
    folder, whole = made
    (folder / "out.mp4").write_bytes(b"old")
    limits = [1, 2_000, len(whole) // 3, len(whole) - 3_000, len(whole) - 1]
    command = [sys.executable, "-c", LIMITED, str(bench.folder), str(plain_clip), *map(str, limits)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=REPOSITORY)
    sentences = done.stdout.splitlines()
    assert len(sentences) == len(limits) and all("disk is full" in text for text in sentences), done.stdout + done.stderr
    assert (folder / "out.mp4").read_bytes() == b"old"
    assert [path.name for path in folder.iterdir()] == ["out.mp4"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only, on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("free_kb", [1, 12, 40, 100])
def test_a_file_system_that_fills_while_others_write(
    free_kb: int, small_disk: Path, bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "check_target", lambda target, *_: target)  # when the export began there was room
    other = small_disk / "other"
    other.write_bytes(bytes((400 - free_kb) << 10))
    with pytest.raises(StorageError, match="disk is full"):
        bench.export(bench.project(plain_clip, *WINDOWS), str(small_disk / "out.mp4"))
    assert list(small_disk.iterdir()) == [other]


def test_sound_and_other_files_of_the_timeline_are_watched(bench: Bench, plain_clip: Path) -> None:
    """A file that only sounds is a source too; one that lies in the bin and is not used is not."""
    (bench.folder / "cache").mkdir(exist_ok=True)
    music = make_clip(bench.folder / "cache" / "music.mp4", frames=30)
    unused = make_clip(bench.folder / "cache" / "unused.mp4", frames=5)
    project = bench.project(plain_clip, *WINDOWS)
    sounding, idle = import_media(music, bench.cache), import_media(unused, bench.cache)
    assert sounding.available_range is not None
    track = Track("A1", LayerKind.MUSIC, "Music", clips=(Clip("m", Fraction(0), sounding.available_range, sounding.id),))
    project = replace(project, media=(*project.media, sounding, idle), tracks=(*project.tracks, track))
    assert bench.export(project, report=once_at(0.9, unused.unlink)).verified
    with pytest.raises(MediaError, match="music"):
        bench.export(project, report=once_at(1.0, music.unlink))


def test_part_files_are_unnamed_where_this_system_has_such_files(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has them")
    descriptor = part_file._open_unnamed(tmp_path)
    if descriptor is None:
        pytest.skip("this file system has none")
    assert os.fstat(descriptor).st_nlink == 0
    os.close(descriptor)
