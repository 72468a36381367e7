"""Where a job in its thread meets the user: it lays down what it would send and waits, the window shows it and answers.

    job's thread    ask(question, cancel) . . . . . . . . . . . . . . . -> How, or raises
    window's thread       asked(question) -> shown -> answer(question, …) -> withdrawn(question)

The window never waits. A job that is cancelled takes its question back by itself.
"""

import queue
import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.providers.online.outgoing import Sending, SendingDeclined, SendingRefused
from engine.running import CancelToken
from engine.store.account import Account
from engine.store.consents import How

LOOK_S = 0.05
"""How often a waiting job looks whether it was cancelled."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What would be sent, with what the user must know to say yes."""

    sending: Sending
    account: Account
    key_end: str = field(repr=False)
    """The last four characters of the key that is used."""
    warning: str = ""
    """That it may be charged twice."""
    pictures: tuple[QImage, ...] = ()
    """`sending`'s pictures, small, in the order in which it names them: picture, last picture, enclosed ones."""


_Answers = queue.SimpleQueue[How | SendingRefused | None]


class SendingDesk(QObject):
    """Lives on the window's thread; `ask` is called on any other. Signals carry a Question."""

    asked = Signal(object)
    withdrawn = Signal(object)
    """It was answered, or its job was cancelled: nobody waits for it any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[Question, _Answers] = {}

    @property
    def waiting(self) -> tuple[Question, ...]:
        """The oldest first."""
        with self._lock:
            return tuple(self._waiting)

    def ask(self, question: Question, cancel: CancelToken) -> How:
        """Wait for the user: ONCE or ALWAYS. Raises: SendingDeclined, SendingRefused; Cancelled."""
        answers: _Answers = queue.SimpleQueue()
        with self._lock:
            self._waiting[question] = answers
        self.asked.emit(question)
        try:
            how = _waited(answers, cancel)
        finally:
            with self._lock:
                self._waiting.pop(question, None)
            self.withdrawn.emit(question)
        if how is None:
            raise SendingDeclined(f"Nothing was sent to {question.sending.name}.", "You chose not to send it.")
        return how

    def answer(self, question: Question, how: How | SendingRefused | None) -> None:
        """What the user said; None is no, and a refusal says why the user could not be asked. Nothing where nobody waits for it
        any more. It is not among `waiting` from now on, also where its job is slow to take the answer.
        """
        with self._lock:
            answers = self._waiting.pop(question, None)
        if answers is not None:
            answers.put(how)


def _waited(answers: _Answers, cancel: CancelToken) -> How | None:
    while True:
        cancel.check()
        try:
            answer = answers.get(timeout=LOOK_S)
        except queue.Empty:
            continue
        if isinstance(answer, SendingRefused):
            raise answer
        return answer
