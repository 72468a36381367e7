"""Messages that float over a corner and never take the focus: toasts, and errors with what to do."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.controls.buttons import IconButton, QuietButton, SecondaryButton
from widgets.icons import pixmap
from widgets.theme import theme_of

WIDTH_PX, TEXT_PX, MARGIN_PX = 400, 316, 16
SHOWN_MS = 6000


class Toast(QFrame):
    """Title, sentence, up to two buttons, a code. Emits the text of the button pressed, or `closed`."""

    action_triggered = Signal(str)
    closed = Signal()
    icon_name, icon_role = "info", "t2"

    def __init__(self, title: str, text: str = "", actions: Sequence[str] = (), code: str = "",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.title = title
        self.setProperty("surface", "popup")
        self.setAccessibleName(f"{title}. {text}".strip())
        theme = theme_of(self)
        self.setFixedWidth(theme.px(WIDTH_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(*(theme.px(12),) * 4)
        row.setSpacing(theme.px(10))
        row.addWidget(self._mark(), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._body(title, text, actions, code), 1)
        self._close = IconButton("close", "Close", size=24)
        self._close.clicked.connect(self.dismiss)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def dismiss(self) -> None:
        """Go away and say so."""
        self.hide()
        self.closed.emit()

    def _mark(self) -> QLabel:
        mark = QLabel()
        theme = theme_of(self)
        mark.setPixmap(pixmap(self.icon_name, theme, self.icon_role, theme.px(16), 3.0))
        return mark

    def _body(self, title: str, text: str, actions: Sequence[str], code: str) -> QVBoxLayout:
        body = QVBoxLayout()
        body.setSpacing(theme_of(self).px(4))
        heading = QLabel(title)
        heading.setProperty("role", "section")
        heading.setWordWrap(True)
        body.addWidget(heading)
        if text:
            sentence = QLabel(text)
            sentence.setProperty("role", "text")
            sentence.setWordWrap(True)
            sentence.setFixedWidth(theme_of(self).px(TEXT_PX))
            sentence.ensurePolished()
            sentence.setMinimumHeight(sentence.heightForWidth(sentence.width()))
            sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            body.addWidget(sentence)
        if actions or code:
            body.addSpacing(theme_of(self).px(4))
            body.addLayout(self._foot(actions, code))
        return body

    def _foot(self, actions: Sequence[str], code: str) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(theme_of(self).px(8))
        for index, text in enumerate(actions):
            button = SecondaryButton(text, size="small") if index == 0 else QuietButton(text, size="small")
            button.clicked.connect(lambda _=False, chosen=text: self.action_triggered.emit(chosen))
            foot.addWidget(button)
        foot.addStretch(1)
        if code:
            label = QLabel(code)
            label.setProperty("role", "hint")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            foot.addWidget(label)
        return foot


class ErrorBox(Toast):
    """What happened, what it means, what to do, code at the end. Stays until it is closed."""

    icon_name, icon_role = "warning", "rd"


class Toasts(QObject):
    """Stacks messages in the lower right corner of a window, the newest lowest."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    @property
    def shown(self) -> tuple[Toast, ...]:
        return tuple(self._shown)

    def show_toast(self, toast: Toast) -> None:
        """Show one; a plain toast leaves by itself, an error or one with buttons waits."""
        toast.setParent(self._window)
        toast.closed.connect(lambda: self._remove(toast))
        toast.action_triggered.connect(lambda _: toast.dismiss())
        self._shown.append(toast)
        toast.show()
        self._place()
        if not isinstance(toast, ErrorBox):
            timer = QTimer(toast, singleShot=True, interval=SHOWN_MS)
            timer.timeout.connect(toast.dismiss)
            timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        margin = theme_of(self._window).px(MARGIN_PX)
        bottom = self._window.height() - 2 * margin
        for toast in reversed(self._shown):
            toast.resize(toast.width(), toast.heightForWidth(toast.width()) if toast.hasHeightForWidth()
                         else toast.sizeHint().height())  # fmt: skip
            toast.move(self._window.width() - toast.width() - margin, bottom - toast.height())
            toast.raise_()
            bottom = toast.y() - margin // 2
