"""Proves a file that was encoded in full: frames, times, strict decode, sound."""

from fractions import Fraction
from pathlib import Path

import av.error

from engine.encoding.result import Check
from engine.media.container import open_container, video_stream
from engine.planning.plan import AudioMode
from engine.planning.planner import Blueprint
from engine.running import CancelToken

_ROUNDING = Fraction(1, 1000)
"""Matroska and WebM store milliseconds."""

_SHIFTED = (".mkv", ".webm", ".ts", ".m2ts", ".mts")

_AUDIO_SLACK = Fraction(5, 100)
"""Coded sound ends at the end of a block of samples."""


def check_whole(output: Path, made: Blueprint, *, cancel: CancelToken) -> tuple[Check, ...]:
    """Checks of an output whose frames were all encoded; the last one is the decode of everything."""
    times, errors = _decoded_times(output, cancel)
    expected = [made.clock.time_of(frame) for frame in range(len(made.clock))]
    # MP4 and MOV say where the picture begins; others shift picture and sound together where coding needs room before it.
    start = times[0] if times and output.name.removesuffix(".part").endswith(_SHIFTED) else Fraction(0)
    drift = max((abs(a - start - b) for a, b in zip(times, expected, strict=False)), default=Fraction(0))
    exact = "exact" if not drift else f"within {float(drift) * 1000:.1f} ms"
    return (
        Check("Frames", len(times) == len(expected), f"{len(times):,} of {len(expected):,}"),
        Check("Frame times", drift <= _ROUNDING, exact),
        audio_check(output, made),
        Check("Decodes", not errors, errors[0] if errors else f"{len(times):,} frames, no error"),
    )


def _decoded_times(output: Path, cancel: CancelToken) -> tuple[list[Fraction], list[str]]:
    times: list[Fraction] = []
    with open_container(output) as container:
        stream = video_stream(container)
        if stream is None:
            return [], ["there is no video"]
        stream.codec_context.options = {"err_detect": "explode"}
        stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                cancel.check()
                times.append((frame.pts or 0) * frame.time_base if frame.time_base else Fraction(0))
        except av.error.FFmpegError as error:
            return times, [str(error.strerror or error)]
    return times, []


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
