"""Turns a file into a `Media` of the project, and tells later whether the file is still that."""

import os
import uuid
from fractions import Fraction
from pathlib import Path

from engine.cache.store import Cache
from engine.errors import MediaError
from engine.media.container import SourcePath, display_name
from engine.media.fingerprint import file_state, fingerprint
from engine.media.indexing import frame_index
from engine.media.probe import Probe, probe
from engine.project.model import Media, MediaKind
from engine.rational_time import TimeRange


def import_media(path: SourcePath, cache: Cache) -> Media:
    """A media with a new random id; the file is read, never moved or written.

    Raises: MediaError or BadInputError, one sentence naming the file and the reason.
    """
    absolute = os.fspath(Path(path).absolute())
    mtime_ns, size = file_state(absolute)
    found = probe(absolute)
    content = fingerprint(absolute)
    duration, rate = _extent(absolute, content, found, cache)
    video = found.video
    return Media(
        id=uuid.uuid4().hex, kind=found.kind, name=display_name(absolute), path=absolute, fingerprint=content,
        size_bytes=size, mtime_ns=mtime_ns,
        available_range=TimeRange(Fraction(0), duration) if duration is not None else None,
        width=video.display_width if video else 0, height=video.display_height if video else 0,
        rate=rate, has_audio=bool(found.audio),
    )


def _extent(path: str, content: str, found: Probe, cache: Cache) -> tuple[Fraction | None, Fraction | None]:
    """(duration, rate): exact for video, as stored for sound, None and None for a still."""
    if found.kind is MediaKind.IMAGE:
        return None, None
    if found.kind is MediaKind.VIDEO:
        index = frame_index(path, content, cache)
        return index.duration, index.average_rate
    duration = max(stream.duration for stream in found.audio)
    if duration <= 0:
        raise MediaError(f"“{display_name(path)}” does not say how long its sound is.", "Convert it to WAV or M4A first.")
    return duration, None


def media_changed(media: Media) -> bool:
    """Whether the file is another than when it was imported: by time and size, and where the time differs, by content.

    Raises: MediaError where it is missing.
    """
    mtime_ns, size = file_state(media.path)
    if size != media.size_bytes:
        return True
    return mtime_ns != media.mtime_ns and fingerprint(media.path) != media.fingerprint
