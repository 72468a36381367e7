"""Edits of how a patch is carried: its keys (the region put right on further frames), its method, what stays in front of it.

Times are source times of the patch's media, exactly a frame's. What a run makes of the keys is in `PatchVersion.others`.
"""

from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.limits import FALLOFF_MAX_FRAMES
from engine.project.lookup import get_media, get_patch, with_patch
from engine.project.model import Carrying, Media, MediaKind, Patch, Project, RegionKey
from engine.project.patch_edits import clamped_window
from engine.project.regions import checked_region
from engine.project.version_edits import refuse_locked_patch
from engine.rational_time import clock


def set_region_key(project: Project, patch_id: str, key: RegionKey) -> Project:
    """Put the region right on one frame; a key that is there already is replaced. The next run makes it an anchor.

    A key beyond the window widens the window to hold it: whoever puts a region right there wants the patch there.
    Raises: EditError: the anchor frame (its region is the patch's own), a frame the media does not have, a still, a region that
    is none; the patch is locked; the window is locked and would have to grow.
    """
    patch = get_patch(project, patch_id)
    media = get_media(project, patch.media_id)
    _refuse_frame(media, key.time)
    if key.time == patch.anchor:
        raise EditError(f"{clock(key.time)} is the anchor of “{patch.name}”.", "Change the region itself there.")
    keys = (*(k for k in patch.keys if k.time != key.time), replace(key, region=checked_region(key.region)))
    window = patch.window if patch.window.contains(key.time) else clamped_window(media, key.time, patch.window)
    if window != patch.window and patch.window_locked:
        raise EditError(
            f"{clock(key.time)} is outside the window of “{patch.name}”, which is locked.", "Unlock it in the patch panel first."
        )
    return _changed(project, replace(patch, keys=tuple(sorted(keys, key=lambda k: k.time)), window=window))


def remove_region_key(project: Project, patch_id: str, time: Fraction) -> Project:
    """Let the region follow by itself again on a frame. Raises: EditError: there is no key, or the patch is locked."""
    patch = get_patch(project, patch_id)
    keys = tuple(key for key in patch.keys if key.time != time)
    if len(keys) == len(patch.keys):
        raise EditError(f"“{patch.name}” has no key at {clock(time)}.")
    return _changed(project, replace(patch, keys=keys))


def set_carrying(project: Project, patch_id: str, carrying: Carrying) -> Project:
    """Choose how a patch is carried. Nothing is asked of a provider again, except frame by frame with `Method.TRACK`.

    What stays in front may be drawn on any frame of the media. Raises: EditError: a falloff that is too long, a frame the media
    does not have, a region that is none, or the patch is locked.
    """
    patch = get_patch(project, patch_id)
    media = get_media(project, patch.media_id)
    if not 0 <= carrying.falloff_frames <= FALLOFF_MAX_FRAMES:
        raise EditError(
            f"A fade of {carrying.falloff_frames} frames is not possible.", f"It may be 0 to {FALLOFF_MAX_FRAMES} frames."
        )
    for key in carrying.in_front:
        _refuse_frame(media, key.time)
    in_front = tuple(replace(key, region=checked_region(key.region)) for key in carrying.in_front)
    ordered = tuple(sorted(in_front, key=lambda key: key.time))
    return _changed(project, replace(patch, carrying=replace(carrying, in_front=ordered)))


def _changed(project: Project, after: Patch) -> Project:
    before = get_patch(project, after.id)
    if after == before:
        return project
    refuse_locked_patch(project, before)
    return with_patch(project, after)


def _refuse_frame(media: Media, time: Fraction) -> None:
    if media.kind is MediaKind.IMAGE:
        raise EditError(f"“{media.name}” is a still: its region is the same all the time.", "Change the region itself.")
    if media.available_range is None or not media.available_range.contains(time):
        raise EditError(f"“{media.name}” has no frame at {clock(time)}.")
