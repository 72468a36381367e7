"""Confidence per frame as bars: heights, colours, and which frame a column stands for. No widget, no events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from widgets.palettes import Theme

Level = Literal["green", "amber", "red"]
RISING: tuple[Level, ...] = ("green", "amber", "red")
SHARE: dict[Level, float] = {"green": 0.25, "amber": 2 / 3, "red": 1.0}
ROLE: dict[Level, str] = {"green": "gr", "amber": "am", "red": "rd"}
LEAST_COLUMN = 3.0  # px; narrower frames share a column
GAP_FROM = 4.0  # px; from here on there is a gap between bars
POINTER = 4.0


@dataclass(frozen=True, slots=True)
class ConfidenceBar:
    """One frame: its number, how well the change holds there, and the confidence 0..1 behind that word."""

    frame: int
    level: Level
    confidence: float


@dataclass(frozen=True, slots=True)
class Column:
    """What one column shows: the frames [first, last] of the list and the index of the worst of them."""

    first: int
    last: int
    worst: int


def worst_index(bars: Sequence[ConfidenceBar]) -> int | None:
    """The first of the frames with the least confidence; None without frames."""
    if not bars:
        return None
    return min(range(len(bars)), key=lambda index: _goodness(bars[index]))


def columns(bars: Sequence[ConfidenceBar], width: float) -> list[Column]:
    """As many columns as fit, each with its worst frame, so that a single bad frame is never lost in zooming out."""
    count = max(1, min(len(bars), int(width / LEAST_COLUMN)))
    made = []
    for number in range(count if bars else 0):
        first, end = number * len(bars) // count, (number + 1) * len(bars) // count
        worst = min(range(first, end), key=lambda index: _goodness(bars[index]))
        made.append(Column(first, end - 1, worst))
    return made


def bar_at(bars: Sequence[ConfidenceBar], width: float, x: float) -> int | None:
    """The index of the frame a press at `x` means: the worst of its column; None outside."""
    shown = columns(bars, width)
    if not shown or not 0 <= x < width:
        return None
    return shown[min(len(shown) - 1, int(x / width * len(shown)))].worst


def summary(bars: Sequence[ConfidenceBar]) -> str:
    """The sentence for tooltips and screen readers."""
    count = sum(bar.level != "green" for bar in bars)
    if not count:
        return f"All {len(bars)} frames hold" if bars else "No frames"
    return f"{count} of {len(bars)} frames {'needs' if count == 1 else 'need'} a look"


def paint_bars(painter: QPainter, rect: QRectF, bars: Sequence[ConfidenceBar], theme: Theme) -> None:
    """Bars standing on the lower edge of `rect`, a pointer on the worst unless every frame holds."""
    shown = columns(bars, rect.width())
    if not shown:
        return
    width = rect.width() / len(shown)
    gap = 1.0 if width >= GAP_FROM else 0.0
    for number, column in enumerate(shown):
        level = bars[column.worst].level
        left, right = round(rect.x() + number * width), round(rect.x() + (number + 1) * width - gap)
        height = max(2.0, round(rect.height() * SHARE[level]))
        bar = QRectF(left, rect.bottom() - height, max(1, right - left), height)
        painter.fillRect(bar, theme.color(ROLE[level]))
    worst = worst_index(bars)
    if worst is not None and bars[worst].level != "green":
        paint_pointer(painter, rect.x() + (worst + 0.5) / len(bars) * rect.width(), rect.top(), theme)


def paint_pointer(painter: QPainter, x: float, top: float, theme: Theme) -> None:
    """The pointer on the worst frame: white (black in the light theme) with an edge that parts it from the bar."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = theme.px(POINTER)
    painter.setPen(theme.color("bg1"))
    painter.setBrush(theme.color("sel"))
    tip = [QPointF(x - size, top), QPointF(x + size, top), QPointF(x, top + size * 1.25)]
    painter.drawPolygon(QPolygonF(tip))
    painter.restore()


def _goodness(bar: ConfidenceBar) -> tuple[int, float]:
    return -RISING.index(bar.level), bar.confidence
