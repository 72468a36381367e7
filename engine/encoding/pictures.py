"""The pictures of a run of output frames, composed one after another."""

from collections.abc import Iterator
from typing import Protocol

from engine.compositing.frame import Compositor
from engine.compositing.output import OutputFormat
from engine.compositing.sources import Sources
from engine.media.picture import Picture
from engine.planning.sample_times import OutputClock
from engine.project.model import Project


class Pictures(Protocol):
    """Output pictures by frame number, asked for in order."""

    def picture(self, frame: int) -> Picture: ...


class Composer:
    """Output pictures by frame number, as they are exported: accepted patches only. Belongs to one thread."""

    def __init__(self, project: Project, sources: Sources, output: OutputFormat, clock: OutputClock) -> None:
        self._project, self._clock = project, clock
        self._compositor = Compositor(sources, output)

    def picture(self, frame: int) -> Picture:
        """Raises ExportError where a patch was not carried to this frame, MediaError where a source cannot be read."""
        return self._compositor.frame(self._project, self._clock.time_of(frame), accepted_only=True)

    def pictures(self, frames: range) -> Iterator[Picture]:
        """The pictures of a run."""
        return (self.picture(frame) for frame in frames)
