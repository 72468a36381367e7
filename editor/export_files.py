"""Work on files around an export that the window's thread must not do: a frame of what was written, the report beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from engine.cache.store import Cache
from engine.encoding.result import ExportResult
from engine.jobs import export as export_job
from engine.media.importing import import_media
from engine.media.library import MediaLibrary
from engine.media.thumbnails import thumbnail
from engine.planning.plan import Mode
from engine.project.atomic import write_atomically
from engine.running import CancelToken, Report
from widgets.frame_image import to_qimage

POSTER_PX = 280
"""Twice its height on the page, for screens that show more pixels."""


@dataclass(frozen=True, slots=True)
class PosterRequest:
    """A frame out of a finished export."""

    result: ExportResult
    cache: Cache


def poster(request: PosterRequest, *, cancel: CancelToken, report: Report) -> QImage:
    """Decoded from the written file, in the middle of what was changed. Raises MediaError."""
    result = request.result
    changed = [segment for segment in result.plan.segments if segment.mode is not Mode.COPY]
    time = (changed[0].start + changed[0].end) / 2 if changed else result.duration / 2
    library = MediaLibrary(request.cache, lambda _asset: b"")
    try:
        media = import_media(result.output, request.cache)
        cancel.check()
        return to_qimage(thumbnail(library, media, time, POSTER_PX))
    finally:
        library.close()


def report_path(output: Path) -> Path:
    """Where the report of a file lies."""
    return output.with_name(f"{output.stem}.report.json")


def write_report(result: ExportResult, *, cancel: CancelToken, report: Report) -> Path:
    """What was written, why, and every check, as JSON beside the file. Raises OSError."""
    target = report_path(result.output)
    write_atomically(target, json.dumps(export_job.result_json(result), indent=1).encode("utf-8") + b"\n")
    return target
