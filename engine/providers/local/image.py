"""Offline provider: lays a picture of the user's into the region."""

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.providers.local.membrane import membrane
from engine.providers.local.perspective import corners_of, in_corners
from engine.providers.local.pixels import Rgb01, as_float, mask_box, number, reply, word
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_FIT = ParameterSpec("fit", "Fit", "cover", choices=("cover", "contain", "stretch"))
_BLEND = ParameterSpec("blend", "Blend", "alpha", choices=("alpha", "poisson"))
_CORNERS = ParameterSpec("corners", "Corners", "", is_on_picture=True)
_TONE = ParameterSpec("tone", "Match the light beneath", default=False)
_LUMA = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
_OPACITY = ParameterSpec("opacity", "Opacity", 1.0, 0.0, 1.0, 0.01)


class PlaceImage:
    """Fits the picture to the region's box, or to four corners; “poisson” also takes over the light and colour around it.

    Corners are “x,y x,y x,y x,y” in fractions of the region's box, from the picture's left top clockwise; they may lie outside.
    """

    info = ProviderInfo(
        "local.image", "Picture", "Lays a picture of yours into the region. Offline, instant.",
        is_remote=False, needs_image=True, version="2", parameters=(_FIT, _BLEND, _TONE, _OPACITY, _CORNERS),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        if request.image is None or not request.image.size:
            raise ProviderError("There is no picture to lay into the region.", "Choose one.")
        cancel.check()
        pixels = as_float(request.crop)
        box = mask_box(request.mask)
        size, fit = pixels[box].shape[:2], word(request.params, _FIT)
        corners = word(request.params, _CORNERS).strip()
        rgba = in_corners(request.image, size, fit, corners_of(corners)) if corners else fitted(request.image, size, fit)
        cancel.check()
        placed = rgba[..., :3]
        if request.params.get(_TONE.name, _TONE.default):
            placed = toned(placed, pixels[box], rgba[..., 3])
        if word(request.params, _BLEND) == "poisson":
            placed = _lit(pixels, placed, rgba[..., 3] * (request.mask[box] > 0), box)
        cover = rgba[..., 3] * np.float32(number(request.params, _OPACITY))
        pixels[box] += cover[..., None] * (placed - pixels[box])
        report(Progress(1.0, "Picture placed"))
        return reply(request, pixels)


def toned(placed: Rgb01, beneath: Rgb01, cover: npt.NDArray[np.float32]) -> Rgb01:
    """The picture with mean and spread of luma of what it covers (after Reinhard et al. 2001); contrast at most doubled.

    Light only: every pixel keeps its hue, and its saturation but where that would leave the gamut. A yellow sign on a red wall
    stays yellow.
    """
    weight = cover / max(1e-6, float(cover.sum()))
    lumas = [np.asarray(cv2.transform(image, _LUMA), np.float32).reshape(cover.shape) for image in (placed, beneath)]
    means = [float((luma * weight).sum()) for luma in lumas]
    spreads = [float(np.sqrt((weight * (luma - mean) ** 2).sum())) for luma, mean in zip(lumas, means, strict=True)]
    gain = np.clip((spreads[1] + 1e-3) / (spreads[0] + 1e-3), 0.5, 2)
    wanted = np.clip((lumas[0] - means[0]) * gain + means[1], 0, 1)
    colour = (placed - lumas[0][..., None]) * np.minimum(wanted / np.maximum(lumas[0], 1e-3), 2)[..., None]
    room = np.where(colour > 0, 1 - wanted[..., None], wanted[..., None]) / np.maximum(np.abs(colour), 1e-6)
    return np.asarray(wanted[..., None] + colour * np.minimum(room.min(axis=2), 1)[..., None], np.float32)


def fitted(image: npt.NDArray[np.uint8], size: tuple[int, int], fit: str) -> Rgb01:
    """`image` (H, W, 4) as (height, width, 4) 0..1, straight alpha; transparent where “contain” leaves a border."""
    height, width = size
    across, down = width / image.shape[1], height / image.shape[0]
    if fit != "stretch":
        across = down = max(across, down) if fit == "cover" else min(across, down)
    # Pixel edges to pixel edges, about the common centre.
    matrix = np.array([[across, 0, (width - image.shape[1] * across) / 2], [0, down, (height - image.shape[0] * down) / 2]])
    rgba = image.astype(np.float32) / np.float32(255)
    rgba[..., :3] *= rgba[..., 3:]
    if min(across, down) < 1:
        smaller = (max(1, round(image.shape[1] * min(1, across))), max(1, round(image.shape[0] * min(1, down))))
        matrix[:, :2] = matrix[:, :2] @ np.diag([image.shape[1] / smaller[0], image.shape[0] / smaller[1]])
        rgba = np.asarray(cv2.resize(rgba, smaller, interpolation=cv2.INTER_AREA), np.float32)
    matrix[:, 2] += 0.5 * (matrix[:, 0] + matrix[:, 1]) - 0.5
    drawn = np.clip(cv2.warpAffine(rgba, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT), 0, 1)
    if fit != "contain":  # rounding must not leave a transparent rim
        replicated = cv2.warpAffine(rgba, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        drawn = np.clip(replicated, 0, 1)
    drawn[..., :3] = np.clip(drawn[..., :3] / np.maximum(drawn[..., 3:], 1e-6), 0, 1)
    return np.asarray(drawn, np.float32)


def _lit(pixels: Rgb01, placed: Rgb01, cover: npt.NDArray[np.float32], box: tuple[slice, slice]) -> Rgb01:
    """The placed picture plus the smooth difference to its surroundings along its border."""
    whole = np.zeros(pixels.shape[:2], np.float32)
    whole[box] = cover
    laid = pixels.copy()
    laid[box] = placed
    # On the border itself the picture repeats its edge, so that the step there is the difference to correct.
    inside = whole > 0.5
    ring = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~inside
    if not ring.any():
        return placed
    spread = _spread(laid, inside)
    offset = membrane((pixels - spread).astype(np.float32), ~ring)
    return np.asarray(placed + offset[box], np.float32)


def _spread(laid: Rgb01, inside: npt.NDArray[np.bool_]) -> Rgb01:
    """The picture inside, and around it the mean of its nearest inner pixels."""
    weight = cv2.blur(inside.astype(np.float32), (3, 3))
    mean = cv2.blur(laid * inside[..., None], (3, 3)) / np.maximum(weight, 1e-6)[..., None]
    return np.where(inside[..., None], laid, mean).astype(np.float32)
