"""The file that an export writes before it takes its place: without a name where the system has such files, so that a process
that is killed leaves nothing; elsewhere beside the target under a name that tells whose it is.
"""

import contextlib
import errno
import hashlib
import itertools
import os
import platform
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath
from typing import Protocol

import av.error

from engine.encoding.target import storage_error
from engine.running import CancelToken

_REPLACE_TRIES = 10
_POLL_S = 0.05
_SERIAL = itertools.count()
_NOT_LINKABLE = {errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOSYS}


@contextmanager
def part_file(target: Path, *, cancel: CancelToken, last_look: Callable[[], None]) -> Iterator[Path]:
    """The path to write to, as often as wanted. At the end the file is on the disk and is the target; or it is nowhere.

    Its `name` may be the target's and not what it is opened by. `last_look` is called when all is written, just before the
    target is replaced, and may raise. Raises StorageError for what the disk says, Cancelled.
    """
    _remove_stale(target.parent)
    try:
        file = _open(target)
    except OSError as error:
        raise storage_error(error, target) from error
    try:
        yield file.path
        _sync(file.descriptor, cancel)
        last_look()
        cancel.check()
        _keep_mode(target, file.descriptor)
        file.put()
    except (OSError, av.error.FFmpegError) as error:
        raise storage_error(error, target) from error
    finally:
        file.discard()


def _keep_mode(target: Path, descriptor: int) -> None:
    """A file that takes another's place may be read by no one who could not read that."""
    if hasattr(os, "fchmod"):
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, target.stat().st_mode & 0o777)


class _Part(Protocol):
    path: Path
    descriptor: int

    def put(self) -> None:
        """Become the target."""

    def discard(self) -> None:
        """Be gone, where it is not the target by now. Raises nothing."""


def _open(target: Path) -> _Part:
    descriptor = _open_unnamed(target.parent)
    return _Unnamed(target, descriptor) if descriptor is not None else _Named(target)


# --- a file without a name ---------------------------------------------------------------------------------------------------


class UnnamedPath(PosixPath):
    """A path by which an open file without a name is opened again; `name` and `suffix` are those it is going to have."""

    @classmethod
    def of(cls, descriptor: int, target: Path) -> "UnnamedPath":
        path = cls(f"/proc/self/fd/{descriptor}")
        path._target_name = target.name
        return path

    _target_name = ""

    @property
    def name(self) -> str:
        return self._target_name or super().name


def _open_unnamed(folder: Path) -> int | None:
    """An open file that has no name yet, or None where the system, the file system or a missing /proc know no such thing."""
    if sys.platform != "linux":
        return None
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
    except OSError:  # EOPNOTSUPP, EISDIR, EINVAL …; where the folder itself is the reason, a named file fails for it again
        return None
    with contextlib.suppress(OSError):
        if Path(f"/proc/self/fd/{descriptor}").stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    os.close(descriptor)
    return None


class _Unnamed:
    def __init__(self, target: Path, descriptor: int) -> None:
        self.descriptor, self._target = descriptor, target
        self.path: Path = UnnamedPath.of(descriptor, target)

    def put(self) -> None:
        """Link it to the target's name; where that is taken, to a name beside it, which then replaces the old file."""
        try:
            self._link(self._target)
        except FileExistsError:
            part = _part_name(self._target)
            try:
                self._link(part)
                part.replace(self._target)
            finally:
                part.unlink(missing_ok=True)

    def discard(self) -> None:
        os.close(self.descriptor)

    def _link(self, place: Path) -> None:
        folder = os.open(place.parent, os.O_RDONLY)  # given only because Python follows the link in /proc only then
        try:
            os.link(self.path, place, src_dir_fd=folder, follow_symlinks=True)
        except OSError as error:
            if error.errno not in _NOT_LINKABLE:
                raise
            _copy_to(self.path, place)
        finally:
            os.close(folder)


def _copy_to(source: Path, place: Path) -> None:
    """For file systems that make files without a name and cannot name them."""
    if place.exists():
        raise FileExistsError(place)
    part = _part_name(place)
    try:
        shutil.copyfile(source, part)
        with contextlib.suppress(OSError):
            shutil.copymode(source, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


# --- a file with a name ------------------------------------------------------------------------------------------------------


class _Named:
    def __init__(self, target: Path) -> None:
        self._target, self.path = target, _part_name(target)
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        self._is_open = True

    def put(self) -> None:
        """Rename it. On Windows a file that someone looks at cannot be replaced for a moment."""
        self._close()
        for attempt in range(_REPLACE_TRIES):
            try:
                self.path.replace(self._target)
                return
            except PermissionError:
                if attempt == _REPLACE_TRIES - 1:
                    raise
                time.sleep(_POLL_S)

    def discard(self) -> None:
        self._close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self.descriptor)


def _mark() -> str:
    """Which machine made a file: a folder on a network is shared, and process numbers are not."""
    return hashlib.blake2b(platform.node().encode("utf-8", "replace"), digest_size=4).hexdigest()


def _part_name(target: Path) -> Path:
    """Short, so that it is a name wherever the target's is; it ends like the target's but for `.part`."""
    return target.with_name(f".patchreel-{_mark()}-{os.getpid()}-{next(_SERIAL)}{target.suffix}.part")


def _remove_stale(folder: Path) -> None:
    """Remove what processes of this machine left that are gone."""
    pattern = re.compile(rf"\.patchreel-{_mark()}-(\d{{1,10}})-\d+\.\w+\.part")
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = pattern.fullmatch(entry.name)
            if found and not _is_alive(int(found[1])):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if sys.platform == "win32":
        return False  # a file in use cannot be removed there, which is answer enough
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def start_sync(path: Path) -> None:
    """Let a finished file go to the disk while something else is done; what goes wrong is told by the wait at the end."""

    def sync() -> None:
        with contextlib.suppress(OSError), path.open("r+b", buffering=0) as file:
            os.fsync(file.fileno())

    threading.Thread(target=sync, name="early fsync", daemon=True).start()


def _sync(descriptor: int, cancel: CancelToken) -> None:
    """Wait until the file is on the disk, as long as nobody cancels: a slow disk may take minutes, and cannot be interrupted."""
    failures: list[OSError] = []
    copy = os.dup(descriptor)

    def sync() -> None:
        try:
            os.fsync(copy)
        except OSError as error:
            failures.append(error)
        finally:
            os.close(copy)

    thread = threading.Thread(target=sync, name="fsync", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_S)
        cancel.check()
    if failures:
        raise failures[0]
