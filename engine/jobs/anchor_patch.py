"""A patch as it lies on one of its anchor frames, before it is carried anywhere; or only its region there."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.compositing.mask import region_mask
from engine.compositing.sources import PatchFrame, in_steps
from engine.errors import MediaError
from engine.jobs.pixels import pixels_of
from engine.jobs.workspace import ProjectSources, Workspace
from engine.project.model import AnchorPixels, Media, Region


def anchor_patch(anchor: AnchorPixels, sources: ProjectSources, media: Media, workspace: Workspace) -> PatchFrame:
    """A version as it lies on one of its anchor frames. Raises: StorageError where its pixels are gone."""
    region = region_patch(anchor.region, anchor.anchor, sources, media)
    pixels = pixels_of(workspace.assets.get(anchor.pixels))
    if pixels.shape[:2] != region.alpha.shape or (region.x, region.y) != anchor.crop[:2]:
        raise MediaError(f"The file of “{media.name}” has another size than the patch was made for.", "Run the patch again.")
    pixels.flags.writeable = False
    return replace(region, rgb=pixels)


def region_patch(region: Region, time: Fraction, sources: ProjectSources, media: Media) -> PatchFrame:
    """The alpha of a region on the frame it was drawn on, with black pixels: to be followed for itself."""
    picture = sources.picture(media, time)
    mask = region_mask(region, picture.width, picture.height, sources.rotation(media), sources.pixel_aspect(media))
    alpha = in_steps(mask.alpha)
    rgb = np.zeros((*alpha.shape, 3), np.uint8 if picture.format.bits == 8 else np.uint16)
    alpha.flags.writeable = rgb.flags.writeable = False
    return PatchFrame(mask.x, mask.y, rgb, alpha)
