"""Everything the controllers and panels are given when they are made. One value, no globals."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from PySide6.QtCore import QSettings

from editor.accounts import Accounts
from editor.background import PlanWorker, PreviewWorker, Threads
from editor.clip_places import KeptPlaces
from editor.clip_player import ClipWorker
from editor.document import Document, Edit
from editor.edge_fit import EdgeFitWorker
from editor.media_files import MediaFiles, Pictures, Waves, WorkspaceOf
from editor.menus import Actions
from editor.notifications import Notifications
from editor.online import Online
from editor.sending_looks import LookWorker
from editor.session import Session
from engine import folders, limits
from engine.cache.store import Cache
from engine.errors import BadInputError, EditError
from engine.jobs.fallback import Providers
from engine.jobs.workspace import Workspace
from engine.providers.fallback import Chain
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks
from engine.providers.registry import Registry, local_registry
from engine.vault import KeyStore


@dataclass(frozen=True, slots=True)
class Services:
    """`workspace()` is the assets and the cache of the document as it is now; ask for it anew for each job."""

    document: Document
    session: Session
    registry: Registry
    cache: Cache
    threads: Threads
    notifications: Notifications
    actions: Actions
    settings: QSettings
    files: MediaFiles
    pictures: Pictures
    waves: Waves
    workspace_of: WorkspaceOf
    keys: KeyStore
    online: Online
    accounts: Accounts
    preview_worker: PreviewWorker = field(default_factory=PreviewWorker)
    plan_worker: PlanWorker = field(default_factory=PlanWorker)
    edge_worker: EdgeFitWorker = field(default_factory=EdgeFitWorker)
    look_worker: LookWorker = field(default_factory=LookWorker)
    clip_worker: ClipWorker = field(default_factory=ClipWorker)
    places: KeptPlaces = field(default_factory=KeptPlaces)

    def workspace(self) -> Workspace:
        return self.workspace_of()

    def job_providers(self) -> Providers:
        """The providers for one job of the open project: what they send is asked for, counted and paid in its name.

        Where the order of those that stand in for others cannot be read, nobody stands in.
        """
        try:
            chain = Fallbacks().chain(REGION_EDIT)
        except BadInputError as error:
            self.notifications.refuse(error)
            chain = Chain()
        return self.online.services(self.accounts.project).providers(chain)

    def edit(self, text: str, edit: Edit, merge_key: Hashable | None = None) -> bool:
        """Do a user's edit; one that cannot be done is refused in a toast. True where it was done or had nothing to do."""
        try:
            self.document.apply(text, edit, merge_key)
        except EditError as error:
            self.notifications.refuse(error)
            return False
        return True

    def close(self) -> None:
        """End all threads, close their files, end the journal. Call it before the window goes."""
        for told in (self.document, self.session, self.files):
            told.blockSignals(True)  # what still comes in asks for no further work
        self.accounts.stop()
        self.pictures.close()
        self.waves.close()
        self.threads.close()
        workers = (
            self.preview_worker, self.plan_worker, self.edge_worker, self.look_worker, self.clip_worker, self.pictures.worker,
        )  # fmt: skip
        for worker in workers:
            worker.close()
        self.online.close()
        self.document.close()


def _registry(online: Online, notifications: Notifications) -> Registry:
    """All providers; without the services where their table cannot be read, which must not keep the window closed."""
    try:
        return online.services("").registry
    except BadInputError as error:
        notifications.fail(error, "The services cannot be used")
        return local_registry()


def make_services() -> Services:
    """The services of a new window with an empty document. Needs a QApplication."""
    document, session, threads = Document(), Session(), Threads()
    cache = Cache(folders.cache_dir(), limits.CACHE_BYTES)
    workspace_of = WorkspaceOf(document, cache)
    document.project_changed.connect(session.follow_project)
    keys, notifications = KeyStore(), Notifications()
    online = Online(keys)
    settings = QSettings(str(folders.settings_file()), QSettings.Format.IniFormat)
    return Services(
        document=document, session=session, registry=_registry(online, notifications), cache=cache, threads=threads,
        notifications=notifications, actions=Actions(), settings=settings,
        files=MediaFiles(document, cache, threads), pictures=Pictures(threads, workspace_of), waves=Waves(threads, cache),
        workspace_of=workspace_of, keys=keys, online=online,
        accounts=Accounts(document, online, threads.accounts, (threads.services, threads.asking, threads.captions)),
    )  # fmt: skip
