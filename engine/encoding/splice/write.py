"""Carries out a plan that copies: encodes the runs that changed, then writes everything in one pass."""

from dataclasses import dataclass
from pathlib import Path

from engine.compositing.sources import Sources
from engine.encoding.result import OpenSources, Seam
from engine.encoding.splice.byte_copy import OnCopied
from engine.encoding.splice.field_search import refuse_fields
from engine.encoding.splice.segment_cache import SegmentStore
from engine.encoding.splice.segments import SegmentJob, encode_runs
from engine.encoding.splice.set_reuse import with_known_sets
from engine.encoding.splice.source import SpliceSource
from engine.encoding.splice.stitch import ExtraAudio, Stitch
from engine.encoding.splice.surgery import NotOperableError, operate
from engine.encoding.target import muxer_name
from engine.planning.plan import AudioMode, Mode
from engine.planning.planner import Blueprint
from engine.project.model import Project
from engine.running import CancelToken, Report, part


@dataclass(frozen=True, slots=True)
class SpliceExport:
    """What is needed to write one spliced file."""

    project: Project
    sources: Sources
    made: Blueprint
    splice: SpliceSource
    segments: SegmentStore
    part_path: Path
    audio: ExtraAudio | None
    open_sources: OpenSources
    """Opens sources for a worker of its own."""
    seam: Seam = Seam.FAST
    workers: int = 1
    on_copied: OnCopied = lambda _source, _target, _size: None


def write_splice(job: SpliceExport, *, cancel: CancelToken, report: Report) -> int:
    """Write the file; returns how many frames were encoded (cached ones are not). Raises PatchreelError, OSError, Cancelled."""
    encoding, copying = part(report, 0.0, 0.85), part(report, 0.85, 1.0)
    assert job.made.source is not None
    index = job.made.source.facts.index
    new = [range(s.first_frame, s.first_frame + s.frames) for s in job.made.plan.segments if s.mode is not Mode.COPY]
    refuse_fields(job.splice.path, job.splice.sps, job.splice.length_size, index, new)
    splice = with_known_sets(job.splice, index, job.seam)
    segments = SegmentJob(job.project, job.sources, job.made, splice, job.segments, job.open_sources, job.seam, job.workers)
    runs, encoded = encode_runs(segments, cancel=cancel, report=encoding)
    keep_audio = job.made.plan.audio is AudioMode.COPIED
    whole = Stitch(splice, index, runs, keep_audio, job.part_path)
    if not _is_operated_on(job, whole, cancel, copying):
        from engine.encoding.splice.remux import stitch  # where surgery cannot be

        stitch(whole, job.audio, cancel=cancel, report=copying)
    return encoded


def _is_operated_on(job: SpliceExport, whole: Stitch, cancel: CancelToken, report: Report) -> bool:
    """Write by surgery, which keeps everything that nobody asked to change, wherever it can be done."""
    has_other_sound = job.audio is not None or job.made.plan.audio is AudioMode.MIXED
    drops_sound = job.made.plan.audio is AudioMode.NONE and job.made.source is not None and job.made.source.media.has_audio
    muxer = muxer_name(job.part_path)
    if has_other_sound or drops_sound or muxer not in {"mp4", "mov"}:
        return False
    try:
        operate(whole, is_quicktime=muxer == "mov", on_copied=job.on_copied, cancel=cancel, report=report)
    except NotOperableError:
        return False
    return True
