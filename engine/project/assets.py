"""Assets: bytes the project cannot do without (replies that were paid, anchor pixels, pasted pictures, drawn texts), by hash.

They are written before the edit that names them, never evicted, and lie beside the project: NAME.patchreel -> NAME.data/assets.
What can be computed again is not here, but in the cache.
"""

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.errors import StorageError
from engine.folders import data_dir
from engine.project.atomic import copy_atomically, move_synced, write_atomically

PROJECT_SUFFIX = ".patchreel"
_HASH = re.compile(r"[0-9a-f]{40}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_FILE = re.compile(r"([0-9a-f]{40})(\.[a-z0-9]{1,8})?")


class MissingAsset(StorageError):  # noqa: N818 - it names what is the case
    """An asset that is not there, or is not what it was; its patch is shown as offline and export refuses."""

    code = "PR-3100"


def data_folder(project_path: Path) -> Path:
    """The folder that belongs to a project file: `Film.patchreel` -> `Film.data` beside it."""
    name = project_path.name.removesuffix(PROJECT_SUFFIX)
    return project_path.with_name(f"{name}.data")


def assets_folder(project_path: Path) -> Path:
    """Where the assets of a saved project lie."""
    return data_folder(project_path) / "assets"


def unsaved_assets_folder(session: str) -> Path:
    """Where the assets of a project lie that was never saved; `session` is the journal's name of it."""
    return data_dir() / "unsaved" / session / "assets"


def asset_hash(data: bytes) -> str:
    """BLAKE2b, 160 bits, as 40 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=20).hexdigest()


class AssetStore:
    """The assets in one folder, made when the first one is written. Several threads and processes may use it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, suffix: str = "") -> str:
        """Write bytes and return their hash, when they are safely on the disk. `suffix` (".png") is for people and tools.

        The same bytes again cost a look only. Raises: StorageError; ValueError: a suffix that is none.
        """
        if suffix and not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a file suffix: {suffix!r}")
        name = asset_hash(data)
        if (existing := self._find(name)) is None or not _holds(existing, name):
            write_atomically(existing or self.folder / f"{name}{suffix}", data)
        return name

    def adopt(self, file: Path, suffix: str = "", about_to: Callable[[str], None] = lambda _name: None) -> str:
        """Take over a finished file (on the same disk, by a rename) and return its hash; for what is too large for memory.

        `about_to` is told the hash once the bytes are safe and before the file gets its place, so that whoever notes it there
        finds the asset again after any end. Raises: StorageError, and the file stays where it is; ValueError: a suffix that is
        none.
        """
        if suffix and not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a file suffix: {suffix!r}")
        try:
            name = _synced_hash(file)
            about_to(name)
            existing = self._find(name)
            if existing is not None and _holds(existing, name):
                file.unlink()
            else:
                move_synced(file, existing or self.folder / f"{name}{suffix}")
        except OSError as error:
            raise StorageError(f"A result could not be kept: {error.strerror or error}.", "Check the free space.") from error
        return name

    def put_copy(self, file: Path, name: str) -> None:
        """Keep a copy of a file that is the asset `name` elsewhere; for what is too large for memory.

        The same again costs a look only. Raises: MissingAsset: the file is gone, unreadable or not that asset; StorageError.
        """
        existing = self._find(name)
        if existing is not None and _holds(existing, name):
            return
        if not file.is_file():
            raise MissingAsset(f"The asset {file.name} cannot be read: it is gone.", _ADVICE)
        copy_atomically(file, existing or self.folder / f"{name}{file.suffix}", lambda copy: _refuse_other(copy, file, name))

    def get(self, name: str) -> bytes:
        """The bytes of a hash, checked again. Raises: MissingAsset: gone, unreadable or changed."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise MissingAsset(f"The asset {path.name} cannot be read: {error.strerror}.", _ADVICE) from error
        if asset_hash(data) != name:
            raise MissingAsset(f"The asset {path.name} was changed or damaged.", _ADVICE)
        return data

    def path(self, name: str) -> Path:
        """The file of a hash. Raises: MissingAsset: it is not there, or `name` is no hash (it can never leave the folder)."""
        found = self._find(name)
        if found is None:
            raise MissingAsset(f"The asset {name[:12]} is not in {self.folder}.", _ADVICE)
        return found

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def hashes(self) -> frozenset[str]:
        """All hashes in the folder; files of other names are passed over."""
        return frozenset(match[1] for name in self._names() if (match := _FILE.fullmatch(name)))

    def copy_all_to(self, folder: Path) -> None:
        """Copy every asset to another folder, leaving out what is there already. Raises: StorageError."""
        target = AssetStore(folder)
        for name in sorted(self.hashes() - target.hashes()):
            target.put_copy(self.path(name), name)

    def move_all_to(self, folder: Path) -> None:
        """Copy every asset, then remove those that are safe there; what a job writes meanwhile stays. Raises: StorageError."""
        if not self.folder.is_dir() or self.folder.resolve() == folder.resolve():
            return
        self.copy_all_to(folder)
        for name in self.hashes() & AssetStore(folder).hashes():
            with suppress(OSError):
                self.path(name).unlink()
        for left in (self.folder, self.folder.parent):
            with suppress(OSError):  # not empty
                left.rmdir()

    def _names(self) -> list[str]:
        return os.listdir(self.folder) if self.folder.is_dir() else []  # noqa: PTH208 - names only, thousands of them

    def _find(self, name: str) -> Path | None:
        if not _HASH.fullmatch(name):
            return None
        plain = self.folder / name
        candidates = (plain, plain.with_suffix(".png"))  # nearly all are pictures: no listing for those
        found = next((path for path in candidates if path.is_file()), None)
        return found or next((path for path in self.folder.glob(f"{name}.*") if _FILE.fullmatch(path.name)), None)


_ADVICE = "Put the project's .data folder back beside it, or run the patch again."


def _synced_hash(file: Path) -> str:
    """The hash of a file whose content is on the disk by then."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
        return hashlib.file_digest(opened, _hasher).hexdigest()


def _refuse_other(copy: Path, file: Path, name: str) -> None:
    """Raise where a copy does not hold what it is named for: MissingAsset where the file itself does not."""
    if _holds(copy, name):
        return
    if not _holds(file, name):
        raise MissingAsset(f"The asset {file.name} was changed or damaged.", _ADVICE)
    raise OSError("what was written reads back differently; the disk may be failing")


def _hasher() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=20)


def _holds(path: Path, name: str) -> bool:
    """Whether a file still has the content it is named for; a damaged one is written again."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, _hasher).hexdigest() == name
    except OSError:
        return False
