"""Where an export goes: refuses what must not be overwritten, finds room, and says in words what the disk did not do."""

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from engine.encoding.presets import DEFAULT_CODECS
from engine.errors import BadInputError, StorageError
from engine.planning.planner import Blueprint
from engine.project.model import Project

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RESERVE_BYTES = 16 << 20
_SHOWN = 40
"""Characters of a name that is too long."""

_BITS_PER_PIXEL = 0.35
"""For the estimate of the file's size; real ones are mostly smaller."""
_MUXERS = {"m4v": "mp4", "mkv": "matroska", "ts": "mpegts", "m2ts": "mpegts", "mts": "mpegts"}


def estimate_bytes(project: Project, made: Blueprint) -> int:
    """How much room the output may need."""
    pixels = project.canvas.width * project.canvas.height
    encoded = int(made.plan.encoded_frames * pixels * _BITS_PER_PIXEL / 8)
    return encoded + (made.source.media.size_bytes if made.source else 0)


def check_target(target: Path, protected: Iterable[Path], needed_bytes: int) -> Path:
    """The file that is to be written, which a target that is a link leads to.

    Raises BadInputError where it is a source or no file name, StorageError where it cannot be written.
    """
    target = _real(target)
    if not _is_written(target):
        raise BadInputError(f"“{target.name}” does not end like a video file.", "Use .mp4, .mov, .mkv or .webm.")
    if target.is_dir():
        raise BadInputError(f"“{target}” is a folder.", "Choose a file name.")
    for path in protected:
        if _is_same(target, path):
            text = f"“{target.name}” is one of the project's own files and is never overwritten."
            raise BadInputError(text, "Choose another name.")
    if target.exists():
        _check_old_file(target)
    folder = target.parent
    if not folder.is_dir():
        raise StorageError(f"The folder “{folder}” is not there.", "Make it, or choose another.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"The folder “{folder}” may not be written.", "Choose another folder, or change its permissions.")
    _check_room(folder, needed_bytes + _RESERVE_BYTES)
    return target


def _real(target: Path) -> Path:
    """What a link leads to: that is to be written, and the link stays. Raises BadInputError."""
    try:
        if not target.is_symlink():
            return target
        real = target.resolve()
    except (OSError, RuntimeError) as error:  # a ring of links is a RuntimeError
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise BadInputError(f"The name “{target.name[:_SHOWN]}…” is too long for a file.", "Choose a shorter one.") from error
        raise BadInputError(f"“{target.name}” is a link that leads nowhere.", "Choose another name.") from error
    if real.suffix.lower() != target.suffix.lower():
        raise BadInputError(f"“{target.name}” is a link to “{real.name}”, a file of another kind.", "Choose another name.")
    return real


def _check_old_file(target: Path) -> None:
    if not target.is_file():
        raise BadInputError(f"“{target.name}” is no ordinary file and is never overwritten.", "Choose another name.")
    if not os.access(target, os.W_OK):
        raise StorageError(f"“{target.name}” is write-protected.", "Choose another name, or change its permissions.")


def _check_room(folder: Path, needed_bytes: int) -> None:
    """Not where the file system does not say how large it is, as some in the network."""
    disk = shutil.disk_usage(folder)
    if disk.total and disk.free < needed_bytes:
        short = f"about {_megabytes(needed_bytes)} MB are needed and {_megabytes(disk.free)} MB are free"
        raise StorageError(f"There is too little room in “{folder}”: {short}.", "Free some space, or choose another disk.")


def _is_written(target: Path) -> bool:
    return target.suffix.lower() in DEFAULT_CODECS


def muxer_name(path: Path) -> str:
    """FFmpeg's muxer for a file name, also for its part file."""
    suffix = path.name.removesuffix(".part").rsplit(".", 1)[-1].lower()
    return _MUXERS.get(suffix, suffix)


def _is_same(target: Path, other: Path) -> bool:
    try:
        if target.exists():
            return target.samefile(other)
        return target.resolve() == other.resolve()
    except OSError:
        return target.absolute() == other.absolute()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"


def is_disk_error(error: Exception) -> bool:
    """Whether the disk is full, which no other way of encoding helps."""
    return getattr(error, "errno", None) in _NO_ROOM


def storage_error(error: Exception, target: Path) -> StorageError:
    """A sentence for what the disk or FFmpeg's writer said."""
    if is_disk_error(error):
        return StorageError(f"The disk is full: “{target.name}” was not written, nothing is left of it.", "Free some space.")
    if not target.parent.is_dir():
        return StorageError(f"The folder “{target.parent}” is gone: “{target.name}” was not written.", "Choose another folder.")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return StorageError(f"“{target.name}” could not be written: {reason}.", "Choose another folder or format.")
