"""Sizes of the timeline's fixed parts and where they lie in the widget. Pure geometry; draws nothing."""

from dataclasses import dataclass

from PySide6.QtCore import QRect

from widgets.timeline.rows import Row
from widgets.timeline.values import PatchView


@dataclass(frozen=True, slots=True)
class Metrics:
    """The fixed parts at a theme's scale, in logical pixels."""

    head_width: int
    plan_height: int
    ruler_height: int
    clip_margin: int
    name_height: int
    patch_height: int
    strip_height: int
    grip_width: int

    @classmethod
    def of(cls, scale: float, compact: bool) -> "Metrics":
        """The sizes of the large (1920) or the compact (1280) layout."""
        sizes = (132, 16, 22, 2, 16, 22, 14, 8) if compact else (176, 20, 24, 2, 16, 30, 22, 8)
        return cls(*(round(size * scale) for size in sizes))

    @property
    def top_height(self) -> int:
        """Export plan and ruler together: where the rows begin."""
        return self.plan_height + self.ruler_height

    def plan_rect(self, width: int) -> QRect:
        return QRect(self.head_width, 0, max(0, width - self.head_width), self.plan_height)

    def ruler_rect(self, width: int) -> QRect:
        return QRect(self.head_width, self.plan_height, max(0, width - self.head_width), self.ruler_height)

    def row_rect(self, row: Row, scroll_y: int, width: int) -> QRect:
        """A row over the whole width, head included."""
        return QRect(0, self.top_height + row.top - scroll_y, width, row.height)

    def clip_band(self, row: Row, scroll_y: int) -> tuple[int, int]:
        """Top and height of the clips in a row."""
        top = self.top_height + row.top - scroll_y + self.clip_margin
        return top, row.height - 2 * self.clip_margin - 1

    def patch_band(self, row: Row, scroll_y: int, patch_id: str = "") -> tuple[int, int]:
        """Top and height of a patch's clip in a patch row; of the first lane's without an id."""
        return self.top_height + row.top - scroll_y + row.lane_top(patch_id) + self.clip_margin + 1, self.patch_height

    def strip_band(self, row: Row, scroll_y: int, patch_id: str = "") -> tuple[int, int]:
        """Top and height of a patch's confidence strip."""
        top, height = self.patch_band(row, scroll_y, patch_id)
        return top + height + 2, self.strip_height


def item_rect(x0: float, x1: float, band: tuple[int, int]) -> QRect:
    """Whole pixels between two x, at least 1 wide, so that neighbours never overlap."""
    left, right = round(x0), round(x1)
    return QRect(left, band[0], max(1, right - left), band[1])


def eye_rect(row: QRect, metrics: Metrics, first_line: int) -> QRect:
    """The eye or speaker in a head; 24 px wide to be easy to hit. `first_line`: height it is centred in."""
    return _head_button(row, metrics, first_line, 2)


def padlock_rect(row: QRect, metrics: Metrics, first_line: int) -> QRect:
    """The padlock in a head."""
    return _head_button(row, metrics, first_line, 1)


def _head_button(row: QRect, metrics: Metrics, first_line: int, place: int) -> QRect:
    width = metrics.grip_width * 3
    left = metrics.head_width - metrics.grip_width // 2 - place * width
    height = min(width, first_line)
    return QRect(left, row.top() + (first_line - height) // 2, width, height)


def first_line(row: Row, metrics: Metrics) -> int:
    """Height of the part of a head that its name and its buttons are centred in."""
    return metrics.patch_height + 4 if row.kind == "patch" else row.height


def anchor_x(patch: PatchView, x0: float, x1: float) -> list[float]:
    """Where the anchors stand between the ends of a patch clip."""
    length = float(patch.duration) or 1.0
    return [x0 + (x1 - x0) * float(time - patch.start) / length for time in patch.anchors]
