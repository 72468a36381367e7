"""Where a new patch goes: the clip under a timeline time, its exact source frame, and the window around it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from engine.errors import BadInputError
from engine.media.index import FrameIndex
from engine.project.lookup import clip_under, get_clip
from engine.project.model import AUDIO_KINDS, Clip, Media, MediaKind, Project
from engine.rational_time import TimeRange, clock

IndexOf = Callable[[Media], FrameIndex]

DEFAULT_BEFORE = 12
DEFAULT_AFTER = 12
"""Frames of the window on each side of the anchor where nobody says otherwise: about a second of video."""


@dataclass(frozen=True, slots=True)
class PatchPlace:
    """A frame of a clip."""

    clip: Clip
    media: Media
    anchor: Fraction
    """Source time, exactly a frame's."""


@dataclass(frozen=True, slots=True)
class PatchWindow:
    """A propagation window in source time, and whether a clip's end shortened it."""

    range: TimeRange
    before: int
    after: int
    is_clamped: bool


def clip_at(project: Project, time: Fraction, clip_id: str | None = None) -> Clip:
    """The topmost visible, unlocked picture clip at a timeline time, or the one that was named.

    Raises: BadInputError for a gap or a clip that is not there at that time; EditError for an unknown id.
    """
    if clip_id is not None:
        clip = get_clip(project, clip_id)[1]
        if clip.media_id is None or not clip.timeline_range.contains(time):
            raise BadInputError(f"The clip “{clip_id}” shows no picture at {clock(time)}.", "Choose another time or clip.")
        return clip
    candidates = [
        found for track in project.tracks if track.visible and not track.locked and track.kind not in AUDIO_KINDS
        if (found := clip_under(track, time)) is not None and found.media_id is not None
        and project.media_by_id(found.media_id).kind is not MediaKind.AUDIO
    ]
    videos = [c for c in candidates if project.media_by_id(c.media_id or "").kind is MediaKind.VIDEO] or candidates
    if not videos:
        raise BadInputError(f"There is no clip to patch at {clock(time)}.", "Choose a time at which an unlocked clip is shown.")
    return videos[-1]


def place_at(project: Project, time: Fraction, index_of_media: IndexOf, clip_id: str | None = None) -> PatchPlace:
    """The source frame under a timeline time; `index_of_media(media)` gives a video's frame index."""
    clip = clip_at(project, time, clip_id)
    media = project.media_by_id(clip.media_id or "")
    source = clip.source_time(time)
    if media.kind is MediaKind.VIDEO:
        index = index_of_media(media)
        source = index.time_of(index.frame_at(source))
    return PatchPlace(clip, media, source)


def window_around(place: PatchPlace, index: FrameIndex | None, before: int, after: int) -> PatchWindow:
    """`before` and `after` source frames around the anchor, clamped to the clip; the clip's whole range for a still."""
    used = place.clip.source_range
    if index is None:
        return PatchWindow(used, 0, 0, is_clamped=False)
    anchor = index.frame_at(place.anchor)
    in_clip = index.frames_between(used.start, used.end)
    low, high = min(in_clip.start, anchor), max(in_clip.stop - 1, anchor)
    first, last = max(anchor - before, low), min(anchor + after, high)
    span = TimeRange.between(index.time_of(first), index.end_of(last))
    return PatchWindow(span, anchor - first, last - anchor, (anchor - first, last - anchor) != (before, after))
