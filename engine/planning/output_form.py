"""The form of the output: the source's own where it fills the canvas, else the canvas in the first source's colours."""

from engine.compositing.output import OutputFormat
from engine.media.picture import Colour, PixelFormat
from engine.planning.facts import MediaFacts, VideoFacts
from engine.planning.span_values import Span
from engine.project.model import MediaKind, Project

_DEFAULT_FORMAT = PixelFormat("yuv420p", 8, 1, 1)
_BT709 = Colour(1, 1, 1, full_range=False)


def first_video(project: Project, spans: tuple[Span, ...], facts: MediaFacts) -> VideoFacts | None:
    """Facts of the first video at the bottom of the timeline."""
    for span in spans:
        media = project.media_by_id(span.base.media_id) if span.base and span.base.media_id else None
        if media is not None and media.kind is MediaKind.VIDEO:
            return facts.video(media)
    return None


def output_format(project: Project, spans: tuple[Span, ...], facts: MediaFacts) -> OutputFormat:
    """Stored form of an output of which every frame is encoded: upright, at the canvas's size.

    Pixel format, colour and pixel aspect are those of the first video where its pictures fill the canvas as they are.
    """
    canvas, found = project.canvas, first_video(project, spans, facts)
    if found is None:
        return OutputFormat(_even(canvas.width), _even(canvas.height), _DEFAULT_FORMAT, _BT709)
    source = found.output
    shown_width = round(source.width * source.pixel_aspect)
    if source.rotation == 0 and abs(shown_width - canvas.width) <= 1 and source.height == canvas.height:
        return source
    form = source.pixel_format
    width = _even(canvas.width) if form.shift_x else canvas.width
    return OutputFormat(width, _even(canvas.height) if form.shift_y else canvas.height, form, source.colour)


def _even(size: int) -> int:
    return max(2, size - size % 2)
