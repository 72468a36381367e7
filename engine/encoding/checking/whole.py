"""Proves a file that was encoded in full: frames, times, strict decode, sound."""

import os
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path

import av.error
import numpy as np

from engine.encoding.checking.ticks import in_common_ticks
from engine.encoding.result import Check
from engine.media.container import open_container, video_stream
from engine.media.index import Int64s
from engine.planning.plan import AudioMode
from engine.planning.planner import Blueprint
from engine.planning.sample_times import OutputClock
from engine.running import CancelToken

_MOST_THREADS = 4
"""Of the decoder: each holds pictures, and memory must not grow with the machine."""

_ROUNDING = Fraction(1, 1000)
"""Matroska and WebM store milliseconds."""

_SHIFTED = (".mkv", ".webm", ".ts", ".m2ts", ".mts")

_AUDIO_SLACK = Fraction(5, 100)
"""Coded sound ends at the end of a block of samples."""


def check_whole(output: Path, made: Blueprint, *, cancel: CancelToken) -> tuple[Check, ...]:
    """Checks of an output whose frames were all encoded; the last one is the decode of everything."""
    times, errors = _decoded_times(output, cancel)
    count, planned = len(times.pts), len(made.clock)
    # MP4 and MOV say where the picture begins; others shift picture and sound together where coding needs room before it.
    is_shifted = output.name.removesuffix(".part").endswith(_SHIFTED)
    drift = _drift(times, made.clock, is_shifted=is_shifted)
    exact = "exact" if not drift else f"within {float(drift) * 1000:.1f} ms"
    return (
        Check("Frames", count == planned, f"{count:,} of {planned:,}"),
        Check("Frame times", drift <= _ROUNDING, exact),
        audio_check(output, made),
        Check("Decodes", not errors, errors[0] if errors else f"{count:,} frames, no error"),
    )


@dataclass(frozen=True, slots=True)
class _Times:
    """`pts` (N,) of the decoded frames in ticks of `time_base`; a frame without one counts as 0."""

    pts: Int64s
    time_base: Fraction


def _drift(times: _Times, clock: OutputClock, *, is_shifted: bool) -> Fraction:
    """By how much a frame is off its planned time at most, in seconds; of as many frames as both have."""
    count = min(len(times.pts), len(clock))
    if not count:
        return Fraction(0)
    shown = times.pts[:count] - (times.pts[0] if is_shifted else 0)
    common = lcm(times.time_base.denominator, clock.time_base.denominator)
    found, planned = in_common_ticks(shown, times.time_base, clock.pts[:count], clock.time_base)
    return Fraction(int(np.abs(found - planned).max()), common)


def _decoded_times(output: Path, cancel: CancelToken) -> tuple[_Times, list[str]]:
    pts: list[int] = []
    time_base, errors = Fraction(1), ["there is no video"]
    with open_container(output) as container:
        stream = video_stream(container)
        if stream is not None:
            time_base, errors = Fraction(stream.time_base or 1), []
            stream.codec_context.options = {"err_detect": "explode"}
            stream.codec_context.thread_count = min(os.cpu_count() or 1, _MOST_THREADS)
            stream.thread_type = "AUTO"
            try:
                for frame in container.decode(stream):
                    cancel.check()
                    pts.append(frame.pts or 0)
            except av.error.FFmpegError as error:
                errors = [str(error.strerror or error)]
    return _Times(np.array(pts, np.int64), time_base), errors


def audio_check(output: Path, made: Blueprint) -> Check:
    """Whether there is sound exactly where the plan has some, as long as the picture."""
    with open_container(output) as container:
        lengths = [_audio_end(stream.time_base or Fraction(1), stream.duration) for stream in container.streams.audio]
    if made.plan.audio is AudioMode.NONE:
        return Check("Audio", not lengths, "none, as planned" if not lengths else "there is sound that was not planned")
    if not lengths:
        return Check("Audio", False, "there is none")
    if lengths[0] is None:
        return Check("Audio", True, "mixed")
    off = abs(lengths[0] - made.plan.duration)
    return Check("Audio", off <= _AUDIO_SLACK, f"mixed, {float(lengths[0]):.3f} s")


def _audio_end(time_base: Fraction, duration: int | None) -> Fraction | None:
    return None if duration is None else duration * time_base
