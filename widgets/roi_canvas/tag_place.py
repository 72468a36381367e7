"""Where a tag goes so that it never covers the region it names."""

from PySide6.QtCore import QPoint, QRect, QSize

GAP = 10
INSET = 12


def place_tag(region: QRect, tag: QSize, area: QRect) -> QPoint | None:
    """Below the region, else above, right or left of it, inside `area`; None where there is no room.

    `region` is the part of the widget the region and its handles take, `area` where a tag may be.
    """
    inside = area.adjusted(INSET, INSET, -INSET, -INSET)
    if tag.width() > inside.width() or tag.height() > inside.height():
        return None
    left = min(inside.right() + 1 - tag.width(), max(inside.left(), region.left()))
    top = min(inside.bottom() + 1 - tag.height(), max(inside.top(), region.top()))
    candidates = (
        QPoint(left, region.bottom() + 1 + GAP),
        QPoint(left, region.top() - GAP - tag.height()),
        QPoint(region.right() + 1 + GAP, top),
        QPoint(region.left() - GAP - tag.width(), top),
    )
    return next((at for at in candidates if inside.contains(QRect(at, tag))), None)
