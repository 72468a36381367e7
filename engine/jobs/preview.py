"""One frame for the viewer: the result, the original, the change between them and where patches lie, ready to be shown.

Newest request wins; the caller runs it on a thread of its own with sources of its own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.difference import Difference, DifferenceStats, difference, difference_stats, signed_difference
from engine.compositing.frame import frame, original_frame
from engine.compositing.geometry import upright
from engine.compositing.heatmap import heatmap_image
from engine.compositing.output import OutputFormat
from engine.compositing.outputs import LocationSources, Output, difference_image, magnitude_image
from engine.compositing.sources import Sources
from engine.media.display import to_display_rgb
from engine.media.picture import Picture
from engine.project.model import Project
from engine.running import CancelToken, Report

Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to show: the frame of `project` at timeline `time`, with the original and the other pictures where asked for."""

    project: Project
    time: Fraction
    output: OutputFormat
    wants_original: bool = False
    wants_heat: bool = False
    wants_output: Output | None = None
    compared: Project | None = None
    """The same project with another version of a patch shown, to lay beside the result."""
    gain: int = 1
    """How much stronger the difference and the magnitude are shown."""


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """Upright (H, W, 3) uint8 sRGB pictures of the canvas; None for what was not asked for."""

    request: PreviewRequest
    result: Rgb
    original: Rgb | None
    heat: Rgb | None
    extra: Rgb | None
    compared: Rgb | None
    stats: DifferenceStats | None
    pictures: "Pictures"
    """What they were made of, so that another view of the same frame costs only that view."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The composed frame with patches, and without them where that was needed; as stored."""

    result: Picture
    plain: Picture | None = None


def run(
    request: PreviewRequest, sources: Sources, *, cancel: CancelToken, report: Report, known: PreviewFrame | None = None
) -> PreviewFrame:
    """Compose and convert. `known` is the same frame, made a moment ago with other wishes: what it holds is not made again.

    Raises MediaError where a file cannot be read, Cancelled.
    """
    cancel.check()
    pictures = known.pictures if known else Pictures(
        frame(request.project, request.time, sources, request.output, accepted_only=False)
    )  # fmt: skip
    shown = known.result if known else _display(pictures.result, request.output)
    original = known.original if known else None
    heat = extra = stats = compared = None
    if request.compared is not None:
        cancel.check()
        compared = _display(frame(request.compared, request.time, sources, request.output, accepted_only=False), request.output)
    if request.wants_original or request.wants_heat or request.wants_output:
        cancel.check()
        pictures = _with_plain(pictures, request, sources)
        plain = pictures.plain
        assert plain is not None
        if original is None:
            original = shown if plain is pictures.result else _display(plain, request.output)
        if request.wants_heat:
            diff = difference(plain, pictures.result)
            heat = heatmap_image(original, displayed_difference_of(diff, request.output.rotation, original))
            stats = difference_stats(plain, pictures.result, diff)
        if request.wants_output is not None:
            extra = _output_picture(request, plain, pictures.result, shown, sources)
    return PreviewFrame(request, shown, original, heat, extra, compared, stats, pictures)


def _with_plain(pictures: Pictures, request: PreviewRequest, sources: Sources) -> Pictures:
    if pictures.plain is not None:
        return pictures
    return Pictures(pictures.result, original_frame(request.project, request.time, sources, request.output))


def _output_picture(request: PreviewRequest, plain: Picture, result: Picture, shown: Rgb, sources: Sources) -> Rgb:
    if request.wants_output is Output.LOCATION:
        lies = frame(request.project, request.time, LocationSources(sources), request.output, accepted_only=False)
        return _display(lies, request.output)
    if request.wants_output is Output.DIFFERENCE:
        signed = as_displayed(signed_difference(plain, result), request.output.rotation, shown)
        return difference_image(signed, request.gain)
    diff = displayed_difference_of(difference(plain, result), request.output.rotation, shown)
    return magnitude_image(diff, request.gain)


def _display(picture: Picture, output: OutputFormat) -> Rgb:
    return to_display_rgb(picture, output.rotation, output.pixel_aspect)


def displayed_difference_of(diff: Difference, rotation: int, shown: Rgb) -> Difference:
    """A stored (H, W) difference turned upright and brought to the size of the displayed picture `shown`."""
    return np.asarray(as_displayed(diff, rotation, shown), np.uint8)


def as_displayed(array: npt.NDArray[Any], rotation: int, shown: Rgb) -> npt.NDArray[Any]:
    """A stored (H, W) or (H, W, 3) array turned upright and brought to the size of `shown`, each sample as it is."""
    turned = np.ascontiguousarray(upright(array, rotation))
    if turned.shape[:2] == shown.shape[:2]:
        return turned
    return np.asarray(cv2.resize(turned, (shown.shape[1], shown.shape[0]), interpolation=cv2.INTER_NEAREST))
