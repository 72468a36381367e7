"""Looks whether a video file that came from outside is whole: its first and its last frame can be decoded.

A file that was cut off opens and begins to play, so opening it proves nothing.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error

from engine.errors import MediaError
from engine.media.container import display_name, open_container, video_stream

VIDEO_MAGIC = b"ftyp"
"""At byte 4 of every MP4."""
_TAIL_S = 2
"""The last seconds are decoded from the keyframe before them on."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a whole video is. `duration` in seconds; `frames` counts packets."""

    width: int
    height: int
    frames: int
    duration: Fraction
    has_audio: bool


def check_video(path: Path) -> VideoFacts:
    """Raises: MediaError: no MP4, cut off, or its first or last frame cannot be decoded."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] != VIDEO_MAGIC:
        raise MediaError(f"“{display_name(path)}” is no MP4: {_guess(head)}.")
    try:
        return _checked(path)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"“{display_name(path)}” is damaged: it cannot be decoded to its end.") from error


def _checked(path: Path) -> VideoFacts:
    with open_container(path) as container:
        stream = video_stream(container)
        if stream is None or stream.time_base is None:
            raise MediaError(f"“{display_name(path)}” has no video.")
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        if any(packet.is_corrupt for packet in packets) or not packets:
            raise MediaError(f"“{display_name(path)}” was cut off.")
        wanted = max(packet.pts for packet in packets if packet.pts is not None)
        expected = stream.frames
        ends = [(packet.pts or 0) + (packet.duration or 0) for packet in packets]
        duration = (max(ends) - min(packet.pts for packet in packets if packet.pts is not None)) * stream.time_base
        if expected and len(packets) < expected:
            raise MediaError(f"“{display_name(path)}” was cut off: {len(packets)} of {expected} frames are there.")
        container.seek(0, stream=stream)
        first = next(container.decode(stream))
        container.seek(max(0, wanted - round(_TAIL_S / stream.time_base)), stream=stream)
        last = None
        for frame in container.decode(stream):
            last = frame
        if last is None or last.pts is None or last.pts < wanted:
            raise MediaError(f"“{display_name(path)}” was cut off: its last frame cannot be decoded.")
        return VideoFacts(first.width, first.height, len(packets), duration, bool(container.streams.audio))


def _guess(head: bytes) -> str:
    start = head.lstrip().lower()
    if not head:
        return "it is empty"
    return "a web page came" if start.startswith((b"<!doctype", b"<html", b"<?xml")) else "something unknown came"
