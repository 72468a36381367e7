"""The form at the left of the gallery: what is to be made, of what, by whom, in which form, for about how much.

It is told what the chosen service offers (`show_offer`) and whether all of it can be sent (`show_ready`). A choice that the
service does not offer stays as it is and is named as a problem: nothing is changed behind the user's back.
"""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from widgets.controls import PanelHeader, PrimaryButton, SegmentedControl
from widgets.generate_form.slot import FrameSlot
from widgets.generate_form.values import PROMPT_MAX, Asked, Offer, Ready, Tab
from widgets.theme import theme_of

PROMPT_PX, MOST_SEGMENTS = 96, 4
TABS = tuple(Tab)


class GenerateForm(QFrame):
    """`asked` is what stands in it; `changed` says that it is another, `send_wished` that it is to be sent."""

    changed = Signal(object)  # Asked
    send_wished = Signal(object)  # Asked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._asked, self._offer, self._ready = Asked(), Offer(), Ready()
        self.tabs = PanelHeader([tab.value for tab in TABS])
        self.first = FrameSlot("First frame", "Drop a picture here.", offers_current=True)
        self.last = FrameSlot("Last frame", "Optional. Drop a picture here.")
        self.prompt = _Prompt()
        self._prompt_hint = _hint()
        self.leave_out = QLineEdit()
        self.provider = _Choice()
        self.shape, self.size_choice, self.length = _Pick("Shape"), _Pick("Size"), _Pick("Length")
        self.provider.setAccessibleName("Provider")
        self._note = _hint()
        self._cost, self._problem = QLabel(), _hint()
        self.send = _Send("Generate", size="foot")
        self._sections: dict[str, QWidget] = {}
        self._lay_out()
        self._connect()
        self.show_offer(Offer())
        self._show_tab()

    # What it says

    @property
    def asked(self) -> Asked:
        return self._asked

    @property
    def prompt_hint(self) -> str:
        """How many characters are left; empty while there are enough."""
        return self._prompt_hint.text() if self._prompt_hint.isVisible() else ""

    # What it is told

    def fill(self, asked: Asked) -> None:
        """Put this in the form, without a signal; the pictures are shown by `show_first` and `show_last`."""
        self._asked = asked
        for field, text in ((self.leave_out, asked.leave_out), (self.prompt, asked.prompt)):
            field.blockSignals(True)
            field.setText(text) if isinstance(field, QLineEdit) else field.setPlainText(text)
            field.blockSignals(False)
        self.tabs.set_current(TABS.index(asked.tab))
        if not asked.first:
            self.first.clear()
        if not asked.last:
            self.last.clear()
        self._show_tab()
        self.show_offer(self._offer)
        self._count()

    def show_offer(self, offer: Offer) -> None:
        """What the chosen service offers."""
        self._offer = offer
        self.provider.show_services([(one.id, one.name, one.note) for one in offer.services], self._asked.provider)
        self.shape.show_options([(shape, shape) for shape in offer.shapes], self._asked.shape)
        self.size_choice.show_options([(size, size) for size in offer.sizes], self._asked.size)
        self.length.show_options([(str(s), f"{s} s") for s in offer.lengths_s], str(self._asked.length_s or ""))
        self._note.setText(" ".join(offer.notes))
        self._note.setVisible(bool(offer.notes))
        self._sections["leave_out"].setVisible(offer.takes_leave_out)
        self._show_tab()
        self._order_tabs()

    def show_ready(self, ready: Ready) -> None:
        """Whether it can be sent."""
        self._ready = ready
        self._cost.setText(ready.estimate)
        self._problem.setText(ready.problem)
        self._problem.setVisible(bool(ready.problem))
        self.send.setText(ready.button)
        self.send.is_waiting = ready.is_waiting
        self.send.setEnabled(not ready.problem and not ready.is_waiting)
        self.send.setToolTip(ready.problem or f"{ready.button} (Ctrl+Enter)")
        self.send.setAccessibleDescription(ready.problem)

    def show_first(self, name: str, image: QImage, tag: str, *, continues: bool = False) -> None:
        """A picture has been made ready as first frame; `name` stands in `Asked.first`."""
        self.first.show_picture(image, tag)
        self._change(first=name, continues=continues)

    def show_last(self, name: str, image: QImage, tag: str) -> None:
        """The same for the last frame."""
        self.last.show_picture(image, tag)
        self._change(last=name)

    def set_compact(self, compact: bool) -> None:
        """The lower head of a small window, which has no hints."""
        self.tabs.set_height(32 if compact else 36)
        self.prompt.setFixedHeight(theme_of(self).px(72 if compact else PROMPT_PX))

    # Inside

    def _change(self, **fields: object) -> None:
        before, self._asked = self._asked, replace(self._asked, **fields)  # type: ignore[arg-type]
        if before != self._asked:
            self.changed.emit(self._asked)

    def _connect(self) -> None:
        self.tabs.tab_changed.connect(self._choose_tab)
        self.prompt.textChanged.connect(self._prompt_typed)
        self.prompt.send_wished.connect(self._send)
        self.leave_out.textChanged.connect(lambda text: self._change(leave_out=text))
        self.provider.chosen.connect(lambda key: self._change(provider=key))
        self.shape.chosen.connect(lambda key: self._change(shape=key))
        self.size_choice.chosen.connect(lambda key: self._change(size=key))
        self.length.chosen.connect(lambda key: self._change(length_s=int(key)))
        self.first.removed.connect(lambda: self._change(first="", continues=False))
        self.last.removed.connect(lambda: self._change(last=""))
        self.send.clicked.connect(self._send)

    def _choose_tab(self, index: int) -> None:
        self._change(tab=TABS[index])
        self._show_tab()

    def _prompt_typed(self) -> None:
        self._count()
        self._change(prompt=self.prompt.toPlainText())

    def _count(self) -> None:
        left = PROMPT_MAX - len(self.prompt.toPlainText())
        characters = "character" if abs(left) == 1 else "characters"
        self._prompt_hint.setText(f"{abs(left):,} {characters} {'left' if left >= 0 else 'too long'}")
        self._prompt_hint.setVisible(left < PROMPT_MAX // 10)

    def _send(self) -> None:
        if self.send.isEnabled():
            self.send_wished.emit(self._asked)

    def _show_tab(self) -> None:
        tab = self._asked.tab
        self._sections["first"].setVisible(tab is Tab.IMAGE_TO_VIDEO)
        self._sections["last"].setVisible(tab is Tab.IMAGE_TO_VIDEO and self._offer.takes_last)
        self._sections["frames"].setVisible(tab is Tab.IMAGE_TO_VIDEO)
        self._sections["length"].setVisible(bool(self._offer.lengths_s))
        self._sections["shape"].setVisible(bool(self._offer.shapes))
        self._sections["size"].setVisible(bool(self._offer.sizes))

    def _order_tabs(self) -> None:
        """Choices that were made anew come where they stand, not at the end."""
        before: QWidget = self.provider
        for widget in (*self.shape.controls, *self.size_choice.controls, *self.length.controls, self.send):
            QWidget.setTabOrder(before, widget)
            before = widget

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        theme = theme_of(self)
        padding = theme.px(12)
        column.setContentsMargins(padding, theme.px(10), padding, padding)
        column.setSpacing(theme.px(8))
        frames = self._group("frames", column)
        self._field("first", "First frame", self.first, frames)
        self._field("last", "Last frame", self.last, frames)
        _rule(frames)
        self._field("prompt", "Prompt", self.prompt, column, self._prompt_hint)
        self._field("leave_out", "Leave out", self.leave_out, column)
        _rule(column)
        self._field("provider", "Provider", self.provider, column)
        pair = QHBoxLayout()
        pair.setSpacing(theme.px(12))
        column.addLayout(pair)
        self._field("shape", "Shape", self.shape, pair)
        self._field("size", "Size", self.size_choice, pair)
        self._field("length", "Length", self.length, column, self._note)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.tabs)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._foot())
        self.prompt.setFixedHeight(theme.px(PROMPT_PX))
        self.leave_out.setMaxLength(PROMPT_MAX)
        self.leave_out.setAccessibleName("Leave out")
        self.leave_out.setPlaceholderText("What is not to be seen")

    def _group(self, key: str, into: QVBoxLayout) -> QVBoxLayout:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme_of(self).px(8))
        into.addWidget(made)
        self._sections[key] = made
        return column

    def _field(self, key: str, title: str, field: QWidget, into: QVBoxLayout | QHBoxLayout, hint: QLabel | None = None) -> None:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme_of(self).px(4))
        words = QLabel(title)
        words.setProperty("role", "label")
        words.setBuddy(field)
        column.addWidget(words)
        column.addWidget(field)
        if hint is not None:
            column.addWidget(hint)
        into.addWidget(made)
        self._sections[key] = made

    def _foot(self) -> QWidget:
        theme = theme_of(self)
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(12))
        column.setSpacing(theme.px(8))
        _rule(column)
        words = QLabel("Estimated")
        words.setProperty("role", "text")
        self._cost.setProperty("role", "section")
        self._cost.setAccessibleName("Estimated cost")
        row = QHBoxLayout()
        row.addWidget(words)
        row.addStretch(1)
        row.addWidget(self._cost)
        column.addLayout(row)
        column.addWidget(self._problem)
        column.addWidget(self.send)
        return foot


class _Send(PrimaryButton):
    """Not enabled while it waits for the user's decision elsewhere; its words are to be read all the same."""

    is_waiting = False

    def _role(self) -> str:
        return "t1" if self.is_waiting else super()._role()


class _Prompt(QPlainTextEdit):
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


class _Choice(QComboBox):
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


class _Pick(QWidget):
    """One of a few as segments, one of many as a list; what is not offered is chosen nowhere."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._options: tuple[tuple[str, str], ...] = ()
        self._control: SegmentedControl | _Choice | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The keys that are offered."""
        return tuple(key for key, _ in self._options)

    @property
    def current(self) -> str:
        """The key that is chosen; empty where none is."""
        if isinstance(self._control, _Choice):
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

    def _list(self) -> "_Choice":
        made = _Choice()
        for key, label in self._options:
            made.addItem(label, key)
        return made


def _hint() -> QLabel:
    made = QLabel()
    made.setProperty("role", "hint")
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.hide()
    return made


def _rule(into: QVBoxLayout) -> None:
    line = QFrame()
    line.setProperty("surface", "rule")
    line.setFixedHeight(1)
    into.addWidget(line)
