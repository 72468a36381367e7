"""What lies under a point of the timeline. Pure geometry over the state."""

from fractions import Fraction

from PySide6.QtCore import QPoint, QRect

from widgets.timeline.metrics import anchor_x, eye_rect, first_line, padlock_rect
from widgets.timeline.rows import Row
from widgets.timeline.state import State
from widgets.timeline.values import Hit, HitKind, PatchView, StripSpan

EDGE_PX = 8
TOUCH_PX = 12  # on each side of a patch's edge: 24 px to touch


def hit_at(state: State, point: QPoint) -> Hit:
    """The thing under a widget point; patches' grips and anchors win over bodies, edges over clips."""
    time = state.scale.time_at(point.x())
    if point.y() < state.metrics.top_height:
        return _hit_top(state, point, time)
    row = state.row_at(point.y())
    if row is None:
        return Hit(HitKind.NOTHING, time=time)
    if point.x() < state.metrics.head_width:
        return _hit_head(state, row, point, time)
    return _hit_patch(state, row, point, time) if row.kind == "patch" else _hit_clip(state, row, point, time)


def plan_span_at(state: State, x: int) -> StripSpan | None:
    """The piece of the export plan at an x."""
    seconds = state.scale.seconds_at(x)
    return next((span for span, _, _ in state.plan.touching(seconds, seconds + 1e-9)), None)


def items_in(state: State, box: QRect) -> tuple[str, ...]:
    """Ids of all clips and patches that a rectangle touches, from the top."""
    found: list[str] = []
    start, end = state.scale.seconds_at(box.left()), state.scale.seconds_at(box.right() + 1)
    for row in state.rows.rows:
        for items in (row.clips, row.patches):
            found += [item.id for item, _, _ in items.touching(start, end) if state.rect(row, item).intersects(box)]
    return tuple(found)


def _hit_top(state: State, point: QPoint, time: Fraction) -> Hit:
    if point.x() < state.metrics.head_width:
        return Hit(HitKind.NOTHING, time=time)
    return Hit(HitKind.PLAN if point.y() < state.metrics.plan_height else HitKind.RULER, time=time)


def _hit_head(state: State, row: Row, point: QPoint, time: Fraction) -> Hit:
    rect = state.metrics.row_rect(row, state.scroll_y, state.width)
    line = first_line(row, state.metrics)
    if eye_rect(rect, state.metrics, line).contains(point):
        return Hit(HitKind.EYE, track_id=row.track.id, time=time)
    if padlock_rect(rect, state.metrics, line).contains(point):
        return Hit(HitKind.PADLOCK, track_id=row.track.id, time=time)
    return Hit(HitKind.HEAD, track_id=row.track.id, time=time)


def _hit_clip(state: State, row: Row, point: QPoint, time: Fraction) -> Hit:
    top, height = state.metrics.clip_band(row, state.scroll_y)
    lane = Hit(HitKind.LANE, track_id=row.track.id, time=time)
    if not top <= point.y() < top + height:
        return lane
    seconds = state.scale.seconds_at(point.x() + 0.5)
    for clip, _, _ in row.clips.touching(seconds, seconds + 1e-9):
        rect = state.rect(row, clip)
        grip = min(state.theme.px(EDGE_PX), rect.width() // 3)
        kind = HitKind.CLIP
        if point.x() < rect.left() + grip:
            kind = HitKind.CLIP_START
        elif point.x() > rect.right() - grip:
            kind = HitKind.CLIP_END
        return Hit(kind, clip.id, row.track.id, time)
    return lane


def _hit_patch(state: State, row: Row, point: QPoint, time: Fraction) -> Hit:
    reach = state.theme.px(TOUCH_PX)
    start, end = state.scale.seconds_at(point.x() - reach), state.scale.seconds_at(point.x() + reach + 1)
    hits = [_hit_one_patch(state, row, patch, point, time) for patch, _, _ in row.patches.touching(start, end)]
    order = (HitKind.ANCHOR, HitKind.PATCH_START, HitKind.PATCH_END, HitKind.PATCH, HitKind.CONFIDENCE)
    found = [hit for hit in reversed(hits) if hit is not None]
    best = min(found, key=lambda hit: order.index(hit.kind), default=None)
    return best or Hit(HitKind.LANE, track_id=row.track.id, time=time)


def _hit_one_patch(state: State, row: Row, patch: PatchView, point: QPoint, time: Fraction) -> Hit | None:
    rect = state.rect(row, patch)
    top, height = state.metrics.strip_band(row, state.scroll_y, patch.id)
    if not rect.top() <= point.y() < top + height:
        return None
    if point.y() > rect.bottom():
        inside = rect.left() <= point.x() <= rect.right()
        return Hit(HitKind.CONFIDENCE, patch.id, row.track.id, time) if inside else None
    kind = _patch_part(state, patch, rect, point)
    return Hit(kind, patch.id, row.track.id, time) if kind else None


def _patch_part(state: State, patch: PatchView, rect: QRect, point: QPoint) -> HitKind | None:
    """Grips reach 12 px to both sides, yet leave a third of a short clip for its middle."""
    reach = state.theme.px(TOUCH_PX)
    inside = min(reach, max(state.metrics.grip_width, rect.width() // 3))
    half = rect.height() // 3
    if any(abs(point.x() - x) <= half for x in anchor_x(patch, rect.left(), rect.right() + 1)):
        return HitKind.ANCHOR
    if rect.left() - reach <= point.x() < rect.left() + inside:
        return HitKind.PATCH_START
    if rect.right() - inside < point.x() <= rect.right() + reach:
        return HitKind.PATCH_END
    return HitKind.PATCH if rect.contains(point) else None
