"""What a provider gets to see, before it sees it: the crop, host and cost; for offline ones, that nothing leaves.

Shows plain values and says what the hand wants; sends nothing.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from editor.panels.budget_bar import Budget, BudgetBar
from editor.panels.parts import Mark, Section, label, row
from widgets.controls import QuietButton, SecondaryButton
from widgets.theme import theme_of

PICTURE_PX = (80, 96)
NOTHING_ELSE = "Nothing else leaves this computer"
LOOKING = "Looking at what would be sent…"


@dataclass(frozen=True, slots=True)
class SentFacts:
    """What would be sent for the chosen patch, as words."""

    image: QImage
    crop: str
    """ "Crop of 300 × 375 px, 58 kB" """
    beside: str
    """ "The mask and the text above" """
    host: str
    cost: str
    notes: tuple[str, ...] = ()
    is_free: bool = False
    """It was made before: nothing is sent for it."""


@dataclass(frozen=True, slots=True)
class SentState:
    """All that is shown for a service. `facts` is None while it is looked at, or where `problem` says why it cannot be sent."""

    name: str
    facts: SentFacts | None
    budget: Budget
    problem: str = ""
    action: str = ""
    """What the button beside the problem does, in words."""
    fallback: str = ""


class _Crop(QWidget):
    """The picture that leaves, in a small frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        theme = theme_of(self)
        self.setFixedSize(theme.px(PICTURE_PX[0]), theme.px(PICTURE_PX[1]))
        self.setAccessibleName("The crop that is sent")

    def set_image(self, image: QImage) -> None:
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("well"))
        if not self.image.isNull():
            size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            x, y = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            painter.drawImage(QRectF(x, y, size.width(), size.height()), self.image)
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(3), theme.px(3))
        painter.end()


class SentView(Section):
    """One sentence for an offline provider; the crop with all about it for a service."""

    action_wanted = Signal()
    fallback_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("What is sent", "section")
        self._promise, self._crop_words = label("", "good", wraps=True), label("", "hint", wraps=True)
        self._mark = Mark("shield", "gr", 14)
        self.picture, self.bar = _Crop(self), BudgetBar(self)
        self._crop, self._beside, self._host = (label("", "hint", wraps=True) for _ in range(3))
        self._cost, self._budget = label("", "section"), label("", "hint")
        self._notes, self._problem = label("", "hint", wraps=True), label("", "check", wraps=True)
        self.action = SecondaryButton("Put it right", size="small")
        self._fallback, self.fallback = label("", "hint", wraps=True), QuietButton("Change…", size="small")
        self.fallback.setAccessibleName("Change what happens when the service cannot answer")
        self.action.clicked.connect(lambda: self.action_wanted.emit())
        self.fallback.clicked.connect(lambda: self.fallback_wanted.emit())
        self._local, self._remote, self._trouble, self._chain = (QWidget(self) for _ in range(4))
        self._lay_out()
        self._show(remote=False)

    def show_local(self, crop: tuple[int, int], provider: str) -> None:
        """An offline provider works on a crop of this size, in pixels of the picture as displayed."""
        self._show(remote=False)
        self._promise.setText("Nothing leaves this computer")
        self._crop_words.setText(f"{provider} works here, on a crop of {crop[0]} × {crop[1]} px")

    def show_service(self, state: SentState) -> None:
        """What a service would get, or why it gets nothing."""
        facts = state.facts
        self._show(remote=True)
        self._trouble.setVisible(bool(state.problem))
        self._problem.setText(state.problem)
        self.action.setVisible(bool(state.action))
        self.action.setText(state.action or "Put it right")
        self._chain.setVisible(bool(state.fallback))
        self._fallback.setText(state.fallback)
        self.picture.set_image(facts.image if facts is not None else QImage())
        self._crop.setText(facts.crop if facts is not None else ("" if state.problem else LOOKING))
        self._beside.setText(facts.beside if facts is not None else "")
        self._host.setText(f"To {facts.host}" if facts is not None else "")
        self._cost.setText(facts.cost if facts is not None else "")
        self._notes.setText("\n".join(facts.notes) if facts is not None else "")
        self._notes.setVisible(bool(self._notes.text()))
        self._budget.setText(state.budget.words)
        self.bar.show_budget(state.budget)

    def words(self) -> str:
        """Everything that can be read in it."""
        if not self._local.isHidden():
            return f"{self._promise.text()}. {self._crop_words.text()}"
        shown = [self._crop, self._beside, self._host, self._cost, self._budget, self._notes, self._problem, self._fallback]
        return "\n".join([*(one.text() for one in shown if one.text()), NOTHING_ELSE])

    def set_compact(self, compact: bool) -> None:
        """In a small window the title goes: the sentence says it."""
        self._title.setVisible(not compact)

    def _show(self, *, remote: bool) -> None:
        self._local.setVisible(not remote)
        for part in (self._remote, self._trouble, self._chain):
            part.setVisible(remote)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        line = row(self._mark, spacing=theme.px(6))
        line.addWidget(self._promise, 1)
        _fill(self._local, line, self._crop_words)
        beside = QVBoxLayout()
        beside.setSpacing(theme.px(2))
        for part in (self._crop, self._beside, self._host):
            beside.addWidget(part)
        nothing = row(Mark("shield", "gr", 14), spacing=theme.px(6))
        nothing.addWidget(label(NOTHING_ELSE, "good", wraps=True), 1)
        beside.addLayout(nothing)
        beside.addSpacing(theme.px(4))
        beside.addLayout(row(self._cost, None, self._budget))
        beside.addWidget(self.bar)
        beside.addStretch(1)
        both = row(spacing=theme.px(12))
        both.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        both.addLayout(beside, 1)
        _fill(self._remote, both, self._notes)
        trouble = row(Mark("warning", "am", 14), spacing=theme.px(6))
        trouble.addWidget(self._problem, 1)
        trouble.addWidget(self.action)
        _fill(self._trouble, trouble)
        chain = row(spacing=theme.px(6))
        chain.addWidget(self._fallback, 1)
        chain.addWidget(self.fallback)
        _fill(self._chain, chain)
        self.body.addWidget(self._title)
        for widget in (self._local, self._remote, self._trouble, self._chain):
            self.body.addWidget(widget)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(200), super().minimumSizeHint().height())


def _fill(holder: QWidget, *parts: object) -> None:
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme_of(holder).px(6))
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)  # type: ignore[arg-type]  # a layout
