"""What is true of every project, checked in full: after each edit in tests, and of every file before it is believed.

It says what is wrong, not how to mend it. An edit that breaks one of these is a bug; a file that does is refused.
"""

import math
from collections.abc import Iterable

from engine.errors import PatchreelError
from engine.limits import FALLOFF_MAX_FRAMES
from engine.project.caption_rules import captions_fault
from engine.project.clip_place import PICTURE_KINDS, TEXT_KINDS
from engine.project.model import Clip, LayerKind, Media, MediaKind, Patch, Project, Region, Track
from engine.project.regions import fault_of
from engine.project.track_edits import CANVAS_MAX_PX, KIND_RANK, REPEATABLE_KINDS, VIEW_KINDS
from engine.project.version_edits import WITH_RESULT


class InconsistentProject(PatchreelError):  # noqa: N818 - it names the project's state
    """A project that contradicts itself; the text names the first thing that is wrong."""

    code = "PR-1210"


def check_consistency(project: Project) -> None:
    """Raise InconsistentProject where the project contradicts itself."""
    _check_canvas(project)
    _check_ids(project)
    for media in project.media:
        _check_media(media)
    _check_track_order(project)
    media_by_id = {media.id: media for media in project.media}
    for track in project.tracks:
        _check_track(track, media_by_id)
    clips = {clip.id: clip for track in project.tracks for clip in track.clips}
    for patch in project.patches:
        _check_patch(patch, media_by_id, clips)
    fault = captions_fault(project.captions, frozenset(media_by_id))
    _require(not fault, fault)


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise InconsistentProject(f"The project contradicts itself: {what}.")


def _check_canvas(project: Project) -> None:
    canvas = project.canvas
    sides = (canvas.width, canvas.height)
    _require(all(1 <= side <= CANVAS_MAX_PX for side in sides), f"its picture is {canvas.width} × {canvas.height} pixels")
    _require(canvas.rate > 0, f"its rate is {canvas.rate}")


def _check_ids(project: Project) -> None:
    _unique((media.id for media in project.media), "media")
    _unique((media.fingerprint for media in project.media), "content of a media")
    _unique((track.id for track in project.tracks), "track")
    _unique((clip.id for track in project.tracks for clip in track.clips), "clip")
    _unique((patch.id for patch in project.patches), "patch")
    _unique((cue.id for cue in project.captions.cues), "caption")


def _unique(values: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        _require(bool(value), f"a {what} has no name")
        _require(value not in seen, f"the {what} “{value}” is there twice")
        seen.add(value)


def _check_media(media: Media) -> None:
    if media.kind is MediaKind.IMAGE:
        _require(media.available_range is None, f"the still “{media.id}” has a length")
    else:
        available = media.available_range
        _require(available is not None and available.duration > 0, f"the media “{media.id}” has no length")
    _require(media.rate is None or media.rate > 0, f"the media “{media.id}” has the rate {media.rate}")
    _require(min(media.width, media.height, media.size_bytes) >= 0, f"the media “{media.id}” has a size below 0")


def _check_track_order(project: Project) -> None:
    ranks = [KIND_RANK[track.kind] for track in project.tracks]
    _require(ranks == sorted(ranks), "its layers are not in the fixed order")
    for kind in LayerKind:
        count = ranks.count(KIND_RANK[kind])
        _require(count <= 1 or kind in REPEATABLE_KINDS, f"it has {count} {kind.value} layers")


def _check_track(track: Track, media: dict[str, Media]) -> None:
    _require(track.version >= 1, f"the track {track.id} has version {track.version}")
    _require(not track.clips or track.kind not in VIEW_KINDS, f"the track {track.id} holds clips, but is only a view")
    end = None
    for clip in track.clips:
        _require(clip.start >= 0, f"the clip “{clip.id}” begins before the timeline")
        _require(end is None or clip.start >= end, f"the clip “{clip.id}” lies over the one before it")
        _check_clip(clip, track, media)
        end = clip.end


def _check_clip(clip: Clip, track: Track, media: dict[str, Media]) -> None:
    _require(clip.source_range.duration > 0, f"the clip “{clip.id}” has no length")
    _require((clip.media_id is None) != (clip.text is None), f"the clip “{clip.id}” is not exactly one of media and text")
    numbers = (clip.transform.x, clip.transform.y, clip.transform.rotation_deg, clip.gain_db)
    _require(all(map(math.isfinite, numbers)), f"the clip “{clip.id}” has a number that is none")
    _require(0 < clip.transform.scale < math.inf, f"the clip “{clip.id}” has the scale {clip.transform.scale}")
    _require(0 <= clip.transform.opacity <= 1, f"the clip “{clip.id}” has the opacity {clip.transform.opacity}")
    if clip.media_id is None:
        _require(track.kind in TEXT_KINDS, f"the text “{clip.id}” is on {track.id}")
        _require(clip.source_range.start == 0, f"the text “{clip.id}” does not start at 0")
        return
    _require(clip.media_id in media, f"the clip “{clip.id}” shows the media “{clip.media_id}”, which is missing")
    _check_source(clip, track, media[clip.media_id])


def _check_source(clip: Clip, track: Track, shown: Media) -> None:
    suits = track.kind in PICTURE_KINDS if shown.kind is not MediaKind.AUDIO else track.kind is LayerKind.MUSIC
    suits = suits or (shown.has_audio and track.kind is LayerKind.MUSIC)
    _require(suits, f"the clip “{clip.id}” ({shown.kind.value}) is on {track.id}")
    if shown.available_range is None:
        _require(clip.source_range.start == 0, f"the still “{clip.id}” does not start at 0")
    else:
        inside = shown.available_range.start <= clip.source_range.start and clip.source_range.end <= shown.available_range.end
        _require(inside, f"the clip “{clip.id}” shows more than its media has")


def _check_patch(patch: Patch, media: dict[str, Media], clips: dict[str, Clip]) -> None:
    name = f"the patch “{patch.id}”"
    _require(patch.media_id in media, f"{name} belongs to the media “{patch.media_id}”, which is missing")
    changed = media[patch.media_id]
    _require(changed.kind is not MediaKind.AUDIO, f"{name} belongs to a sound")
    _require(patch.window.contains(patch.anchor), f"the window of {name} does not contain its anchor")
    if changed.available_range is not None:
        available = changed.available_range
        inside = available.start <= patch.window.start and patch.window.end <= available.end
        _require(inside, f"the window of {name} is longer than its media")
    if patch.clip_id is not None:
        _require(patch.clip_id in clips, f"{name} belongs to the clip “{patch.clip_id}”, which is missing")
        _require(clips[patch.clip_id].media_id == patch.media_id, f"{name} belongs to a clip of another media")
    _check_region(patch.region, name)
    _check_carrying(patch, name)
    _check_versions(patch, name)


def _check_carrying(patch: Patch, name: str) -> None:
    times = [key.time for key in patch.keys]
    _require(times == sorted(set(times)) and patch.anchor not in times, f"the keys of {name} are not in order")
    _require(all(patch.window.contains(time) for time in times), f"the window of {name} does not contain its keys")
    fade = patch.carrying.falloff_frames
    _require(0 <= fade <= FALLOFF_MAX_FRAMES, f"{name} fades over {fade} frames")
    for key in (*patch.keys, *patch.carrying.in_front):
        _require(key.time >= 0, f"{name} has a key before its media")
        _check_region(key.region, name)


def _check_region(region: Region, name: str) -> None:
    fault = fault_of(region)
    _require(fault is None, f"the region of {name} {fault.what if fault else ''}")


def _check_versions(patch: Patch, name: str) -> None:
    numbers = [version.number for version in patch.versions]
    in_order = numbers == sorted(set(numbers)) and all(n >= 1 for n in numbers)
    _require(in_order, f"the versions of {name} are not numbered in order")
    is_there = patch.current_version in numbers if numbers else patch.current_version == 0
    _require(is_there, f"{name} shows version {patch.current_version}, which is missing")
    _require(patch.state not in WITH_RESULT or bool(numbers), f"{name} is {patch.state.value} without a result")
    for version in patch.versions:
        _check_region(version.region, f"version {version.number} of {name}")
        others = [other.anchor for other in version.others]
        is_sorted = others == sorted(set(others)) and version.anchor not in others
        _require(is_sorted, f"the anchors of version {version.number} of {name} are not in order")
        for other in version.others:
            _check_region(other.region, f"version {version.number} of {name}")
