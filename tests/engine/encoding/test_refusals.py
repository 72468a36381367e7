"""An export that cannot be made says why in one sentence and leaves everything as it was."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.encoding.part_file import part_file
from engine.encoding.target import check_target
from engine.errors import BadInputError, Cancelled, ExportError, StorageError
from engine.project.model import Clip, LayerKind, Text, Track
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench

pytestmark = pytest.mark.integration


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"cache"}


@pytest.mark.parametrize("how", ["itself", "symlink", "hard link", "other spelling"])
def test_a_source_is_never_overwritten(how: str, bench: Bench, plain_clip: Path) -> None:
    clip = bench.folder / "in.mp4"
    clip.write_bytes(plain_clip.read_bytes())
    project, target = bench.project(clip), bench.folder / "link.mp4"
    if how == "symlink":
        target.symlink_to(clip)
    elif how == "hard link":
        os.link(clip, target)
    elif how == "other spelling":
        target = bench.folder / "x" / ".." / "in.mp4"
        (bench.folder / "x").mkdir()
    else:
        target = clip
    with pytest.raises(BadInputError, match="never overwritten"):
        bench.export(project, str(target))
    assert clip.read_bytes() == plain_clip.read_bytes()


def test_protected_files_are_never_overwritten(bench: Bench, plain_clip: Path) -> None:
    asset = bench.folder / "asset.mov"
    asset.write_bytes(b"pixels")
    with pytest.raises(BadInputError, match="never overwritten"):
        bench.export(bench.project(plain_clip), "asset.mov", protected=(asset,))
    assert asset.read_bytes() == b"pixels"


def test_folders_missing_unwritable_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="not there"):
        check_target(tmp_path / "no" / "a.mp4", [], 0)
    with pytest.raises(BadInputError, match="folder"):
        (tmp_path / "d.mp4").mkdir()
        check_target(tmp_path / "d.mp4", [], 0)
    with pytest.raises(BadInputError, match="video file"):
        check_target(tmp_path / "a.doc", [], 0)
    with pytest.raises(StorageError, match="too little room"):
        check_target(tmp_path / "a.mp4", [], 1 << 60)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match="may not be written"):
        check_target(tmp_path / "a.mp4", [], 0)


class CountingToken:
    """Cancels itself when it was asked for the n-th time."""

    def __init__(self, limit: int) -> None:
        self.asked, self._limit = 0, limit

    def is_cancelled(self) -> bool:
        return self.asked >= self._limit

    def check(self) -> None:
        self.asked += 1
        if self.is_cancelled():
            raise Cancelled


def test_cancel_at_any_moment_leaves_nothing(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    whole = CountingToken(1 << 30)
    bench.export(project, cancel=whole)
    (bench.folder / "out.mp4").write_bytes(b"old")
    assert whole.asked > 40, "asked at least once per frame"
    for moment in (1, whole.asked // 4, whole.asked // 2, whole.asked * 3 // 4, whole.asked):
        with pytest.raises(Cancelled):
            bench.export(project, cancel=CountingToken(moment))
        assert left_in(bench.folder) == {"out.mp4"}
        assert (bench.folder / "out.mp4").read_bytes() == b"old"


def test_a_link_is_followed_and_stays(bench: Bench, plain_clip: Path, tmp_path: Path) -> None:
    project, far = bench.project(plain_clip, (24, 29)), bench.folder / "far"
    far.mkdir()
    (far / "old.mp4").write_bytes(b"old")
    for name in ("old.mp4", "new.mp4"):
        link = bench.folder / f"link to {name}"
        link.symlink_to(Path("far") / name)
        result = bench.export(project, link.name)
        assert result.verified and result.output == link and link.readlink() == Path("far") / name
        assert (far / name).stat().st_size > 1000 and not (far / name).is_symlink()
    assert {path.name for path in far.iterdir()} == {"old.mp4", "new.mp4"}


def test_what_is_no_ordinary_file_stays(tmp_path: Path) -> None:
    (tmp_path / "disk.mkv").write_bytes(b"x")
    (tmp_path / "other.mp4").symlink_to("disk.mkv")
    (tmp_path / "ring.mp4").symlink_to("ring.mp4")
    for name, words in (("other.mp4", "is a link to “disk.mkv”, a file of another kind"), ("ring.mp4", "leads nowhere"),
                        ("n" * 300 + ".mp4", r"“n{40}…” is too long for a file\. Choose a shorter one")):  # fmt: skip
        with pytest.raises(BadInputError, match=words):
            check_target(tmp_path / name, [], 0)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mp4")
        with pytest.raises(BadInputError, match=r"“pipe\.mp4” is no ordinary file and is never overwritten"):
            check_target(tmp_path / "pipe.mp4", [], 0)


def test_a_file_that_is_write_protected_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "kept.mp4"
    target.write_bytes(b"kept")
    allows = os.access  # to an administrator everything is allowed
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != target and allows(path, mode))
    with pytest.raises(StorageError, match=r"“kept\.mp4” is write-protected\. Choose another name"):
        check_target(target, [], 0)


def test_the_room_that_is_asked_for_is_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=3_000_000))
    with pytest.raises(StorageError, match="about 18 MB are needed and 3 MB are free"):
        check_target(tmp_path / "a.mp4", [], 1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(total=0, used=0, free=0))
    assert check_target(tmp_path / "a.mp4", [], 1_000_000) == tmp_path / "a.mp4"  # a disk that does not say


def test_a_patch_that_was_not_carried_is_named(
    bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.encoding import makers

    monkeypatch.setattr(makers.PatchedLibrary, "patch_frame", lambda *_: None)
    with pytest.raises(ExportError, match=r"Patch 24.*not carried"):
        bench.export(bench.project(plain_clip, (24, 29)))
    assert left_in(bench.folder) == set()


def test_a_text_that_was_not_drawn_is_named(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip)
    title = Clip("t", Fraction(0), TimeRange(Fraction(0), Fraction(1)), text=Text("Hello"))
    project = replace(project, tracks=(*project.tracks, Track("C1", LayerKind.CAPTIONS, "Captions", clips=(title,))))
    with pytest.raises(ExportError, match="Hello"):
        bench.export(project)


def test_a_source_that_is_gone_is_named(bench: Bench, plain_clip: Path) -> None:
    clip = bench.folder / "in.mp4"
    clip.write_bytes(plain_clip.read_bytes())
    project = bench.project(clip)
    clip.unlink()
    with pytest.raises(Exception, match=r"in\.mp4"):
        bench.export(project)


def test_errors_of_the_disk_become_sentences(tmp_path: Path) -> None:
    part_of = part_file(tmp_path / "a.mp4", cancel=ThreadCancelToken(), last_look=lambda: None)
    with pytest.raises(StorageError, match="disk is full"), part_of as part:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")
    assert left_in(tmp_path) == set()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from engine.errors import StorageError
from tests.engine.encoding.makers import Bench
bench = Bench.at(Path(sys.argv[1]))
project = bench.project(Path(sys.argv[2]), (24, 29))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    bench.export(project)
except StorageError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file size limit to play a full disk with")
def test_a_disk_that_fills_up(bench: Bench, plain_clip: Path) -> None:
    arguments = [sys.executable, "-c", FULL_DISK, str(bench.folder), str(plain_clip)]
    done = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", check=False, cwd=Path(__file__).parents[3])
    assert "disk is full" in done.stdout, done.stdout + done.stderr
    assert left_in(bench.folder) == set()


