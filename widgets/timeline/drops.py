"""What may be dropped on the timeline, and where it would land. Reads mime data; changes nothing."""

from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QMimeData, QPoint

from engine.rational_time import timecode
from widgets.dropped_files import local_files
from widgets.timeline.scale import to_frame
from widgets.timeline.state import Ghost, ReadOut, State
from widgets.timeline.values import DroppedFiles, DroppedMedia, Landing

MEDIA_MIME = "application/x-patchreel-media"
DEFAULT_LENGTH = Fraction(5)

Payload = DroppedFiles | DroppedMedia


def payload_of(mime: QMimeData) -> Payload | None:
    """Media of the bin, or local files in name order; None for anything else."""
    if mime.hasFormat(MEDIA_MIME):
        text = bytes(mime.data(MEDIA_MIME).data()).decode("utf-8", errors="replace")
        ids = tuple(line.strip() for line in text.splitlines() if line.strip())
        return DroppedMedia(ids) if ids else None
    paths = local_files(mime)
    return DroppedFiles(paths) if paths else None


def ghost_at(state: State, payload: Payload, point: QPoint) -> Ghost:
    """Which time (snapped) and track ("" between tracks) the pointer means; how long it is, is not known here."""
    time = state.scale.time_at(max(point.x(), state.metrics.head_width))
    snapped = state.snap_points(frozenset()).nearest(time, state.reach) if state.snapping else None
    state.snap_time = snapped
    row = state.row_at(point.y())
    fits = row is not None and row.kind != "patch" and not row.track.locked and not _between_rows(state, point.y())
    track_id = row.track.id if row is not None and fits else ""
    start = snapped if snapped is not None else to_frame(time, state.view.rate)
    return Ghost(start, DEFAULT_LENGTH, track_id, _label(payload))


def landed(ghost: Ghost, landing: Landing | None) -> Ghost:
    """The ghost where the clips will really lie, if that is known."""
    if landing is None:
        return ghost
    return replace(ghost, track_id=landing.track_id, start=landing.start, duration=landing.duration, is_known=True)


def show_drop(state: State, ghost: Ghost, point: QPoint) -> None:
    """The ghost, and beside the pointer when it starts and how long it is."""
    rate = state.view.rate
    state.ghost = ghost
    length = f"length {timecode(ghost.duration, rate)}" if ghost.is_known else ""
    state.read_out = ReadOut(point, timecode(ghost.start, rate), length)


def _between_rows(state: State, y: int) -> bool:
    """Whether a point is on the seam of two rows, which asks for a new track."""
    seam = state.theme.px(3)
    inside = y - state.metrics.top_height + state.scroll_y
    return any(abs(inside - row.bottom) < seam for row in state.rows.rows)


def _label(payload: Payload) -> str:
    if isinstance(payload, DroppedMedia):
        return "" if len(payload.ids) == 1 else f"{len(payload.ids)} items"
    return payload.paths[0].name if len(payload.paths) == 1 else f"{len(payload.paths)} files"
