"""The keys of services: how it stands with each, a place to paste one, and the passphrase where the key file needs it.

Shows what it is told and says what the user wants; never shows a key that was kept.
"""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from editor.dialogs.key_row import KeyRow
from editor.dialogs.sheet import Notice, Sheet, foot
from editor.key_work import KeyAction, KeysShown, KeyWish, Said
from editor.panels.parts import Rule, label, row, scrolled
from engine.vault import CREDENTIALS
from widgets.controls import SecondaryButton
from widgets.theme import theme_of

SIZE_PX = (640, 640)
TITLE, SENTENCE = "Provider keys", "A key leaves this computer only in requests to its own service."
LOOKING = "Looking for keys…"
NEW_FILE = "This system has no key store. Choose a passphrase, and keys are kept in an encrypted file."
LOCKED_FILE = "Keys are kept in an encrypted file, which is locked."


class KeysDialog(Sheet):
    """`wanted` carries a KeyWish; the answer comes to `show_keys`."""

    wanted = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle(TITLE)
        self.head.show_words(TITLE, SENTENCE)
        self.lock = _LockForm()
        self.notice = Notice()
        self.rows = {known.provider: KeyRow(known) for known in CREDENTIALS}
        self._focused: QWidget | None = None
        for one in self.rows.values():
            one.save_wanted.connect(self._save)
            one.remove_wanted.connect(lambda provider: self._want(KeyWish(KeyAction.REMOVE, provider)))
            one.test_wanted.connect(lambda provider, values: self._want(KeyWish(KeyAction.TEST, provider, values)))
        self.lock.unlock_wanted.connect(lambda text: self._want(KeyWish(KeyAction.UNLOCK, passphrase=text)))
        self._fill()

    def look(self) -> None:
        """Ask how it stands, and say so while nothing is known."""
        for banner in (self.notice, self.lock, self._banners):
            banner.hide()
        for one in self.rows.values():
            one.clear()
            one.say(None)
        self._want(KeyWish(KeyAction.LOOK))
        self._told.setText(LOOKING)

    def show_keys(self, wish: KeyWish, shown: KeysShown) -> None:
        """How it stands now, after a wish was carried out or refused."""
        said = shown.said
        for state in shown.states:
            one = self.rows[state.provider]
            one.show_state(state, state.provider in shown.testable)
            if wish.provider == state.provider:
                if wish.action is KeyAction.SAVE and said is not None and said.kind != "bad":
                    one.clear()  # it is kept: nothing of it stays here
                one.say(said)
        self._say_of_all(said if said is not None and not said.provider else None)
        self._show_lock(shown)
        self._banners.setVisible(shown.needs_passphrase or not self.notice.isHidden())
        self._be_busy(False)

    def show_failure(self, text: str) -> None:
        """Something went wrong that is about no service."""
        self._say_of_all(Said("", "bad", text))
        self._banners.show()
        self._be_busy(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """What was typed and not kept goes with the window."""
        for one in self.rows.values():
            one.clear()
        self.lock.field.clear()
        super().hideEvent(event)

    def _fill(self) -> None:
        theme, page = theme_of(self), QWidget()
        self.pages.addWidget(page)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._banners = QWidget(page)
        around = QVBoxLayout(self._banners)
        around.setContentsMargins(0, 0, 0, 0)
        banners = QVBoxLayout()
        banners.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        for banner in (self.notice, self.lock):
            banners.addWidget(banner)
            banner.hide()
        around.addLayout(banners)
        around.addWidget(Rule())
        column.addWidget(self._banners)
        services, rows = scrolled("Services", page)
        column.addWidget(services, 1)
        for place, one in enumerate(self.rows.values()):
            if place:
                rows.addWidget(Rule())
            rows.addWidget(one)
        rows.addStretch(1)
        self._told = label("", "hint")
        self.close_button = SecondaryButton("Close")
        self.close_button.clicked.connect(self.accept)
        made, buttons = foot(self._told)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column.addWidget(made)

    def _save(self, provider: str, values: dict[str, str]) -> None:
        self._want(KeyWish(KeyAction.SAVE, provider, values))

    def _want(self, wish: KeyWish) -> None:
        self._be_busy(True)
        if wish.provider:
            self.rows[wish.provider].say(None)
            self._told.setText("Asking the service…" if wish.action is KeyAction.TEST else "Keeping it safe…")
        self.wanted.emit(wish)

    def _be_busy(self, is_busy: bool) -> None:
        """What is switched off loses the focus; it gets it back, or the field beside it does."""
        if is_busy:
            self._focused = self.focusWidget()
        for one in self.rows.values():
            one.set_busy(is_busy)
        self.lock.setEnabled(not is_busy)
        if not is_busy:
            self._told.setText("")
            self._give_focus_back()

    def _give_focus_back(self) -> None:
        focused, self._focused = self._focused, None
        for one in self.rows.values():
            if focused is not None and one.isAncestorOf(focused) and not focused.isEnabled():
                focused = next(iter(one.fields.values()))
        if not self.lock.isHidden():
            focused = self.lock.field
        if focused is not None and focused.isVisible() and focused.isEnabled():
            focused.setFocus()

    def _say_of_all(self, said: Said | None) -> None:
        self.notice.setVisible(said is not None)
        if said is not None:
            self.notice.say(said.text, "bad" if said.kind == "bad" else "check")

    def _show_lock(self, shown: KeysShown) -> None:
        self.lock.setVisible(shown.needs_passphrase)
        if shown.needs_passphrase:
            self.lock.begin(shown.is_new)
        else:
            self.lock.field.clear()


class _LockForm(QWidget):
    """The passphrase of the key file: chosen for a new one, asked for of one that is there."""

    unlock_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = theme_of(self)
        self.sentence = label("", "text", wraps=True)
        self.field = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.field.setAccessibleName("Passphrase of the key file")
        self.field.setPlaceholderText("Passphrase")
        self.button = SecondaryButton("Unlock")
        self.button.clicked.connect(lambda: self.unlock_wanted.emit(self.field.text()))
        self.field.returnPressed.connect(self.button.click)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        column.setSpacing(theme.px(8))
        column.addWidget(self.sentence)
        column.addLayout(row(self.field, self.button))

    def begin(self, is_new: bool) -> None:
        """Words for a new file, or for one that is locked."""
        self.sentence.setText(NEW_FILE if is_new else LOCKED_FILE)
        self.button.setText("Use this passphrase" if is_new else "Unlock")
        self.button.updateGeometry()
