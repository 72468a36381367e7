"""How much of a project's budget is used, and how much one more request would take: a bar with the claim beside its number."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import theme_of

HEIGHT_PX = 4
DASH_PX = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """In US dollars. `cap` is None where the project has none; `next` is the most that the request at hand may cost."""

    used: float
    cap: float | None = None
    next: float = 0.0

    @property
    def words(self) -> str:
        """ "$1.12 of $10.00", or what was used where there is no cap."""
        return f"${self.used:.2f} of ${self.cap:.2f}" if self.cap is not None else f"${self.used:.2f}, no cap"


class BudgetBar(QWidget):
    """What is used is solid, what the next request may take is dashed: state is never colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._budget = Budget(0.0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Project budget")

    def show_budget(self, budget: Budget) -> None:
        """Another state; without a cap there is no bar."""
        self._budget = budget
        self.setAccessibleDescription(budget.words)
        self.setVisible(budget.cap is not None)
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(120), theme.px(HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme_of(self).px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        cap = self._budget.cap
        if cap is None:
            return
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove, round_px = QRectF(self.rect()), self.height() / 2
        painter.setBrush(theme.color("chk"))
        painter.drawRoundedRect(groove, round_px, round_px)
        used = self._x(self._budget.used, cap)
        painter.setBrush(theme.color("t2"))
        painter.drawRoundedRect(QRectF(0, 0, used, self.height()), round_px, round_px)
        self._paint_next(painter, used, self._x(self._budget.used + self._budget.next, cap))
        painter.end()

    def _x(self, amount: float, cap: float) -> float:
        return self.width() * (1.0 if cap <= 0 else min(1.0, amount / cap))

    def _paint_next(self, painter: QPainter, start: float, end: float) -> None:
        theme = theme_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.color("sel"), max(1, theme.px(2))))
        x = start + theme.px(1)
        while x < end:
            painter.drawLine(round(x), 0, round(x), self.height())
            x += theme.px(DASH_PX)
