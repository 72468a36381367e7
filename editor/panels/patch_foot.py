"""The foot of the patch panel: the one next step. Run; while it runs, how far and Cancel; afterwards accept, retry, reject."""

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from editor.panels.parts import Rule, label, row
from widgets.controls import PrimaryButton, SecondaryButton
from widgets.theme import theme_of

STEPS = 1000


class Step(Enum):
    """What is to be done next."""

    RUN = "run"
    """There is no result yet."""
    RUN_AGAIN = "run again"
    """There is one, but region or recipe were changed since."""
    UNFINISHED = "unfinished"
    """There is one, but not every frame of the window was carried, and nothing is at work on the rest."""
    REVIEW = "review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WORKING = "working"


class PatchFoot(QWidget):
    """Buttons that say their keys; the keys themselves are actions of the window."""

    run_wanted = Signal()
    accept_wanted = Signal()
    retry_wanted = Signal()
    reject_wanted = Signal()
    cancel_wanted = Signal()
    offline_wanted = Signal()
    carry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._compact = False
        self.run = PrimaryButton("Run patch", key="Enter", size="foot")
        self.carry = PrimaryButton("Carry on", key="Enter", size="foot")
        self.carry.setToolTip("Carry the patch to the frames that are missing (Enter)")
        self.offline = SecondaryButton("Run offline", "offline", size="foot")
        self.keep = SecondaryButton("Accept", key="A", size="foot")
        self.accept = PrimaryButton("Accept", "check", "A", size="foot")
        self.retry = SecondaryButton("Retry", key="T", size="foot")
        self.reject = SecondaryButton("Reject", key="X", size="foot")
        self.cancel = SecondaryButton("Cancel", size="foot")
        self._bar, self._doing, self._left = QProgressBar(), label("", "text"), label("", "hint")
        self._bar.setRange(0, STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the patch")
        self.offline.setAccessibleName("Run offline")
        self.offline.setToolTip("Run it here with an offline provider: nothing is sent, nothing is charged")
        self._has_offline = False
        self.retry.setToolTip("Run again with another variation (T)")
        self._lay_out()
        for button, wanted in (
            (self.run, self.run_wanted), (self.keep, self.accept_wanted), (self.accept, self.accept_wanted),
            (self.retry, self.retry_wanted), (self.reject, self.reject_wanted), (self.cancel, self.cancel_wanted),
            (self.offline, self.offline_wanted), (self.carry, self.carry_wanted),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, signal=wanted: signal.emit())
        self.show_step(Step.RUN)

    def show_step(self, step: Step) -> None:
        """Which buttons there are."""
        self._pages.setCurrentIndex(int(step is Step.WORKING))
        shown = {
            Step.RUN: (self.run,), Step.RUN_AGAIN: (self.run, self.keep), Step.REVIEW: (self.accept, self.retry, self.reject),
            Step.UNFINISHED: (self.carry, self.keep, self.reject),
            Step.ACCEPTED: (self.retry, self.reject), Step.REJECTED: (self.keep, self.retry), Step.WORKING: (),
        }[step]  # fmt: skip
        for button in (self.run, self.carry, self.keep, self.accept, self.retry, self.reject):
            button.setVisible(button in shown)
        self.offline.setVisible(self._has_offline and self.run in shown)
        self.offline.setText("" if self.keep in shown else "Run offline")  # beside two others there is room for its icon

    def show_price(self, price: str | None) -> None:
        """What a run costs: “about $0.13”, “free”, “” where nobody knows; None for an offline provider.

        Call it before `show_step`.
        """
        self._has_offline = price is not None
        run = "Run" if self._compact and price else "Run patch"
        self.run.setText(f"{run}, {price}" if price else run)
        self.run.set_key("" if price else "Enter")

    def show_retry_price(self, price: str) -> None:
        """What another variation costs; empty where it is free or not known. The button has no room for it: its name says it."""
        words = f"Run again with another variation{f', {price}' if price else ''}"
        self.retry.setToolTip(f"{words} (T)")
        self.retry.setAccessibleName(f"Retry: {words[:1].lower()}{words[1:]}")

    def set_compact(self, compact: bool) -> None:
        """In a small window the tick on “Accept” makes room for the keys."""
        self._compact = compact
        self.accept.set_icon_name("" if compact else "check")
        self._line.setSpacing(theme_of(self).px(6 if compact else 8))

    def set_runnable(self, reason: str) -> None:
        """Why nothing can be run now; empty where it can."""
        self.run.setEnabled(not reason)
        self.run.setToolTip(reason or f"{self.run.text()} (Enter)")

    def show_progress(self, share: float, doing: str, remaining: str) -> None:
        """How far, what is being done, "about 4 s left"."""
        self._bar.setValue(round(min(1.0, max(0.0, share)) * STEPS))
        percent = f"{round(share * 100)} %"
        self._left.setText(remaining or percent if self._compact else f"{percent}, {remaining}" if remaining else percent)
        room = self._bar.width() - self._left.sizeHint().width() - theme_of(self).px(8)
        fits = self._doing.fontMetrics().horizontalAdvance(doing) <= room
        self._doing.setText(doing if fits and not self._compact else doing.rpartition(", ")[2])

    def progress_text(self) -> str:
        return f"{self._doing.text()} {self._left.text()}"

    def _lay_out(self) -> None:
        theme = theme_of(self)
        self._pages = QStackedWidget()
        buttons, working = QWidget(), QWidget()
        line = self._line = row()
        for filled in (self.run, self.carry, self.accept):
            line.addWidget(filled, 1)
        for button in (self.offline, self.keep, self.retry, self.reject):
            line.addWidget(button)
        line.setContentsMargins(*(theme.px(12),) * 2, theme.px(12), theme.px(12))
        buttons.setLayout(line)
        words = QVBoxLayout()
        words.setSpacing(theme.px(6))
        words.addLayout(row(self._doing, None, self._left))
        words.addWidget(self._bar)
        busy = row(spacing=theme.px(12))
        busy.addLayout(words, 1)
        busy.addWidget(self.cancel)
        busy.setContentsMargins(*(theme.px(12),) * 2, theme.px(12), theme.px(12))
        working.setLayout(busy)
        for page in (buttons, working):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Rule())
        column.addWidget(self._pages)
        self._pages.setFixedHeight(theme.px(56))
