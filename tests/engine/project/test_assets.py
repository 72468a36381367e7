"""Assets: written once, checked when read, never outside their folder."""

import errno
import filecmp
import os
import tracemalloc
from pathlib import Path

import pytest

from engine.errors import StorageError
from engine.project.assets import (
    AssetStore,
    MissingAsset,
    asset_hash,
    assets_folder,
    data_folder,
    unsaved_assets_folder,
)


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    return AssetStore(tmp_path / "Film.data" / "assets")


def test_folders(tmp_path: Path, patchreel_home: Path) -> None:
    assert data_folder(tmp_path / "My film.v2.patchreel") == tmp_path / "My film.v2.data"
    assert assets_folder(tmp_path / "Film.patchreel") == tmp_path / "Film.data" / "assets"
    assert unsaved_assets_folder("s1").is_relative_to(patchreel_home / "data")


def test_bytes_come_back_by_their_hash(store: AssetStore) -> None:
    name = store.put(b"pixels", ".png")
    assert name == asset_hash(b"pixels") and len(name) == 40
    assert store.path(name).name == f"{name}.png"
    assert store.get(name) == b"pixels"
    assert store.get(store.put(b"reply")) == b"reply"
    assert store.get(store.put(b"sound", ".flac")) == b"sound"
    assert len(store.hashes()) == 3


def test_the_same_bytes_are_written_once(store: AssetStore) -> None:
    name = store.put(b"pixels", ".png")
    written = store.path(name).stat().st_mtime_ns, store.path(name).stat().st_ino
    assert store.put(b"pixels", ".bin") == name
    assert (store.path(name).stat().st_mtime_ns, store.path(name).stat().st_ino) == written
    assert [p.name for p in store.folder.iterdir()] == [f"{name}.png"]


def test_a_damaged_asset_is_missing_and_can_be_put_again(store: AssetStore) -> None:
    name = store.put(b"pixels", ".png")
    store.path(name).write_bytes(b"\0" * 6)
    with pytest.raises(MissingAsset, match="was changed or damaged"):
        store.get(name)
    assert store.put(b"pixels", ".png") == name
    assert store.get(name) == b"pixels"


def test_what_is_not_there_is_missing(store: AssetStore) -> None:
    with pytest.raises(MissingAsset, match=r"is not in .*Put the project's \.data folder back"):
        store.get("a" * 40)
    assert store.hashes() == frozenset() and not store.has("a" * 40)


@pytest.mark.security
@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "/etc/passwd", "a" * 39, "A" * 40, "a" * 40 + "/..", "*" * 40, "a" * 40 + "\n"]
)
def test_no_name_leads_out_of_the_folder(store: AssetStore, name: str) -> None:
    store.put(b"pixels")
    with pytest.raises(MissingAsset):
        store.path(name)


@pytest.mark.security
@pytest.mark.parametrize("suffix", ["png", "./x", ".PNG", ".a/b", ".."])
def test_no_suffix_leads_out_of_the_folder(store: AssetStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="not a file suffix"):
        store.put(b"pixels", suffix)


def test_copy_and_move(store: AssetStore, tmp_path: Path) -> None:
    names = {store.put(f"asset {n}".encode(), ".png") for n in range(5)}
    store.copy_all_to(tmp_path / "copy")
    assert AssetStore(tmp_path / "copy").hashes() == store.hashes() == names
    store.move_all_to(store.folder)
    assert store.hashes() == names
    store.move_all_to(tmp_path / "moved")
    assert AssetStore(tmp_path / "moved").hashes() == names and not store.folder.exists()


LARGE = 64 << 20


@pytest.mark.performance
@pytest.mark.parametrize("is_same_disk", [True, False])
def test_copying_takes_no_memory_however_large_an_asset_is(
    store: AssetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_same_disk: bool
) -> None:
    def other_disk(*_arguments: object) -> int:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    clip = tmp_path / "clip"
    with clip.open("wb") as file:
        file.write(b"the beginning")
        file.truncate(LARGE)
    name = store.adopt(clip, ".mp4")
    if not is_same_disk:
        monkeypatch.setattr(os, "copy_file_range", other_disk, raising=False)
    tracemalloc.start()
    store.copy_all_to(tmp_path / "copy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE / 16
    assert filecmp.cmp(store.path(name), tmp_path / "copy" / f"{name}.mp4", shallow=False)
    assert len(list((tmp_path / "copy").iterdir())) == 1


def test_a_copy_that_stops_half_way_goes_on_by_hand(
    store: AssetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "copy_file_range"):
        pytest.skip("this system copies by hand only")
    real, calls = os.copy_file_range, list[int]()

    def once(source: int, copy: int, _size: int) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(source, copy, 5)

    name = store.put(b"pixels of a patch", ".png")
    monkeypatch.setattr(os, "copy_file_range", once)
    store.copy_all_to(tmp_path / "copy")
    assert AssetStore(tmp_path / "copy").get(name) == b"pixels of a patch"


def test_a_damaged_asset_is_not_copied_and_leaves_nothing(store: AssetStore, tmp_path: Path) -> None:
    name = store.put(b"pixels", ".png")
    store.path(name).write_bytes(b"\0" * 6)
    with pytest.raises(MissingAsset, match="was changed or damaged"):
        store.copy_all_to(tmp_path / "copy")
    assert not list((tmp_path / "copy").iterdir())


@pytest.mark.parametrize("call", ["copy_file_range", "fsync", "replace"])
def test_a_copy_that_fails_leaves_the_old_one(
    store: AssetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full_disk(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    name, other = store.put(b"pixels", ".png"), AssetStore(tmp_path / "copy")
    other.put(b"others", ".png")
    monkeypatch.setattr(os, call, full_disk, raising=False)
    with pytest.raises(StorageError, match="No space left"):
        other.put_copy(store.path(name), name)
    monkeypatch.undo()
    assert [path.name for path in other.folder.iterdir()] == [f"{asset_hash(b'others')}.png"]
    assert store.get(name) == b"pixels"


def test_nothing_is_removed_before_all_of_it_is_safe(store: AssetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {store.put(f"asset {n}".encode()) for n in range(3)}
    real, calls = os.fsync, 0

    def full_disk(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StorageError, match="No space left"):
        store.move_all_to(tmp_path / "moved")
    monkeypatch.undo()
    assert store.hashes() == names


def test_foreign_files_are_passed_over(store: AssetStore) -> None:
    store.put(b"pixels")
    (store.folder / "Thumbs.db").write_bytes(b"")
    (store.folder / ".0123.tmp").write_bytes(b"")
    assert len(store.hashes()) == 1
