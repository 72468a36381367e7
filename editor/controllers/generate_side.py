"""Puts the Generate workspace together: its page, the form, the gallery with its player, what comes into the project."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QImage

from editor.clip_player import ClipPlayer
from editor.controllers.gallery_controller import GalleryController
from editor.controllers.gate_controller import GateController
from editor.controllers.generate_controller import GenerateController
from editor.controllers.generation_jobs import GenerationJobs
from editor.controllers.take_result import TakeResult
from editor.generating import GeneratingNow
from editor.jobs_board import JobsBoard
from editor.main_window import MainWindow
from editor.online import project_in_store
from editor.panels.generate_page import GeneratePage
from editor.result_media import ResultMedia
from editor.services import Services
from engine.jobs.generation_values import Generating
from engine.providers.online.attempts import Clock
from engine.providers.online.outgoing import Sending
from engine.running import CancelToken

WORKSPACE = "generate"


class GenerateSide(QObject):
    """All parts by name; hold on to it as long as the window lives."""

    def __init__(
        self, services: Services, window: MainWindow, gate: GateController, board: JobsBoard, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._gate = services, window, gate
        self._session = services.document.journal.session
        self.clock: Clock | None = None
        """The time by which services are asked and waited for, where it is not the usual one."""
        pictures, threads = _Pictures(), services.threads
        self.page = GeneratePage(pictures)
        self.generating = GeneratingNow(
            self._make, project_in_store(services.document), threads.gallery, threads.asking, self
        )
        self.results = ResultMedia(threads.gallery, services.pictures, services.cache, self)
        self.player = ClipPlayer(threads.clips, services.clip_worker, services.cache, self)
        self.form = GenerateController(services, self.page, self.generating, self)
        self.gallery = GalleryController(services, self.page.gallery, self.generating, self.results, self.player, self)
        self.take = TakeResult(services, self.generating, self)
        self.jobs = GenerationJobs(board, self.generating, self)
        pictures.of = self.gallery.picture_of
        self.page.form.setEnabled(False)  # until it is known what it can offer
        window.add_page(WORKSPACE, "Generate", self.page)
        self._connect()

    def start(self) -> None:
        """Take up what was under way when the program ended. Nothing is opened where nothing was ever sent."""
        if self._services.online.store.path.exists():
            self.generating.when_ready(self.generating.start)

    def stop(self) -> None:
        """Before the window goes."""
        self.player.stop()
        self.form.keep()
        self.generating.close()

    # Inside

    def _connect(self) -> None:
        services, window, form = self._services, self._window, self.form
        services.actions.bind("view.generate_workspace", self._show)
        services.document.path_changed.connect(self._moved)
        window.workspace_changed.connect(self._workspace_changed)
        gallery, take = self.gallery, self.take
        gallery.edit_wished.connect(form.edit)
        gallery.sent_again.connect(form.send_again)
        gallery.first_wished.connect(form.use_result)
        gallery.add_wished.connect(take.add)
        gallery.sound_wished.connect(take.add_sound)
        gallery.shown_wished.connect(take.show)
        form.sent.connect(gallery.expect)
        form.form_wished.connect(self._show)
        take.shown.connect(self._reveal, Qt.ConnectionType.QueuedConnection)
        self.page.gallery.section_wished.connect(lambda _key: form.continue_clip())
        self._gate.shown_changed.connect(self.page.keep_free)

    def _make(self, project: str) -> Generating:
        """What the engine needs for it comes with a dozen modules: not before it is asked for."""
        from engine.jobs.generations import Generations

        online = self._services.online
        def ask(sending: Sending, cancel: CancelToken) -> None:
            """In a job's thread, in the name of the project as it is then."""
            online.services(made.project).means.gate(sending, cancel)

        made = Generations(online.store, project, online.keys.keys_for, ask, clock=self.clock)
        return made

    @Slot()
    def _show(self) -> None:
        self._window.show_workspace(WORKSPACE)

    @Slot(str)
    def _workspace_changed(self, key: str) -> None:
        if key == WORKSPACE:
            self._services.actions.action("play.stop").trigger()
            self.generating.when_ready(self._open)
        else:
            self.player.stop()

    def _open(self) -> None:
        """What the form offers is known."""
        self.page.form.setEnabled(True)
        self.form.open()
        self.generating.read()

    @Slot(object)
    def _moved(self, _path: object) -> None:
        """The document has got a file, or another one is open."""
        before, self._session = self._session, self._services.document.journal.session
        was_unsaved = self.generating.project == f"unsaved {before}"
        self.generating.replace(project_in_store(self._services.document), is_same=was_unsaved and before == self._session)

    @Slot(str)
    def _reveal(self, media_id: str) -> None:
        self._window.show_workspace("edit")
        self._window.bin.reveal(media_id)


class _Pictures:
    """Who knows the cards' pictures is made after the page that shows them."""

    of: Callable[[str], QImage | None] | None = None

    def __call__(self, card_id: str) -> QImage | None:
        return self.of(card_id) if self.of is not None else None
