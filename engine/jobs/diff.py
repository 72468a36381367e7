"""The change of a patch as a picture: the heatmap of its anchor frame, or one row per frame of its window."""

from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.difference import Difference, DifferenceStats, difference, difference_stats
from engine.compositing.frame import frame_time
from engine.compositing.heatmap import heatmap_image, heatmap_png
from engine.compositing.replace import replace_frame
from engine.errors import BadInputError
from engine.jobs.preview import displayed_difference_of
from engine.jobs.propagate import PropagateRequest
from engine.jobs.propagate import run as propagate
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.display import to_display_rgb
from engine.project.model import Media, MediaKind, Patch
from engine.running import CancelToken, Report, part

Rgb = npt.NDArray[np.uint8]
_STRIP_HEIGHT = 96


def anchor_heatmap(
    media: Media, patch: Patch, workspace: Workspace, *, cancel: CancelToken, report: Report
) -> tuple[bytes, DifferenceStats]:
    """(PNG with legend, numbers) of the anchor frame. Raises: BadInputError where the patch has no result yet."""
    _carry(media, patch, workspace, cancel, report)
    with workspace.sources() as sources:
        shown, diff, stats = _changed(media, patch, patch.anchor, sources)
    return heatmap_png(shown, diff), stats


def strip(media: Media, patch: Patch, workspace: Workspace, *, cancel: CancelToken, report: Report) -> Rgb:
    """(H, W, 3): a row per frame of the window, original, result and heatmap side by side, small."""
    _carry(media, patch, workspace, cancel, report)
    rows = []
    with workspace.sources() as sources:
        for time in _times(media, patch, sources):
            cancel.check()
            rows.append(_row(media, patch, time, sources))
    return np.concatenate(rows, axis=0)


def _carry(media: Media, patch: Patch, workspace: Workspace, cancel: CancelToken, report: Report) -> None:
    if patch.version is None:
        raise BadInputError(f"“{patch.name}” has no result yet.", "Run it first.")
    propagate(PropagateRequest(media, patch), workspace, cancel=cancel, report=part(report, 0.0, 1.0))


def _times(media: Media, patch: Patch, sources: ProjectSources) -> list[Fraction]:
    if media.kind is not MediaKind.VIDEO:
        return [patch.anchor]
    index = sources.index(media)
    return [index.time_of(n) for n in index.frames_between(patch.window.start, patch.window.end)]


def _changed(media: Media, patch: Patch, time: Fraction, sources: ProjectSources) -> tuple[Rgb, Difference, DifferenceStats]:
    """The displayed original, the displayed difference, and its numbers."""
    rotation, aspect = sources.rotation(media), sources.pixel_aspect(media)
    picture = sources.picture(media, time)
    carried = sources.patch_frame(media, patch, frame_time(media, time, sources))
    patched = replace_frame(picture, carried) if carried is not None else picture
    diff = difference(picture, patched)
    shown = to_display_rgb(picture, rotation, aspect)
    return shown, displayed_difference_of(diff, rotation, shown), difference_stats(picture, patched, diff, carried)


def _row(media: Media, patch: Patch, time: Fraction, sources: ProjectSources) -> Rgb:
    rotation, aspect = sources.rotation(media), sources.pixel_aspect(media)
    picture = sources.picture(media, time)
    shown, diff, _ = _changed(media, patch, time, sources)
    carried = sources.patch_frame(media, patch, frame_time(media, time, sources))
    result = to_display_rgb(replace_frame(picture, carried), rotation, aspect) if carried is not None else shown
    return np.concatenate([_small(p) for p in (shown, result, heatmap_image(shown, diff))], axis=1)


def _small(rgb: Rgb) -> Rgb:
    width = max(1, round(rgb.shape[1] * _STRIP_HEIGHT / rgb.shape[0]))
    small: Rgb = np.asarray(cv2.resize(rgb, (width, _STRIP_HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
    return small
