"""Captions as pictures on the timeline, for an export that burns them in: a project that is exported and never saved.

Only the frames over which a caption shows differ from the source, so only those are encoded again. Who draws is given.
"""

from collections.abc import Callable
from dataclasses import replace

from engine.captions.apart import apart
from engine.errors import BadInputError
from engine.project.caption_values import BURNT_TRACK, CaptionStyle
from engine.project.cue_places import are_captions_hidden, shown_cues
from engine.project.model import Canvas, Clip, LayerKind, Project, Text, Track
from engine.project.track_edits import KIND_RANK
from engine.rational_time import ZERO, TimeRange
from engine.running import CancelToken, Progress, Report

Draw = Callable[[str, CaptionStyle, Canvas], str]
"""Draws a caption at the canvas' size; the asset's hash of the bitmap."""

_TRACK = Track(BURNT_TRACK, LayerKind.CAPTIONS, "Captions")


def with_burnt(
    project: Project, draw: Draw, *, cancel: CancelToken | None = None, report: Report | None = None
) -> Project:
    """The project with a layer of drawn captions above its own. Where two show at once, their lines stand together.

    Raises: BadInputError: there are none to burn in; what `draw` raises; Cancelled, between two of them.
    """
    items = [(shown.range, shown.cue) for shown in shown_cues(project) if shown.cue.text]
    if not items:
        raise BadInputError("There are no captions with words on the timeline.", "Make some, or export without them.")
    if are_captions_hidden(project):
        raise BadInputError("The captions are hidden.", "Open the eye of their track, or export without them.")
    end = project.duration
    clips = []
    moments = list(apart(items))
    for number, (span, cues) in enumerate(moments):
        if cancel is not None:
            cancel.check()
        if report is not None:
            report(Progress(number / len(moments), f"Drawing captions, {number + 1} of {len(moments)}"))
        shown = span.intersection(TimeRange(ZERO, end))
        if shown is None:
            continue
        words, style = "\n".join(cue.text for cue in cues), cues[0].style or project.captions.style
        text = Text(words, style.size, style.colour, bitmap=draw(words, style, project.canvas))
        clips.append(Clip(f"caption-{number}", shown.start, TimeRange(ZERO, shown.duration), text=text))
    track = replace(_TRACK, clips=tuple(clips))
    tracks = sorted((*project.tracks, track), key=lambda track: KIND_RANK[track.kind])
    return replace(project, tracks=tuple(tracks))
