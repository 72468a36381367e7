"""The fields of the form: the prompt, a list, one of a few, the button that sends."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from widgets.controls import PrimaryButton, SegmentedControl

MOST_SEGMENTS = 4


class SendButton(PrimaryButton):
    """Not enabled while it waits for the user's decision elsewhere; its words are to be read all the same."""

    is_waiting = False

    def _role(self) -> str:
        return "t1" if self.is_waiting else super()._role()


class PromptField(QPlainTextEdit):
    """Ctrl+Enter sends, Tab goes on to the next field."""

    send_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName("Prompt")
        self.setPlaceholderText("What is to be seen, and how it moves")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send_wished.emit()
        else:
            super().keyPressEvent(event)


class Choice(QComboBox):
    """A list to choose from; takes the wheel only with the focus."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.activated.connect(lambda index: self.chosen.emit(str(self.itemData(index))))

    def show_services(self, services: Sequence[tuple[str, str, str]], current: str) -> None:
        """(id, name, note) of each."""
        self.clear()
        for key, name, note in services:
            self.addItem(f"{name}  {note}".rstrip(), key)
        self.setCurrentIndex(self.findData(current))

    def wheelEvent(self, event: object) -> None:
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()  # type: ignore[attr-defined]


class Pick(QWidget):
    """One of a few as segments, one of many as a list; what is not offered is chosen nowhere."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._options: tuple[tuple[str, str], ...] = ()
        self._control: SegmentedControl | Choice | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The keys that are offered."""
        return tuple(key for key, _ in self._options)

    @property
    def current(self) -> str:
        """The key that is chosen; empty where none is."""
        if isinstance(self._control, Choice):
            return str(self._control.currentData() or "")
        return self._control.current if self._control is not None else ""

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What takes the focus, in order."""
        if isinstance(self._control, SegmentedControl):
            return tuple(self._control.button(key) for key in self.options)
        return (self._control,) if self._control is not None else ()

    def pick(self, key: str) -> None:
        """What a click on an option does."""
        if isinstance(self._control, SegmentedControl):
            self._control.button(key).click()
        elif self._control is not None:
            self._control.setCurrentIndex(self._control.findData(key))
            self.chosen.emit(key)

    def show_options(self, options: Sequence[tuple[str, str]], current: str) -> None:
        """(key, label) pairs; `current` may be none of them."""
        if tuple(options) != self._options:
            self._build(tuple(options))
        shown = current if current in dict(self._options) else ""
        if isinstance(self._control, SegmentedControl):
            self._control.set_current(shown)
        elif self._control is not None:
            self._control.setCurrentIndex(self._control.findData(shown))

    def _build(self, options: tuple[tuple[str, str], ...]) -> None:
        if self._control is not None:
            self._control.hide()
            self._control.setParent(None)
            self._control.deleteLater()
            self._control = None
        self._options = options
        if not options:
            return
        made = self._segments() if len(options) <= MOST_SEGMENTS else self._list()
        made.setAccessibleName(self.accessibleName())
        made.chosen.connect(self.chosen)
        self._control = made
        self._row.addWidget(made)

    def _segments(self) -> SegmentedControl:
        made = SegmentedControl(self._options, fills=True)
        for key, label in self._options:
            made.button(key).setAccessibleName(f"{self.accessibleName()} {label}")
        return made

    def _list(self) -> "Choice":
        made = Choice()
        for key, label in self._options:
            made.addItem(label, key)
        return made


def hint() -> QLabel:
    made = QLabel()
    made.setProperty("role", "hint")
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.hide()
    return made


def rule(into: QVBoxLayout) -> None:
    line = QFrame()
    line.setProperty("surface", "rule")
    line.setFixedHeight(1)
    into.addWidget(line)
