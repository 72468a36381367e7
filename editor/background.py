"""The window's background threads and the jobs of the engine that keep files open between requests.

Each worker here is called on one thread only, the one its `RenderThread` runs; nothing in this file touches a widget.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from operator import is_

from PySide6.QtGui import QImage

from editor.render_thread import Policy, RenderThread
from engine.compositing.output import OutputFormat
from engine.compositing.outputs import Output
from engine.encoding.export import key_versions
from engine.encoding.facts import SourceFacts
from engine.encoding.result import Seam
from engine.encoding.splice.segment_cache import KIND as SEGMENTS
from engine.errors import MediaError
from engine.jobs import preview
from engine.jobs.export import MOTION_VERSION
from engine.jobs.quick import LookSources
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.thumbnails import thumbnail
from engine.planning.copying import Copyable, copy_source
from engine.planning.output_form import output_format
from engine.planning.plan import RenderPlan
from engine.planning.planner import Planner
from engine.planning.span_values import Span
from engine.planning.spans import KeptSpans, joined
from engine.project.model import Media, Project
from engine.running import CancelToken, Report
from widgets.frame_image import to_qimage


class Threads:
    """One thread per kind of work, so that none waits for another: scrubbing never for an export, importing never for a patch."""

    def __init__(self) -> None:
        self.preview = RenderThread(Policy.NEWEST_WINS)
        self.plans = RenderThread(Policy.NEWEST_WINS)
        self.thumbnails = RenderThread()
        self.media = RenderThread()
        self.sounds = RenderThread()
        self.jobs = RenderThread()
        self.exports = RenderThread()
        self.forecasts = RenderThread(Policy.NEWEST_WINS)
        self.edges = RenderThread(Policy.NEWEST_WINS)
        self.keys = RenderThread()
        self.accounts = RenderThread()
        self.services = RenderThread()
        self.sendings = RenderThread(Policy.NEWEST_WINS)
        self.gallery = RenderThread()
        self.asking = RenderThread()
        self.clips = RenderThread(Policy.NEWEST_WINS)
        self.captions = RenderThread()
        self.slowing = RenderThread()
        self.moving = RenderThread()

    @property
    def all(self) -> tuple[RenderThread, ...]:
        return (self.preview, self.plans, self.thumbnails, self.media, self.sounds, self.jobs, self.exports,
                self.forecasts, self.edges, self.keys, self.accounts, self.services, self.sendings, self.gallery,
                self.asking, self.clips, self.captions, self.slowing, self.moving)  # fmt: skip

    def close(self) -> None:
        """Cancel everything, then wait for every thread."""
        for thread in self.all:
            thread.invalidate()
        for thread in self.all:
            thread.close()


class KeptSources:
    """Open files of one workspace, kept until another one is asked for."""

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._sources: LookSources | None = None

    def of(self, workspace: Workspace) -> LookSources:
        if self._sources is None or self._workspace is None or self._workspace.assets.folder != workspace.assets.folder:
            self.close()
            self._sources = LookSources(workspace.cache, workspace.assets)
            self._workspace = workspace
        return self._sources

    def close(self) -> None:
        if self._sources is not None:
            self._sources.close()
        self._sources = None


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """A frame for the viewer."""

    project: Project
    time: Fraction
    workspace: Workspace
    wants_original: bool = False
    wants_heat: bool = False
    wants_output: Output | None = None
    compared: Project | None = None
    gain: int = 1
    keeps: bool = False
    """Another view of a frame whose pictures cannot have changed since it was made last."""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """The frame as images that the window can draw; None for what was not asked for."""

    result: QImage
    original: QImage | None
    heat: QImage | None
    extra: QImage | None
    compared: QImage | None
    is_quick: bool
    """Whether a patch in it is a quick look that the real frame will take the place of."""
    frame: preview.PreviewFrame


class _Facts:
    """Facts about a project's files, asked again when its media change."""

    def __init__(self, kept: KeptSources) -> None:
        self._kept = kept
        self._media: tuple[Media, ...] = ()
        self._sources: ProjectSources | None = None
        self._facts: SourceFacts | None = None

    def of(self, project: Project, workspace: Workspace) -> SourceFacts:
        sources = self._kept.of(workspace)
        if self._facts is None or self._sources is not sources or self._media != project.media:
            self._facts, self._sources, self._media = SourceFacts(sources), sources, project.media
        return self._facts


class PreviewWorker:
    """Composes frames for the viewer, in the form that the export with the preset “Same as the source” has."""

    def __init__(self) -> None:
        self._kept = KeptSources()
        self._facts = _Facts(self._kept)
        self._spans = KeptSpans()
        self._output_of: tuple[tuple[object, ...], OutputFormat] | None = None
        self._last: ShownFrame | None = None

    def __call__(self, request: FrameRequest, *, cancel: CancelToken, report: Report) -> ShownFrame:
        """Raises: MediaError: a file that is gone; Cancelled."""
        sources = self._kept.of(request.workspace)
        asked = preview.PreviewRequest(
            request.project, request.time, self._output(request), request.wants_original, request.wants_heat,
            request.wants_output, request.compared, request.gain,
        )
        last = self._last if request.keeps and self._is_of_last(asked) else None
        sources.begin()
        made = preview.run(asked, sources, cancel=cancel, report=report, known=last.frame if last else None)
        self._last = _shown(made, last, is_quick=sources.is_quick or (last is not None and last.is_quick))
        return self._last

    def _is_of_last(self, asked: preview.PreviewRequest) -> bool:
        known = self._last.frame.request if self._last is not None else None
        return known is not None and known.project is asked.project and (known.time, known.output) == (asked.time, asked.output)

    def close(self) -> None:
        """After its thread has ended."""
        self._kept.close()

    def _output(self, request: FrameRequest) -> OutputFormat:
        """Patches do not decide it."""
        project = request.project
        made_of = project.tracks, project.media, project.canvas
        if self._output_of is None or not all(map(is_, self._output_of[0], made_of)):
            facts, spans = self._facts.of(project, request.workspace), joined(self._spans.parts(project))
            self._output_of = (made_of, shown_form(project, facts, spans))
        return self._output_of[1]


def shown_form(project: Project, facts: SourceFacts, spans: tuple[Span, ...]) -> OutputFormat:
    """The form the output has: the source's own where its packets can stay. A missing file must not take the others along."""
    try:
        source = copy_source(project, spans, facts)
        return source.facts.output if isinstance(source, Copyable) else output_format(project, spans, facts)
    except MediaError:
        return output_format(project, (), facts)


def _shown(made: preview.PreviewFrame, last: ShownFrame | None, *, is_quick: bool) -> ShownFrame:
    """As images; those of the same pictures are kept, so that the window need not scale them again."""
    result = last.result if last is not None else to_qimage(made.result)
    if last is not None and last.original is not None:
        original: QImage | None = last.original
    else:
        original = result if made.original is made.result else _image(made.original)
    return ShownFrame(result, original, _image(made.heat), _image(made.extra), _image(made.compared), is_quick, made)


def _image(rgb: preview.Rgb | None) -> QImage | None:
    return None if rgb is None else to_qimage(rgb)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The export plan of a project as it is. `seam` decides which segments of earlier exports are of use."""

    project: Project
    workspace: Workspace
    seam: Seam = Seam.FAST


class PlanWorker:
    """Plans; the files' facts and all that an edit does not touch are kept, so that a plan after an edit takes milliseconds."""

    def __init__(self) -> None:
        self._kept = KeptSources()
        self._facts = _Facts(self._kept)
        self._planner = Planner()

    def __call__(self, request: PlanRequest, *, cancel: CancelToken, report: Report) -> RenderPlan:
        """Raises: MediaError: a file that is gone."""
        facts = self._facts.of(request.project, request.workspace)
        versions = key_versions(MOTION_VERSION, request.seam)
        is_cached = partial(request.workspace.cache.has, SEGMENTS)
        return self._planner.blueprint(request.project, facts, is_cached, versions=versions).plan

    def close(self) -> None:
        """After its thread has ended."""
        self._kept.close()


@dataclass(frozen=True, slots=True)
class PictureWish:
    """A small picture: a media's frame at a source time, so many pixels high."""

    media: Media
    time: Fraction
    height: int


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """Several small pictures, the most wanted first."""

    wishes: tuple[PictureWish, ...]
    workspace: Workspace


class ThumbnailWorker:
    """Draws small pictures; what cannot be drawn is None, so that it is not asked for again."""

    def __init__(self) -> None:
        self._kept = KeptSources()

    def __call__(self, request: PictureRequest, *, cancel: CancelToken, report: Report) -> tuple[QImage | None, ...]:
        library = self._kept.of(request.workspace).library
        made: list[QImage | None] = []
        for wish in request.wishes:
            cancel.check()
            try:
                made.append(to_qimage(thumbnail(library, wish.media, wish.time, wish.height)))
            except MediaError:
                made.append(None)
        return tuple(made)

    def close(self) -> None:
        """After its thread has ended."""
        self._kept.close()
