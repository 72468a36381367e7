"""What lies on the picture besides overlays: the wipe, the names of both sides, the badge, the legend. Places only."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QWidget

from widgets.diff_heatmap import HeatLegend, Tag
from widgets.theme import theme_of
from widgets.viewer.pictures import OUTPUTS, Side
from widgets.viewer.wipe import Wipe

INSET = 12


class Plates:
    """Owns the small widgets of a viewer and moves them; they are children of `stage`."""

    def __init__(self, stage: QWidget) -> None:
        self._stage = stage
        self.wipe = Wipe(stage)
        self.left, self.right, self.badge = Tag(stage), Tag(stage), Tag(stage)
        self.legend = HeatLegend(parent=stage)
        self._badge_text = ""

    def set_badge(self, text: str, ok: bool, *, is_claim: bool = True) -> None:
        """The claim at the right top; empty takes it away."""
        self._badge_text = text
        icon, role = ("shield", "gr") if ok else ("warning", "am")
        self.badge.set_parts(text, (), icon if is_claim else "info", role if is_claim else "t2")

    def arrange(self, picture: QRectF, sides: Sequence[Side], share: float, *, heat: bool) -> None:
        """Shows what belongs to these sides; `picture` in the stage's coordinates, `share` of it left of the line."""
        seen = picture.intersected(QRectF(self._stage.rect()))
        line = picture.x() + share * picture.width()
        split = len(sides) == 2
        named = split or any(side.name in OUTPUTS for side in sides)
        self._name_sides(sides if named else (), seen, line)
        self._place_wipe(seen, line, shown=split)
        inset = theme_of(self._stage).px(INSET)
        corner = QPoint(round(seen.right()) - inset, round(seen.top()) + inset)
        badge_left = corner.x() - self.badge.width()
        is_crowded = any(not tag.isHidden() and tag.geometry().right() + inset > badge_left for tag in (self.left, self.right))
        below = self.right.height() + inset // 2 if is_crowded else 0  # both sides are named, whatever else there is
        self.badge.move(badge_left, corner.y() + below)
        self.badge.setVisible(bool(self._badge_text and sides))
        bottom = round(seen.bottom()) - inset
        self.legend.move(corner.x() - self.legend.width(), bottom - self.legend.height())
        self.legend.setVisible(bool(heat and split))
        for widget in (self.left, self.right, self.badge, self.legend, self.wipe):
            widget.raise_()

    def _name_sides(self, sides: Sequence[Side], seen: QRectF, line: float) -> None:
        inset = theme_of(self._stage).px(INSET)
        top = round(seen.top()) + inset
        for tag, side in zip((self.left, self.right), sides, strict=False):
            tag.set_parts(side.name, (side.detail,) if side.detail else ())
        is_alone = len(sides) == 1
        self.left.move(round(seen.left()) + inset if is_alone else round(line) - inset - self.left.width(), top)
        self.right.move(round(line) + inset, top)
        room_right = seen.right() - inset
        self.left.setVisible(bool(sides) and self.left.x() >= seen.left())
        self.right.setVisible(len(sides) == 2 and self.right.geometry().right() <= room_right)

    def _place_wipe(self, seen: QRectF, line: float, *, shown: bool) -> None:
        width = self.wipe.width_px()
        self.wipe.setGeometry(round(line) - width // 2, round(seen.top()), width, round(seen.height()))
        self.wipe.setVisible(shown)
