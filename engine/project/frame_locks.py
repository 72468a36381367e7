"""Frame locking: an edit of clips may not take a locked anchor frame or a locked window out of the picture.

Asked after the edit, of the projects before and after it, so every edit that cuts is held by one rule: what a lock protects and
was shown before must be shown by some clip afterwards.
"""

from engine.errors import EditError
from engine.project.model import Patch, Project
from engine.rational_time import TimeRange, clock, merge_ranges


def refuse_cut_locks(before: Project, after: Project) -> None:
    """Raise EditError where `after` no longer shows what a frame lock protects and `before` showed."""
    for patch in before.patches:
        if not (patch.anchor_locked or patch.window_locked or (patch.locked and patch.clip_id is not None)):
            continue
        successor = next((p for p in after.patches if p.id == patch.id), None)
        if successor is None:
            raise EditError(f"The locked patch “{patch.name}” belongs to this clip alone.", "Unlock the patch first.")
        _compare(patch, _shown(before, patch), _shown(after, successor))


def _shown(project: Project, patch: Patch) -> list[TimeRange]:
    """Source ranges in which the timeline shows a patch."""
    clips = (clip for track in project.tracks for clip in track.clips)
    return merge_ranges([c.source_range for c in clips if c.media_id == patch.media_id and patch.clip_id in {None, c.id}])


def _compare(patch: Patch, before: list[TimeRange], after: list[TimeRange]) -> None:
    anchor_was_shown = any(shown.contains(patch.anchor) for shown in before)
    if patch.anchor_locked and anchor_was_shown and not any(shown.contains(patch.anchor) for shown in after):
        raise EditError(
            f"“{patch.name}” has its anchor frame locked at {clock(patch.anchor)} of the source, which this would cut off.",
            "Unlock the anchor in the patch panel first.",
        )
    if patch.window_locked:
        held = [part for shown in before if (part := shown.intersection(patch.window))]
        if not all(_contains(after, part) for part in held):
            raise EditError(
                f"“{patch.name}” has its window locked from {clock(patch.window.start)} to {clock(patch.window.end)} of the "
                "source, and this would cut into it.",
                "Unlock the window in the patch panel first.",
            )


def _contains(ranges: list[TimeRange], part: TimeRange) -> bool:
    return any(r.start <= part.start and part.end <= r.end for r in ranges)
