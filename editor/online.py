"""The services as one window uses them: one store, the user's keys, and a gate that asks at the window's desk.

Nothing is opened and nothing is loaded before a service is asked. What is here may be called from any thread.
"""

import os
import threading
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from editor.document import Document
from editor.sending_desk import Question, SendingDesk
from engine.jobs.services import Services as ProjectServices
from engine.providers.online.outgoing import Sending
from engine.running import CancelToken
from engine.store.account import Account, account_of
from engine.store.consents import How
from engine.store.opening import program_store
from engine.store.projects import Privacy
from engine.vault import KeyStore

UNSAID = Privacy.OFFLINE
"""Offline by default: a project of the window sends nothing before its user has chosen so."""
SHOWN_PX = 720
"""Pictures that are shown before they are sent are this wide or high at most."""


class Online:
    """`services(project)` are the providers for the work on one project; hold on to none of it longer than for one job."""

    def __init__(self, keys: KeyStore, desk: SendingDesk | None = None) -> None:
        self.keys, self.desk, self.store = keys, desk or SendingDesk(), program_store()
        self._lock = threading.Lock()
        self._made: dict[str, ProjectServices] = {}

    def services(self, project: str) -> ProjectServices:
        """Raises: BadInputError where the table of services cannot be read."""
        with self._lock:
            if project not in self._made:
                self._made[project] = ProjectServices(
                    project, keys=self.keys, ask=partial(self._ask, project), unsaid=UNSAID, store=self.store
                )
            return self._made[project]

    def account(self, project: str) -> Account:
        """How it stands with a project. Reads the store. Raises: StorageError."""
        return account_of(self.store, project, UNSAID)

    def close(self) -> None:
        """After all threads have ended."""
        self.store.close()

    def _ask(self, project: str, sending: Sending, warning: str, cancel: CancelToken) -> How:
        """In the job's thread. Raises: SendingDeclined; KeyMissingError, VaultError before anybody is asked; Cancelled."""
        self.keys.keys_for(sending.provider)
        question = Question(
            sending, self.account(project), self.keys.state(sending.provider).last4, warning, _small_pictures(sending)
        )
        return self.desk.ask(question, cancel)


def project_in_store(document: Document) -> str:
    """The name under which a document's requests, rules and answers stand in the store: where its file lies, as for commands."""
    return os.path.realpath(document.path) if document.path is not None else f"unsaved {document.journal.session}"


def _small_pictures(sending: Sending) -> tuple[QImage, ...]:
    data = [sending.picture, sending.last_picture, *(bytes(one.data) for one in sending.enclosed if one.size[0])]
    return tuple(small_picture(one) for one in data if one)


def small_picture(data: bytes) -> QImage:
    """A picture as it is shown before it is sent; never on the window's thread."""
    image = QImage.fromData(data)
    if max(image.width(), image.height()) <= SHOWN_PX:
        return image
    return image.scaled(SHOWN_PX, SHOWN_PX, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
