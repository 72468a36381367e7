"""What an export would do, before it is done: its plan, time and size, what would be lost, and why it could not be.

The window asks for it whenever a choice changes, and gives the same wish to `export` when the user has seen enough.
"""

import io
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import OutputContainer

from engine.compositing.output import OutputFormat
from engine.encoding.facts import SourceFacts
from engine.encoding.full.output_codec import OutputCodec, choose_codec
from engine.encoding.presets import ENCODERS, preset_named
from engine.encoding.result import SAME_AS_SOURCE, CaptionsAs, ExportRequest, ExportResult, Seam, usual_workers
from engine.encoding.soft_captions.spans import refuse_holder
from engine.encoding.target import check_target, muxer_name
from engine.encoding.trimming import cut_to
from engine.errors import BadInputError, ExportError, PatchreelError
from engine.jobs import export as export_job
from engine.jobs.burnt_captions import Draw, with_burnt
from engine.jobs.estimate import Amount, Estimate, Learned, estimate
from engine.jobs.workspace import Workspace
from engine.media.probe import probe
from engine.planning.output_form import first_video, output_format
from engine.planning.plan import RenderPlan
from engine.planning.spans import spans_of
from engine.project.model import Project
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class ExportWish:
    """One export as the user chose it, over the project as it was then. Making it costs nothing: files are looked at later."""

    project: Project
    output: Path
    workspace: Workspace
    project_path: Path | None = None
    preset: str = SAME_AS_SOURCE
    range: TimeRange | None = None
    accept_losses: bool = False
    learned: Learned = field(default_factory=Learned)
    seam: Seam = Seam.FAST
    workers: int = field(default_factory=usual_workers)
    captions: CaptionsAs = CaptionsAs.NONE
    draw: Draw | None = None
    """Draws captions that are burnt in; `drawn` asks it."""

    def drawn(self, cancel: CancelToken | None = None, report: Report | None = None) -> "ExportWish":
        """The wish with captions as pictures, where they are burnt in. Raises: BadInputError: there are none; StorageError;
        Cancelled.
        """
        if self.captions is not CaptionsAs.BURN or self.draw is None:
            return self
        return replace(self, project=with_burnt(self.project, self.draw, cancel=cancel, report=report), draw=None)

    def request(self) -> ExportRequest:
        """The request of the engine. Reads the folder of assets."""
        return export_job.request_for(
            self.project, self.output, self.workspace, project_path=self.project_path, preset=self.preset, span=self.range,
            accept_losses=self.accept_losses, seam=self.seam, workers=self.workers,
            soft_captions=self.captions is CaptionsAs.SOFT,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutputForm:
    """How the picture will be stored. `codec` is FFmpeg's name; `profile` is empty where it is not known before."""

    codec: str
    profile: str
    width: int
    height: int
    rate: Fraction
    """Average frames per second."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """`refusal` is why it cannot be done as it is; `loss` is what must be accepted first, one sentence or empty."""

    plan: RenderPlan
    amount: Amount
    estimate: Estimate
    form: OutputForm
    exists: bool
    """Whether a file of that name is there already."""
    loss: str = ""
    refusal: PatchreelError | None = None


def forecast(wish: ExportWish, *, cancel: CancelToken, report: Report) -> Forecast:
    """Raises PatchreelError where nothing can be planned at all (an empty timeline, a missing file); Cancelled.

    What takes time is drawing captions that are burnt in, which is what is reported.
    """
    wish = wish.drawn(cancel, report)
    request = wish.request()
    plan = export_job.plan(request)
    cancel.check()
    if not plan.frames:
        raise BadInputError("There is nothing on the timeline to export.", "Put a clip on it.")
    form, loss, refusal = _form(wish, plan)
    cancel.check()
    amount = _amount(wish, plan, form)
    expected = estimate(amount, wish.learned)
    protected = [*(Path(media.path) for media in wish.project.media), *request.protected]
    try:
        check_target(wish.output, protected, expected.size_bytes)
        if request.soft_captions:
            refuse_holder(wish.output)
    except PatchreelError as error:
        refusal = error
    return Forecast(plan, amount, expected, form, wish.output.exists(), loss, refusal)


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export: what was written, how large it is, and what is worth saying beside the checks."""

    result: ExportResult
    size_bytes: int
    warnings: tuple[str, ...]


def export(wish: ExportWish, *, cancel: CancelToken, report: Report) -> Exported:
    """Write it. Raises PatchreelError, Cancelled; then nothing is left but what was there before."""
    wish = wish.drawn(cancel)
    result = export_job.run(wish.request(), wish.workspace, cancel=cancel, report=report)
    said_before = {*export_job.left_out(wish.project)}
    warnings = tuple(warning for warning in result.warnings if warning not in said_before)
    return Exported(result, result.output.stat().st_size, warnings)


def _form(wish: ExportWish, plan: RenderPlan) -> tuple[OutputForm, str, PatchreelError | None]:
    """The stored form, what would be lost, and why there is no such form."""
    project = cut_to(wish.project, wish.range) if wish.range else wish.project
    rate = (plan.frames / plan.duration).limit_denominator(1001) if plan.duration else Fraction(25)
    with wish.workspace.sources() as sources:
        facts, spans = SourceFacts(sources), spans_of(project)
        stored = output_format(project, spans, facts)
        first = first_video(project, spans, facts)
    if plan.source_id is not None:
        video = probe(project.media_by_id(plan.source_id).path).video
        assert video is not None
        return OutputForm(video.codec, video.profile, video.display_width, video.display_height, rate), "", None
    codec = preset_named(wish.preset).codec or (first.codec if first else "h264")
    form = OutputForm(codec, "", stored.width, stored.height, rate)
    suffix = wish.output.suffix.lower()
    try:
        with av.open(io.BytesIO(), "w", format=muxer_name(wish.output)) as out:
            kept, loss = _loss(codec, stored, suffix, out)
        used = next(name for name, encoder in ENCODERS.items() if encoder.name == kept.encoder)
        return replace(form, codec=used, width=kept.form.width, height=kept.form.height), loss, None
    except ExportError as error:
        return form, "", error
    except (ValueError, av.error.FFmpegError):
        return form, "", BadInputError(f"“{suffix}” is no kind of video file.", "Choose .mp4, .mov, .mkv or .webm.")


def _loss(codec: str, stored: OutputFormat, suffix: str, out: OutputContainer) -> tuple[OutputCodec, str]:
    """The encoder that will be used and what it does not keep. Raises ExportError where nothing fits."""
    kept = choose_codec(codec, stored, suffix, out, accept_losses=True)
    try:
        choose_codec(codec, stored, suffix, out, accept_losses=False)
    except ExportError as error:
        return kept, error.text
    return kept, ""


def _amount(wish: ExportWish, plan: RenderPlan, form: OutputForm) -> Amount:
    size = wish.project.media_by_id(plan.source_id).size_bytes if plan.source_id else 0
    return Amount(
        form.width * form.height, plan.frames, plan.encoded_frames, float(plan.duration), form.codec, size, plan.share_copied,
        is_best=wish.seam is Seam.BEST,
    )  # fmt: skip
