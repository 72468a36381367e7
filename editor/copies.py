"""Clips that were copied, and where they go when they are pasted. Pure functions; the system's clipboard is not used."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction

from editor.placing import free_from
from engine.errors import EditError
from engine.project.clip_edits import place_clip
from engine.project.clip_place import refuse_unsuitable
from engine.project.lookup import new_ids, refuse_locked
from engine.project.media_edits import add_media, media_with_fingerprint
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
    for one, track, clip_id in zip(copies, tracks, ids, strict=True):
        clip = replace(one.clip, id=clip_id, start=one.clip.start + shift)
        if one.media is not None:
            known = media_with_fingerprint(project, one.media.fingerprint)
            clip = replace(clip, media_id=(known or one.media).id)
        if clip.text is not None:
            clip = replace(clip, text=replace(clip.text, bitmap=""))  # drawn again: its picture may lie beside another project
        project = place_clip(project, next(t for t in project.tracks if t.id == track.id), clip)
    return project, tuple(ids)


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
    moved = True
    while moved:
        moved = False
        for one, track in zip(copies, tracks, strict=True):
            wanted = one.clip.start + shift
            later = free_from(track, wanted, one.clip.source_range.duration) - wanted
            shift, moved = shift + later, moved or later > 0
    return shift
