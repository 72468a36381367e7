"""The part of a project that lies in a range of the timeline, moved to 0."""

from dataclasses import replace

from engine.errors import BadInputError
from engine.project.model import Clip, Project
from engine.rational_time import TimeRange


def cut_to(project: Project, part: TimeRange) -> Project:
    """Raises BadInputError where the range is empty or outside the timeline."""
    whole = TimeRange(part.start - part.start, project.duration)
    inside = part.intersection(whole)
    if inside is None:
        raise BadInputError("The range to export is empty or lies outside the timeline.", "Set in and out point again.")
    tracks = tuple(replace(t, clips=tuple(_cut(c, inside) for c in t.clips if _meets(c, inside))) for t in project.tracks)
    return replace(project, tracks=tracks)


def _meets(clip: Clip, part: TimeRange) -> bool:
    return clip.timeline_range.intersection(part) is not None


def _cut(clip: Clip, part: TimeRange) -> Clip:
    common = clip.timeline_range.intersection(part)
    assert common is not None
    source = TimeRange(clip.source_time(common.start), common.duration)
    return replace(clip, start=common.start - part.start, source_range=source)
