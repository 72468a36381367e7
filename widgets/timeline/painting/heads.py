"""Draws the heads at the left: names, eyes or speakers, padlocks, and the share copied."""

from PySide6.QtCore import QRect, Qt

from widgets.timeline.metrics import eye_rect, first_line, padlock_rect
from widgets.timeline.painting.canvas import Canvas
from widgets.timeline.rows import Row
from widgets.timeline.values import HitKind


def paint_heads(canvas: Canvas) -> None:
    """All heads over their rows, then the fixed heads of plan and ruler, then the line to the lanes."""
    state = canvas.state
    m = state.metrics
    canvas.fill(QRect(0, m.top_height, m.head_width, state.height - m.top_height), "bg2")
    for row in state.rows.rows:
        rect = m.row_rect(row, state.scroll_y, state.width)
        if rect.bottom() >= m.top_height and rect.top() < state.height:
            _paint_head(canvas, row, rect)
    _paint_fixed(canvas)
    canvas.fill(QRect(m.head_width - 1, 0, 1, state.height), "line")


def _paint_fixed(canvas: Canvas) -> None:
    """Export plan and its share; drawn last because rows scroll below it."""
    m, theme = canvas.state.metrics, canvas.theme
    canvas.fill(QRect(0, 0, m.head_width, m.top_height), "bg2")
    plan = QRect(theme.px(12), 0, m.head_width - theme.px(24), m.plan_height)
    width = canvas.text(plan, "Export plan", "t2")
    rest = plan.adjusted(width + theme.px(8), 0, 0, 0)
    if rest.width() >= canvas.text_width(canvas.state.view.share_copied, 11):
        canvas.text(rest, canvas.state.view.share_copied, "t3", align=Qt.AlignmentFlag.AlignRight)
    for y in (m.plan_height - 1, m.top_height - 1):
        canvas.fill(QRect(0, y, m.head_width, 1), "line")


def _paint_head(canvas: Canvas, row: Row, rect: QRect) -> None:
    m, theme = canvas.state.metrics, canvas.theme
    line = first_line(row, m)
    eye, padlock = eye_rect(rect, m, line), padlock_rect(rect, m, line)
    name = QRect(theme.px(12), rect.top(), eye.left() - theme.px(14), line)
    canvas.text(name, _head_name(canvas, row, name.width()), "act" if row.kind == "patch" else "t2",
                weight=600 if row.kind == "patch" else 400)  # fmt: skip
    for kind, button in ((HitKind.EYE, eye), (HitKind.PADLOCK, padlock)):
        _paint_button(canvas, row, kind, button)
    if row.kind == "patch" and not canvas.state.compact:
        top, height = m.strip_band(row, canvas.state.scroll_y)
        canvas.text(QRect(name.left(), top, m.head_width - name.left(), height), "Confidence", "t3")
    canvas.fill(QRect(0, rect.bottom(), m.head_width, 1), "line")


def _head_name(canvas: Canvas, row: Row, width: int) -> str:
    """The whole name, or its first word where a narrow head has no room for more."""
    name = row.track.name
    return name if canvas.text_width(name, 11) <= width else name.split(" ")[0]


def _paint_button(canvas: Canvas, row: Row, kind: HitKind, rect: QRect) -> None:
    hover = canvas.state.hover
    if hover.kind is kind and hover.track_id == row.track.id:
        canvas.rounded(rect, canvas.theme.px(4), canvas.theme.color("bg4"), None)
    if kind is HitKind.PADLOCK:
        canvas.icon_in("lock" if row.track.locked else "unlock", rect, "t1" if row.track.locked else "t3", 14)
    elif row.kind == "audio":
        canvas.icon_in("speaker" if row.track.visible else "muted", rect, "t1" if row.track.visible else "t3", 14)
    else:
        canvas.icon_in("eye" if row.track.visible else "eye-off", rect, "t1" if row.track.visible else "t3", 14)
