"""Encodes one run of frames: the work of one unit, the same whoever does it and wherever."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, repeat

import numpy as np

from engine.compositing.output import OutputFormat
from engine.compositing.sources import Sources
from engine.encoding.pictures import Composer
from engine.encoding.splice.encoder import EncodedSegment, encode_segment
from engine.encoding.splice.encoder_settings import H264Settings
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.quality import RunFacts
from engine.encoding.splice.run_pictures import RunPictures, run_pictures
from engine.encoding.splice.segment_cache import to_bytes
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.planning.sample_times import OutputClock
from engine.project.model import Project
from engine.running import CancelToken

OnFrame = Callable[[], None]


@dataclass(frozen=True, slots=True)
class SegmentContext:
    """What all runs of one output have in common; a value that can be sent to another process."""

    project: Project
    output: OutputFormat
    clock: OutputClock
    index: FrameIndex
    settings: H264Settings
    runs: dict[range, RunFacts]
    """What is known of each run before it is encoded."""


def encode_run(
    context: SegmentContext, sources: Sources, frames: range, *, cancel: CancelToken, on_frame: OnFrame
) -> bytes:
    """The segment of a run as bytes (`segment_cache.to_bytes`), which depend on nothing but context and frames.

    `on_frame` is called once for each frame, whatever number of attempts the encoder needs. Raises PatchreelError, Cancelled.
    """
    shown = run_pictures(context.index, frames)
    composer = Composer(context.project, sources, context.output, context.clock)
    counted = _CountedOnce(on_frame)

    def pictures() -> Iterator[Picture]:
        counted.restart()
        return _held(composer, shown)

    found = encode_segment(pictures, context.settings, context.runs[frames], cancel=cancel, on_frame=counted.advance)
    if not _fits(context.index, frames, shown, found):
        raise SpliceError("The encoded frames do not fit the decode times of the source.")
    return to_bytes(found)


def _held(composer: Composer, shown: RunPictures) -> Iterator[Picture]:
    """A frame that is shown more than once is composed once."""
    for frame, times in groupby(shown.frames.tolist()):
        yield from repeat(composer.picture(frame), len(list(times)))


def _fits(index: FrameIndex, frames: range, shown: RunPictures, segment: EncodedSegment) -> bool:
    """Whether no packet would be shown before it is decoded. Where some are hidden the tables tell, which are not known here."""
    if len(segment.packets) != len(shown):
        return False
    if len(shown) > len(frames):
        return True
    times = shown.pts[[packet.frame for packet in segment.packets]]
    return bool(np.all(times >= index.dts[frames.start : frames.stop]))


class _CountedOnce:
    """Passes on the frames of a first attempt; a second one is waited for until it is further than the first was."""

    def __init__(self, on_frame: OnFrame) -> None:
        self._on_frame, self._done, self._most = on_frame, 0, 0

    def restart(self) -> None:
        self._done = 0

    def advance(self) -> None:
        self._done += 1
        if self._done > self._most:
            self._most = self._done
            self._on_frame()
