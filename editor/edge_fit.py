"""Fitting a region to the edges of the picture, on its own thread: the frame is read and looked at there, nothing is edited."""

from dataclasses import dataclass
from fractions import Fraction

from editor.background import KeptSources
from engine.jobs.workspace import Workspace
from engine.project.model import Media, Region
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class EdgeFitRequest:
    """A region as it is drawn on a frame of a media (source time)."""

    patch_id: str
    media: Media
    time: Fraction
    region: Region
    workspace: Workspace


class EdgeFitWorker:
    """Called on one thread only; keeps the file open between requests."""

    def __init__(self) -> None:
        self._kept = KeptSources()

    def __call__(self, request: EdgeFitRequest, *, cancel: CancelToken, report: Report) -> Region:
        """The region with its outline on the picture's edges.

        Raises: MediaError: the file is gone; EditError: the region lies outside the picture, or no edge is near it; Cancelled.
        """
        from engine.compositing.refine import refined  # with it comes a library that a start does without

        sources = self._kept.of(request.workspace)
        cancel.check()
        picture = sources.picture(request.media, request.time)
        cancel.check()
        media = request.media
        return refined(request.region, picture, sources.rotation(media), sources.pixel_aspect(media))

    def close(self) -> None:
        """After its thread has ended."""
        self._kept.close()
