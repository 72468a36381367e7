"""The runs of a splice that are not copied: encoded, here or by several processes, or found in the cache of earlier exports."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from engine.compositing.sources import Sources
from engine.encoding.memory import give_back_memory
from engine.encoding.result import OpenSources, Seam
from engine.encoding.splice.encoder import EncodedSegment
from engine.encoding.splice.encoder_settings import settings_for
from engine.encoding.splice.quality import RunFacts
from engine.encoding.splice.run_pictures import RunPictures, run_pictures
from engine.encoding.splice.segment_cache import SegmentStore, parameter_sets_of
from engine.encoding.splice.segment_task import SegmentContext, encode_run
from engine.encoding.splice.source import SpliceSource
from engine.encoding.splice.source_quality import SourceQuality, source_qualities
from engine.planning.plan import Mode, Segment
from engine.planning.planner import Blueprint
from engine.project.model import Project
from engine.running import CancelToken, Progress, Report

WORKER_PIXELS = 100_000_000
"""Pixels (frames × width × height) that make a process of its own worth its start: two seconds of a processor and more."""


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
    todo = {_frames(segment): segment for segment in job.made.plan.segments if segment.mode is not Mode.COPY}
    sets: dict[range, tuple[bytes, bytes]] = {}
    for frames, segment in todo.items():
        cancel.check()
        if segment.mode is Mode.CACHED and (data := job.segments.fetch(segment.key)) is not None:
            sets[frames] = parameter_sets_of(data)
    missing = [frames for frames in todo if frames not in sets]
    for frames, data in _encoded(job, missing, cancel, report):
        job.segments.put(todo[frames].key, data)
        give_back_memory()
        sets[frames] = parameter_sets_of(data)
    runs = [Run(frames, *sets[frames], _loader(job.segments, segment.key)) for frames, segment in todo.items()]
    return runs, sum(map(len, missing))


def _frames(segment: Segment) -> range:
    return range(segment.first_frame, segment.first_frame + segment.frames)


def _loader(segments: SegmentStore, key: str) -> Callable[[], EncodedSegment]:
    return lambda: segments.get(key)


def _encoded(
    job: SegmentJob, missing: list[range], cancel: CancelToken, report: Report
) -> Iterator[tuple[range, bytes]]:
    """Runs with their segments' bytes, in any order. A worker that was killed is no failure: the rest is encoded here."""
    context, progress = _context(job, missing), _Progress(report, sum(map(len, missing)))
    left = list(missing)
    if (workers := workers_for(missing, context, job.workers)) > 1:
        from concurrent.futures.process import BrokenProcessPool  # with multiprocessing, which one run needs not

        from engine.encoding.splice.worker_processes import encode_apart

        try:
            apart = encode_apart(missing, context, job.open_sources, workers, cancel=cancel, on_frames=progress.reach)
            with closing(apart) as found:
                for frames, data in found:
                    left.remove(frames)
                    yield frames, data
        except BrokenProcessPool:
            progress.restart(sum(map(len, missing)) - sum(map(len, left)))
    for frames in left:
        yield frames, encode_run(context, job.sources, frames, cancel=cancel, on_frame=progress.advance)


def workers_for(runs: list[range], context: SegmentContext, wanted: int) -> int:
    """How many processes pay: no more than there are runs, and each with enough to do."""
    pixels = sum(map(len, runs)) * context.settings.width * context.settings.height
    return max(1, min(wanted, len(runs), pixels // WORKER_PIXELS if WORKER_PIXELS else wanted))


def _context(job: SegmentJob, missing: list[range]) -> SegmentContext:
    assert job.made.source is not None
    facts = job.made.source.facts
    qualities = source_qualities(job.splice, facts.index, missing)
    runs = {run: _facts(run_pictures(facts.index, run), job.made.changed, qualities.get(run)) for run in missing}
    settings = settings_for(job.splice, facts.index, job.seam)
    return SegmentContext(job.project, facts.output, job.made.clock, facts.index, settings, runs)


def _facts(pictures: RunPictures, changed: tuple[range, ...], source: SourceQuality | None) -> RunFacts:
    frames, hidden = pictures.frames, frozenset(np.flatnonzero(pictures.is_hidden).tolist())
    modified = frozenset(at for c in changed for at in np.flatnonzero((frames >= c.start) & (frames < c.stop)).tolist())
    return RunFacts(len(frames) - len(hidden), modified - hidden, source, hidden)


class _Progress:
    """Frames encoded so far, of all that must be; what is said never goes back."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self._done, self._most = report, max(1, total), 0, 0

    def restart(self, done: int) -> None:
        self._done = done

    def advance(self) -> None:
        self.reach(self._done + 1)

    def reach(self, done: int) -> None:
        self._done, self._most = done, max(self._most, done)
        self._report(Progress(min(1.0, self._most / self._total), "Encoding"))
