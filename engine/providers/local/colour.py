"""Offline provider: changes hue, saturation, brightness and contrast of the region."""

import numpy as np

from engine.providers.local.pixels import Rgb01, as_float, colour, number, reply, word
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_HUE = ParameterSpec("hue", "Hue", 0.0, -180.0, 180.0, 1.0, "°")
_SATURATION = ParameterSpec("saturation", "Saturation", 1.0, 0.0, 3.0, 0.01, "×")
_BRIGHTNESS = ParameterSpec("brightness", "Brightness", 0.0, -1.0, 1.0, 0.01)
_CONTRAST = ParameterSpec("contrast", "Contrast", 1.0, 0.0, 3.0, 0.01, "×")
_TARGET = ParameterSpec(
    "to", "Target colour", "", hint="The region gets this colour, its light and shade stay; empty leaves the colour as it is",
    example="as it is, or #2f6fd0",
)
_AMOUNT = ParameterSpec("amount", "How much", 1.0, 0.0, 1.0, 0.01)

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""BT.709. Turning the hue about this axis keeps the brightness of every colour that does not clip."""


class ColourChange:
    """Hue is turned in a plane of constant luma, so that a blue wall made red stays as bright as it was, with all its grain.

    With a colour to go to (“#rrggbb”) the region's mean colour becomes that hue and saturation first; light and shade stay.
    """

    info = ProviderInfo(
        "local.colour", "Colour", "Changes hue, saturation, brightness and contrast of the region. Offline, instant.",
        is_remote=False, parameters=(_TARGET, _AMOUNT, _HUE, _SATURATION, _BRIGHTNESS, _CONTRAST), per_frame=True,
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        matrix = hue_matrix(number(request.params, _HUE), number(request.params, _SATURATION))
        pixels = as_float(request.crop)
        if target := word(request.params, _TARGET).strip():
            pixels = _towards(pixels, request.mask, colour(target), number(request.params, _AMOUNT))
        pixels = _in_gamut(pixels @ matrix.T)
        cancel.check()
        pixels = (pixels - 0.5) * np.float32(number(request.params, _CONTRAST)) + np.float32(0.5)
        pixels = pixels + np.float32(number(request.params, _BRIGHTNESS))
        report(Progress(1.0, "Recoloured"))
        return reply(request, pixels.astype(np.float32))


def _towards(pixels: Rgb01, mask: Rgb01, target: Rgb01, amount: float) -> Rgb01:
    """The region repainted: what its mean colour is to its brightness, the target's colour becomes; differences in hue remain."""
    luma = (pixels @ _LUMA)[..., None]
    weight = (mask * luma[..., 0]).ravel()
    if weight.sum() <= 0:
        return pixels
    tint = (pixels - luma) / np.maximum(luma, 0.02)  # of a paint under any light
    mean = (tint.reshape(-1, 3) * weight[:, None]).sum(axis=0) / weight.sum()
    wanted = (target - target @ _LUMA) / max(0.02, float(target @ _LUMA))
    return _in_gamut(pixels + np.float32(amount) * luma * (wanted - mean).astype(np.float32))


def _in_gamut(pixels: Rgb01) -> Rgb01:
    """Colours beyond 0..1 paled towards the grey of their own luma until they fit: clipping would change brightness."""
    luma = np.clip(pixels @ _LUMA, 0, 1)[..., None]
    away = pixels - luma
    room = np.where(away > 0, 1 - luma, luma) / np.maximum(np.abs(away), 1e-6)
    least = np.minimum(np.minimum(room[..., 0], room[..., 1]), np.minimum(room[..., 2], 1))
    return np.asarray(luma + away * least[..., None], np.float32)


def hue_matrix(degrees: float, saturation: float) -> Rgb01:
    """(3, 3): turns R'G'B' about the grey axis within planes of equal luma, and scales the distance from grey."""
    grey = np.outer(np.ones(3), _LUMA)
    normal = _LUMA / np.linalg.norm(_LUMA)
    red = np.array([1.0, 0, 0]) - normal * normal[0]
    red = red / np.linalg.norm(red)
    basis = np.column_stack([np.ones(3), red, np.cross(normal, red)])  # grey, and two axes of zero luma
    angle = np.deg2rad(degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    turned = basis @ turn @ np.linalg.inv(basis)
    return np.asarray(grey + saturation * (turned - grey), np.float32)
