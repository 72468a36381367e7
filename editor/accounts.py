"""How it stands with the open project's money and privacy, read and written on a thread of its own: the window never waits.

Knows the document only to know whose account it is.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.document import Document
from editor.online import UNSAID, Online, project_in_store
from editor.render_thread import Outcome, RenderThread
from engine.errors import PatchreelError
from engine.running import CancelToken, Report
from engine.store.account import Account
from engine.store.adopting import copy_rules, move_project
from engine.store.projects import Privacy, Projects

TOGETHER_MS = 150


@dataclass(frozen=True, slots=True)
class AccountWish:
    """Read the account of a project, after a change of it; what still comes in under `unsaved` is moved to it first."""

    project: str
    unsaved: str
    change: Callable[[], object] | None = None


class Accounts(QObject):
    """`current` is None until it is known. Signals: changed(Account); failed(PatchreelError): it could not be read or changed."""

    changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, document: Document, online: Online, thread: RenderThread, payers: Sequence[RenderThread] = (),
        parent: QObject | None = None,
    ) -> None:
        """`thread` is the one of accounts; after each job of the `payers` something may have been spent."""
        super().__init__(parent)
        self._document, self._online, self._thread = document, online, thread
        self._path, self._session = document.path, document.journal.session
        self.current: Account | None = None
        self._ticket = 0
        self._is_stopped = False
        self._later = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._later.timeout.connect(self.look)
        thread.succeeded.connect(self._known)
        thread.failed.connect(self._not_known)
        for payer in payers:
            for ended in (payer.succeeded, payer.failed, payer.cancelled):
                ended.connect(self.look_later)
        document.path_changed.connect(self._moved)
        online.desk.withdrawn.connect(self.look_later)

    @property
    def project(self) -> str:
        """The open document's name in the store."""
        return project_in_store(self._document)

    @Slot()
    def look(self) -> None:
        """Read it anew."""
        self._want(None)

    @Slot()
    def look_later(self, *_: object) -> None:
        """Read it anew soon, once for all that happens meanwhile."""
        if not self._is_stopped:
            self._later.start()

    def stop(self) -> None:
        """The window closes; jobs that end because of it are not looked after."""
        self._is_stopped = True
        self._later.stop()

    def set_privacy(self, privacy: Privacy) -> None:
        """How far the open project's pictures and words may go, from now on."""
        project = self.project
        self._want(lambda: Projects(self._online.store).set_privacy(project, privacy))

    def set_cap(self, cap_usd: float | None) -> None:
        """The most that all requests of the open project may cost together."""
        project = self.project
        self._want(lambda: Projects(self._online.store).set_cap(project, cap_usd))

    def _want(self, change: Callable[[], object] | None) -> None:
        wish = AccountWish(self.project, f"unsaved {self._document.journal.session}", change)
        self._ticket = self._thread.submit(self._account, wish)

    def _account(self, wish: AccountWish, *, cancel: CancelToken, report: Report) -> Account:
        """On the thread of accounts; to look makes no store where there is none. Raises: StorageError."""
        if wish.change is None and not self._online.store.path.exists():
            return Account(wish.project, UNSAID)
        if wish.change is not None:
            wish.change()
        if wish.unsaved != wish.project:  # a request that was on its way while the project was saved
            move_project(self._online.store, wish.unsaved, wish.project)
        return self._online.account(wish.project)

    @Slot(int, object)
    def _known(self, ticket: int, outcome: Outcome) -> None:
        if ticket == self._ticket:
            self.current = outcome.result
            self.changed.emit(self.current)

    @Slot(int, object)
    def _not_known(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self.failed.emit(error)

    @Slot(object)
    def _moved(self, _path: object) -> None:
        """The same document has got a file, or another one: what it was allowed and has spent goes along as far as it may."""
        old_path, old_session = self._path, self._session
        self._path, self._session = self._document.path, self._document.journal.session
        if old_session != self._session:
            self.current = None
        is_copy = old_session == self._session and old_path not in {None, self._path}
        old, new = os.path.realpath(old_path or ""), self.project
        is_copy = is_copy and self._online.store.path.exists()
        self._want((lambda: copy_rules(self._online.store, old, new, UNSAID)) if is_copy else None)
