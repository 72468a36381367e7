"""A patch frame as bytes and back, for the cache: quick, compact and without loss.

    PF1 | x y width height depth (5 × int32, little endian) | length of the picture | PNG of the pixels | PNG of alpha (16 bit)
"""

import struct

import cv2
import numpy as np

from engine.compositing.sources import PatchFrame
from engine.errors import StorageError

_MAGIC = b"PF1\0"
_HEAD = struct.Struct("<4siiiiiI")
_ALPHA_STEPS = 65535
_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def encode(patch: PatchFrame) -> bytes:
    """Pixels without loss; alpha in steps of 1 / 65535, which is what propagation makes."""
    height, width = patch.alpha.shape
    depth = 8 if patch.rgb.dtype == np.uint8 else 16
    pixels = _png(cv2.cvtColor(patch.rgb, cv2.COLOR_RGB2BGR))
    alpha = _png(np.rint(patch.alpha * _ALPHA_STEPS).astype(np.uint16))
    return _HEAD.pack(_MAGIC, patch.x, patch.y, width, height, depth, len(pixels)) + pixels + alpha


def decode(data: bytes) -> PatchFrame:
    """Raises: StorageError where the bytes are no patch frame or damaged."""
    if len(data) < _HEAD.size:
        raise _damaged()
    magic, x, y, width, height, depth, length = _HEAD.unpack_from(data)
    rgb = _picture(data[_HEAD.size:_HEAD.size + length])
    alpha = _picture(data[_HEAD.size + length:])
    right_depth = rgb is not None and rgb.dtype == (np.uint8 if depth == 8 else np.uint16)
    if magic != _MAGIC or rgb is None or alpha is None or not right_depth or rgb.shape != (height, width, 3):
        raise _damaged()
    if alpha.shape != (height, width) or alpha.dtype != np.uint16:
        raise _damaged()
    pixels = np.ascontiguousarray(rgb[..., ::-1])
    cover = alpha.astype(np.float32) / np.float32(_ALPHA_STEPS)
    pixels.flags.writeable = cover.flags.writeable = False
    return PatchFrame(x, y, pixels, cover)


def _png(image: np.ndarray) -> bytes:
    done, encoded = cv2.imencode(".png", image, _PNG)
    if not done:
        raise StorageError("A carried patch could not be stored.", "It is computed again when it is needed.")
    return encoded.tobytes()


def _picture(data: bytes) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None


def _damaged() -> StorageError:
    return StorageError("A stored patch frame is damaged.", "It is computed again.")
