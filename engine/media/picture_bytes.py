"""Decodes a picture that came from outside as bytes: upright, sRGB, with its alpha. Nothing is believed but the bytes.

OpenCV reads 16-bit PNG; Pillow reads everything else, and turns colours by the embedded profile. It does so in 8 bit only, so a
deep picture with a profile that is not sRGB comes as 8 bit.
"""

import io
import warnings
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import MediaError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
"""What services answer with; the fewer readers meet bytes from outside, the better."""
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_SMALLEST_SIDE = 8

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def decode_picture(data: bytes, max_bytes: int, max_pixels: int) -> Pixels:
    """(H, W, 4) straight RGBA, uint8 or uint16, of the first frame.

    Raises: MediaError: too long, too large or too small, of no known kind, damaged. Sizes are checked before anything is decoded.
    """
    from PIL import Image, UnidentifiedImageError

    if len(data) > max_bytes:
        raise MediaError(f"The picture has {len(data) >> 20} MB, more than {max_bytes >> 20} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own bound is checked, and odd tags are no reason to complain
            return _decoded(data, max_pixels)
    except UnidentifiedImageError as error:
        raise MediaError(f"{_guess(data)} came instead of a picture.") from error
    except Image.DecompressionBombError as error:
        raise MediaError(_too_large(max_pixels)) from error
    except MediaError:
        raise
    except Exception as error:  # on damaged bytes Pillow's readers raise whatever they stumble over
        raise MediaError("The picture is damaged: it cannot be decoded.") from error


def _decoded(data: bytes, max_pixels: int) -> Pixels:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in _known()]) as image:
        _check_size(image.width, image.height, max_pixels)
        deep = _deep_png(data) if _is_plain(image) else None
        return deep if deep is not None else _rgba8(image)


def _known() -> frozenset[str]:
    from PIL import Image

    Image.init()
    return frozenset(Image.OPEN)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise MediaError(_too_large(max_pixels))
    if min(width, height) < _SMALLEST_SIDE:
        raise MediaError(f"The picture has {width} × {height} pixels, too few to use.")


def _too_large(max_pixels: int) -> str:
    return f"The picture has more than {max_pixels // 1_000_000} million pixels."


def _guess(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    if not data:
        return "Nothing"
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "A web page"
    return "Text" if head[:1] in {b"{", b"["} else "Something unknown"


def _is_plain(image: "Image.Image") -> bool:
    """Whether the codes can be taken as they are: no profile but sRGB's own, no turning."""
    return not _foreign_profile(image) and int(image.getexif().get(0x0112, 1)) == 1


def _foreign_profile(image: "Image.Image") -> bytes | None:
    """The embedded ICC profile where it is not an sRGB one."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return None  # a profile that cannot be read says nothing
    return None if "srgb" in name.lower() else bytes(profile)


def _deep_png(data: bytes) -> Pixels | None:
    """A 16-bit PNG at its depth; None for every other picture."""
    if not data.startswith(_PNG_HEAD) or data[24:25] != b"\x10":
        return None
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        return None
    if decoded.ndim == 2:
        decoded = np.repeat(decoded[:, :, None], 3, axis=2)
    alpha = decoded[:, :, 3:] if decoded.shape[2] == 4 else np.full((*decoded.shape[:2], 1), 65535, np.uint16)
    return cast(Pixels, np.concatenate([decoded[:, :, 2::-1], alpha], axis=2))


def _rgba8(image: "Image.Image") -> Pixels:
    from PIL import Image, ImageOps

    profile = _foreign_profile(image)
    picture: Image.Image = ImageOps.exif_transpose(image)
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode in {"I", "F", "I;16", "I;16B"}:
        wide = np.clip(np.asarray(picture, np.float64), 0, 65535)
        picture = Image.fromarray(np.rint(wide / 257).astype(np.uint8))
    if profile is not None:
        picture = _turned(picture, profile) or picture
    rgb = np.asarray(picture.convert("RGB"), np.uint8)
    opacity = np.asarray(alpha, np.uint8) if alpha is not None else np.full(rgb.shape[:2], 255, np.uint8)
    return cast(Pixels, np.dstack([rgb, opacity]))


def _turned(picture: "Image.Image", profile: bytes) -> "Image.Image | None":
    """The picture in sRGB, None where its profile does not fit it."""
    from PIL import ImageCms

    plain = picture if picture.mode in {"RGB", "CMYK", "L"} else picture.convert("RGB")
    try:
        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(plain, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
