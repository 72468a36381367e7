"""The region of a patch on one frame: where it is drawn, and how it is put there. Pure functions."""

from dataclasses import dataclass
from fractions import Fraction

from engine.project.carrying_edits import set_region_key
from engine.project.model import Patch, Project, Region, RegionKey
from engine.project.patch_edits import set_patch_region


@dataclass(frozen=True, slots=True)
class Shown:
    """The chosen patch's region on the frame at the playhead (source time)."""

    patch: Patch
    region: Region
    time: Fraction
    is_drawn: bool
    """Drawn or put right on exactly this frame; else it was followed to it."""


def drawn_at(patch: Patch, time: Fraction) -> Region | None:
    """The region as it was drawn, or put right, on exactly this frame."""
    if time == patch.anchor:
        return patch.region
    return next((key.region for key in patch.keys if key.time == time), None)


def with_region(project: Project, patch_id: str, time: Fraction, region: Region) -> Project:
    """Raises: EditError: it is no region, or the patch is locked."""
    if time == project.patch_by_id(patch_id).anchor:
        return set_patch_region(project, patch_id, region)
    return set_region_key(project, patch_id, RegionKey(time, region))
