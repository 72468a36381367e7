"""The project file: whole or not at all, readable elsewhere, hostile content refused in a sentence."""

import errno
import json
import os
import resource
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NewerSchemaError, PatchreelError, ProjectFileError, StorageError
from engine.project import atomic
from engine.project.content_edits import add_text
from engine.project.file import from_json, load, save, to_json
from engine.project.media_edits import add_media
from engine.project.model import SCHEMA_VERSION, Project, Text
from engine.project.version_edits import attach_version, keep_version
from engine.rational_time import ZERO
from tests.engine.project.samples import media, version, with_clips, with_patch


def _full() -> Project:
    project = attach_version(with_patch(), "logo", version())
    project = keep_version(project, "gone", version("b" * 40))
    return add_text(project, Text("Grüße 🎬"), ZERO, clip_id="t")


def _changed(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode("ascii")


def test_a_saved_project_is_the_same_when_loaded(tmp_path: Path) -> None:
    path = tmp_path / "Film.patchreel"
    save(_full(), path)
    loaded = load(path)
    assert (loaded.project, loaded.read_only, loaded.warnings) == (_full(), False, ())
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith("patchreel-home")] == ["Film.patchreel"]


def test_the_file_is_plain_sorted_json(tmp_path: Path) -> None:
    text = to_json(_full(), tmp_path)
    data = json.loads(text)
    assert text.isascii() and data["schema_version"] == SCHEMA_VERSION
    assert list(data) == sorted(data)
    assert data["canvas"]["rate"] == [30000, 1001]
    assert data["tracks"][1]["clips"][1]["start"] == [10, 1]


def test_names_that_are_no_utf8_survive(tmp_path: Path) -> None:
    film = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4")
    with open(film, "wb") as file:  # noqa: PTH123 - bytes that are no text
        file.write(b"x" * 1000)
    project = add_media(Project(), media("cafe", path=film))
    save(project, tmp_path / "Film.patchreel")
    assert load(tmp_path / "Film.patchreel").project == project
    assert os.fsencode(load(tmp_path / "Film.patchreel").project.media[0].path).endswith(b"caf\xe9.mp4")


def test_a_folder_that_moved_finds_its_films(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "films").mkdir(parents=True)
    (old / "films" / "one.mp4").write_bytes(b"x" * 1000)
    save(add_media(Project(), media("one", path=str(old / "films" / "one.mp4"))), old / "Film.patchreel")
    assert json.loads((old / "Film.patchreel").read_bytes())["media"][0]["relative_path"] == "films/one.mp4"
    old.rename(new)
    assert load(new / "Film.patchreel").project.media[0].path == str(new / "films" / "one.mp4")


def test_the_film_beside_wins_unless_it_is_another(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (there / "one.mp4").write_bytes(b"x" * 1000)
    text = to_json(add_media(Project(), media("one", path=str(there / "one.mp4"))), there)
    (here / "one.mp4").write_bytes(b"x" * 1000)
    assert from_json(text, here).project.media[0].path == str(here / "one.mp4")
    (here / "one.mp4").write_bytes(b"another film")
    assert from_json(text, here).project.media[0].path == str(there / "one.mp4")


def test_missing_films_stay_where_they_were_last_seen(tmp_path: Path) -> None:
    save(with_clips(), tmp_path / "Film.patchreel")
    assert load(tmp_path / "Film.patchreel").project == with_clips()


def test_a_link_goes_on_pointing_at_its_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "Film.patchreel", tmp_path / "link.patchreel"
    save(Project(), target)
    link.symlink_to(target)
    save(with_clips(), link)
    assert link.is_symlink() and load(target).project == with_clips()


# Newer schema


def test_a_newer_file_is_shown_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "Film.patchreel"
    data = json.loads(to_json(_full(), tmp_path))
    data["schema_version"], data["grading"], data["tracks"][0]["blend"] = SCHEMA_VERSION + 1, {"lut": 1}, "screen"
    path.write_bytes(_changed(data))
    loaded = load(path)
    assert loaded.read_only and loaded.project == _full()
    assert len(loaded.warnings) == 1 and "newer version" in loaded.warnings[0]
    written = path.read_bytes()
    with pytest.raises(NewerSchemaError, match="newer version of Patchreel"):
        save(loaded.project, path)
    assert path.read_bytes() == written


def test_a_newer_file_that_makes_no_sense_here_says_so() -> None:
    with pytest.raises(NewerSchemaError, match="cannot be shown here"):
        from_json(b'{"schema_version": 7, "tracks": "all different"}')


def test_unknown_fields_of_the_file_are_not_lost(tmp_path: Path) -> None:
    data = json.loads(to_json(_full()))
    data["notes"] = ["by another tool"]
    loaded = from_json(_changed(data))
    assert loaded.project == _full() and not loaded.read_only
    save(loaded.project, tmp_path / "x.patchreel", loaded.extra)
    assert json.loads((tmp_path / "x.patchreel").read_bytes())["notes"] == ["by another tool"]


# Hostile and damaged files


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Put the last value at the place the others name."""

    def change(data: Any) -> None:
        *way, key, value = path
        for step in way:
            data = data[step]
        data[key] = value

    return change


CLIP = ("tracks", 1, "clips", 0)


@pytest.mark.security
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_set("tracks", "x"), r"project.tracks is not a list"),
        (_set(*CLIP, "start", [1, 0]), r"tracks\[1\].clips\[0\].start is not a time"),
        (_set(*CLIP, "start", 1.5), r"clips\[0\].start is not a time"),
        (_set(*CLIP, "start", [1 << 200, 1]), r"clips\[0\].start is not a time of this world"),
        (_set(*CLIP, "start", [True, 1]), r"clips\[0\].start is not a time"),
        (_set(*CLIP, "media_id", 7), r"media_id is not a text"),
        (_set(*CLIP, "gain_db", 10**400), r"gain_db is not a number"),
        (_set(*CLIP, "transform", {"scale": "big"}), r"transform.scale is not a number"),
        (_set(*CLIP, "transform", None), r"transform is not an object"),
        (_set("tracks", 0, "kind", "theme"), r"kind is not one of background, subject"),
        (_set("tracks", 0, "visible", 1), r"visible is not true or false"),
        (_set("media", 0, "size_bytes", 1 << 80), r"size_bytes is not a number of this size"),
        (_set("media", 0, {"id": "x"}), r"media\[0\].kind is missing"),
        (_set("patches", 0, "region", "points", 0, [0.1]), r"points\[0\] is not a list of 2"),
        (_set("patches", 0, "region", "points", 0, [0.1, 7]), r"reaches outside the picture"),
        (_set("patches", 0, "media_id", "gone"), r"which is missing"),
        (_set("schema_version", "1"), r"impossible version"),
        (_set("schema_version", 0), r"impossible version"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(change: Callable[[Any], None], named: str) -> None:
    data = json.loads(to_json(_full()))
    change(data)
    with pytest.raises(ProjectFileError, match=named):
        from_json(_changed(data))


@pytest.mark.security
@pytest.mark.parametrize(
    "text",
    [b"", b"\x00" * 4096, b"[" * 100_000, b"{}", b"[1]", b'{"schema_version": 1,', b"\xff\xfe{", b'{"schema_version": NaN}',
     b'{"schema_version": ' + b"9" * 10_000 + b"}"],
)  # fmt: skip
def test_what_is_no_project_is_refused_in_a_sentence(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "x.patchreel"
    path.write_bytes(text)
    with pytest.raises(ProjectFileError):
        load(path)


@pytest.mark.security
def test_paths_that_no_system_has_are_kept_as_offline() -> None:
    data = json.loads(to_json(_full()))
    for number, path in enumerate(("a\0b", "x" * 100_000, "../" * 50 + "etc")):
        data["media"][number]["path"] = path
        data["media"][number]["relative_path"] = path
    assert from_json(_changed(data), Path("/nowhere")).project.media[0].path == "a\0b"


@pytest.mark.security
def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.patchreel"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ProjectFileError, match="too large"):
        load(path)


def test_files_that_are_not_there_or_no_files(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match=r"“no.patchreel” cannot be read: No such file"):
        load(tmp_path / "no.patchreel")
    with pytest.raises(ProjectFileError, match="cannot be read"):
        load(tmp_path)


# Failing disks


@contextmanager
def _failing(name: str, monkeypatch: pytest.MonkeyPatch, nth: int = 1) -> Iterator[None]:
    """The n-th call of a function of `os` fails as on a full disk."""
    real, calls = getattr(os, name), 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **options)

    with monkeypatch.context() as context:
        context.setattr(os, name, call)
        yield
    assert calls >= nth, f"os.{name} was not called {nth} times"


@contextmanager
def _small_files_only() -> Iterator[None]:
    """The kernel itself refuses to write beyond 100 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _lying_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was written reads back as zeros, as after some crashes of file systems."""
    with monkeypatch.context() as context:
        context.setattr(Path, "read_bytes", lambda self: b"\0" * self.stat().st_size)
        yield


@pytest.mark.parametrize("fault", ["fsync", "replace", "write", "read back"])
def test_a_failing_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    folder = tmp_path / "films"
    path = folder / "Film.patchreel"
    save(Project(), path)
    before = path.read_bytes()
    faults: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "fsync": lambda: _failing("fsync", monkeypatch),
        "replace": lambda: _failing("replace", monkeypatch),
        "write": _small_files_only,
        "read back": lambda: _lying_disk(monkeypatch),
    }
    with faults[fault](), pytest.raises(StorageError, match=r"“Film.patchreel” was not written: .+\. Check the free space"):
        save(_full(), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["Film.patchreel"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot sync folders")
def test_a_folder_that_cannot_be_synced_has_the_whole_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "Film.patchreel"
    save(Project(), path)
    with _failing("fsync", monkeypatch, nth=2), pytest.raises(StorageError):
        save(_full(), path)
    assert load(path).project == _full()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(StorageError, match="Choose a folder you may write to"):
            save(Project(), tmp_path / "Film.patchreel")
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_windows_waits_for_the_virus_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, refused = os.replace, 0

    def replace_third_time(*arguments: Any) -> None:
        nonlocal refused
        if refused < 2:
            refused += 1
            raise PermissionError(errno.EACCES, "used by another process")
        real(*arguments)

    monkeypatch.setattr("engine.project.atomic.sys.platform", "win32")
    monkeypatch.setattr("engine.project.atomic.time.sleep", lambda _s: None)
    monkeypatch.setattr(os, "replace", replace_third_time)
    atomic.write_atomically(tmp_path / "x", b"1")
    assert (tmp_path / "x").read_bytes() == b"1" and refused == 2


def test_every_refusal_is_for_the_user() -> None:
    with pytest.raises(PatchreelError) as caught:
        from_json(b"no")
    assert str(caught.value).endswith(".") and "Traceback" not in str(caught.value)
