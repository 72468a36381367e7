"""Pixels of patches as PNG and back: lossless, at their own depth."""

import cv2
import numpy as np

from engine.errors import ProviderError
from engine.media.picture import Plane


def png_of(pixels: Plane) -> bytes:
    """(h, w, 3) R'G'B' as a lossless PNG of its own depth."""
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ProviderError("The patch's pixels could not be stored as a PNG.")
    return data.tobytes()


def pixels_of(png: bytes) -> Plane:
    """The inverse of `png_of`."""
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3:
        raise ProviderError("The stored pixels of a patch are damaged.", "Run the patch again.")
    rgb = np.ascontiguousarray(decoded[..., ::-1])
    return rgb.astype(np.uint16) if rgb.dtype == np.uint16 else rgb.astype(np.uint8)


def rgba_png(rgba: Plane) -> bytes:
    """(H, W, 4) straight RGBA as PNG, for pictures that are given to a provider."""
    _, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return data.tobytes()
