"""Writing a small file so that, whatever happens, either the old content is there or the new one, never a part.

Temp file beside the target, fsync, read back, rename, fsync of the folder. Knows nothing of what it writes.
"""

import errno
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path

from engine.errors import StorageError

_RETRIES = 20
"""On Windows a virus scanner or indexer may hold a fresh file for some hundred milliseconds."""


def write_atomically(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Write a file whole or not at all; the folder is made where it is missing. A private one is its owner's alone.

    A link is followed, so it goes on pointing at its file. Raises: StorageError; then the old file is as it was and nothing is
    left beside it.
    """
    target = Path(os.path.realpath(path))
    temp = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_synced(temp, data, is_private)
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
