"""Where media that were dropped or imported go on the timeline. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.errors import EditError
from engine.limits import DEFAULT_STILL_SECONDS
from engine.project.clip_edits import insert_clip
from engine.project.clip_place import refuse_unsuitable
from engine.project.lookup import first_of_kind, get_media
from engine.project.model import LayerKind, Media, MediaKind, Project, Track
from engine.project.track_edits import ensure_tracks
from engine.rational_time import ZERO


@dataclass(frozen=True, slots=True)
class Place:
    """A wish: a time (None: behind what is there), a track (empty: the usual one), overwrite or go where there is room."""

    time: Fraction | None = None
    track_id: str = ""
    overwrite: bool = False


def placed(project: Project, media_ids: Sequence[str], place: Place) -> Project:
    """The project with the media as clips, one after another. Raises: EditError."""
    project = ensure_tracks(project)
    time = place.time
    for media_id in media_ids:
        media = get_media(project, media_id)
        track = track_of(project, media, place.track_id)
        length = _length(media)
        wanted = time if time is not None else max((clip.end for clip in track.clips), default=ZERO)
        start = wanted if place.overwrite else free_from(track, wanted, length)
        project = insert_clip(project, media_id, start, track_id=track.id, overwrite=place.overwrite)
        time = start + length if place.time is not None else None
    return project


def landing(project: Project, media_ids: Sequence[str], place: Place) -> tuple[str, Fraction, Fraction] | None:
    """Where `placed` would put the media: id of the first one's track, start of the first, end of the last.

    None where a track that it needs is not there, or `place` has no time.
    """
    ends: list[tuple[str, Fraction, Fraction]] = []
    time = place.time
    for media_id in media_ids:
        media = project.media_by_id(media_id)
        try:
            track = track_of(project, media, place.track_id)
        except EditError:
            return None
        if time is None:
            return None
        length = _length(media)
        start = time if place.overwrite else free_from(track, time, length)
        time = start + length
        ends.append((track.id, start, time))
    return (ends[0][0], ends[0][1], ends[-1][2]) if ends else None


def _length(media: Media) -> Fraction:
    return media.available_range.duration if media.available_range else DEFAULT_STILL_SECONDS


def track_of(project: Project, media: Media, track_id: str) -> Track:
    """The wished track where it takes the media, else the one that does."""
    wished = next((track for track in project.tracks if track.id == track_id), None)
    if wished is not None and takes(wished, media):
        return wished
    if media.kind is MediaKind.AUDIO:
        kind = LayerKind.MUSIC
    elif wished is not None and wished.kind in {LayerKind.CAPTIONS, LayerKind.MOTION_PATCH}:
        kind = LayerKind.OVERLAY
    else:
        kind = LayerKind.SUBJECT
    track = first_of_kind(project, kind)
    if track is None:
        raise EditError(f"There is no track for “{media.name}”.")
    return track


def takes(track: Track, media: Media) -> bool:
    """Whether a track can hold a media."""
    try:
        refuse_unsuitable(track, media)
    except EditError:
        return False
    return True


def free_from(track: Track, start: Fraction, length: Fraction) -> Fraction:
    """The earliest time from `start` on at which a clip of a length fits between the others."""
    for clip in sorted(track.clips, key=lambda clip: clip.start):
        if clip.end <= start:
            continue
        if clip.start >= start + length:
            break
        start = clip.end
    return start
