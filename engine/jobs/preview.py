"""One frame for the viewer: the result, the original and the change between them, ready to be shown.

Newest request wins; the caller runs it on a thread of its own with sources of its own.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.compositing.frame import frame, original_frame
from engine.compositing.heatmap import Difference, difference, difference_stats, heatmap_image
from engine.compositing.output import OutputFormat
from engine.compositing.sources import Sources
from engine.media.colour import to_display_rgb
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
    difference: Difference | None


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
            heat = heatmap_image(original, diff)
            stats = difference_stats(diff)
    return PreviewFrame(request, shown, original, heat, stats)


def _display(picture: Picture, output: OutputFormat) -> Rgb:
    return to_display_rgb(picture, output.rotation, output.pixel_aspect)
