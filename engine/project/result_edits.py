"""Edits of results that have no patch (any more): put them back into the project. Discarding is in `version_edits`."""

from dataclasses import replace

from engine.errors import EditError
from engine.project.lookup import get_media, is_kind_locked
from engine.project.model import LayerKind, Patch, PatchState, PatchVersion, Project
from engine.project.patch_edits import clamped_window
from engine.project.track_edits import ensure_tracks
from engine.project.version_edits import attach_version, choose_version
from engine.rational_time import TimeRange


def unattached_version(project: Project, patch_id: str, number: int) -> PatchVersion:
    """Raises: EditError: there is no such result (any more)."""
    found = next((v for owner, v in project.unattached if (owner, v.number) == (patch_id, number)), None)
    if found is None:
        raise EditError("This result is not among the kept ones any more.")
    return found


def put_back(project: Project, patch_id: str, number: int, media_id: str, window: TimeRange, name: str = "") -> Project:
    """Show a kept result again: in its patch where that is there, else in a new one of the same id, ready to review.

    All kept results of the patch come back with it; `window` is clamped to the media and holds the anchor.
    Raises: EditError: there is no such result; the patch, or the layer of patches, is locked; the anchor lies outside the media.
    """
    version = unattached_version(project, patch_id, number)
    if any(patch.id == patch_id for patch in project.patches):
        changed = attach_version(project, patch_id, version)
        patch = changed.patch_by_id(patch_id)
        same = next(v for v in patch.versions if replace(v, number=0) == replace(version, number=0))
        return choose_version(changed, patch_id, same.number)
    project = ensure_tracks(project)
    if is_kind_locked(project, LayerKind.MOTION_PATCH):
        raise EditError("The motion patch layer is locked.", "Unlock it with its padlock to add a patch.")
    media = get_media(project, media_id)
    if media.available_range is not None and not media.available_range.contains(version.anchor):
        raise EditError(f"“{media.name}” has no such frame.", "Put the result back on the file it was made for.")
    kept = tuple(sorted((v for owner, v in project.unattached if owner == patch_id), key=lambda v: v.number))
    versions = tuple(replace(v, number=place) for place, v in enumerate(kept, start=1))
    patch = Patch(
        id=patch_id, name=name or f"Patch {len(project.patches) + 1}", media_id=media_id, region=version.region,
        anchor=version.anchor, window=clamped_window(media, version.anchor, window), recipe=version.recipe,
        state=PatchState.QA_READY, versions=versions, current_version=kept.index(version) + 1,
    )  # fmt: skip
    others = tuple(item for item in project.unattached if item[0] != patch_id)
    return replace(project, patches=(*project.patches, patch), unattached=others)
