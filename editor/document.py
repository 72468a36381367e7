"""The open document: the current project, its undo steps, its file, its assets and its journal. No window, no pixels.

An edit is a pure function; `apply` runs it on the current project and pushes one undo step. Facts (what jobs found out) arrive
late: they become edits of the project as it is then, survive every undo, and never take redo away.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from editor.document_journal import DocumentJournal, Snapshot
from editor.edit_command import EditCommand
from engine.errors import BadInputError, EditError, NewerSchemaError
from engine.project import file, journal
from engine.project.assets import PROJECT_SUFFIX, AssetStore, assets_folder, unsaved_assets_folder
from engine.project.model import PatchVersion, Project
from engine.project.track_edits import new_project
from engine.project.version_edits import attach_version, keep_undone_version

Edit = Callable[[Project], Project]

JOURNAL_INTERVAL_MS = 3000


class Document(QObject):
    """One open project. Lives on the window's thread.

    Signals:
        project_changed(before: Project, after: Project): compare by identity and show what differs; never edit in it.
        modified_changed(is_modified: bool), path_changed(path: Path | None).
    """

    project_changed = Signal(object, object)
    modified_changed = Signal(bool)
    path_changed = Signal(object)

    def __init__(self, parent: QObject | None = None, journal_interval_ms: int = JOURNAL_INTERVAL_MS) -> None:
        super().__init__(parent)
        self._project = new_project()
        self._saved_project: Project | None = self._project
        self._path: Path | None = None
        self._read_only = False
        self._extra: dict[str, object] = {}
        self._facts: list[Edit] = []
        self._saved_index = 0
        self._is_telling = False
        self._was_modified = False
        self.undo_stack = QUndoStack(self)
        self.journal = DocumentJournal(self._snapshot, journal_interval_ms, self)

    @property
    def project(self) -> Project:
        return self._project

    @property
    def saved_project(self) -> Project | None:
        """The project as it is in its file; None after a recovery."""
        return self._saved_project

    @property
    def path(self) -> Path | None:
        return self._path

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
        folder = assets_folder(self._path) if self._path else unsaved_assets_folder(self.journal.session)
        return AssetStore(folder)

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
        """Begin an empty project; what is unsaved is gone (ask before)."""
        self._begin(new_project(), None)

    def open(self, path: Path) -> tuple[str, ...]:
        """Open a project file; returns warnings for the user. Raises: ProjectFileError; then the document is as it was."""
        loaded = file.load(path)
        self._begin(loaded.project, path, read_only=loaded.read_only, extra=dict(loaded.extra))
        return loaded.warnings

    def recover(self, entry: journal.JournalEntry) -> tuple[str, ...]:
        """Go on where a session ended without being closed; everything in it counts as unsaved.

        Raises: ProjectFileError: the journal is damaged.
        """
        loaded = journal.read_entry(entry)
        self._begin(loaded.project, entry.project_path, extra=dict(loaded.extra), session=entry.session, is_saved=False)
        self.journal.write_now()
        return loaded.warnings

    def save(self) -> None:
        """Write the project to its file. Raises: BadInputError: it has none yet; NewerSchemaError; StorageError."""
        if self._path is None:
            raise BadInputError("This project has no file yet.", "Choose a name.")
        self.save_as(self._path)

    def save_as(self, path: Path) -> None:
        """Write the project to a file, which is its own from now on. Its assets go along: moved at the first save, else copied.

        Raises: NewerSchemaError: the project or the file there is of a newer version; StorageError: the disk refused. Either way
        the document and both files are as they were.
        """
        if self._read_only:
            raise NewerSchemaError("This project was written by a newer version of Patchreel; saving would lose a part of it.")
        path = path if path.suffix == PROJECT_SUFFIX else path.with_name(path.name + PROJECT_SUFFIX)
        old = self.assets
        if path != self._path:
            old.copy_all_to(assets_folder(path))
        file.save(self._project, path, self._extra)
        if self._path is None:
            old.move_all_to(assets_folder(path))
        self._note_saved(path)

    def close(self) -> None:
        """End the session cleanly: nothing is left to recover, no thread runs. Call it before the window goes."""
        self.journal.end()

    def _note_saved(self, path: Path) -> None:
        self._saved_project, self._saved_index = self._project, self.undo_stack.index()
        self.undo_stack.setClean()  # steps of a drag do not merge across a save
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)
        self._tell_modified()
        self.journal.schedule()

    def _begin(
        self,
        project: Project,
        path: Path | None,
        *,
        read_only: bool = False,
        extra: dict[str, object] | None = None,
        session: str = "",
        is_saved: bool = True,
    ) -> None:
        if session != self.journal.session:
            self.journal.begin(session)
        self.undo_stack.clear()
        self._facts.clear()
        self._path, self._read_only, self._extra, self._saved_index = path, read_only, extra or {}, 0
        self._saved_project = project if is_saved else None
        self._set(project)
        self._tell_modified()
        self.path_changed.emit(path)

    def _snapshot(self) -> Snapshot:
        steps = max(1, abs(self.undo_stack.index() - self._saved_index)) if self.is_modified else 0
        return Snapshot(self._project, self._path, steps, self._extra)
