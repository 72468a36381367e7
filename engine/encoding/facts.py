"""Fills planning's facts about files: index, stored form, and whether the packets can stay."""

from engine.compositing.output import OutputFormat
from engine.encoding.result import FileSources
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.media.index import FrameIndex
from engine.media.probe import VideoInfo
from engine.planning.facts import VideoFacts
from engine.project.model import Media


class SourceFacts:
    """Implements `planning.MediaFacts` over files, each looked at once. Belongs to the thread of its sources."""

    def __init__(self, sources: FileSources) -> None:
        self._sources = sources
        self._facts: dict[str, VideoFacts] = {}
        self._splices: dict[str, SpliceSource | str] = {}

    def video(self, media: Media) -> VideoFacts:
        """Raises MediaError."""
        if media.id not in self._facts:
            info = self._sources.video(media)
            splice = self.splice(media)
            refusal = splice if isinstance(splice, str) else ""
            index = self._sources.index(media)
            self._facts[media.id] = VideoFacts(
                index, stored_form(info), info.codec, info.is_interlaced, refusal, info.is_top_field_first
            )
        return self._facts[media.id]

    def index(self, media: Media) -> FrameIndex:
        """Raises MediaError."""
        return self._sources.index(media)

    def splice(self, media: Media) -> SpliceSource | str:
        """What a splice must know, or why there is none."""
        if media.id not in self._splices:
            self._splices[media.id] = splice_source(media.path)
        return self._splices[media.id]


def stored_form(info: VideoInfo) -> OutputFormat:
    """The form of a video's stored pictures."""
    return OutputFormat(info.width, info.height, info.pixel_format, info.colour, info.rotation, info.pixel_aspect)
