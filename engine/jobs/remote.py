"""What a service gets to see of a crop, and its reply as a picture of that crop. Offline providers answer exactly."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import EditError, ProviderError
from engine.jobs.reply import FittedReply, decoded_reply, fitted_reply
from engine.media.hdr import is_hdr
from engine.media.picture import Colour
from engine.providers.protocol import Crop, ProviderInfo, RegionEditReply, RegionEditRequest


def as_sent(request: RegionEditRequest, info: ProviderInfo, colour: Colour, pixel_aspect: float) -> RegionEditRequest:
    """The request with square pixels, 8 bit. Raises: EditError for HDR, whose light a service would lose."""
    if is_hdr(colour):
        raise EditError(
            f"{info.name} works on sRGB pictures and would lose the light of this HDR source.", "Use an offline provider."
        )
    crop = request.crop if request.crop.dtype == np.uint8 else np.rint(request.crop / 257).astype(np.uint8)
    height, width = crop.shape[:2]
    size = max(1, round(width * pixel_aspect)), height
    if size == (width, height):
        return replace(request, crop=crop)
    how = cv2.INTER_CUBIC if pixel_aspect > 1 else cv2.INTER_AREA
    mask = np.clip(cv2.resize(request.mask, size, interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)
    return replace(request, crop=cv2.resize(crop, size, interpolation=how).astype(np.uint8), mask=mask)


def is_picture(reply: RegionEditReply, info: ProviderInfo) -> bool:
    """Whether a reply can be decoded at all; where not, asking again is all that is left."""
    try:
        decoded_reply(reply, info)
    except ProviderError:
        return False
    return True


def fitted_to(
    info: ProviderInfo, reply: RegionEditReply, request: RegionEditRequest, crop: Crop, mask: npt.NDArray[np.float32], *,
    is_kept: bool,
) -> FittedReply:
    """The reply as a picture of `crop`, of its shape and depth. Raises: ProviderError, saying whether the reply is kept."""
    if not info.is_remote:
        return _exact(info, reply, crop)
    sent = float(request.crop.shape[1]), float(request.crop.shape[0])
    where = " What it sent is kept with the project." if is_kept else ""
    try:
        return fitted_reply(decoded_reply(reply, info), crop, mask, sent, reply.shown)
    except ProviderError as error:
        raise ProviderError(f"{error.text}{where}", error.hint) from error
    except (cv2.error, ArithmeticError, ValueError, MemoryError) as error:
        raise ProviderError(
            f"The answer of {info.name} could not be fitted to the region.{where}",
            "Run the patch again; it is not asked for twice.",
        ) from error


def _exact(info: ProviderInfo, reply: RegionEditReply, crop: Crop) -> FittedReply:
    if reply.pixels.shape != crop.shape or reply.pixels.dtype != crop.dtype:
        raise ProviderError(
            f"{info.name} answered with a picture of another size or depth, so the patch was not made.", "Try again."
        )
    return FittedReply(reply.pixels)
