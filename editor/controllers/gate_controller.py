"""Shows what jobs would send, one after another, at the right of the window, and carries the answers back."""

import logging

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from editor.gate_words import facts_of
from editor.panels.gate_panel import GatePanel
from editor.sending_desk import Question, SendingDesk
from editor.shortcuts import TEXT_FIELDS
from engine.providers.online.outgoing import SendingRefused
from engine.store.consents import How
from widgets.theme import theme_of

_LOG = logging.getLogger(__name__)
WIDTH_PX, TOP_PX, FOOT_PX = 348, 40, 24


class GateController(QObject):
    """The panel lies over the window's right side, in every workspace, while something waits at the desk.

    `shown_changed` carries the width that it covers there, 0 while it is not shown.
    """

    shown_changed = Signal(int)

    def __init__(self, desk: SendingDesk, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._window = desk, window
        self.panel = GatePanel(window)
        self.panel.hide()
        self.question: Question | None = None
        self._focused: QWidget | None = None
        self.panel.answered.connect(self._answered)
        desk.asked.connect(self._asked)
        desk.withdrawn.connect(self._withdrawn)
        window.installEventFilter(self)
        if desk.waiting:  # asked before anybody listened
            self._show_next()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    @Slot(object)
    def _asked(self, _question: Question) -> None:
        if self.question is None:
            self._show_next()

    @Slot(object)
    def _withdrawn(self, question: Question) -> None:
        if question is self.question:
            self._show_next()

    @Slot(bool, bool)
    def _answered(self, is_allowed: bool, is_remembered: bool) -> None:
        question = self.question
        if question is not None:
            self._desk.answer(question, (How.ALWAYS if is_remembered else How.ONCE) if is_allowed else None)
            self._show_next()

    def _show_next(self) -> None:
        """The oldest question that waits; without one the panel goes."""
        self.question = next((one for one in self._desk.waiting if self._is_shown(one)), None)
        if self.question is None:
            self._leave()
            return
        self._fit()
        if not self.panel.isVisible():
            self._focused = QApplication.focusWidget()
            self.panel.show()
            self.shown_changed.emit(self.panel.width())
        self.panel.raise_()
        if not isinstance(self._focused, TEXT_FIELDS):  # whoever types goes on typing
            self.panel.decline.setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_shown(self, question: Question) -> bool:
        """Fill the panel. What cannot be shown is refused: its job must not wait for an answer that nobody can give."""
        try:
            self.panel.show_facts(facts_of(question))
        except Exception as error:
            _LOG.error("a question could not be shown", exc_info=error)
            text = f"What would go to {question.sending.name} could not be shown, so nothing was sent."
            self._desk.answer(question, SendingRefused(text, "Try again."))
            return False
        return True

    def _leave(self) -> None:
        now = QApplication.focusWidget()
        had_focus = now is not None and self.panel.isAncestorOf(now)
        self.panel.hide()
        self.shown_changed.emit(0)
        focused, self._focused = self._focused, None
        if had_focus and focused is not None and isValid(focused) and focused.isVisible() and focused.isEnabled():
            focused.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit(self) -> None:
        theme = theme_of(self._window)
        width, top = theme.px(WIDTH_PX), theme.px(TOP_PX)
        self.panel.setGeometry(self._window.width() - width, top, width, self._window.height() - top - theme.px(FOOT_PX))
