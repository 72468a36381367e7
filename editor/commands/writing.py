"""Pictures written by commands: beside the target, then moved into place."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import BadInputError
from engine.project.atomic import write_atomically


def png_target(text: str) -> Path:
    """Raises: BadInputError for another ending, so that no JPEG is expected and a PNG written."""
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise BadInputError(f"“{path.name}” does not end in .png.", "Pictures are written as PNG.")
    return path


def write_png(path: Path, rgb: npt.NDArray[np.uint8]) -> None:
    """Write (H, W, 3) uint8 sRGB. Raises: StorageError."""
    _, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    write_atomically(path, data.tobytes())
