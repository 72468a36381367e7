"""Offline provider: changes hue, saturation, brightness and contrast of the region."""

import numpy as np

from engine.providers.local.pixels import Rgb01, as_float, number, reply
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_HUE = ParameterSpec("hue", "Hue", 0.0, -180.0, 180.0, 1.0, "°")
_SATURATION = ParameterSpec("saturation", "Saturation", 1.0, 0.0, 3.0, 0.01, "×")
_BRIGHTNESS = ParameterSpec("brightness", "Brightness", 0.0, -1.0, 1.0, 0.01)
_CONTRAST = ParameterSpec("contrast", "Contrast", 1.0, 0.0, 3.0, 0.01, "×")

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""BT.709. Turning the hue about this axis keeps the brightness of every colour that does not clip."""


class ColourChange:
    """Hue is turned in a plane of constant luma, so that a blue wall made red stays as bright as it was."""

    info = ProviderInfo(
        "local.colour", "Colour", "Changes hue, saturation, brightness and contrast of the region. Offline, instant.",
        is_remote=False, parameters=(_HUE, _SATURATION, _BRIGHTNESS, _CONTRAST),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        matrix = hue_matrix(number(request.params, _HUE), number(request.params, _SATURATION))
        pixels: Rgb01 = as_float(request.crop) @ matrix.T
        pixels = (pixels - 0.5) * np.float32(number(request.params, _CONTRAST)) + np.float32(0.5)
        pixels = pixels + np.float32(number(request.params, _BRIGHTNESS))
        report(Progress(1.0, "Recoloured"))
        return reply(request, pixels.astype(np.float32))


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
