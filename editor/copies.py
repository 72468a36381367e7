"""Clips that were copied, and where they go when they are pasted. Pure functions; the system's clipboard is not used."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from editor.placing import free_from
from engine.errors import EditError
from engine.project.clip_place import refuse_unsuitable
from engine.project.lookup import new_ids, refuse_locked, with_clips
from engine.project.media_edits import add_media
from engine.project.model import Clip, LayerKind, Media, Project, Track
from engine.project.track_edits import ensure_tracks
from engine.rational_time import ZERO


@dataclass(frozen=True, slots=True)
class Copied:
    """A clip as it was, with the track it lay on and its file, so that it can go into another project too."""

    clip: Clip
    track_id: str
    kind: LayerKind
    media: Media | None


def copied(project: Project, clip_ids: Collection[str]) -> tuple[Copied, ...]:
    """The chosen clips from the earliest on."""
    found = [
        Copied(clip, track.id, track.kind, project.media_by_id(clip.media_id) if clip.media_id else None)
        for track in project.tracks for clip in track.clips if clip.id in clip_ids
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.clip.start))


def end_of(copies: tuple[Copied, ...]) -> Fraction:
    """When the last of them ends, where they were copied."""
    return max((one.clip.end for one in copies), default=ZERO)


def pasted(project: Project, copies: tuple[Copied, ...], start: Fraction) -> tuple[Project, tuple[str, ...]]:
    """The project with the copies, the first at `start` or the earliest time from there on at which all have room.

        playhead: v      |  A  |    |     ->  |  A  | A' |

    Their distances stay; nothing is overwritten. Returns the ids of the new clips too.
    Raises: EditError: a track that is needed is locked or takes no such clip.
    """
    project = ensure_tracks(project)
    for one in copies:
        project = add_media(project, one.media) if one.media is not None else project
    tracks = [_track_for(project, one) for one in copies]
    ids = new_ids(project, "clip", len(copies))
    shift = _room_from(copies, tracks, start)
    known = {media.fingerprint: media.id for media in project.media}
    new: dict[str, list[Clip]] = {}
    for one, track, clip_id in zip(copies, tracks, ids, strict=True):
        new.setdefault(track.id, []).append(_copy(one, clip_id, shift, known))
    for track in {track.id: track for track in tracks}.values():
        project = with_clips(project, track, _side_by_side(track, new[track.id]))
    return project, tuple(ids)


def _copy(one: Copied, clip_id: str, shift: Fraction, known: dict[str, str]) -> Clip:
    media_id = known[one.media.fingerprint] if one.media is not None else None
    text = replace(one.clip.text, bitmap="") if one.clip.text is not None else None  # drawn again, perhaps in another project
    return replace(one.clip, id=clip_id, start=one.clip.start + shift, media_id=media_id, text=text)


def _side_by_side(track: Track, new: list[Clip]) -> list[Clip]:
    """The clips of a track with the new ones. EditError where copies of two tracks would lie on each other."""
    clips = sorted((*track.clips, *new), key=lambda clip: clip.start)
    if any(before.end > after.start for before, after in pairwise(clips)):
        raise EditError(f"What was copied needs more than {track.name}.", "Add a layer of its kind first.")
    return clips


def _track_for(project: Project, one: Copied) -> Track:
    same = [track for track in project.tracks if track.kind is one.kind]
    if not same:
        raise EditError("There is no track for what was copied.", "Add a layer of its kind.")
    track = next((t for t in same if t.id == one.track_id), same[0])
    refuse_locked(track)
    refuse_unsuitable(track, one.media)
    return track


def _room_from(copies: tuple[Copied, ...], tracks: list[Track], start: Fraction) -> Fraction:
    """The common shift with which every copy has room; it only grows while it is looked for, so the search ends."""
    shift = start - copies[0].clip.start
    moved = any(track.clips and one.clip.start + shift < track.clips[-1].end for one, track in zip(copies, tracks, strict=True))
    while moved:
        moved = False
        for one, track in zip(copies, tracks, strict=True):
            wanted = one.clip.start + shift
            later = free_from(track, wanted, one.clip.source_range.duration) - wanted
            shift, moved = shift + later, moved or later > 0
    return shift
