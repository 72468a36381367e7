"""What happens to patches that are limited to one clip when it is cut or goes. What stays keeps its picture."""

from collections.abc import Mapping
from dataclasses import replace

from engine.project.lookup import new_id, with_patch
from engine.project.model import Clip, Patch, Project
from engine.project.version_edits import without_patch


def follow_clips(project: Project, right_of: Mapping[str, str]) -> Project:
    """Bring the patches with a `clip_id` in line with the clips of an edited project.

    A clip that was cut in two (`right_of`: its id -> the id of its right part) leaves its patch on the part that shows it, and a
    copy of it on the other where both do. A clip that is gone takes its patches along; their versions are kept unattached.
    """
    if all(patch.clip_id is None for patch in project.patches):
        return project
    clips = {clip.id: clip for track in project.tracks for clip in track.clips}
    for patch in project.patches:
        if patch.clip_id is None:
            continue
        if patch.clip_id not in clips:
            project = without_patch(project, patch.id)
        elif patch.clip_id in right_of:
            project = _divide(project, patch, clips[patch.clip_id], clips[right_of[patch.clip_id]])
    return project


def _divide(project: Project, patch: Patch, left: Clip, right: Clip) -> Project:
    if not right.source_range.intersection(patch.window):
        return project
    if not left.source_range.intersection(patch.window):
        return with_patch(project, replace(patch, clip_id=right.id))
    on_left, on_right = patch, replace(patch, id=new_id(project, "patch"), clip_id=right.id)
    if right.source_range.contains(patch.anchor):  # results that are still under way belong where the anchor is
        on_left, on_right = replace(patch, id=on_right.id), replace(on_right, id=patch.id)
    pair = (on_left, on_right)
    patches = [new for old in project.patches for new in (pair if old.id == patch.id else (old,))]
    return replace(project, patches=tuple(patches))
