"""What leaves this computer, shown before it does: the very picture, the words, the host, the key's end, the cost.

Gets plain values and says what the user decided; sends nothing and knows no service.
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from editor.dialogs.sheet import Notice
from editor.panels.budget_bar import Budget, BudgetBar
from editor.panels.parts import Mark, Rule, label, row
from widgets.controls import PrimaryButton, SecondaryButton
from widgets.theme import theme_of

PADDING_PX = 16
MOST_PICTURE_PX, LITTLE_PICTURE_PX, LITTLE_BELOW_PX = 240, 120, 760
"""How high a picture is shown at most, in a high panel and in one of a small window."""
PROMISE = "No file name, no metadata."


@dataclass(frozen=True, slots=True)
class GatePicture:
    """A picture that leaves, and what is said of it: “1280 × 720 px, JPEG, 212 kB”. `title` where there are several."""

    image: QImage
    words: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the panel shows, as words."""

    title: str
    """ "Send this to Veo?" """
    reason: str
    pictures: tuple[GatePicture, ...]
    text: str
    leave_out: str
    others: tuple[str, ...]
    """Things that leave and cannot be shown as a picture, each a sentence."""
    notes: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    """(icon, label, value): host, key, what comes back, cost."""
    budget: Budget
    remember: str
    send: str
    """ "Send, about $0.80" """
    warning: str = ""


class ShownPicture(QWidget):
    """A picture as wide as the panel, its proportions kept, with a hairline round it."""

    def __init__(self, image: QImage, name: str, most_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image, self._most_px = image, most_px
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        most = theme_of(self).px(self._most_px)
        return max(1, min(most, round(width * self.image.height() / max(1, self.image.width()))))

    def sizeHint(self) -> QSize:
        width = theme_of(self).px(316)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        size = QSize(self.image.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, theme.px(3), theme.px(3))
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(shape)
        painter.drawImage(box, self.image)
        painter.setClipping(False)
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.drawPath(shape)
        painter.end()


class GatePanel(QFrame):
    """`answered(is_allowed, is_remembered)`; Esc is no. `show_facts` begins anew, with the box unticked."""

    answered = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Send this?")
        self.title, self._reason = label("", "title", wraps=True), label("", "text", wraps=True)
        self.warning = Notice()
        self.remember = QCheckBox("Do not ask again")
        self.decline = SecondaryButton("Do not send", size="foot")
        self.send = PrimaryButton("Send", size="foot")
        self._scroll = QScrollArea()
        self.decline.setProperty("always_focus_ring", True)
        self.decline.clicked.connect(lambda: self.answered.emit(False, False))
        self.send.clicked.connect(lambda: self.answered.emit(True, self.remember.isChecked()))
        self._lay_out()

    def show_facts(self, facts: GateFacts) -> None:
        """Another question."""
        self.setAccessibleName(facts.title)
        self.title.setText(facts.title)
        self._reason.setText(facts.reason)
        self.warning.setVisible(bool(facts.warning))
        if facts.warning:
            self.warning.say(facts.warning)
        self.remember.setText(facts.remember)
        self.remember.setVisible(not facts.warning)  # what may be charged twice is asked for in any case
        self.remember.setChecked(False)
        self.send.setText(facts.send)
        self.send.setAccessibleName(facts.send)
        self.send.updateGeometry()
        self._scroll.setWidget(self._made_body(facts))

    def words(self) -> str:
        """Everything that can be read in it, for tests and screen readers."""
        shown = [one.text() for one in self.findChildren(QLabel)] + [self.send.text(), self.remember.text()]
        return "\n".join(shown)

    def pictures(self) -> tuple[QImage, ...]:
        """What is shown of what leaves."""
        return tuple(one.image for one in self.findChildren(ShownPicture))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.decline.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc is this panel's while the focus is in it, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    # Inside

    def _lay_out(self) -> None:
        theme = theme_of(self)
        padding = theme.px(PADDING_PX)
        head = QVBoxLayout()
        head.setContentsMargins(padding, padding, padding, theme.px(8))
        head.setSpacing(theme.px(2))
        for widget in (self.title, self._reason):
            head.addWidget(widget)
        self._scroll.setAccessibleName("What leaves this computer")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        below = QVBoxLayout()
        below.setContentsMargins(padding, theme.px(12), padding, theme.px(12))
        below.setSpacing(theme.px(12))
        below.addWidget(self.warning)
        below.addWidget(self.remember)
        foot = row(spacing=theme.px(8))
        foot.addWidget(self.decline, 1)
        foot.addWidget(self.send, 1)
        foot.setContentsMargins(padding, theme.px(12), padding, theme.px(12))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        column.addLayout(below)
        column.addWidget(Rule())
        column.addLayout(foot)

    def _made_body(self, facts: GateFacts) -> QWidget:
        theme = theme_of(self)
        padding = theme.px(PADDING_PX)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(padding, theme.px(8), padding, theme.px(8))
        column.setSpacing(theme.px(8))
        column.addWidget(label("Exactly this leaves your computer", "section"))
        most_px = MOST_PICTURE_PX if self.height() >= theme.px(LITTLE_BELOW_PX) else LITTLE_PICTURE_PX
        for picture in facts.pictures:
            column.addWidget(ShownPicture(picture.image, f"{picture.title or 'Picture'}, {picture.words}", most_px))
            title = f"{picture.title}: " if picture.title else ""
            column.addWidget(label(f"{title}{picture.words}. {PROMISE}", "hint", wraps=True))
        for sentence in (*facts.others, *facts.notes):
            column.addWidget(label(sentence, "hint", wraps=True))
        if facts.text or facts.leave_out:
            column.addWidget(_quoted(facts.text, facts.leave_out))
        column.addSpacing(theme.px(4))
        column.addWidget(Rule())
        column.addSpacing(theme.px(4))
        column.addLayout(_rows(self, facts.rows))
        column.addSpacing(theme.px(4))
        column.addWidget(self._budget_card(facts.budget))
        column.addStretch(1)
        return body

    def _budget_card(self, budget: Budget) -> QFrame:
        """What will have been spent afterwards, with this one in it at its estimate."""
        theme = theme_of(self)
        card = QFrame()
        bar = BudgetBar(card)
        card.setProperty("surface", "segments")
        column = QVBoxLayout(card)
        column.setContentsMargins(*(theme.px(12),) * 4)
        column.setSpacing(theme.px(6))
        after = Budget(budget.used + budget.next, budget.cap)
        column.addLayout(row(label("Project budget", "text"), None, label(f"{after.words} after this", "section")))
        bar.show_budget(budget)
        column.addWidget(bar)
        stop = "Sending stops at the cap." if budget.cap is not None else "This project has no cap."
        column.addWidget(label(stop, "hint"))
        return card


def _quoted(text: str, leave_out: str) -> QFrame:
    frame = QFrame()
    theme = theme_of(frame)
    frame.setProperty("surface", "segments")
    column = QVBoxLayout(frame)
    column.setContentsMargins(*(theme.px(8),) * 4)
    column.setSpacing(theme.px(2))
    if text:
        words = label(f"“{text}”", "", wraps=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(words)
    if leave_out:
        column.addWidget(label(f"Leave out: {leave_out}", "hint", wraps=True))
    return frame


def _rows(widget: QWidget, rows: tuple[tuple[str, str, str], ...]) -> QGridLayout:
    theme = theme_of(widget)
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(8))
    grid.setVerticalSpacing(theme.px(8))
    grid.setColumnStretch(2, 1)
    for place, (icon_name, name, value) in enumerate(rows):
        words = label(value, "", wraps=True)
        words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(Mark(icon_name, "t2"), place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(name, "text"), place, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words, place, 2)
    return grid
