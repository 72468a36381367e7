"""Makes a picture of the crop out of what a remote provider answered: decoded, lined up, in the colours of its surroundings.

Whatever it finds wrong and puts right it says in a sentence. It never writes outside the region, and it stores nothing: the reply
as it came was kept before.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from engine import limits
from engine.compositing.colour_match import ColourMatch, match_colour
from engine.compositing.local_shift import local_shift
from engine.compositing.registration import Registration, luma_of, register, size_fits
from engine.compositing.resampling import resampled
from engine.errors import MediaError, ProviderError
from engine.media.picture_bytes import decode_picture
from engine.providers.protocol import Crop, ProviderInfo, RegionEditReply

Rgb01 = npt.NDArray[np.float32]
Alpha = npt.NDArray[np.float32]

WARN_SHIFT_PX = 3.0
WARN_SCALE = 0.01
"""Beyond these the user is told that what came back had moved."""
WARN_LEVELS = 10.0
"""Colours off by less, in 8-bit levels, are put right without a word."""
_STILL_PX = 0.05
"""A reply of the right size that lies nearer than this is not resampled: that would only soften it."""


@dataclass(frozen=True, slots=True)
class FittedReply:
    """`pixels` has the crop's shape and dtype."""

    pixels: Crop
    warnings: tuple[str, ...] = ()


def decoded_reply(reply: RegionEditReply, info: ProviderInfo) -> Crop:
    """(H, W, 4) RGBA of any size. Raises: ProviderError where it is no picture that can be used."""
    if not reply.raw:
        if reply.pixels.ndim != 3 or reply.pixels.shape[2] != 3 or min(reply.pixels.shape) < 1:
            raise ProviderError(f"{info.name} answered without a picture.", "Try again, or say it in other words.")
        opaque = np.full((*reply.pixels.shape[:2], 1), np.iinfo(reply.pixels.dtype).max, reply.pixels.dtype)
        return cast(Crop, np.concatenate([reply.pixels, opaque], axis=2))
    try:
        return decode_picture(reply.raw, limits.REPLY_MAX_BYTES, limits.REPLY_MAX_PIXELS)
    except MediaError as error:
        raise ProviderError(f"The answer of {info.name} cannot be used. {error.text}", "Try again.") from error


def fitted_reply(
    picture: Crop, crop: Crop, mask: Alpha, sent: tuple[float, float], shown: tuple[float, float, float, float]
) -> FittedReply:
    """`picture` (H, W, 4) as a picture of `crop` (h, w, 3), both upright; `mask` (h, w) is 0 where the reply should be the crop.

    `sent` is the width and height of the crop as it was sent (of square pixels), `shown` where in the picture it lies.
    """
    own, theirs = _as_float(crop), _as_float(picture)
    outside = np.asarray(mask <= 0, np.float32)
    fits = _fits_of_crop(crop, picture, sent, shown)
    found = register(theirs[..., :3], own, outside, fits)
    laid, opacity = _laid(theirs, own, outside, found, is_moved=_is_moved(found, picture, crop))
    matched = match_colour(laid, own, outside, np.asarray(opacity > 0.99, np.float32))
    mixed = own + opacity[..., None] * (matched.rgb - own)
    peak = np.iinfo(crop.dtype).max
    pixels = np.rint(np.clip(mixed, 0, 1) * np.float32(peak)).astype(crop.dtype)
    return FittedReply(pixels, tuple(_warnings(found, matched, opacity, mask)))


def _as_float(pixels: Crop) -> Rgb01:
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def _fits_of_crop(
    crop: Crop, picture: Crop, sent: tuple[float, float], shown: tuple[float, float, float, float]
) -> list[npt.NDArray[np.float64]]:
    """The fits of what was sent, from the crop's own pixels, which need not be square."""
    stretch = np.diag([sent[0] / crop.shape[1], sent[1] / crop.shape[0], 1.0])
    return [fit @ stretch for fit in size_fits(sent, (picture.shape[1], picture.shape[0]), shown)]


def _is_moved(found: Registration, picture: Crop, crop: Crop) -> bool:
    """False where the reply lies on the crop pixel by pixel."""
    if picture.shape[:2] != crop.shape[:2]:
        return True
    height, width = crop.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64).T
    return bool(np.abs(found.matrix @ corners - corners[:2]).max() > _STILL_PX)


def _laid(theirs: Rgb01, own: Rgb01, outside: Alpha, found: Registration, *, is_moved: bool) -> tuple[Rgb01, Alpha]:
    """The reply's colours on the crop's grid, and how much of it there is at every pixel, 0..1."""
    size = (own.shape[1], own.shape[0])
    laid, cover = resampled(theirs, found.matrix, size) if is_moved else (theirs, np.ones_like(outside))
    if found.is_reliable:
        bent = local_shift(luma_of(laid[..., :3]), luma_of(own), np.asarray(outside * cover, np.float32))
        if bent is not None:
            laid, cover = resampled(theirs, found.matrix, size, shift=bent)
    return np.clip(laid[..., :3], 0, 1), np.asarray(np.clip(laid[..., 3], 0, 1) * cover, np.float32)


def _warnings(found: Registration, colours: ColourMatch, opacity: Alpha, mask: Alpha) -> list[str]:
    said = []
    if not found.is_reliable:
        said.append("The answer could not be lined up: what lies around the region does not say where. Look at the edge.")
    elif found.fit:
        said.append("The answer has other proportions than the region; it was cut to fit.")
    if found.is_reliable and (found.shift_px > WARN_SHIFT_PX or abs(found.scale - 1) > WARN_SCALE):
        said.append(f"The answer {_moved_words(found)}; it was put back.")
    if not colours.is_reliable:
        said.append("The colours of the answer could not be compared with its surroundings. Look at the edge.")
    elif colours.levels > WARN_LEVELS:
        said.append(f"The answer's colours were off by {colours.levels:.0f} of 255 levels; they were matched.")
    missing = 1 - float(opacity[mask > 0].mean()) if (mask > 0).any() else 0.0
    if missing > 0.002:
        said.append(f"The answer leaves {max(1, round(missing * 100))} % of the region empty; the original shows there.")
    return said


def _moved_words(found: Registration) -> str:
    """ "had moved by 4.2 px", "was 1.5 % too large", "had moved by 4.2 px and was 1.5 % too large"."""
    words = []
    if found.shift_px > WARN_SHIFT_PX or abs(found.scale - 1) <= WARN_SCALE:
        words.append(f"had moved by {found.shift_px:.1f} px")
    if abs(found.scale - 1) > WARN_SCALE:
        words.append(f"was {abs(found.scale - 1) * 100:.1f} % too {'large' if found.scale > 1 else 'small'}")
    return " and ".join(words)
