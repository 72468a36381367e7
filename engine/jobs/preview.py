"""One frame for the viewer: the result, the original and the change between them, ready to be shown.

Newest request wins; the caller runs it on a thread of its own with sources of its own.
"""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.difference import Difference, DifferenceStats, difference, difference_stats
from engine.compositing.frame import frame, original_frame
from engine.compositing.geometry import upright
from engine.compositing.heatmap import heatmap_image
from engine.compositing.output import OutputFormat
from engine.compositing.sources import Sources
from engine.media.display import to_display_rgb
from engine.media.picture import Picture
from engine.project.model import Project
from engine.running import CancelToken, Report

Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to show: the frame of `project` at timeline `time`, with the original and the heatmap where asked for."""

    project: Project
    time: Fraction
    output: OutputFormat
    wants_original: bool = False
    wants_heat: bool = False


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """Upright (H, W, 3) uint8 sRGB pictures of the canvas; None for what was not asked for."""

    request: PreviewRequest
    result: Rgb
    original: Rgb | None
    heat: Rgb | None
    stats: DifferenceStats | None


def run(request: PreviewRequest, sources: Sources, *, cancel: CancelToken, report: Report) -> PreviewFrame:
    """Compose and convert. Raises MediaError where a file cannot be read, Cancelled."""
    cancel.check()
    result = frame(request.project, request.time, sources, request.output, accepted_only=False)
    shown = _display(result, request.output)
    original = heat = stats = None
    if request.wants_original or request.wants_heat:
        cancel.check()
        plain = original_frame(request.project, request.time, sources, request.output)
        original = shown if plain is result else _display(plain, request.output)
        if request.wants_heat:
            diff = difference(plain, result)
            heat = heatmap_image(original, displayed_difference_of(diff, request.output.rotation, original))
            stats = difference_stats(plain, result, diff)
    return PreviewFrame(request, shown, original, heat, stats)


def _display(picture: Picture, output: OutputFormat) -> Rgb:
    return to_display_rgb(picture, output.rotation, output.pixel_aspect)


def displayed_difference_of(diff: Difference, rotation: int, shown: Rgb) -> Difference:
    """A stored (H, W) difference turned upright and brought to the size of the displayed picture `shown`."""
    turned = np.ascontiguousarray(upright(diff, rotation))
    if turned.shape == shown.shape[:2]:
        return turned
    resized = cv2.resize(turned, (shown.shape[1], shown.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(resized, np.uint8)
