"""Whether the packets of one source can be the output, and if not, why not, in words for the user."""

from dataclasses import dataclass

from engine.planning.facts import MediaFacts, VideoFacts
from engine.planning.span_values import PictureUse, Span
from engine.project.model import Media, MediaKind, Project

JOINS = "The timeline joins several clips, which are encoded in full for now."
GAPS = "The timeline has gaps, so every frame is encoded."
STILLS = "Parts of the timeline have no video at the bottom, so every frame is encoded."
MOVED = "Parts of the clip were removed or moved, so every frame is encoded for now."
TRIMMED = "The clip is trimmed, so every frame is encoded for now."
SIZE = "The canvas has another size than the clip, so every frame is encoded."
HIDDEN = "Frames that the file hides, or that have the time of another one, refer to changed ones, so every frame is encoded."
TORN = "The file ends inside a frame that refers to changed ones, so every frame is encoded."
NOTHING = "There is no picture on the timeline."


@dataclass(frozen=True, slots=True)
class Copyable:
    """The one media whose packets can stay."""

    media: Media
    facts: VideoFacts


def copy_source(project: Project, spans: tuple[Span, ...], facts: MediaFacts) -> Copyable | str:
    """The media that the output is, from its first to its last frame at offset 0, or the reason why there is none."""
    bases = [span.base for span in spans]
    if not any(bases):
        return NOTHING
    if not all(bases):
        return GAPS
    uses = [base for base in bases if base is not None]
    shown = {use.media_id for use in uses}
    videos = [item for item in project.media if item.id in shown and item.kind is MediaKind.VIDEO]
    if len(videos) < len(shown):
        return STILLS
    if len(videos) > 1:
        return JOINS
    return _whole(project, spans, uses, videos[0], facts)


def _whole(
    project: Project, spans: tuple[Span, ...], uses: list[PictureUse], media: Media, facts: MediaFacts
) -> Copyable | str:
    if any(use.offset != uses[0].offset for use in uses):
        return MOVED
    found = facts.video(media)
    frames = found.index.frames_between(spans[0].range.start - uses[0].offset, spans[-1].range.end - uses[0].offset)
    if uses[0].offset or len(frames) < len(found.index):
        return TRIMMED
    if (project.canvas.width, project.canvas.height) != (media.width, media.height):
        return SIZE
    return found.copy_refusal or Copyable(media, found)
