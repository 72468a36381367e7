"""Carries out a plan that copies: encodes the runs that changed, then writes everything in one pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.compositing.sources import Sources
from engine.encoding.encode_h264 import EncodedSegment, encode_segment
from engine.encoding.h264_settings import settings_for
from engine.encoding.pictures import Composer
from engine.encoding.segment_cache import SegmentStore
from engine.encoding.splice_error import SpliceError
from engine.encoding.splice_source import SpliceSource
from engine.encoding.stitch import ExtraAudio, Run, Stitch, stitch
from engine.errors import ExportError
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.planning.plan import AudioMode, Mode, Segment
from engine.planning.planner import Blueprint
from engine.project.model import Project
from engine.running import CancelToken, Progress, Report, part


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


def write_splice(job: SpliceExport, *, cancel: CancelToken, report: Report) -> int:
    """Write the file; returns how many frames were encoded (cached ones are not). Raises PatchreelError, OSError, Cancelled."""
    encoding, copying = part(report, 0.0, 0.85), part(report, 0.85, 1.0)
    runs, encoded = _encode_runs(job, cancel, encoding)
    assert job.made.source is not None
    keep_audio = job.made.plan.audio is AudioMode.COPIED
    whole = Stitch(job.splice, job.made.source.facts.index, runs, keep_audio, job.part_path)
    stitch(whole, job.audio, cancel=cancel, report=copying)
    return encoded


def _encode_runs(job: SpliceExport, cancel: CancelToken, report: Report) -> tuple[list[Run], int]:
    assert job.made.source is not None
    index = job.made.source.facts.index
    composer = Composer(job.project, job.sources, job.made.source.facts.output, job.made.clock)
    todo = [segment for segment in job.made.plan.segments if segment.mode is not Mode.COPY]
    total, done, encoded = max(1, sum(s.frames for s in todo)), 0, 0
    runs: list[Run] = []
    for segment in todo:
        frames = range(segment.first_frame, segment.first_frame + segment.frames)
        found = job.segments.get(segment.key) if segment.mode is Mode.CACHED else None
        if found is None:
            progress = _Progress(report, done, total)
            found = _encode(index, frames, composer, job.splice, cancel, progress)
            job.segments.put(segment.key, found)
            encoded += len(frames)
        runs.append(Run(frames, found.sps, found.pps, _loader(job.segments, segment)))
        done += len(frames)
    return runs, encoded


def _loader(segments: SegmentStore, segment: Segment) -> Callable[[], EncodedSegment]:
    def load() -> EncodedSegment:
        found = segments.get(segment.key)
        if found is None:
            raise ExportError("An encoded segment was removed from the cache while it was needed.", "Export again.")
        return found

    return load


def _encode(
    index: FrameIndex, frames: range, composer: Composer, splice: SpliceSource, cancel: CancelToken, progress: "_Progress"
) -> EncodedSegment:
    """Encode a run so that it fits the decode times of the packets it replaces."""

    def pictures() -> Iterator[Picture]:
        progress.restart()
        return composer.pictures(frames)

    found = encode_segment(pictures, settings_for(splice, index), cancel=cancel, on_frame=progress.advance)
    if not _fits(index, frames, found):
        raise SpliceError("The encoded frames do not fit the decode times of the source.")
    return found


def _fits(index: FrameIndex, frames: range, segment: EncodedSegment) -> bool:
    """Whether no packet would be shown before it is decoded."""
    if len(segment.packets) != len(frames):
        return False
    shown = index.pts[[frames.start + packet.frame for packet in segment.packets]]
    return bool(np.all(shown >= index.dts[frames.start : frames.stop]))


class _Progress:
    """Frames encoded so far, of all that must be. A second attempt at a run is waited for, not counted backward."""

    def __init__(self, report: Report, before: int, total: int) -> None:
        self._report, self._before, self._total, self._done, self._most = report, before, total, 0, 0

    def restart(self) -> None:
        self._done = 0

    def advance(self) -> None:
        self._done += 1
        self._most = max(self._most, self._done)
        self._report(Progress(min(1.0, (self._before + self._most) / self._total), "Encoding"))
