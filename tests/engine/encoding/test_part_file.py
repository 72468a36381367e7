"""The file that becomes the target: whole and on the disk, or nowhere; with a name of its own only where the system needs one."""

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.encoding import part_file as module
from engine.encoding.part_file import UnnamedPath, part_file
from engine.encoding.target import muxer_name
from engine.errors import Cancelled, StorageError
from engine.running import ThreadCancelToken

HOW = ["unnamed", "named", "unnamed that cannot be named"]


@pytest.fixture(params=HOW)
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of making the file; the first one is what this system has."""
    if request.param == "named":
        monkeypatch.setattr(module, "_open_unnamed", lambda _folder: None)
    if request.param == "unnamed that cannot be named":

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

        monkeypatch.setattr(os, "link", refuse)
    return str(request.param)


def write(target: Path, data: bytes, cancel: ThreadCancelToken | None = None) -> None:
    with part_file(target, cancel=cancel or ThreadCancelToken(), last_look=lambda: None) as path:
        path.write_bytes(data)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("old", [None, b"old"])
def test_the_file_takes_its_place(tmp_path: Path, old: bytes | None) -> None:
    target = tmp_path / "a.mp4"
    if old:
        target.write_bytes(old)
    (tmp_path / "plain").write_bytes(b"")
    write(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == {"a.mp4", "plain"}
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.usefixtures("how")
@pytest.mark.skipif(sys.platform == "win32", reason="files have no such mode there")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_that_others_could_not_read_stays_so(mode: int, tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    target.chmod(mode)
    write(target, b"new")
    assert target.read_bytes() == b"new" and target.stat().st_mode & 0o777 == mode


@pytest.mark.usefixtures("how")
def test_it_is_nowhere_when_something_is_raised(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    with (
        pytest.raises(ZeroDivisionError),
        part_file(target, cancel=ThreadCancelToken(), last_look=lambda: None) as path,
    ):
        path.write_bytes(b"half")
        raise ZeroDivisionError
    assert target.read_bytes() == b"old" and names(tmp_path) == {"a.mp4"}


@pytest.mark.usefixtures("how")
def test_the_last_look_decides(tmp_path: Path) -> None:
    def look() -> None:
        raise StorageError("No.")

    with pytest.raises(StorageError, match="No"), part_file(tmp_path / "a.mp4", cancel=ThreadCancelToken(), last_look=look):
        pass
    assert names(tmp_path) == set()


@pytest.mark.usefixtures("how")
def test_a_folder_that_vanishes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    inside = part_file(folder / "a.mp4", cancel=ThreadCancelToken(), last_look=lambda: None)
    with pytest.raises(StorageError, match=r"folder.*is gone"), inside as path:
        path.write_bytes(b"new")
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()
    assert names(tmp_path) == set()


def test_a_cancel_does_not_wait_for_a_slow_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token, go_on = ThreadCancelToken(), threading.Event()
    synced: list[int] = []

    def slow(descriptor: int) -> None:
        token.cancel()
        go_on.wait()
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(Cancelled):
        write(tmp_path / "a.mp4", b"new", token)
    assert names(tmp_path) == set()
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "fsync":
            thread.join()
    assert synced == [3], "what goes on waiting has the file of its own"


def test_an_error_of_the_disk_at_the_very_end_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        write(tmp_path / "a.mp4", b"new")
    assert names(tmp_path) == set()


@pytest.fixture
def dead_process() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    yield child.pid


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path: Path, dead_process: int) -> None:
    mark = module._mark()
    stays = {
        f".patchreel-{mark}-{os.getpid()}-7.mp4.part", f".patchreel-{mark}-{os.getppid()}-0.mp4.part",
        f".patchreel-00000000-{dead_process}-0.mp4.part", f"patchreel-{mark}-{dead_process}-0.mp4.part", "b.mp4.part",
    }  # fmt: skip
    for name in (*stays, f".patchreel-{mark}-{dead_process}-0.mp4.part", f".patchreel-{mark}-{dead_process}-12.mov.part"):
        (tmp_path / name).write_bytes(b"half")
    write(tmp_path / "a.mp4", b"new")
    assert names(tmp_path) == {"a.mp4", *stays}


def test_a_name_that_is_as_long_as_names_may_be(tmp_path: Path) -> None:
    target = tmp_path / ("ä" * 125 + ".mp4")
    for data in (b"one", b"two"):
        write(target, data)
        assert target.read_bytes() == data
    assert len(names(tmp_path)) == 1


def test_the_path_says_what_the_file_will_be(tmp_path: Path) -> None:
    path = UnnamedPath.of(7, tmp_path / "Film.final.mkv")
    assert os.fspath(path) == str(path) == "/proc/self/fd/7"
    assert (path.name, path.suffix, muxer_name(path)) == ("Film.final.mkv", ".mkv", "matroska")
    assert muxer_name(module._part_name(tmp_path / "a.m4v")) == "mp4"
