"""Whether a file is still the same content: a hash of a sample of it that costs the same for any size."""

import hashlib
import os
from io import FileIO
from pathlib import Path

from engine.errors import MediaError
from engine.media.container import SourcePath, check_file, display_name

_MIB = 1 << 20
_SPREAD = 64


def fingerprint(path: SourcePath) -> str:
    """Size + BLAKE2b of the first, the last and 64 spread MiB (the whole file up to 66 MiB), as `<size>-<hash>` in hex.

    Raises: MediaError where the file cannot be read.
    """
    check_file(path)
    try:
        with Path(path).open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            return f"{size:x}-{_hash(file, size)}"
    except OSError as error:
        raise MediaError(f"“{display_name(path)}” cannot be read: {error.strerror or error}.") from error


def _hash(file: FileIO, size: int) -> str:
    digest = hashlib.blake2b(size.to_bytes(8, "big"), digest_size=20)
    for offset in _offsets(size):
        file.seek(offset)
        digest.update(file.read(_MIB))
    return digest.hexdigest()


def _offsets(size: int) -> list[int]:
    """Where each MiB begins: all of a small file, else first, 64 evenly spread, last."""
    if size <= (_SPREAD + 2) * _MIB:
        return list(range(0, size, _MIB))
    step = (size - _MIB) / (_SPREAD + 1)
    return [int(i * step) for i in range(_SPREAD + 1)] + [size - _MIB]


def file_state(path: SourcePath) -> tuple[int, int]:
    """(mtime in ns, size): cheap, asked before each use of a file. Raises MediaError where it is missing."""
    status = check_file(path)
    return status.st_mtime_ns, status.st_size
