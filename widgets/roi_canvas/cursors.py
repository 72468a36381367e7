"""The pointer over the canvas: it says what a press would do."""

from PySide6.QtCore import QPointF, Qt

from widgets.roi_canvas.editing import RegionEditing

HANDLE_CURSORS = (
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
    Qt.CursorShape.SizeHorCursor,
)


def cursor_at(editing: RegionEditing, at: QPointF) -> Qt.CursorShape:
    """For a place in widget coordinates."""
    hit = editing.hit(at)
    if hit is None:
        if editing.tool != "select":
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.PointingHandCursor if editing.other_at(at) else Qt.CursorShape.ArrowCursor
    if hit.part == "turn":
        return Qt.CursorShape.OpenHandCursor
    return HANDLE_CURSORS[hit.index % len(HANDLE_CURSORS)] if hit.part == "handle" else Qt.CursorShape.SizeAllCursor
