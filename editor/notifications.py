"""Says things to the user without stopping them: toasts in the corner of the window.

Anything in the window may post one; nobody needs to know where it is shown.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from engine.errors import PatchreelError
from widgets.controls import ErrorBox, Toast, Toasts

Actions = Mapping[str, Callable[[], None]]
"""Button text -> what it does; the first is the main one."""


class Notifications(QObject):
    """Posts toasts. Without a place to show them (`show_in`) they are kept until there is one."""

    posted = Signal(str, str)
    """Title and text, for tests and screen readers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._toasts: Toasts | None = None
        self._waiting: list[tuple[Toast, Actions]] = []

    def show_in(self, toasts: Toasts) -> None:
        """Show messages there from now on."""
        self._toasts = toasts
        waiting, self._waiting = self._waiting, []
        for toast, actions in waiting:
            self._show(toast, actions)

    def say(self, title: str, text: str = "", actions: Actions | None = None) -> None:
        """Something that happened; goes away by itself."""
        self._post(Toast(title, text, tuple(actions or ())), title, text, actions or {})

    def withdraw(self, title: str) -> None:
        """What was said under this title is no longer so."""
        for toast in self._toasts.shown if self._toasts is not None else ():
            if toast.title == title:
                toast.dismiss()

    def keep(self, title: str, text: str, actions: Actions) -> None:
        """A question that waits for its answer without stopping anybody."""
        self._post(_Waiting(title, text, tuple(actions)), title, text, actions)

    def fail(self, error: PatchreelError, title: str = "", actions: Actions | None = None, meaning: str = "") -> None:
        """Something that did not happen; `title` says what the user had wanted, the error says why and what to do, `meaning` what
        it means for the user's money or work."""
        sentences = (error.text, meaning, error.hint) if title else (meaning, error.hint)
        text = " ".join(sentence for sentence in sentences if sentence)
        words = (title, text) if title else (error.text, text)
        self._post(ErrorBox(*words, tuple(actions or ()), error.code), *words, actions or {})

    def refuse(self, error: PatchreelError) -> None:
        """An edit that cannot be done: nothing was lost, so the message leaves by itself."""
        self._post(Toast(error.text, error.hint), error.text, error.hint, {})

    def _post(self, toast: Toast, title: str, text: str, actions: Actions) -> None:
        if self._toasts is None:
            self._waiting.append((toast, actions))
        else:
            self._show(toast, actions)
        self.posted.emit(title, text)

    def _show(self, toast: Toast, actions: Actions) -> None:
        if actions:
            toast.action_triggered.connect(lambda chosen: actions[chosen]())
        if self._toasts is not None:
            self._toasts.show_toast(toast)


class _Waiting(ErrorBox):
    """Stays until it is answered, and is no error."""

    icon_name, icon_role = "info", "t2"
