"""Named arrays as bytes, for what the cache keeps.

NumPy's own files are not used: it reads their headers by Python's parser, whose count of nested nodes all threads of CPython 3.11
share: where a collection of garbage lets another thread in, it ends in “AST constructor recursion depth mismatch”.
"""

import json
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

_MAGIC = b"arrays 1\n"
_KINDS = "biuf"
_LEVEL = 4
"""Of zlib: what is listed frame by frame is small after it, and no level above makes it much smaller."""


def arrays_to_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Numbers and truth values only. Arrays of any shape; what is read back is contiguous."""
    header = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    pieces = [json.dumps(header).encode("utf-8"), b"\n", *(np.ascontiguousarray(array).tobytes() for array in arrays.values())]
    return _MAGIC + zlib.compress(b"".join(pieces), _LEVEL)


def arrays_from_bytes(data: bytes) -> dict[str, Array] | None:
    """Writable arrays by their names; None where the bytes are damaged or something else."""
    if not data.startswith(_MAGIC):
        return None
    try:
        header, _, body = zlib.decompress(data[len(_MAGIC):]).partition(b"\n")
        return _arrays(json.loads(header), body)
    except (ValueError, TypeError, AttributeError, zlib.error):
        return None


def _arrays(header: dict[str, tuple[str, list[int]]], body: bytes) -> dict[str, Array]:
    found, at = {}, 0
    for name, (code, shape) in header.items():
        dtype = np.dtype(code)
        if dtype.kind not in _KINDS or min(shape, default=0) < 0:
            raise ValueError(name)
        count = int(np.prod(shape, dtype=np.int64))
        # A copy: where it lies in the body no array need be aligned.
        found[name] = np.frombuffer(body, dtype, count, at).reshape(shape).copy() if count else np.zeros(shape, dtype)
        at += count * dtype.itemsize
    return found
