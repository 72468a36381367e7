"""A clip gives its place to a slowed one: that lasts longer, and what follows on its track moves on."""

from dataclasses import replace

from engine.errors import EditError
from engine.project.clip_patches import follow_clips
from engine.project.clip_place import usable_range
from engine.project.frame_locks import refuse_cut_locks
from engine.project.lookup import get_clip, get_media, new_id, refuse_locked, with_clips
from engine.project.media_edits import add_media, media_with_fingerprint
from engine.project.model import Clip, Media, MediaKind, Project
from engine.rational_time import TimeRange

LEAST_TIMES, MOST_TIMES = 2, 8


def slowable_clip(project: Project, clip_id: str, times: int) -> tuple[Clip, Media]:
    """The clip and its video. Raises: EditError: no video, a locked track, a factor that is not offered."""
    if not LEAST_TIMES <= times <= MOST_TIMES:
        raise EditError(f"A clip cannot be slowed {times} times.", f"It may be {LEAST_TIMES} to {MOST_TIMES} times.")
    track, clip = get_clip(project, clip_id)
    refuse_locked(track)
    media = get_media(project, clip.media_id) if clip.media_id else None
    if media is None or media.kind is not MediaKind.VIDEO:
        raise EditError("Only the clip of a video can be slowed: nothing else has frames.", "Drag the end of this one instead.")
    return clip, media


def put_slowed(project: Project, clip_id: str, slowed: Media, source_range: TimeRange, *, new_clip_id: str = "") -> Project:
    """Show `source_range` of a slowed video in a clip's stead, in its look; what follows on the track moves on by the difference.

        | A | B | C |  ->  | A |   B   | C |

    The video comes into the bin, the one it was made of stays there. Raises: EditError: a locked track or frame, no such range.
    """
    track, clip = get_clip(project, clip_id)
    refuse_locked(track)
    after = add_media(project, slowed)
    media = media_with_fingerprint(after, slowed.fingerprint) or slowed
    laid = replace(
        clip, id=new_clip_id or new_id(after, "clip"), media_id=media.id, source_range=usable_range(media, source_range)
    )
    by = laid.source_range.duration - clip.source_range.duration
    others = [replace(c, start=c.start + by) if c.start >= clip.end else c for c in track.clips if c.id != clip_id]
    settled = follow_clips(with_clips(after, track, [*others, laid]), {})
    refuse_cut_locks(project, settled)
    return settled
