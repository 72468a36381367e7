"""Moves ranges of bytes from one open file to another: by the kernel where it can, without the bytes coming through here.

Where both files lie on a file system that shares blocks (Btrfs, XFS, ZFS …) and source and target offset agree within a block,
`copy_file_range` shares them and moves nothing. Must not know what the bytes are.
"""

import errno
import os
import time
from collections.abc import Callable

from engine.running import CancelToken

BLOCK = 4096
"""Offsets that agree modulo this can share blocks."""

_NOT_HERE = {errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EBADF, errno.ETXTBSY}
"""Errors by which a kernel or a file system says that it does not copy by itself."""

_FIRST_STEP, _LARGEST_STEP = 8 << 20, 16 << 20
_BUFFER = 4 << 20
_QUICK_S, _SLOW_S = 0.05, 0.15


OnCopied = Callable[[int, int, int], None]
"""Told offset in the source, offset in the target and bytes of what was just copied."""


class ByteCopier:
    """Copies from one file to another, both open unbuffered. Looks at the token every 0.2 s or so, however slow the disk."""

    def __init__(self, source: int, target: int, cancel: CancelToken, on_copied: OnCopied) -> None:
        self._source, self._target, self._cancel, self._on_copied = source, target, cancel, on_copied
        self._has_kernel_copy = hasattr(os, "copy_file_range")
        self._step = _FIRST_STEP

    def copy(self, source_offset: int, target_offset: int, size: int) -> None:
        """Copy a range. Raises OSError, Cancelled; EOFError where the source ends before."""
        ragged = -source_offset % BLOCK  # whole blocks after it can be shared
        for part in (min(ragged, size), max(0, size - ragged)):
            self._copy(source_offset, target_offset, part)
            source_offset, target_offset = source_offset + part, target_offset + part

    def _copy(self, source_offset: int, target_offset: int, size: int) -> None:
        done = 0
        while done < size:
            self._cancel.check()
            started = time.monotonic()
            moved = self._move(source_offset + done, target_offset + done, min(self._step, size - done))
            if not moved:
                raise EOFError("The source file is shorter than it was.")
            self._on_copied(source_offset + done, target_offset + done, moved)
            done += moved
            self._adapt(time.monotonic() - started)

    def _adapt(self, seconds: float) -> None:
        if seconds < _QUICK_S:
            self._step = min(self._step * 2, _LARGEST_STEP)
        elif seconds > _SLOW_S:
            self._step = max(self._step // 2, BLOCK)

    def _move(self, source_offset: int, target_offset: int, size: int) -> int:
        if self._has_kernel_copy:
            try:
                return os.copy_file_range(self._source, self._target, size, source_offset, target_offset)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                self._has_kernel_copy = False
        return self._move_by_hand(source_offset, target_offset, min(size, _BUFFER))

    def _move_by_hand(self, source_offset: int, target_offset: int, size: int) -> int:
        """Not with `pread` and `pwrite`, which Windows does not have."""
        os.lseek(self._source, source_offset, os.SEEK_SET)
        data = os.read(self._source, size)
        os.lseek(self._target, target_offset, os.SEEK_SET)
        write_all(self._target, data)
        return len(data)


def write_at(target: int, offset: int, data: bytes) -> None:
    """Write all of `data` at an offset. Raises OSError."""
    os.lseek(target, offset, os.SEEK_SET)
    write_all(target, data)


def write_all(target: int, data: bytes) -> None:
    """Write all of `data` where the file stands; one call may take less."""
    view = memoryview(data)
    while view:
        view = view[os.write(target, view):]
