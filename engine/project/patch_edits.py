"""Edits of patches: where they change the picture, for how long, with what recipe, and what is locked about them.

Times are source times of the patch's media. What providers made of a patch is in `version_edits`.
"""

from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.limits import PROMPT_MAX_CHARACTERS
from engine.project.lookup import get_clip, get_media, get_patch, is_kind_locked, new_id, with_patch
from engine.project.model import Carrying, LayerKind, Media, MediaKind, Patch, Project, Recipe, Region
from engine.project.regions import checked_region
from engine.project.track_edits import ensure_tracks
from engine.project.version_edits import refuse_locked_patch, without_patch
from engine.rational_time import ZERO, TimeRange, clock

NAME_MAX_CHARACTERS = 200
USUALLY = Carrying()


def add_patch(
    project: Project,
    media_id: str,
    region: Region,
    anchor: Fraction,
    window: TimeRange,
    recipe: Recipe,
    *,
    name: str = "",
    clip_id: str | None = None,
    patch_id: str = "",
    carrying: Carrying = USUALLY,
) -> Project:
    """Add a queued patch.

    Args:
        window: the propagation window; clamped to the media, and grown where it leaves out the anchor.
        name: “Patch 1”, “Patch 2” … where empty.
        clip_id: where set, the patch shows in this clip only.
        patch_id: the new id (see `new_id`), so that the caller can start its job; random where empty.
    Raises: EditError: a sound, an anchor outside the media, a region without area, a locked patch layer.
    """
    project = ensure_tracks(project)
    if is_kind_locked(project, LayerKind.MOTION_PATCH):
        raise EditError("The motion patch layer is locked.", "Unlock it with its padlock to add a patch.")
    media = get_media(project, media_id)
    _refuse_anchor(media, anchor)
    if clip_id is not None and get_clip(project, clip_id)[1].media_id != media_id:
        raise EditError(f"The clip “{clip_id}” does not show “{media.name}”.")
    if any(p.id == patch_id for p in project.patches):
        raise EditError(f"The id “{patch_id}” is taken by another patch.")
    patch = Patch(
        id=patch_id or new_id(project, "patch"),
        name=_checked_name(name or f"Patch {len(project.patches) + 1}"),
        media_id=media_id,
        region=checked_region(region),
        anchor=anchor,
        window=clamped_window(media, anchor, window),
        recipe=checked_recipe(recipe),
        clip_id=clip_id,
        carrying=carrying,
    )
    return replace(project, patches=(*project.patches, patch))


def remove_patch(project: Project, patch_id: str) -> Project:
    """Remove a patch; its versions are kept as unattached results. Raises: EditError: it is locked in any way."""
    patch = get_patch(project, patch_id)
    refuse_locked_patch(project, patch)
    if patch.anchor_locked or patch.window_locked:
        what = "anchor" if patch.anchor_locked else "window"
        raise EditError(f"“{patch.name}” has its {what} locked.", f"Unlock the {what} to remove the patch.")
    return without_patch(project, patch_id)


def rename_patch(project: Project, patch_id: str, name: str) -> Project:
    patch = get_patch(project, patch_id)
    return _changed(project, patch, replace(patch, name=_checked_name(name)))


def set_patch_region(project: Project, patch_id: str, region: Region) -> Project:
    """Draw the region anew. Versions keep the region they were made from, so the picture changes with the next run only."""
    patch = get_patch(project, patch_id)
    return _changed(project, patch, replace(patch, region=checked_region(region)))


def set_patch_recipe(project: Project, patch_id: str, recipe: Recipe) -> Project:
    """Ask another provider, or the same one for something else, at the next run."""
    patch = get_patch(project, patch_id)
    return _changed(project, patch, replace(patch, recipe=checked_recipe(recipe)))


def set_window(project: Project, patch_id: str, window: TimeRange) -> Project:
    """Set the propagation window; clamped to the media and never without the anchor frame and the frames of the region's keys.

    Raises: EditError: the window is locked, or the patch.
    """
    patch = get_patch(project, patch_id)
    clamped = window
    for held in (patch.anchor, *(key.time for key in patch.keys)):
        clamped = clamped_window(get_media(project, patch.media_id), held, clamped)
    if clamped != patch.window and patch.window_locked:
        raise EditError(f"The window of “{patch.name}” is locked.", "Unlock it in the patch panel to change it.")
    return _changed(project, patch, replace(patch, window=clamped))


def set_anchor(project: Project, patch_id: str, anchor: Fraction) -> Project:
    """Put the anchor on another frame of the window, for the next run.

    Raises: EditError: the anchor is locked, or the patch; the frame is outside the window, or holds a key of the region.
    """
    patch = get_patch(project, patch_id)
    if anchor != patch.anchor and patch.anchor_locked:
        raise EditError(f"The anchor of “{patch.name}” is locked.", "Unlock it in the patch panel to move it.")
    if not patch.window.contains(anchor):
        raise EditError(f"{clock(anchor)} is outside the window of “{patch.name}”.", "Widen the window first.")
    if any(key.time == anchor for key in patch.keys):
        raise EditError(f"“{patch.name}” has a key of its region at {clock(anchor)}.", "Remove that key first.")
    return _changed(project, patch, replace(patch, anchor=anchor))


def lock_anchor(project: Project, patch_id: str, locked: bool) -> Project:
    """Hold the anchor frame: it cannot be moved, and no trim takes it out of the picture."""
    return with_patch(project, replace(get_patch(project, patch_id), anchor_locked=locked))


def lock_window(project: Project, patch_id: str, locked: bool) -> Project:
    """Hold the propagation window: it cannot be changed, and no trim cuts into what is shown of it."""
    return with_patch(project, replace(get_patch(project, patch_id), window_locked=locked))


def set_patch_locked(project: Project, patch_id: str, locked: bool) -> Project:
    return with_patch(project, replace(get_patch(project, patch_id), locked=locked))


def set_patch_visible(project: Project, patch_id: str, visible: bool) -> Project:
    return with_patch(project, replace(get_patch(project, patch_id), visible=visible))


def limit_patch_to_clip(project: Project, patch_id: str, clip_id: str | None) -> Project:
    """Show a patch in one clip only, or (None) wherever its media is used."""
    patch = get_patch(project, patch_id)
    if clip_id is not None and get_clip(project, clip_id)[1].media_id != patch.media_id:
        raise EditError(f"The clip “{clip_id}” does not show what “{patch.name}” changes.")
    return _changed(project, patch, replace(patch, clip_id=clip_id))


def _changed(project: Project, before: Patch, after: Patch) -> Project:
    if after == before:
        return project
    refuse_locked_patch(project, before)
    return with_patch(project, after)


def clamped_window(media: Media, anchor: Fraction, window: TimeRange) -> TimeRange:
    """The window inside its media, grown to hold the anchor frame (taken as one average frame long, where it must be)."""
    start, end = min(window.start, anchor), window.end
    if end <= anchor:
        end = anchor + 1 / (media.rate or Fraction(25))
    if media.available_range is not None:
        start, end = max(start, media.available_range.start), min(end, media.available_range.end)
    return TimeRange.between(max(start, ZERO) if media.kind is MediaKind.IMAGE else start, end)


def checked_recipe(recipe: Recipe) -> Recipe:
    """The recipe with sorted parameters; EditError where the prompt is longer than any provider takes."""
    if not recipe.provider:
        raise EditError("No provider is chosen.", "Choose one in the patch panel.")
    if len(recipe.prompt) > PROMPT_MAX_CHARACTERS:
        raise EditError(f"The prompt has {len(recipe.prompt)} characters.", f"Shorten it to {PROMPT_MAX_CHARACTERS}.")
    return replace(recipe, params=tuple(sorted(recipe.params)))


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_MAX_CHARACTERS:
        raise EditError(f"A name has 1 to {NAME_MAX_CHARACTERS} characters.")
    return name


def _refuse_anchor(media: Media, anchor: Fraction) -> None:
    if media.kind is MediaKind.AUDIO:
        raise EditError(f"“{media.name}” is a sound and has no picture to change.")
    outside = anchor < 0 if media.available_range is None else not media.available_range.contains(anchor)
    if outside:
        raise EditError(f"“{media.name}” has no frame at {clock(anchor)}.")
