"""Offline provider: makes the region unreadable by a Gaussian blur."""

import cv2
import numpy as np

from engine.providers.local.pixels import as_float, number, reply
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_RADIUS = ParameterSpec("radius", "Radius", 12.0, 1.0, 100.0, 1.0, "px")


class Blur:
    """Gaussian blur; the radius is twice its standard deviation. It hides, it does not erase: a blur can be guessed back.

    Only the region's own pixels are averaged (normalised convolution, Knutsson and Westin 1993): a bright wall beside it does not
    glow into it.
    """

    info = ProviderInfo(
        "local.blur", "Blur", "Blurs the region. Offline, instant.", is_remote=False, parameters=(_RADIUS,), per_frame=True,
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        sigma = max(0.3, number(request.params, _RADIUS) / 2)
        inside = (request.mask > 0).astype(np.float32)
        weighted = np.dstack([as_float(request.crop) * inside[..., None], inside])
        blurred = cv2.GaussianBlur(weighted, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
        cancel.check()
        pixels = blurred[..., :3] / np.maximum(blurred[..., 3:], 1e-6)
        report(Progress(1.0, "Blurred"))
        return reply(request, np.asarray(pixels, np.float32))
