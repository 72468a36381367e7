"""Decodes the seams of a splice in the finished file, strictly, and measures the frames that were not meant to change."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import av.error
from av.video.frame import VideoFrame

from engine.encoding.av_frames import luma_of, psnr_db
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex
from engine.media.picture import Picture
from engine.planning.splice import SplicePoints
from engine.running import CancelToken, ahead

_DECODED_AHEAD = 4
SourcePicture = Callable[[int], Picture]


@dataclass(slots=True)
class SeamReport:
    """`psnr_db` has one value for each unmodified frame inside the encoded runs."""

    seams: int = 0
    decoded: int = 0
    missing: int = 0
    errors: list[str] = field(default_factory=list)
    psnr_db: list[float] = field(default_factory=list)


def check_seams(
    output: str, index: FrameIndex, points: SplicePoints, runs: list[range], changed: list[range],
    source_picture: SourcePicture, *, cancel: CancelToken,
) -> SeamReport:  # fmt: skip
    """Decode every run of encoded frames from the last IDR before it to the first IDR after it, that one included."""
    report = SeamReport()
    modified = {frame for frames in changed for frame in frames}
    for run in _joined(runs):
        _check_run(output, index, _around(run, points), run, modified, source_picture, report, cancel)
        report.seams += (run.start > 0) + (run.stop < len(index))
    return report


def _joined(runs: list[range]) -> Iterator[range]:
    last: range | None = None
    for run in runs:
        if last is not None and run.start <= last.stop:
            last = range(last.start, run.stop)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _around(run: range, points: SplicePoints) -> range:
    before = points.idr[points.idr < run.start] if run.start else points.idr[:1]
    start = min(int(before[-1]) if len(before) else 0, run.start)
    return range(start, min(run.stop + 1, int(points.idr[-1])))


def _check_run(
    output: str, index: FrameIndex, wide: range, run: range, modified: set[int], source_picture: SourcePicture,
    report: SeamReport, cancel: CancelToken,
) -> None:  # fmt: skip
    expected = {int(index.pts[frame]): frame for frame in wide}
    try:
        with closing(ahead(_decoded(output, index, wide), _DECODED_AHEAD)) as frames:
            for frame in frames:
                cancel.check()
                number = expected.pop(frame.pts or 0, None)
                if number is None:
                    continue
                report.decoded += 1
                if number in run and number not in modified:
                    picture = source_picture(number)
                    report.psnr_db.append(psnr_db(picture.planes[0], luma_of(frame), picture.format.peak))
    except av.error.FFmpegError as error:
        report.errors.append(str(error.strerror or error))
    report.missing += len(expected)


def _decoded(output: str, index: FrameIndex, wide: range) -> Iterator[VideoFrame]:
    """Frames from the first of `wide` on, until its last packet was decoded; the decoder is told to forgive nothing."""
    last = {int(pts) for pts in index.pts[wide.start : wide.stop]}
    with open_container(output) as container:
        stream = video_stream(container)
        if stream is None:
            return
        scale = index.time_base / (stream.time_base or index.time_base)
        stream.codec_context.options = {"err_detect": "explode"}
        stream.thread_type = "AUTO"
        container.seek(int(int(index.pts[wide.start]) * scale), stream=stream, backward=True)
        for packet in container.demux(stream):
            if packet.size == 0:
                break
            last.discard(int((packet.pts or 0) / scale))
            yield from _in_source_ticks(packet.decode(), scale)
            if not last:
                break
        yield from _in_source_ticks(stream.codec_context.decode(None), scale)


def _in_source_ticks(frames: list[VideoFrame], scale: object) -> Iterator[VideoFrame]:
    for frame in frames:
        if scale != 1 and frame.pts is not None:
            frame.pts = int(frame.pts / scale)  # type: ignore[operator]
        yield frame
