"""What a version shows on the frames of its patch's keys: made by the provider anew, or, where that would be paid, carried there.

A local provider works on each key's frame with the region as it was put right there. A remote one is never asked for a
correction: the anchor's pixels are carried to that frame and laid into the corrected outline, which costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.compositing.mask import RegionMask, region_mask
from engine.compositing.sources import PatchFrame
from engine.jobs import propagate
from engine.jobs.anchor_patch import anchor_patch
from engine.jobs.answer import Question, answer
from engine.jobs.carried import PatchFrames
from engine.jobs.outline import moved
from engine.jobs.pixels import png_of
from engine.jobs.region_edit import Frame
from engine.jobs.whole_picture import whole_picture
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.colour import region_to_rgb
from engine.project.model import AnchorPixels, Carrying, Media, Method, Patch, PatchVersion, Region, RegionKey
from engine.project.regions import region_values
from engine.providers.protocol import Crop
from engine.providers.registry import Registry
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report, part

_SCHEME = "carried-anchor-1"


@dataclass(frozen=True, slots=True)
class Further:
    """One key as an anchor. `cost_usd` is what was paid for it this time."""

    pixels: AnchorPixels
    cost_usd: float = 0.0
    warnings: tuple[str, ...] = ()
    is_cached: bool = False


def further_anchors(
    media: Media, patch: Patch, own: PatchVersion, workspace: Workspace, registry: Registry, sources: ProjectSources, *,
    cancel: CancelToken, report: Report,
) -> Iterator[Further]:
    """One for each key of the patch, in order of time. `own` holds the pixels of the patch's anchor.

    Raises what the provider raises, MediaError, StorageError; Cancelled.
    """
    is_remote = registry.get(patch.recipe.provider).info.is_remote
    for number, key in enumerate(patch.keys):
        stage = part(report, number / len(patch.keys), (number + 1) / len(patch.keys))
        if is_remote:
            yield _carried(media, patch, own, key, workspace, registry, sources, cancel, stage)
            continue
        question = Question(media, key.time, key.region, patch.recipe)
        made = answer(question, workspace, registry, sources, cancel=cancel, report=stage)
        pixels = AnchorPixels(key.time, key.region, made.pixels, made.crop, made.raw_reply, made.key)
        yield Further(pixels, made.cost_usd, made.warnings, made.is_cached)


def _carried(
    media: Media, patch: Patch, own: PatchVersion, key: RegionKey, workspace: Workspace, registry: Registry,
    sources: ProjectSources, cancel: CancelToken, report: Report,
) -> Further:
    """The anchor's pixels on the key's frame, brought from where the outline was carried to where it was put right."""
    name = Cache.key(_SCHEME, own.request_hash, own.pixels, key.time, *region_values(key.region))
    known = next((o for v in patch.versions for o in v.others if o.request_hash == name), None)
    if known is not None and workspace.assets.has(known.pixels):
        return Further(known, is_cached=True)
    alone = _alone(media, patch, own, key.time, sources)
    request = propagate.PropagateRequest(media, alone)
    propagate.run(request, workspace, cancel=cancel, report=report, registry=registry)
    frame = Frame(whole_picture(sources, media, key.time), sources.rotation(media), sources.pixel_aspect(media))
    laid, outline = _lies(media, alone, own, key.time, workspace, sources)
    mask, before = _mask(key.region, frame), _mask(outline, frame)
    pixels = _laid_into(laid, before, mask, frame)
    asset = workspace.assets.put(png_of(pixels), ".png")
    height, width = pixels.shape[:2]
    return Further(AnchorPixels(key.time, key.region, asset, (mask.x, mask.y, width, height), "", name))


def _alone(media: Media, patch: Patch, own: PatchVersion, time: Fraction, sources: ProjectSources) -> Patch:
    """The patch as if it had no keys and a window from its anchor to one frame: its frames there are mostly carried already."""
    version = replace(own, number=1, others=())
    method = Method.HOLD if patch.carrying.method is Method.HOLD else Method.FLOW
    index = sources.index(media)
    first, last = sorted((index.frame_at(version.anchor), index.frame_at(time)))
    return replace(
        patch, versions=(version,), current_version=1, keys=(), recipe=version.recipe,
        window=TimeRange.between(index.time_of(first), index.end_of(last)),
        carrying=Carrying(method, 0, patch.carrying.matches_grain),
    )


def _lies(
    media: Media, alone: Patch, own: PatchVersion, time: Fraction, workspace: Workspace, sources: ProjectSources
) -> tuple[PatchFrame, Region]:
    """What was carried to a frame and how its region lies there; the anchor's own where nothing reaches the frame."""
    known = PatchFrames(media, alone, workspace.cache)
    sides = known.sides(time)
    laid = known.frame(time)
    if not sides or laid is None or not sides[0].head.is_carried or not sides[0].head.to_anchor:
        return anchor_patch(known.anchors[0], sources, media, workspace), own.region
    return laid, moved(own.region, sides[0].head.to_anchor)


def _mask(region: Region, frame: Frame) -> RegionMask:
    return region_mask(region, frame.picture.width, frame.picture.height, frame.rotation, frame.pixel_aspect)


def _laid_into(laid: PatchFrame, before: RegionMask, mask: RegionMask, frame: Frame) -> Crop:
    """(h, w, 3) the frame's pixels under `mask` with the patch on them, moved and stretched as the outline was."""
    height, width = mask.alpha.shape
    matrix = _fitted(before, mask) @ np.array([[1, 0, laid.x], [0, 1, laid.y], [0, 0, 1]], np.float64)
    matrix = np.array([[1, 0, -mask.x], [0, 1, -mask.y], [0, 0, 1]], np.float64) @ matrix

    def warped(image: npt.NDArray[np.float32], border: int) -> npt.NDArray[np.float32]:
        there = cv2.warpAffine(image, matrix[:2], (width, height), flags=cv2.INTER_CUBIC, borderMode=border)
        return np.asarray(there, np.float32)

    own = np.clip(region_to_rgb(frame.picture, *mask.box), 0, 1)
    peak = np.float32(255 if laid.rgb.dtype == np.uint8 else 65535)
    there = warped(laid.rgb.astype(np.float32) / peak, cv2.BORDER_REPLICATE)
    alpha = np.clip(warped(laid.alpha, cv2.BORDER_CONSTANT), 0, 1)[..., None]
    whole = np.rint(np.clip(own + alpha * (there - own), 0, 1) * peak)
    return np.asarray(whole, np.uint8) if peak == 255 else np.asarray(whole, np.uint16)


def _fitted(before: RegionMask, after: RegionMask) -> npt.NDArray[np.float64]:
    """The move and stretch (no turn) that brings one mask's spread onto the other's: centre of mass and deviation of alpha."""
    (centre, spread), (goal, wanted) = _spread(before), _spread(after)
    scale = wanted / np.maximum(spread, 0.5)
    shift = goal - scale * centre
    return np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]], [0, 0, 1]], np.float64)


def _spread(mask: RegionMask) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(x, y) of the centre of alpha and its standard deviations, in stored pixels."""
    centres, spreads = [], []
    for axis, start in ((0, mask.x), (1, mask.y)):
        weight = mask.alpha.sum(axis=axis, dtype=np.float64)
        place = np.arange(len(weight)) + start
        centre = float((weight * place).sum() / weight.sum())
        centres.append(centre)
        spreads.append(float(np.sqrt((weight * (place - centre) ** 2).sum() / weight.sum())))
    return np.array(centres), np.array(spreads)
