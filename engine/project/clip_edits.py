"""Edits of clips: put them on a track, move, trim, split, remove. Each returns a new project, or raises EditError.

The caller snaps times to frames; here they are exact and only their limits are held. Nothing moves on another track.
"""

from dataclasses import replace
from enum import Enum
from fractions import Fraction

from engine.errors import EditError
from engine.project.clip_patches import follow_clips
from engine.project.clip_place import cleared, is_timeless, piece, refuse_taken, refuse_unsuitable, track_for, usable_range
from engine.project.frame_locks import refuse_cut_locks
from engine.project.lookup import clip_name, get_clip, get_media, get_track, new_id, refuse_locked, with_clips
from engine.project.model import Canvas, Clip, Media, MediaKind, Project, Track
from engine.project.track_edits import ensure_tracks
from engine.rational_time import ZERO, TimeRange, clock


class Edge(Enum):
    """The two ends of a clip that can be dragged."""

    START = "start"
    END = "end"


def append_clip(
    project: Project, media_id: str, *, track_id: str | None = None, source_range: TimeRange | None = None, clip_id: str = ""
) -> Project:
    """Put a media behind the last clip of a track (subject for pictures, music for sounds, unless told).

    | A | B |  ->  | A | B | C |
    """
    project = ensure_tracks(project)
    track = track_for(project, get_media(project, media_id), track_id)
    end = max((clip.end for clip in track.clips), default=ZERO)
    return insert_clip(project, media_id, end, track_id=track.id, source_range=source_range, clip_id=clip_id)


def insert_clip(
    project: Project,
    media_id: str,
    start: Fraction,
    *,
    track_id: str | None = None,
    source_range: TimeRange | None = None,
    overwrite: bool = False,
    clip_id: str = "",
) -> Project:
    """Put a media at a timeline time. The first video decides size and rate of the output.

        |   A   |       |  ->  |   A   | C |          overwrite:   |  A  |  B  |  ->  | A | C | B |
                 ^                                                    ^----^

    Args:
        source_range: what to show of it; all of it (5 s of a still) where None.
        overwrite: cut away what is in the place, instead of refusing.
        clip_id: the new clip's id (see `new_id`), so that the caller can select it; random where empty.
    Raises: EditError: no free place, a locked track, a track of another kind, a range that does not exist.
    """
    project = ensure_tracks(project)
    media = get_media(project, media_id)
    track = track_for(project, media, track_id)
    clip = Clip(clip_id or new_id(project, "clip"), start, usable_range(media, source_range), media_id)
    return _with_canvas_of(place_clip(project, track, clip, overwrite=overwrite), media)


def place_clip(project: Project, track: Track, clip: Clip, *, overwrite: bool = False) -> Project:
    """Lay a finished clip on a track: what every insertion of media, text and music ends with."""
    refuse_locked(track)
    if project.find_clip(clip.id) is not None:
        raise EditError(f"The id “{clip.id}” is taken by another clip.")
    kept, right_of = _room(project, track, list(track.clips), clip.timeline_range, overwrite)
    return _settled(project, with_clips(project, track, [*kept, clip]), right_of)


def _room(
    project: Project, track: Track, others: list[Clip], span: TimeRange, overwrite: bool
) -> tuple[list[Clip], dict[str, str]]:
    """The other clips of a track with a range free; refuses or cuts what is in it."""
    if overwrite and span.start >= 0:
        return cleared(project, others, span)
    refuse_taken(project, replace(track, clips=tuple(others)), span)
    return others, {}


def _settled(before: Project, after: Project, right_of: dict[str, str] | None = None) -> Project:
    """The end of every edit that cuts: patches of single clips follow, frame locks are asked."""
    if after is before:
        return before
    settled = follow_clips(after, right_of or {})
    refuse_cut_locks(before, settled)
    return settled


def _with_canvas_of(project: Project, media: Media) -> Project:
    if project.canvas.is_chosen or media.kind is not MediaKind.VIDEO or not (media.width and media.height):
        return project
    canvas = Canvas(media.width, media.height, media.rate or project.canvas.rate, is_chosen=True)
    return replace(project, canvas=canvas)


def move_clip(
    project: Project, clip_id: str, start: Fraction, *, track_id: str | None = None, overwrite: bool = False
) -> Project:
    """Move a clip along its track, or to another one that takes its kind.

        | A |   | B |  ->  |   | A | B |

    Raises: EditError: no free place, a locked track (its own or the other), a track of another kind.
    """
    source_track, clip = get_clip(project, clip_id)
    target = get_track(project, track_id) if track_id else source_track
    if target.id == source_track.id and clip.start == start:
        return project
    refuse_unsuitable(target, get_media(project, clip.media_id) if clip.media_id else None)
    refuse_locked(source_track)
    refuse_locked(target)
    moved = replace(clip, start=start)
    lifted = with_clips(project, source_track, [c for c in source_track.clips if c.id != clip_id])
    target = get_track(lifted, target.id)
    kept, right_of = _room(project, target, list(target.clips), moved.timeline_range, overwrite)
    return _settled(project, with_clips(lifted, target, [*kept, moved]), right_of)


def trim_limits(project: Project, clip_id: str, edge: Edge, *, ripple: bool = False) -> tuple[Fraction | None, Fraction | None]:
    """Earliest and latest timeline time to which an edge can go; None where nothing limits it.

    The far limit of each edge (its clip's other end) is not reached: a clip keeps a length.
    """
    track, clip = get_clip(project, clip_id)
    available = None if is_timeless(project, clip) else get_media(project, clip.media_id or "").available_range
    place = track.clips.index(clip)
    if edge is Edge.START:
        source_limit = clip.timeline_time(available.start) if available else None
        neighbour = track.clips[place - 1].end if place else ZERO
        limits = [t for t in (source_limit, None if ripple else neighbour) if t is not None]
        return max(limits, default=None), clip.end
    source_limit = clip.timeline_time(available.end) if available else None
    following = track.clips[place + 1].start if place + 1 < len(track.clips) else None
    limits = [t for t in (source_limit, None if ripple else following) if t is not None]
    return clip.start, min(limits, default=None)


def trim_clip(project: Project, clip_id: str, edge: Edge, time: Fraction, *, ripple: bool = False) -> Project:
    """Put one edge of a clip at a timeline time; beyond its source or its neighbour it stops there (see `trim_limits`).

        | A | B |  ->  | A   |B|          ripple, end of A:    | A | B |  ->  |A| B |
             <->                          ripple, start of A:  | A | B |  ->  |A| B |   (A keeps its place, shows later frames)

    Raises: EditError: nothing would be left of the clip, a locked track, a locked anchor or window would be cut off.
    """
    track, clip = get_clip(project, clip_id)
    earliest, latest = trim_limits(project, clip_id, edge, ripple=ripple)
    time = time if earliest is None else max(time, earliest)
    time = time if latest is None else min(time, latest)
    if time == (clip.start if edge is Edge.START else clip.end):
        return project
    refuse_locked(track)
    if (edge is Edge.START and time >= clip.end) or (edge is Edge.END and time <= clip.start):
        raise EditError(f"Nothing would be left of “{clip_name(project, clip)}”.", "Delete the clip instead.")
    start, end = (time, clip.end) if edge is Edge.START else (clip.start, time)
    trimmed = piece(project, clip, start, end)
    if not ripple:
        return _settled(project, _replaced(project, track, trimmed))
    by = trimmed.source_range.duration - clip.source_range.duration
    trimmed = replace(trimmed, start=clip.start)
    others = [c if c.start < clip.start else replace(c, start=c.start + by) for c in track.clips if c.id != clip_id]
    return _settled(project, with_clips(project, track, [*others, trimmed]))


def _replaced(project: Project, track: Track, clip: Clip) -> Project:
    return with_clips(project, track, [clip if c.id == clip.id else c for c in track.clips])


def split_clip(project: Project, clip_id: str, at: Fraction, *, new_clip_id: str = "") -> Project:
    """Cut a clip in two at a timeline time inside it; at its ends nothing changes. The left part keeps the id.

    |   A   |  ->  | A | A'|
        ^
    """
    track, clip = get_clip(project, clip_id)
    if at in {clip.start, clip.end}:
        return project
    if not clip.timeline_range.contains(at):
        raise EditError(f"“{clip_name(project, clip)}” is not under {clock(at)}.", "Put the playhead on the clip.")
    refuse_locked(track)
    right_id = new_clip_id or new_id(project, "clip")
    left, right = piece(project, clip, clip.start, at), piece(project, clip, at, clip.end, right_id)
    others = [c for c in track.clips if c.id != clip_id]
    return _settled(project, with_clips(project, track, [*others, left, right]), {clip_id: right_id})


def remove_clip(project: Project, clip_id: str, *, close_gap: bool = False) -> Project:
    """Take a clip off the timeline.

        | A | B | C |  ->  | A |   | C |          close_gap:  | A | B | C |  ->  | A | C |

    Raises: EditError: a locked track; a locked anchor, window or patch of this clip would vanish.
    """
    track, clip = get_clip(project, clip_id)
    refuse_locked(track)
    others = [c for c in track.clips if c.id != clip_id]
    if close_gap:
        by = clip.source_range.duration
        others = [replace(c, start=c.start - by) if c.start >= clip.end else c for c in others]
    return _settled(project, with_clips(project, track, others))
