"""What every edit starts and ends with: find a thing by id or say that it is gone, and put a changed thing back.

Putting back an equal thing returns the very same project, so that an edit which changes nothing is seen to change nothing.
"""

import secrets
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from engine.errors import EditError
from engine.project.model import Clip, LayerKind, Media, Patch, Project, Track


def new_id(project: Project, prefix: str) -> str:
    """A random id such as `clip-3f9a01bc` that nothing in the project has.

    Random, not counted: a result that comes back late must never fit a newer thing that got the number of a removed one.
    """
    return new_ids(project, prefix, 1)[0]


def new_ids(project: Project, prefix: str, count: int) -> list[str]:
    """So many of them, for many things at once."""
    taken = {m.id for m in project.media} | {p.id for p in project.patches} | {c.id for t in project.tracks for c in t.clips}
    taken |= {cue.id for cue in project.captions.cues}
    made: list[str] = []
    while len(made) < count:
        candidate = f"{prefix}-{secrets.token_hex(4)}"
        if candidate not in taken:
            taken.add(candidate)
            made.append(candidate)
    return made


def get_media(project: Project, media_id: str) -> Media:
    for media in project.media:
        if media.id == media_id:
            return media
    raise EditError(f"There is no media “{media_id}” in this project.")


def get_track(project: Project, track_id: str) -> Track:
    for track in project.tracks:
        if track.id == track_id:
            return track
    raise EditError(f"There is no track “{track_id}” in this project.")


def get_clip(project: Project, clip_id: str) -> tuple[Track, Clip]:
    """The track a clip lies on, and the clip."""
    found = project.find_clip(clip_id)
    if found is None:
        raise EditError(f"There is no clip “{clip_id}” on the timeline.")
    return found


def get_patch(project: Project, patch_id: str) -> Patch:
    for patch in project.patches:
        if patch.id == patch_id:
            return patch
    raise EditError(f"There is no patch “{patch_id}” in this project.")


def clip_under(track: Track, time: Fraction) -> Clip | None:
    """The clip of a track at a timeline time; by bisection, since tracks are long and the playhead asks at each move."""
    place = bisect_right(track.clips, time, key=lambda clip: clip.start) - 1
    clip = track.clips[place] if place >= 0 else None
    return clip if clip is not None and clip.timeline_range.contains(time) else None


def first_of_kind(project: Project, kind: LayerKind) -> Track | None:
    return next((track for track in project.tracks if track.kind is kind), None)


def is_kind_locked(project: Project, kind: LayerKind) -> bool:
    """Whether the row of a kind that is only a view (all patches, the original audio) is locked."""
    track = first_of_kind(project, kind)
    return track is not None and track.locked


def visible_patches(project: Project) -> tuple[Patch, ...]:
    """Patches whose own eye and whose row's eye are open and that have a result, bottom to top."""
    return visible(project, project.patches)


def visible(project: Project, patches: Iterable[Patch]) -> tuple[Patch, ...]:
    """Those of some patches of a project."""
    row = first_of_kind(project, LayerKind.MOTION_PATCH)
    if row is not None and not row.visible:
        return ()
    return tuple(patch for patch in patches if patch.visible and patch.version is not None)


def refuse_locked(track: Track) -> None:
    """Raise EditError where the track is locked."""
    if track.locked:
        raise EditError(f"The track {track.id} ({track.name}) is locked.", "Unlock it with its padlock to change its clips.")


def with_media(project: Project, media: Media) -> Project:
    if get_media(project, media.id) == media:
        return project
    return replace(project, media=tuple(media if m.id == media.id else m for m in project.media))


def with_track(project: Project, track: Track) -> Project:
    if get_track(project, track.id) == track:
        return project
    return replace(project, tracks=tuple(track if t.id == track.id else t for t in project.tracks))


def with_clips(project: Project, track: Track, clips: list[Clip]) -> Project:
    """The project with these clips on a track, put in order of start."""
    return with_track(project, replace(track, clips=tuple(sorted(clips, key=_place))))


def _place(clip: Clip) -> tuple[float, Fraction]:
    """To sort by start: the nearest float decides nearly always, and comparing those costs a tenth; the exact time does where
    they are equal.
    """
    return clip.start.numerator / clip.start.denominator, clip.start


def with_clip(project: Project, track: Track, clip: Clip) -> Project:
    return with_clips(project, track, [clip if c.id == clip.id else c for c in track.clips])


def with_patch(project: Project, patch: Patch) -> Project:
    if get_patch(project, patch.id) == patch:
        return project
    return replace(project, patches=tuple(patch if p.id == patch.id else p for p in project.patches))


def clip_name(project: Project, clip: Clip) -> str:
    """What the user calls a clip: its media's name or the beginning of its text."""
    if clip.text is not None:
        return clip.text.text.split("\n", 1)[0][:40]
    return next((m.name for m in project.media if m.id == clip.media_id), clip.id)
