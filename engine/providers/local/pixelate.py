"""Offline provider: makes the region unreadable by a mosaic of squares."""

import cv2
import numpy as np

from engine.providers.local.pixels import as_float, mask_box, number, reply
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_BLOCK = ParameterSpec("block", "Block size", 16.0, 2.0, 200.0, 1.0, "px")


class Pixelate:
    """Squares of the mean colour of what is in the region, counted from its corner: they go with it and not with the crop."""

    info = ProviderInfo(
        "local.pixelate", "Pixelate", "Covers the region with a mosaic. Offline, instant.", is_remote=False, parameters=(_BLOCK,),
        per_frame=True,
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        block = max(2, round(number(request.params, _BLOCK)))
        pixels = as_float(request.crop)
        box = mask_box(request.mask)
        inside = (request.mask[box] > 0).astype(np.float32)
        part = np.dstack([pixels[box] * inside[..., None], inside])
        height, width = inside.shape
        padded = np.pad(part, [(0, -height % block), (0, -width % block), (0, 0)])
        small = cv2.resize(padded, (padded.shape[1] // block, padded.shape[0] // block), interpolation=cv2.INTER_AREA)
        means = small[..., :3] / np.maximum(small[..., 3:], 1e-6)
        pixels[box] = np.repeat(np.repeat(means, block, axis=0), block, axis=1)[:height, :width]
        report(Progress(1.0, "Pixelated"))
        return reply(request, pixels)
