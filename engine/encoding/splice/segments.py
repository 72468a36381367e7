"""The runs of a splice that are not copied: encoded, or found in the cache from an earlier export."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.compositing.sources import Sources
from engine.encoding.pictures import Composer
from engine.encoding.result import OpenSources, Seam
from engine.encoding.splice.encoder import EncodedSegment, encode_segment
from engine.encoding.splice.encoder_settings import settings_for
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.segment_cache import SegmentStore
from engine.encoding.splice.source import SpliceSource
from engine.errors import ExportError
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.planning.plan import Mode, Segment
from engine.planning.planner import Blueprint
from engine.project.model import Project
from engine.running import CancelToken, Progress, Report


@dataclass(frozen=True, slots=True)
class Run:
    """Frames that were encoded; `load` gives the segment when its turn comes, so that one is in memory at a time."""

    frames: range
    sps: bytes
    pps: bytes
    load: Callable[[], EncodedSegment]


@dataclass(frozen=True, slots=True)
class SegmentJob:
    """What is needed to encode the runs of one output."""

    project: Project
    sources: Sources
    made: Blueprint
    splice: SpliceSource
    segments: SegmentStore
    open_sources: OpenSources
    seam: Seam
    workers: int


def encode_runs(job: SegmentJob, *, cancel: CancelToken, report: Report) -> tuple[list[Run], int]:
    """The runs in ascending order, and how many frames were encoded. Raises PatchreelError, OSError, Cancelled."""
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
