"""The pictures of a run of output frames, composed one after another; a missing patch frame stops the export."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from engine.compositing.frame import Compositor
from engine.compositing.output import OutputFormat
from engine.compositing.sources import PatchFrame, Sources
from engine.errors import ExportError
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.planning.sample_times import OutputClock
from engine.project.model import Media, PatchVersion, Project
from engine.rational_time import clock as clock_text


class Composer:
    """Output pictures by frame number, as they are exported: accepted patches only. Belongs to one thread."""

    def __init__(self, project: Project, sources: Sources, output: OutputFormat, clock: OutputClock) -> None:
        self._project, self._clock = project, clock
        self._compositor = Compositor(_StrictSources(sources, project), output)

    def picture(self, frame: int) -> Picture:
        """Raises ExportError where a patch was not carried to this frame, MediaError where a source cannot be read."""
        return self._compositor.frame(self._project, self._clock.time_of(frame), accepted_only=True)

    def pictures(self, frames: range) -> Iterator[Picture]:
        """The pictures of a run."""
        return (self.picture(frame) for frame in frames)


class _StrictSources:
    """Sources in which a patch frame that is not there is an error: an export never leaves a patch out silently."""

    def __init__(self, sources: Sources, project: Project) -> None:
        self._sources, self._project = sources, project

    def index(self, media: Media) -> FrameIndex:
        return self._sources.index(media)

    def picture(self, media: Media, time: Fraction) -> Picture:
        return self._sources.picture(media, time)

    def rotation(self, media: Media) -> int:
        return self._sources.rotation(media)

    def pixel_aspect(self, media: Media) -> Fraction:
        return self._sources.pixel_aspect(media)

    def bitmap(self, asset: str) -> npt.NDArray[np.uint8]:
        return self._sources.bitmap(asset)

    def patch_frame(self, media: Media, version: PatchVersion, time: Fraction) -> PatchFrame | None:
        found = self._sources.patch_frame(media, version, time)
        if found is None:
            name = next((p.name for p in self._project.patches if version in p.versions), "?")
            place = f"{clock_text(time)} of “{media.name}”"
            raise ExportError(f"The patch “{name}” was not carried to {place}.", "Let it propagate again, then export.")
        return found
