"""Pictures as a service sees and makes them. Knows nothing of the program."""

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image

Rgb8 = npt.NDArray[np.uint8]


def decoded(data: bytes) -> Rgb8:
    """(h, w, 3)."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def alpha_of(data: bytes) -> npt.NDArray[np.uint8] | None:
    """(h, w), None for a picture without alpha."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.getchannel("A"), np.uint8) if "A" in image.getbands() else None


def encoded(picture: Rgb8, kind: str = "PNG") -> bytes:
    kept = io.BytesIO()
    Image.fromarray(picture).save(kept, kind, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {"compress_level": 1}))
    return kept.getvalue()


def painted(sent: Rgb8, size: tuple[int, int]) -> Rgb8:
    """What a service makes of a picture: it redraws all of it at its own size, with something new in the middle."""
    with Image.fromarray(sent) as image:
        made = np.asarray(image.resize(size, Image.Resampling.LANCZOS), np.uint8).copy()
    height, width = made.shape[:2]
    made[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5] = (220, 40, 40)
    return made


def chunks(png: bytes) -> list[str]:
    """The names of a PNG's chunks, in order."""
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        names.append(png[at + 4 : at + 8].decode("ascii"))
        at += 12 + length
    return names


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that decodes to `side` × `side` pixels."""
    rows = zlib.compressobj(9)
    packed = b"".join([*(rows.compress(bytes(1 + (side + 7) // 8)) for _ in range(side)), rows.flush()])
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )


def resized(picture: Rgb8, size: tuple[int, int]) -> Rgb8:
    with Image.fromarray(picture) as image:
        return np.asarray(image.resize(size, Image.Resampling.BOX), np.uint8)
