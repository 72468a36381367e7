"""Where a clip may lie: which tracks take it, whether a range is free, and how a range is cleared.

Nothing here knows of locks of frames or of patches; the edits that use it ask for those.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.limits import DEFAULT_STILL_SECONDS
from engine.project.lookup import clip_name, first_of_kind, get_media, get_track, new_id
from engine.project.model import Clip, LayerKind, Media, MediaKind, Project, Track
from engine.rational_time import ZERO, TimeRange, clock

PICTURE_KINDS = frozenset({LayerKind.BACKGROUND, LayerKind.SUBJECT, LayerKind.OVERLAY})
TEXT_KINDS = frozenset({LayerKind.OVERLAY, LayerKind.CAPTIONS})
_DEFAULT_KIND = {MediaKind.VIDEO: LayerKind.SUBJECT, MediaKind.IMAGE: LayerKind.SUBJECT, MediaKind.AUDIO: LayerKind.MUSIC}


def track_for(project: Project, media: Media, track_id: str | None) -> Track:
    """The chosen track, or the usual one for a media; raises EditError where it takes no such thing."""
    track = get_track(project, track_id) if track_id else first_of_kind(project, _DEFAULT_KIND[media.kind])
    if track is None:
        raise EditError(f"There is no track for “{media.name}”.")
    refuse_unsuitable(track, media)
    return track


def refuse_unsuitable(track: Track, media: Media | None) -> None:
    """Raise EditError where a track does not take a media (None stands for a text)."""
    if media is None:
        if track.kind not in TEXT_KINDS:
            raise EditError(f"A text does not go on {track.id} ({track.name}).", "Put it on captions or overlay.")
    elif track.kind is LayerKind.MUSIC:
        if media.kind is MediaKind.IMAGE or (media.kind is MediaKind.VIDEO and not media.has_audio):
            raise EditError(f"“{media.name}” has no sound.", "Put it on a picture track.")
    elif media.kind is MediaKind.AUDIO:
        raise EditError(f"“{media.name}” is a sound and does not go on {track.id} ({track.name}).", "Put it on music.")
    elif track.kind not in PICTURE_KINDS:
        raise EditError(f"Pictures do not go on {track.id} ({track.name}).", "Put it on background, subject or overlay.")


def usable_range(media: Media, source_range: TimeRange | None) -> TimeRange:
    """The part of a media a clip shall show: all of it (5 s of a still) unless told; EditError where it does not exist."""
    available = media.available_range
    chosen = source_range or available or TimeRange(ZERO, DEFAULT_STILL_SECONDS)
    if media.kind is MediaKind.IMAGE:
        chosen = TimeRange(ZERO, chosen.duration)
    if chosen.duration <= 0:
        raise EditError("A clip needs a length.", "Choose an out point after the in point.")
    if available is not None and (chosen.start < available.start or chosen.end > available.end):
        raise EditError(
            f"“{media.name}” goes from {clock(available.start)} to {clock(available.end)} only.", "Choose a range inside."
        )
    return chosen


def refuse_taken(project: Project, track: Track, span: TimeRange) -> None:
    """Raise EditError where a clip lies in a range of a track, or the range begins before 0."""
    if span.start < 0:
        raise EditError("A clip cannot begin before the start of the timeline.")
    after = bisect_left(track.clips, span.start, key=lambda clip: clip.start)
    for clip in track.clips[max(0, after - 1) : after + 1]:  # in order and apart, so only these two can touch the range
        if clip.timeline_range.intersection(span):
            raise EditError(
                f"There is no free place at {clock(span.start)} on {track.id}: “{clip_name(project, clip)}” is in the way.",
                "Choose another place, or overwrite.",
            )


def is_timeless(project: Project, clip: Clip) -> bool:
    """Whether a clip shows a still or a text: its source range always starts at 0 and may be of any length."""
    return clip.media_id is None or get_media(project, clip.media_id).kind is MediaKind.IMAGE


def piece(project: Project, clip: Clip, start: Fraction, end: Fraction, clip_id: str = "") -> Clip:
    """The part of a clip between two timeline times inside it, under the same id unless told."""
    source_start = ZERO if is_timeless(project, clip) else clip.source_time(start)
    return replace(clip, id=clip_id or clip.id, start=start, source_range=TimeRange(source_start, end - start))


def cleared(project: Project, clips: Iterable[Clip], span: TimeRange) -> tuple[list[Clip], dict[str, str]]:
    """The clips with a range made free, and where one was cut in two: its id -> the id of its right part.

    | A | B |  ->  |A|   |B|        |   A   |  ->  |A|   |A'|
      ^---^                           ^---^
    """
    kept: list[Clip] = []
    right_of: dict[str, str] = {}
    for clip in clips:
        if not clip.timeline_range.intersection(span):
            kept.append(clip)
            continue
        has_left = clip.start < span.start
        if has_left:
            kept.append(piece(project, clip, clip.start, span.start))
        if clip.end > span.end:
            right_id = new_id(project, "clip") if has_left else clip.id
            kept.append(piece(project, clip, span.end, clip.end, right_id))
            if has_left:
                right_of[clip.id] = right_id
    return kept, right_of
