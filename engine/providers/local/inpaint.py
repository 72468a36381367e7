"""Offline provider: removes what is in the region by continuing what is around it."""

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.providers.local.exemplar import Mask, fill
from engine.providers.local.membrane import membrane
from engine.providers.local.pixels import Rgb01, as_float, number, reply, word
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_METHOD = ParameterSpec("method", "Fill with", "texture", choices=("texture", "smooth"))
_GROW = ParameterSpec(
    "grow", "Ignored rim", 2.0, 0.0, 30.0, 1.0, "px",
    hint="How far around the region nothing is taken from: for shadows and soft edges. The region itself stays as it is.",
)  # fmt: skip

_MOST_PIXELS = 110_000
"""A larger hole is solved at a smaller size, so that the time stays near two seconds; its texture is that much softer."""


class Inpaint:
    """Texture from the surroundings, by patches; “smooth” spreads colours inward, for plain walls and skies."""

    info = ProviderInfo(
        "local.inpaint", "Remove", "Fills the region with what is around it. Offline, about a second.",
        is_remote=False, version="3", parameters=(_METHOD, _GROW),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        hole = grown(request.mask > 0, round(number(request.params, _GROW)))
        report(Progress(0.1, "Looking for texture"))
        filled = removed(request, hole, cancel, is_textured=word(request.params, _METHOD) == "texture")
        report(Progress(1.0, "Filled"))
        return reply(request, filled)


def removed(request: RegionEditRequest, hole: Mask, cancel: CancelToken, *, is_textured: bool = True) -> Rgb01:
    """The crop with the hole filled. Raises: ProviderError where nothing is left around it."""
    if hole.all():
        raise ProviderError("The region leaves nothing around it to continue.", "Draw it smaller.")
    pixels = as_float(request.crop)
    filled = textured(pixels, hole, request.seed, cancel) if is_textured else None
    return membrane(pixels, hole) if filled is None else filled


def grown(mask: Mask, by: int) -> Mask:
    if by <= 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def textured(pixels: Rgb01, hole: Mask, seed: int, cancel: CancelToken) -> npt.NDArray[np.float32] | None:
    scale = min(1.0, (_MOST_PIXELS / max(1, int(hole.sum()))) ** 0.5)
    if scale >= 1:
        return fill(pixels, hole, seed, cancel)
    size = (max(16, round(hole.shape[1] * scale)), max(16, round(hole.shape[0] * scale)))
    small_hole = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    shrunk = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    small = fill(shrunk, small_hole, seed, cancel)
    if small is None:
        return None
    return np.asarray(cv2.resize(small, (hole.shape[1], hole.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)
