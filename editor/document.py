"""The open document: the current project, its undo steps, its file, its assets and its journal. No window, no pixels.

An edit is a pure function; `apply` runs it on the current project and pushes one undo step. Facts (what jobs found out) arrive
late: they become edits of the project as it is then, survive every undo, and never take redo away.

Files are written and read in a worker thread (`DocumentFiles`): `save` and `open` return at once, signals tell how it ended.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoStack

from editor.document_files import DocumentFiles, OpenWish, Place, SaveWish
from editor.document_journal import DocumentJournal, Snapshot
from editor.edit_command import EditCommand
from engine.errors import BadInputError, EditError, NewerSchemaError, PatchreelError
from engine.project import file, journal
from engine.project.assets import PROJECT_SUFFIX, AssetStore
from engine.project.model import PatchVersion, Project
from engine.project.track_edits import new_project
from engine.project.version_edits import attach_correction, attach_version, keep_undone_version

Edit = Callable[[Project], Project]

JOURNAL_INTERVAL_MS = 3000
PATIENCE_S = 30.0
"""How long closing waits for a disk. What is not written by then is left in the journal."""


class Document(QObject):
    """One open project. Lives on the window's thread.

    Signals:
        project_changed(before: Project, after: Project): compare by identity and show what differs; never edit in it.
        modified_changed(is_modified: bool), path_changed(path: Path | None).
        saved(path): what was there when the user asked is in the file. save_failed(path, PatchreelError): it is not.
        opened(path | None, warnings: tuple[str, ...]), open_failed(path | None, PatchreelError): the end of `open` or `recover`.
    """

    project_changed = Signal(object, object)
    modified_changed = Signal(bool)
    path_changed = Signal(object)
    saved = Signal(object)
    save_failed = Signal(object, object)
    opened = Signal(object, object)
    open_failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None, journal_interval_ms: int = JOURNAL_INTERVAL_MS) -> None:
        super().__init__(parent)
        self._project = new_project()
        self._saved_project: Project | None = self._project
        self._read_only = False
        self._extra: dict[str, object] = {}
        self._facts: list[Edit] = []
        self._saved_index = 0
        self._is_telling = False
        self._was_modified = False
        self.undo_stack = QUndoStack(self)
        self.journal = DocumentJournal(self._snapshot, journal_interval_ms, self)
        self._place = Place(None, self.journal.session)
        self.look_ahead: Callable[[Project], None] = lambda _project: None
        """Called in the worker thread with a project that was read, before anybody is told of it."""
        self._files = DocumentFiles(lambda: self._project, self)
        self._files.saved.connect(self._note_saved)
        self._files.save_failed.connect(self._note_not_saved)
        self._files.read.connect(self._note_read)
        self._files.read_failed.connect(self._note_not_read)

    @property
    def project(self) -> Project:
        return self._project

    @property
    def saved_project(self) -> Project | None:
        """The project as it was written to its file or read from it; None after a recovery."""
        return self._saved_project

    @property
    def path(self) -> Path | None:
        return self._place.path

    @property
    def read_only(self) -> bool:
        """True where the file is of a newer version: it is shown, and neither edited nor saved."""
        return self._read_only

    @property
    def is_modified(self) -> bool:
        return self._project is not self._saved_project

    @property
    def assets(self) -> AssetStore:
        """Where the bytes lie that the project names; another one after the first save."""
        return self._place.assets

    @property
    def is_saving(self) -> bool:
        return self._files.is_saving

    # Editing

    def apply(self, text: str, edit: Edit, merge_key: Hashable | None = None) -> bool:
        """Do a user's edit as one undo step; False where it changed nothing.

        Args:
            text: for the Edit menu, “Trim clip”.
            merge_key: equal keys in a row become one step: ("trim", clip_id, gesture_id).
        Raises: EditError: it cannot be done; nothing was changed.
        """
        self._refuse_edit()
        before, after = self._project, edit(self._project)
        if after is before:
            return False
        top = self._top_command()
        if merge_key is not None and top is not None and top.merge_key == merge_key and after == top.before:
            after = top.before  # the drag is back where it began: the step vanishes, and with it the change
        self.journal.note_work()
        self.undo_stack.push(EditCommand(self, before, after, text, merge_key, len(self._facts)))
        return True

    def apply_late(self, text: str, edit: Edit, keep: Edit | None = None) -> bool:
        """Bring in what a job found out; journalled at once. False where it was known.

        It is an undo step of its own where nothing waits to be redone. Else (the user is somewhere in the past) it slips into
        the present and into every project that undo and redo bring back, so that redo is not lost.

        Args:
            edit: must be harmless when done twice.
            keep: done to the projects from before the step when undo brings them back; holds on to what must not be lost.
        Raises: EditError: it cannot be done.
        """
        self._refuse_edit()
        before, after = self._project, edit(self._project)
        if self.undo_stack.canRedo():
            self._facts.append(edit)
            self._absorb(after)
        elif after is not before:
            facts_seen = len(self._facts)
            if keep is not None:
                self._facts.append(keep)
            self.undo_stack.push(EditCommand(self, before, after, text, None, facts_seen))
        self.journal.write_now()
        return after is not before

    def attach_result(self, patch_id: str, version: PatchVersion, text: str) -> bool:
        """Bring in what a provider made of a patch, even if the patch is gone by now. Undo keeps it as unattached result."""
        arrived = partial(attach_version, patch_id=patch_id, version=version)
        return self.apply_late(text, arrived, partial(keep_undone_version, patch_id=patch_id, version=version))

    def attach_correction(self, patch_id: str, version: PatchVersion) -> None:
        """Bring in what correcting a patch led to: a part of the step that corrected it, so that one undo takes back both.

        It was free and lies in the cache, so nothing is lost. Raises: EditError: it cannot be done.
        """
        self.note(partial(attach_correction, patch_id=patch_id, version=version))
        self.journal.write_now()

    def note(self, edit: Edit) -> None:
        """Bring in what is no step of the user's (a job began, a text was drawn): undo does not stop at it.

        Raises: EditError: it cannot be done.
        """
        self._refuse_edit()
        self._absorb(edit(self._project))

    def _absorb(self, after: Project) -> None:
        top = self._top_command()
        if top is not None and top.after is self._project:
            top.after = after
        self._set(after)

    def show(self, project: Project, facts_seen: int) -> None:
        """Called by undo steps only: make a project the current one, with the facts that arrived after the step was made."""
        for fact in self._facts[facts_seen:]:
            with suppress(EditError):
                project = fact(project)
        self._set(project)

    def _set(self, project: Project) -> None:
        before, self._project = self._project, project
        if project is before:
            return
        self._is_telling = True
        try:
            self.project_changed.emit(before, project)
        finally:
            self._is_telling = False
        self._tell_modified()
        self.journal.schedule()

    def _tell_modified(self) -> None:
        if self.is_modified is not self._was_modified:
            self._was_modified = self.is_modified
            self.modified_changed.emit(self._was_modified)

    def _top_command(self) -> EditCommand | None:
        index = self.undo_stack.index()
        command = self.undo_stack.command(index - 1) if index > 0 else None
        return command if isinstance(command, EditCommand) else None

    def _refuse_edit(self) -> None:
        if self._is_telling:
            raise RuntimeError("project_changed handlers only read: an edit in one would push a step inside a step")
        if self._read_only:
            raise EditError("This project was written by a newer version of Patchreel and is only shown.", "Update Patchreel.")

    # File

    def new(self) -> None:
        """Begin an empty project; what is unsaved is gone (ask before). A save that runs goes on."""
        self._begin(new_project(), None)

    def open(self, path: Path) -> None:
        """Open a project file, after all saves; returns at once. The newest wish wins. If it fails, the document is as it was."""
        self._files.open(OpenWish(partial(self._read, partial(file.load, path)), path, "", self._project))

    def recover(self, entry: journal.JournalEntry) -> None:
        """Go on where a session ended without being closed; everything in it counts as unsaved. Returns at once, as `open`."""
        read = partial(self._read, partial(journal.read_entry, entry))
        self._files.open(OpenWish(read, entry.project_path, entry.session, self._project))

    def _read(self, load: Callable[[], file.Loaded]) -> file.Loaded:
        """In the worker thread."""
        loaded = load()
        self.look_ahead(loaded.project)
        return loaded

    def save(self) -> None:
        """Write the project to its file; returns at once. Raises: BadInputError: it has none yet; NewerSchemaError."""
        if self.path is None:
            raise BadInputError("This project has no file yet.", "Choose a name.")
        self.save_as(self.path)

    def save_as(self, path: Path) -> None:
        """Write the project to a file, which is its own from then on; returns at once. Saves happen in the order asked.

        Its assets go along: moved at the first save, else copied. If it fails, the document and both files are as they were.
        Raises: NewerSchemaError: the project is of a newer version.
        """
        if self._read_only:
            raise NewerSchemaError("This project was written by a newer version of Patchreel; saving would lose a part of it.")
        path = path if path.suffix == PROJECT_SUFFIX else path.with_name(path.name + PROJECT_SUFFIX)
        self.undo_stack.setClean()  # only to end the drag: what comes after the snapshot is another step
        self._files.save(SaveWish(self._project, path, self._extra, self.undo_stack.index(), self._place))

    def wait_for_saves(self, timeout_s: float = PATIENCE_S) -> bool:
        """Wait until all saves are over; meanwhile the window is drawn, and what the user types or clicks is kept for later.

        False: one failed or did not end in time.
        """
        failures, loop, patience = self._files.failures, QEventLoop(), QTimer()
        patience.setSingleShot(True)
        patience.timeout.connect(loop.quit)
        self._files.idle.connect(loop.quit)
        patience.start(int(timeout_s * 1000))
        while self._files.is_saving and patience.isActive():
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        self._files.idle.disconnect(loop.quit)
        return not self._files.is_saving and self._files.failures == failures

    def close(self, timeout_s: float = PATIENCE_S) -> bool:
        """End the session cleanly: saves are over, nothing is left to recover, no thread runs. Call it before the window goes.

        False: a save that ran failed or did not end in time. Then the journal stays, and the next start offers it.
        """
        self.undo_stack.blockSignals(True)  # as it goes it empties itself, and the menu's actions may be gone by then
        was_saving, failures = self._files.is_saving, self._files.failures
        if was_saving:
            self.journal.write_now()
        is_safe = self._files.finish(timeout_s) and self._files.failures == failures
        return self.journal.end(timeout_s, keep=not is_safe) and is_safe

    @Slot(object)
    def _note_saved(self, wish: SaveWish) -> None:
        is_elsewhere, wish.place.path = wish.path != wish.place.path, wish.path
        if wish.place is self._place:
            self._saved_project, self._saved_index = wish.project, wish.index
            if is_elsewhere:
                self.path_changed.emit(wish.path)
            self._tell_modified()
            self.journal.schedule()
        elif not self._files.is_saving_at(wish.place):
            journal.remove_entry(wish.place.session)
        self.saved.emit(wish.path)

    @Slot(object, object)
    def _note_not_saved(self, wish: SaveWish, error: PatchreelError) -> None:
        self.save_failed.emit(wish.path, error)

    @Slot(object, object)
    def _note_read(self, wish: OpenWish, loaded: file.Loaded) -> None:
        if self._project is not wish.seen and self.is_modified:
            error = EditError("The project that is open was changed meanwhile, so the other was not opened.", "Open it again.")
            self.open_failed.emit(wish.path, error)
            return
        self._begin(loaded.project, wish.path, read_only=loaded.read_only, extra=dict(loaded.extra), session=wish.session)
        if wish.session:
            self.journal.write_now()
        self.opened.emit(wish.path, loaded.warnings)

    @Slot(object, object)
    def _note_not_read(self, wish: OpenWish, error: PatchreelError) -> None:
        self.open_failed.emit(wish.path, error)

    def _begin(
        self,
        project: Project,
        path: Path | None,
        *,
        read_only: bool = False,
        extra: dict[str, object] | None = None,
        session: str = "",
    ) -> None:
        """Leave what is open for another project. One of a session that is recovered counts as unsaved."""
        self._files.forget_open()
        if session != self.journal.session:
            self.journal.begin(session, keep=self._files.is_saving_at(self._place))
        self.undo_stack.clear()
        self._facts.clear()
        self._place = Place(path, self.journal.session)
        self._read_only, self._extra, self._saved_index = read_only, extra or {}, 0
        self._saved_project = None if session else project
        self._set(project)
        self._tell_modified()
        self.path_changed.emit(path)

    def _snapshot(self) -> Snapshot:
        steps = max(1, abs(self.undo_stack.index() - self._saved_index)) if self.is_modified else 0
        return Snapshot(self._project, self.path, steps, self._extra)
