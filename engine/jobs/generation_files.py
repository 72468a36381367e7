"""Where generated pictures and videos lie, and the pictures they were made from: in the program's data, for all projects.

They do not lie with a project, because a result comes when it comes: another project may be open by then, or none. Taking one
into a project copies it there. What is being fetched lies in `incoming` until it is whole.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import limits
from engine.errors import BadInputError, MediaError
from engine.folders import GENERATED, data_dir
from engine.media.picture_bytes import decode_picture
from engine.project.assets import AssetStore
from engine.project.atomic import write_atomically
from engine.providers.generation import GeneratedImage, Rgb8

PICTURE_MAX_BYTES = 64 << 20
_ANSWER = ".answer"
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/avif": ".avif"}


class GenerationFiles:
    """The folder; made when the first file is written."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or data_dir() / GENERATED
        self.assets = AssetStore(self._folder)

    def part(self, operation: str) -> Path:
        """Where the video of an operation is fetched to."""
        return self._folder / "incoming" / f"{operation}.part"

    def keep_picture(self, data: bytes) -> str:
        """See `Generating.keep_picture`."""
        from engine.providers.online.outgoing import png

        try:
            rgba = decode_picture(data, PICTURE_MAX_BYTES, limits.REPLY_MAX_PIXELS)
        except MediaError as error:
            raise BadInputError(f"This picture cannot be sent. {error.text}", "Choose a PNG, JPEG, WebP or AVIF.") from error
        return self.assets.put(png(_opaque(rgba)), ".png")

    def picture(self, asset: str) -> Rgb8 | None:
        """A kept picture; None for no name. Raises: MissingAsset."""
        if not asset:
            return None
        return _opaque(decode_picture(self.assets.get(asset), PICTURE_MAX_BYTES, limits.REPLY_MAX_PIXELS))

    def keep_answer(self, operation: str, image: GeneratedImage) -> None:
        """Write down what has come before anything is done with it. Raises: StorageError."""
        head = {
            "model": image.model, "cost_usd": image.cost_usd, "tokens": image.tokens, "request_id": image.request_id,
            "warnings": image.warnings, "is_priced": image.is_priced,
        }
        write_atomically(self._answer(operation), json.dumps(head).encode("ascii") + b"\n" + image.raw)

    def answer(self, operation: str) -> GeneratedImage | None:
        """What had come for an operation that could not be finished."""
        try:
            head, _, raw = self._answer(operation).read_bytes().partition(b"\n")
            said: dict[str, Any] = json.loads(head)
        except (OSError, ValueError):
            return None
        return GeneratedImage(raw, **{**said, "warnings": tuple(said["warnings"])})

    def drop_answer(self, operation: str) -> None:
        """It is an asset now."""
        self._answer(operation).unlink(missing_ok=True)

    def put_image(self, raw: bytes, mime: str) -> str:
        """Raises: StorageError."""
        return self.assets.put(raw, _SUFFIXES.get(mime, ".bin"))

    def adopt_video(self, operation: str, about_to: Callable[[str], None]) -> str:
        """The fetched video as an asset. Raises: StorageError."""
        return self.assets.adopt(self.part(operation), ".mp4", about_to)

    def _answer(self, operation: str) -> Path:
        return self._folder / "incoming" / f"{operation}{_ANSWER}"


def image_facts(raw: bytes) -> tuple[dict[str, Any], str]:
    """What a picture is, and why it cannot be used where that is so."""
    from engine.providers.online.answers import kind_of_picture

    mime = kind_of_picture(raw)
    try:
        height, width = decode_picture(raw, limits.REPLY_MAX_BYTES, limits.REPLY_MAX_PIXELS).shape[:2]
    except MediaError as error:
        return {"mime": mime}, error.text
    return {"mime": mime, "width": width, "height": height}, ""


def _opaque(rgba: Any) -> Rgb8:
    """8-bit R'G'B' on white."""
    import numpy as np

    peak = float(np.iinfo(rgba.dtype).max)
    alpha = rgba[..., 3:].astype(np.float32) / peak
    mixed = rgba[..., :3].astype(np.float32) * (255 / peak) * alpha + 255 * (1 - alpha)
    return np.ascontiguousarray(np.rint(mixed).astype(np.uint8))
