"""A patch frame as bytes and back, for the cache: quick and without loss.

    PF2 | x y width height depth (5 × int32, little endian) | pixels, row by row | alpha, 16 bit, deflated

Pixels lie there as they are: what a camera saw hardly shrinks, and reading them from a PNG took longer than decoding the frame.
"""

import struct
import zlib

import numpy as np

from engine.compositing.sources import ALPHA_STEPS, PatchFrame
from engine.errors import StorageError

_MAGIC = b"PF2\0"
_HEAD = struct.Struct("<4siiiii")
_QUICKLY = 1


def encode(patch: PatchFrame) -> bytes:
    """Pixels without loss; alpha in steps of 1 / 65535, which is what propagation makes."""
    height, width = patch.alpha.shape
    head = _HEAD.pack(_MAGIC, patch.x, patch.y, width, height, 8 * patch.rgb.dtype.itemsize)
    alpha = np.rint(patch.alpha * ALPHA_STEPS).astype("<u2")
    pixels = np.ascontiguousarray(patch.rgb, patch.rgb.dtype.newbyteorder("<"))
    return b"".join((head, pixels.tobytes(), zlib.compress(alpha.tobytes(), _QUICKLY)))


def decode(data: bytes) -> PatchFrame:
    """Raises: StorageError where the bytes are no patch frame or damaged."""
    if len(data) < _HEAD.size:
        raise _damaged()
    magic, x, y, width, height, depth = _HEAD.unpack_from(data)
    if magic != _MAGIC or depth not in {8, 16} or width <= 0 or height <= 0:
        raise _damaged()
    size = width * height
    stop = _HEAD.size + size * 3 * depth // 8
    if len(data) <= stop:
        raise _damaged()
    pixels = np.frombuffer(data, "<u1" if depth == 8 else "<u2", size * 3, _HEAD.size).reshape(height, width, 3)
    alpha = np.frombuffer(_inflated(data[stop:], size * 2), "<u2").reshape(height, width)
    cover = alpha.astype(np.float32) / np.float32(ALPHA_STEPS)
    cover.flags.writeable = False
    return PatchFrame(x, y, pixels, cover)


def _inflated(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes, whatever is claimed."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, size)
    except zlib.error as error:
        raise _damaged() from error
    if len(found) != size or stream.decompress(stream.unconsumed_tail, 1) or not stream.eof:
        raise _damaged()
    return found


def _damaged() -> StorageError:
    return StorageError("A stored patch frame is damaged.", "It is computed again.")
