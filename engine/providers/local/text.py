"""Offline provider: covers the region with words. The words come as a picture: drawing letters is not done here."""

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.providers.local.image import fitted
from engine.providers.local.inpaint import grown, removed
from engine.providers.local.pixels import Rgb01, as_float, colour, mask_box, number, reply, word
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report

_BEHIND = ParameterSpec("behind", "Behind the words", "cleaned", choices=("cleaned", "surroundings", "colour", "nothing"))
_COLOUR = ParameterSpec("colour", "Colour behind", "#202020")
_SPACE = ParameterSpec("space", "Space around", 0.08, 0.0, 0.45, 0.01)
_OPACITY = ParameterSpec("opacity", "Opacity", 1.0, 0.0, 1.0, 0.01)

_RIM_PX = 10


class TextCover:
    """`request.image` is the drawn text, of any size; it is cut to its letters and fitted into the region.

    Behind it: the region cleaned as by “Remove”, a colour sampled from its surroundings, a colour of one's own, or what is there.
    """

    info = ProviderInfo(
        "local.text", "Words", "Covers the region with your words. Offline, about a second.",
        is_remote=False, needs_image=True, uses_prompt=True, draws_words=True, version="2",
        parameters=(_BEHIND, _COLOUR, _SPACE, _OPACITY),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        letters = _letters(request.image)
        pixels = self._background(request, cancel, report)
        box = mask_box(request.mask)
        height, width = pixels[box].shape[:2]
        space = round(number(request.params, _SPACE) * min(height, width))
        inner = (max(1, height - 2 * space), max(1, width - 2 * space))
        rgba = np.zeros((height, width, 4), np.float32)
        rgba[space:space + inner[0], space:space + inner[1]] = fitted(letters, inner, "contain")[:height, :width]
        cover = rgba[..., 3:] * np.float32(number(request.params, _OPACITY))
        pixels[box] += cover * (rgba[..., :3] - pixels[box])
        report(Progress(1.0, "Words laid in"))
        return reply(request, pixels)

    def _background(self, request: RegionEditRequest, cancel: CancelToken, report: Report) -> Rgb01:
        behind = word(request.params, _BEHIND)
        if behind == "cleaned":
            report(Progress(0.1, "Cleaning the background"))
            return removed(request, grown(request.mask > 0, 2), cancel)
        pixels = as_float(request.crop)
        if behind == "nothing":
            return pixels
        fill = colour(word(request.params, _COLOUR)) if behind == "colour" else _sampled(pixels, request.mask > 0)
        return np.where((request.mask > 0)[..., None], fill, pixels).astype(np.float32)


def _letters(image: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8]:
    """The drawn text without the empty room around it."""
    if image is None or not image.size or not image[..., 3].any():
        raise ProviderError("There are no words to lay into the region.", "Write some.")
    return image[mask_box(image[..., 3].astype(np.float32))]


def _sampled(pixels: Rgb01, inside: npt.NDArray[np.bool_]) -> Rgb01:
    """(3,) the median colour round the region, of the region where it fills the crop."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RIM_PX + 1, 2 * _RIM_PX + 1))
    rim = (cv2.dilate(inside.astype(np.uint8), kernel) > 0) & ~inside
    return np.asarray(np.median(pixels[rim if rim.any() else inside], axis=0), np.float32)
