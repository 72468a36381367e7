"""Offline provider: makes the region unreadable by a Gaussian blur."""

import cv2
import numpy as np

from engine.providers.local.pixels import as_float, number, reply
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_RADIUS = ParameterSpec("radius", "Radius", 12.0, 1.0, 100.0, 1.0, "px")


class Blur:
    """Gaussian blur; the radius is twice its standard deviation. It hides, it does not erase: a blur can be guessed back."""

    info = ProviderInfo(
        "local.blur", "Blur", "Blurs the region. Offline, instant.", is_remote=False, parameters=(_RADIUS,)
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        sigma = max(0.3, number(request.params, _RADIUS) / 2)
        blurred = cv2.GaussianBlur(as_float(request.crop), (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
        report(Progress(1.0, "Blurred"))
        return reply(request, np.asarray(blurred, np.float32))
