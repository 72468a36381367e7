"""What the chosen patch would send to a service, looked at in the background as it changes; and whose keys are there."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.key_work import KeyAction, KeysShown, KeyWish, KeyWorker
from editor.render_thread import Outcome
from editor.sending_looks import LookRequest, LookWorker, Seen
from editor.services import Services
from engine.jobs.answer import Question
from engine.project.model import Patch
from engine.vault import credential

REST_MS = 200
"""A region that is being dragged, or words that are being typed, are looked at once the hand has rested this long."""


class PatchSendings(QObject):
    """`changed`: something is known that was not."""

    changed = Signal()

    def __init__(self, services: Services, worker: LookWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._worker = services, worker
        self._wanted: LookRequest | None = None
        self._seen: tuple[Question, Seen] | None = None
        self._key_ends: dict[str, str] | None = None
        self._ticket = self._key_ticket = 0
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._look)
        services.threads.sendings.succeeded.connect(self._looked)
        services.threads.keys.succeeded.connect(self._keys_done)

    def seen(self, patch: Patch) -> Seen | None:
        """What the patch would send; None while it is not known, and then it is looked at."""
        media = self._services.document.project.media_by_id(patch.media_id)
        question = _normal(Question(media, patch.anchor, patch.region, patch.recipe))
        if self._seen is not None and self._seen[0] == question:
            return self._seen[1]
        if self._wanted is None or self._wanted.question != question:
            self._wanted = LookRequest(question, self._services.workspace())
            self._rest.start()
        return None

    def forget(self) -> None:
        """Look again: what was made before may have changed."""
        self._seen = self._wanted = None

    def key_end(self, provider: str) -> str | None:
        """The last characters of the key of a service, "" where there is none; None while it is not known."""
        if self._key_ends is None:
            self.look_at_keys()
            return None
        return self._key_ends.get(credential(provider).provider, "")

    def look_at_keys(self) -> None:
        """Ask whose keys there are, on the thread of keys."""
        if not self._key_ticket:
            worker = KeyWorker(self._services.keys)
            self._key_ticket = self._services.threads.keys.submit(worker, KeyWish(KeyAction.LOOK))

    def stop(self) -> None:
        """The window closes."""
        self._rest.stop()

    @Slot()
    def _look(self) -> None:
        if self._wanted is not None:
            self._ticket = self._services.threads.sendings.submit(self._worker, self._wanted)

    @Slot(int, object)
    def _looked(self, ticket: int, outcome: Outcome) -> None:
        if ticket == self._ticket:
            self._seen, self._wanted = (outcome.request.question, outcome.result), None
            self.changed.emit()

    @Slot(int, object)
    def _keys_done(self, ticket: int, outcome: Outcome) -> None:
        """Our own look, or one of the key dialog after it changed something."""
        shown = outcome.result
        if ticket == self._key_ticket:
            self._key_ticket = 0
        if isinstance(shown, KeysShown):
            ends = {state.provider: state.last4 or ("set" if state.source is not None else "") for state in shown.states}
            if ends != self._key_ends:
                self._key_ends = ends
                self.changed.emit()


def _normal(question: Question) -> Question:
    """A variation's number is not sent; it only names the answer, so it stays."""
    return replace(question, recipe=replace(question.recipe, image=""))
