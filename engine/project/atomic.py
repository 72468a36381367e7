"""Writing a small file, or copying a large one, so that, whatever happens, either the old content is there or the new one.

Temp file beside the target, fsync, read back, rename, fsync of the folder. Knows nothing of what it writes.
"""

import errno
import os
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.errors import StorageError

_RETRIES = 20
"""On Windows a virus scanner or indexer may hold a fresh file for some hundred milliseconds."""
_PIECE_BYTES, _SYSTEM_PIECE_BYTES = 1 << 20, 1 << 30
_CANNOT_COPY = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})
"""Another disk, or one that knows no such call."""


def write_atomically(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Write a file whole or not at all; the folder is made where it is missing. A private one is its owner's alone.

    A link is followed, so it goes on pointing at its file. Raises: StorageError; then the old file is as it was and nothing is
    left beside it.
    """
    _make(path, lambda temp: _write_synced(temp, data, is_private))


def copy_atomically(file: Path, path: Path, check: Callable[[Path], None]) -> None:
    """Copy a file whole or not at all, without holding it in memory; where the disk can, both share their blocks.

    `check` is given the copy, which is on the disk by then, and raises where it is not what it should be.
    Raises: StorageError; what `check` raises. Then the old file is as it was and nothing is left beside it.
    """

    def make(temp: Path) -> None:
        _copy_synced(file, temp)
        check(temp)

    _make(path, make)


def _make(path: Path, make: Callable[[Path], None]) -> None:
    """Put what `make` writes into a file beside it in the place of a file."""
    target = Path(os.path.realpath(path))
    temp = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        make(temp)
        _replace(temp, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageError(f"“{path.name}” was not written: {_reason(error)}.", _advice(error)) from error
    finally:
        with suppress(OSError):
            temp.unlink()


def move_synced(file: Path, target: Path) -> None:
    """Move a file that is on the disk to another folder of the same disk, in one step. Raises: OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(file, target)
    _sync_folder(target.parent)


def _write_synced(temp: Path, data: bytes, is_private: bool) -> None:
    with open(temp, "xb", opener=_private if is_private else None) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if temp.read_bytes() != data:
        raise OSError("what was written reads back differently; the disk may be failing")


def _copy_synced(file: Path, temp: Path) -> None:
    with file.open("rb", buffering=0) as source, temp.open("xb", buffering=0) as copy:
        if not _copied_by_the_system(source.fileno(), copy.fileno()):
            while piece := source.read(_PIECE_BYTES):
                left = memoryview(piece)
                while left:
                    left = left[os.write(copy.fileno(), left) :]
        os.fsync(copy.fileno())


def _copied_by_the_system(source: int, copy: int) -> bool:
    """False where it cannot, or not all; both files stand where it stopped."""
    if not hasattr(os, "copy_file_range"):
        return False
    try:
        while os.copy_file_range(source, copy, _SYSTEM_PIECE_BYTES):
            pass
    except OSError as error:
        if error.errno not in _CANNOT_COPY:
            raise
        return False
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _replace(temp: Path, target: Path) -> None:
    for attempt in range(_RETRIES):
        try:
            os.replace(temp, target)  # noqa: PTH105 - the tests fail each system call by name
            return
        except PermissionError:
            if sys.platform != "win32" or attempt == _RETRIES - 1:
                raise
            time.sleep(0.05)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders and needs no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EACCES}:  # network folders that know no such call
            raise
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(".")


def _advice(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Choose a folder you may write to."
    return "Check the free space and the disk, then try again."
