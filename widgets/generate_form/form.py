"""The form at the left of the gallery: what is to be made, of what, by whom, in which form, for about how much.

It is told what the chosen service offers (`show_offer`) and whether all of it can be sent (`show_ready`). A choice that the
service does not offer stays as it is and is named as a problem: nothing is changed behind the user's back.
"""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from widgets.controls import PanelHeader
from widgets.generate_form.fields import Choice, Pick, PromptField, SendButton, hint, rule
from widgets.generate_form.slot import FrameSlot
from widgets.generate_form.values import PROMPT_MAX, Asked, Offer, Ready, Tab
from widgets.theme import theme_of

PROMPT_PX = 96
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
        self.prompt = PromptField()
        self._prompt_hint = hint()
        self.leave_out = QLineEdit()
        self.provider = Choice()
        self.shape, self.size_choice, self.length = Pick("Shape"), Pick("Size"), Pick("Length")
        self.provider.setAccessibleName("Provider")
        self._note = hint()
        self._cost, self._problem = QLabel(), hint()
        self.send = SendButton("Generate", size="foot")
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
        rule(frames)
        self._field("prompt", "Prompt", self.prompt, column, self._prompt_hint)
        self._field("leave_out", "Leave out", self.leave_out, column)
        rule(column)
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
        rule(column)
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
