"""Decodes the seams of a splice in the finished file, strictly, and measures the frames that were not meant to change.

This is the one decode of the result that does not come from its encoder. Output and source are decoded at once, each by one
decoder at a time and each packet once; a frame lives until it was compared.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import av.error
import numpy as np
from av.video.frame import VideoFrame

from engine.bitstream.sample_tables import BoolArray
from engine.encoding.av_frames import luma_of, psnr_db
from engine.encoding.checking.damage import damage_in
from engine.encoding.checking.report import Comparison
from engine.encoding.checking.strict_decode import Decoded, StrictDecoder
from engine.errors import MediaError
from engine.media.index import Int64s
from engine.planning.splice import SplicePoints
from engine.running import CancelToken, ahead

_DECODED_AHEAD = 2


@dataclass(slots=True)
class SeamReport:
    """`psnr_db` has one value for each unmodified frame inside the encoded runs, in order."""

    seams: int = 0
    decoded: int = 0
    changed_frames: int = 0
    """Frames that are meant to differ from the source's, and how many of them were decoded."""
    changed_decoded: int = 0
    missing: int = 0
    damaged: int = 0
    """Frames that the source does not give either."""
    errors: list[str] = field(default_factory=list)
    psnr_db: list[float] = field(default_factory=list)

    def add(self, other: "SeamReport") -> None:
        """Take up what was found in another stretch."""
        self.decoded += other.decoded
        self.changed_decoded += other.changed_decoded
        self.missing += other.missing
        self.damaged += other.damaged
        self.errors += other.errors
        self.psnr_db += other.psnr_db


def check_seams(job: Comparison, points: SplicePoints, changed: Sequence[range], *, cancel: CancelToken) -> SeamReport:
    """Decode every run of encoded frames from the last IDR before it to the first IDR after it, that one included.

    Raises MediaError where a file cannot be opened, Cancelled.
    """
    if not job.runs:
        return SeamReport()
    with StrictDecoder(job.output, job.index) as output, StrictDecoder(job.source, job.index) as source:
        return _SeamCheck(job, points, _marked(changed, len(job.index)), output, source, cancel).run()


class _SeamCheck:
    def __init__(
        self, job: Comparison, points: SplicePoints, is_changed: BoolArray, output: StrictDecoder, source: StrictDecoder,
        cancel: CancelToken,
    ) -> None:  # fmt: skip
        self._job, self._runs, self._count, self._points = job, _joined(job.runs), len(job.index), points
        self._is_changed, self._is_measured = is_changed, job.is_replaced() & ~is_changed
        self._output, self._source, self._cancel = output, source, cancel
        self._report = SeamReport()

    def run(self) -> SeamReport:
        self._report.changed_frames = int(self._is_changed.sum())
        self._report.seams = sum((run.start > 0) + (run.stop < self._count) for run in self._runs)
        for wide in _joined([_around(run, self._points) for run in self._runs]):
            self._check(wide)
        return self._report

    def _check(self, wide: range) -> None:
        found = self._decoded(wide, self._output, self._source)
        if found.errors or found.missing:
            found = self._without_damage(wide) or found
        self._report.add(found)

    def _without_damage(self, wide: range) -> SeamReport | None:
        """The same without the frames that the source does not give either; None where it is not the source that lacks them."""
        damage = damage_in(self._job, wide, cancel=self._cancel)
        if not damage.is_the_sources or not damage.in_source:
            return None
        # One thread each: several report an error late and lose its neighbours too.
        paths = self._job.output, self._job.source
        with StrictDecoder(paths[0], self._job.index, 1) as output, StrictDecoder(paths[1], self._job.index, 1) as source:
            found = self._decoded(wide, output, source, damage.in_source, goes_on=True)
        found.missing -= len(damage.in_output)
        found.damaged = len(damage.in_output)
        return found

    def _decoded(
        self, wide: range, output: StrictDecoder, source: StrictDecoder, unmeasured: frozenset[int] = frozenset(), *,
        goes_on: bool = False,
    ) -> SeamReport:  # fmt: skip
        found, awaited, last = SeamReport(), set(wide), -1
        numbers = [n for n in wide if self._is_measured[n] and n not in unmeasured]
        try:
            frames = ahead(output.frames(wide, goes_on=goes_on), _DECODED_AHEAD)
            wanted = np.array(numbers, np.int64)
            with closing(frames), closing(_Originals(source, self._points, wanted, goes_on)) as originals:
                for decoded in frames:
                    self._cancel.check()
                    if decoded.number in awaited:
                        awaited.discard(decoded.number)
                        if decoded.number < last:
                            found.errors.append("the decoder shows frames in another order than their times say")
                        last = max(last, decoded.number)
                        self._take(decoded, originals, found, is_measured=decoded.number not in unmeasured)
        except av.error.FFmpegError as error:
            found.errors.append(str(error.strerror or error))
        found.missing = len(awaited)
        return found

    def _take(self, decoded: Decoded, originals: "_Originals", found: SeamReport, *, is_measured: bool) -> None:
        found.decoded += 1
        found.changed_decoded += bool(self._is_changed[decoded.number])
        if is_measured and self._is_measured[decoded.number]:
            original = originals.take(decoded.number)
            peak = (1 << decoded.frame.format.components[0].bits) - 1
            found.psnr_db.append(psnr_db(luma_of(original), luma_of(decoded.frame), peak))


class _Originals:
    """The source's frames of these numbers (ascending), decoded ahead of who takes them."""

    def __init__(self, source: StrictDecoder, points: SplicePoints, numbers: Int64s, goes_on: bool) -> None:
        self._numbers = set(numbers.tolist())
        self._waiting: dict[int, VideoFrame] = {}
        ranges = _joined(_sources_of(numbers, points))
        decoded = (one for frames in ranges for one in source.frames(frames, numbers, goes_on=goes_on))
        self._frames = ahead(decoded, _DECODED_AHEAD)

    def take(self, number: int) -> VideoFrame:
        """One of the frames; each can be taken once, and about in order. Raises MediaError where the source lacks it."""
        while number not in self._waiting:
            decoded = next(self._frames, None)
            if decoded is None:
                raise MediaError(f"Frame {number} of the source cannot be decoded.", "Copy the file again.")
            if decoded.number in self._numbers:
                self._waiting[decoded.number] = decoded.frame
        return self._waiting.pop(number)

    def close(self) -> None:
        """Stop the decoder."""
        self._frames.close()
        self._waiting.clear()


def _sources_of(numbers: Int64s, points: SplicePoints) -> list[range]:
    """For each group from IDR to IDR that holds some of the frames: from its IDR to the closed cut behind the last of them."""
    starts = np.concatenate(([0], points.idr[:-1]))
    groups = np.searchsorted(starts, numbers, side="right") - 1
    cuts = np.append(points.closed, points.idr[-1])
    ranges: list[range] = []
    for group in np.unique(groups).tolist():
        last = int(numbers[groups == group][-1])
        ranges.append(range(int(starts[group]), int(cuts[np.searchsorted(cuts, last + 1)])))
    return ranges


def _marked(ranges: Sequence[range], count: int) -> BoolArray:
    marks = np.zeros(count, np.bool_)
    for frames in ranges:
        marks[frames.start : frames.stop] = True
    return marks


def _joined(ranges: Sequence[range]) -> list[range]:
    """The same frames in as few ranges as hold them; they come and go in ascending order."""
    joined: list[range] = []
    for frames in ranges:
        if joined and frames.start <= joined[-1].stop:
            joined[-1] = range(joined[-1].start, max(frames.stop, joined[-1].stop))
        else:
            joined.append(frames)
    return joined


def _around(run: range, points: SplicePoints) -> range:
    before = points.idr[points.idr < run.start] if run.start else points.idr[:1]
    start = min(int(before[-1]) if len(before) else 0, run.start)
    return range(start, min(run.stop + 1, int(points.idr[-1])))
