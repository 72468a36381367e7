"""Where frames begin on the timeline: those of the video under a time, else the project's rate. Pure functions.

Edits and the playhead rest on these times, so that a cut always lies between two frames of the source.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from fractions import Fraction
from math import floor

from engine.media.index import FrameIndex
from engine.project.lookup import clip_under
from engine.project.model import AUDIO_KINDS, Clip, LayerKind, Media, MediaKind, Project
from engine.rational_time import ZERO

Indexes = Callable[[Media], FrameIndex | None]
"""The frame index of a media where it is known."""


def video_at(project: Project, time: Fraction) -> tuple[Clip, Media] | None:
    """The bottom visible video clip at a timeline time: the one whose frames the output has."""
    for track in project.tracks:
        if not track.visible or track.kind in AUDIO_KINDS or track.kind is LayerKind.MOTION_PATCH:
            continue
        clip = clip_under(track, time)
        if clip is not None and clip.media_id:
            media = project.media_by_id(clip.media_id)
            if media.kind is MediaKind.VIDEO:
                return clip, media
    return None


def frame_start(project: Project, indexes: Indexes, time: Fraction) -> Fraction:
    """Where the frame shown at a time begins; never before its clip does."""
    found = _video(project, indexes, time)
    if found is None:
        return Fraction(floor(time * project.canvas.rate)) / project.canvas.rate
    clip, index = found
    start = index.time_of(index.frame_at(clip.source_time(time)))
    return max(clip.timeline_time(start), clip.start)


def nearest_frame(project: Project, indexes: Indexes, time: Fraction) -> Fraction:
    """The frame beginning (or clip end) nearest to a time, never negative."""
    time = max(time, ZERO)
    start = frame_start(project, indexes, time)
    following = after(project, indexes, start)
    return start if time - start <= following - time else following


def last_frame(project: Project, indexes: Indexes) -> Fraction:
    """Where the last frame of the timeline begins; 0 where it is empty."""
    end = project.duration
    return before(project, indexes, end) if end > 0 else ZERO


def step(project: Project, indexes: Indexes, time: Fraction, frames: int) -> Fraction:
    """The time some frames later (or earlier), within the timeline."""
    start = frame_start(project, indexes, time)
    if frames < 0 and start < time:
        frames, time = frames + 1, start
    for _ in range(abs(frames)):
        time = after(project, indexes, time) if frames > 0 else before(project, indexes, time)
    return min(max(time, ZERO), last_frame(project, indexes))


def before(project: Project, indexes: Indexes, time: Fraction) -> Fraction:
    """Where the last frame begins that begins before a time."""
    if time <= 0:
        return ZERO
    hair = Fraction(1, 10_000_000)
    return frame_start(project, indexes, max(time - hair, ZERO))


def after(project: Project, indexes: Indexes, time: Fraction) -> Fraction:
    """Where the next frame begins: of the same video, or of what comes after it."""
    found = _video(project, indexes, time)
    if found is None:
        grid = Fraction(floor(time * project.canvas.rate) + 1) / project.canvas.rate
        starts = [clip.start for track in project.tracks for clip in track.clips if time < clip.start < grid]
        return min([grid, *starts])
    clip, index = found
    end = index.end_of(index.frame_at(clip.source_time(time)))
    return min(clip.timeline_time(end), clip.end)


def _video(project: Project, indexes: Indexes, time: Fraction) -> tuple[Clip, FrameIndex] | None:
    found = video_at(project, time)
    index = indexes(found[1]) if found else None
    return (found[0], index) if found and index is not None else None


def edit_after(project: Project, time: Fraction) -> Fraction | None:
    """The first time after one at which a clip begins or ends; found by bisection, since tracks are long and keys repeat."""
    found: list[Fraction] = []
    for clips in (track.clips for track in project.tracks):
        place = bisect_right(clips, time, key=_start)
        found += [clip.end for clip in clips[max(0, place - 1) : place]] + [clip.start for clip in clips[place : place + 1]]
    return min((edge for edge in found if edge > time), default=None)


def edit_before(project: Project, time: Fraction) -> Fraction | None:
    """The last time before one at which a clip begins or ends, or the timeline begins."""
    found = [ZERO]
    for clips in (track.clips for track in project.tracks):
        place = bisect_left(clips, time, key=_start)
        found += [edge for clip in clips[max(0, place - 1) : place] for edge in (clip.start, clip.end)]
    return max((edge for edge in found if edge < time), default=None)


def _start(clip: Clip) -> Fraction:
    return clip.start
