"""An export with everything it needs: patches that were not carried yet are, then the file is written and checked."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.encoding import export as encoding
from engine.encoding.result import SAME_AS_SOURCE, ExportRequest, ExportResult, Seam
from engine.errors import MediaError
from engine.jobs.carried import PatchFrames
from engine.jobs.workspace import Workspace
from engine.media.importing import media_changed
from engine.motion import ALGORITHM, FOLLOWING, GRAIN, REBUILT
from engine.planning.plan import RenderPlan
from engine.planning.spans import shown_patches
from engine.project.model import MediaKind, Patch, PatchState, Project
from engine.rational_time import TimeRange, time_json
from engine.running import CancelToken, Report, part

MOTION_VERSION = " ".join((ALGORITHM, FOLLOWING, GRAIN, REBUILT))
"""Of all that carries a patch: part of the key of every encoded segment."""

_CARRY_SHARE = 0.3
"""Share of the progress that carrying takes, where anything must be carried."""


def request_for(
    project: Project, output: Path, workspace: Workspace, *, project_path: Path | None = None, preset: str = SAME_AS_SOURCE,
    span: TimeRange | None = None, accept_losses: bool = False, seam: Seam = Seam.FAST, workers: int = 1,
    soft_captions: bool = False,
) -> ExportRequest:
    """An export request over a workspace's stores; project file and assets are protected from being overwritten."""
    folder = workspace.assets.folder
    assets = tuple(folder.iterdir()) if folder.is_dir() else ()
    protected = (*assets, *((project_path,) if project_path is not None else ()))
    return ExportRequest(
        project=project, output=output, open_sources=workspace.sources, cache=workspace.cache, preset=preset, range=span,
        accept_losses=accept_losses, motion_version=MOTION_VERSION, protected=protected,
        seam=seam, workers=workers, soft_captions=soft_captions,
    )


def plan(request: ExportRequest) -> RenderPlan:
    """What `run` would write; with a sentence for each patch that it leaves out. Raises PatchreelError."""
    made = encoding.export_plan(request)
    return replace(made, warnings=(*made.warnings, *left_out(request.project)))


def run(request: ExportRequest, workspace: Workspace, *, cancel: CancelToken, report: Report) -> ExportResult:
    """Raises PatchreelError or Cancelled; then nothing is left but what was there before."""
    _refuse_changed_media(request.project)
    share = carry_missing(request.project, workspace, cancel=cancel, report=part(report, 0.0, _CARRY_SHARE)) * _CARRY_SHARE
    result = encoding.export(request, cancel=cancel, report=part(report, share, 1.0))
    return replace(result, warnings=(*result.warnings, *left_out(request.project)))


def carry_missing(project: Project, workspace: Workspace, *, cancel: CancelToken, report: Report) -> bool:
    """Carry the patches that show and were not carried over all of their window; whether there were any.

    Raises: MediaError, PatchreelError of their providers; Cancelled.
    """
    missing = [patch for patch in shown_patches(project) if not _is_carried(project, patch, workspace)]
    for number, patch in enumerate(missing):
        from engine.jobs import propagate  # mostly all is carried before an export

        media = project.media_by_id(patch.media_id)
        stage = part(report, number / len(missing), (number + 1) / len(missing))
        propagate.run(propagate.PropagateRequest(media, patch), workspace, cancel=cancel, report=stage)
    return bool(missing)


def left_out(project: Project) -> list[str]:
    """A sentence for each patch that is visible but not accepted."""
    words = {PatchState.QA_READY: "is waiting for your review", PatchState.QUEUED: "was not run",
             PatchState.PROCESSING: "is still being made"}
    return [f"“{p.name}” {words[p.state]}, so the export does not contain it." for p in project.patches
            if p.visible and p.state in words]


def _is_carried(project: Project, patch: Patch, workspace: Workspace) -> bool:
    """Whether every frame of the window has all it is made of in the cache."""
    if patch.version is None:
        return False
    media = project.media_by_id(patch.media_id)
    known = PatchFrames(media, patch, workspace.cache)
    if media.kind is MediaKind.IMAGE:
        return known.is_known(patch.version.anchor)
    with workspace.sources() as sources:
        index = sources.index(media)
    frames = index.frames_between(patch.window.start, patch.window.end)
    return all(known.is_known(index.time_of(number)) for number in frames)


def _refuse_changed_media(project: Project) -> None:
    """A file that was replaced since it was imported would get patches made from other pixels."""
    used = {c.media_id for t in project.tracks for c in t.clips}
    for media in project.media:
        if media.id in used and media_changed(media):
            raise MediaError(f"“{media.name}” was changed since it was imported.", "Import it again, or put the old file back.")


def plan_json(made: RenderPlan) -> dict[str, Any]:
    """The plan as the command line's JSON."""
    return {
        "duration": time_json(made.duration), "frames": made.frames, "encoded_frames": made.encoded_frames,
        "encoded_seconds": time_json(Fraction(made.encoded_seconds)), "share_copied": round(made.share_copied, 6),
        "audio": made.audio.value, "reason": made.reason, "warnings": list(made.warnings),
        "segments": [{"start": time_json(s.start), "end": time_json(s.end), "mode": s.mode.value, "frames": s.frames,
                      "first_frame": s.first_frame, "reason": s.reason} for s in made.segments],
    }


def result_json(result: ExportResult) -> dict[str, Any]:
    """The result as the command line's JSON."""
    return {
        "output": str(result.output), "duration": time_json(result.duration), "frames": result.frames,
        "segments": plan_json(result.plan)["segments"], "share_copied": round(result.plan.share_copied, 6),
        "copied_packets": result.copied_packets, "encoded_frames": result.encoded_frames, "audio": result.audio.value,
        "seconds": round(result.seconds, 3), "seconds_write": round(result.seconds_write, 3),
        "seconds_verify": round(result.seconds_verify, 3), "peak_rss_mb": round(result.peak_rss_mb, 1),
        "verified": result.verified, "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in result.checks],
        "warnings": list(result.warnings),
    }
