"""New, open, save, recover: the document and its files, with the questions that belong to them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from editor.dialogs.question import Answer, Question
from editor.document_journal import recoverable
from editor.services import Services
from editor.start_page import CanvasChoice
from engine.errors import PatchreelError
from engine.project import journal
from engine.project.assets import PROJECT_SUFFIX
from engine.project.track_edits import set_canvas
from engine.rational_time import ZERO

RECENT_KEY, FOLDER_KEY, MOST_RECENT = "recent", "folders/project", 10
FILTER = f"Patchreel projects (*{PROJECT_SUFFIX})"


class ProjectController(QObject):
    """Asks before anything unsaved is lost; the safe answer is the one that Enter gives."""

    state_changed = Signal()
    """Name, saved time or read-only state are others now."""

    def __init__(self, services: Services, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._window = services, window
        self._saved_at: datetime | None = None
        self._recovering = False
        document = services.document
        document.modified_changed.connect(self._changed)
        document.path_changed.connect(self._changed)
        document.saved.connect(self._saved)
        document.save_failed.connect(self._save_failed)
        document.opened.connect(self._opened)
        document.open_failed.connect(self._open_failed)
        document.journal.failed.connect(self._journal_failed)
        bind = services.actions.bind
        bind("file.new", self.new)
        bind("file.open", self.ask_to_open)
        bind("file.save", self._save_command)
        bind("file.save_as", self._save_as_command)

    # What the window shows

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has put anything into what is open, chosen its size or saved it."""
        document = self._services.document
        project = document.project
        has_clips = any(track.clips for track in project.tracks)
        return not (project.media or project.canvas.is_chosen or has_clips or project.captions.cues or document.path)

    @property
    def name(self) -> str:
        """The project's name, “Untitled” before the first save; empty while there is nothing."""
        document = self._services.document
        if document.path is not None:
            return document.path.name.removesuffix(PROJECT_SUFFIX)
        project = document.project
        return "Untitled" if project.media or project.canvas.is_chosen or document.is_modified else ""

    @property
    def state(self) -> str:
        """“Saved 14:32”, “Not saved”, “Read only”."""
        document = self._services.document
        if document.read_only:
            return "Read only"
        if document.is_saving:
            return "Saving…"
        if document.is_modified or document.path is None:
            return "Not saved"
        return f"Saved {self._saved_at:%H:%M}" if self._saved_at else "Saved"

    @property
    def recent(self) -> list[Path]:
        """Up to ten projects, the newest first."""
        names = self._services.settings.value(RECENT_KEY, [])
        listed = [names] if isinstance(names, str) else names if isinstance(names, list) else []  # one comes back as itself
        return [Path(str(name)) for name in listed]

    # Wishes

    @Slot()
    def new(self) -> None:
        """An empty project."""
        if self.may_go_on():
            self._begin(self._services.document.new)

    def new_with(self, choice: CanvasChoice) -> None:
        """An empty project of a size and rate."""
        if self.may_go_on():
            self._begin(self._services.document.new)
            self._services.edit("Set size", lambda p: set_canvas(p, choice.width, choice.height, choice.rate))

    @Slot()
    def ask_to_open(self) -> None:
        """The file dialog."""
        folder = str(self._services.settings.value(FOLDER_KEY, ""))
        name, _ = QFileDialog.getOpenFileName(self._window, "Open project", folder, FILTER)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open a project; returns at once, and a message tells where it cannot be opened."""
        if self.may_go_on():
            self._recovering = False
            self._services.document.open(path)

    def save(self) -> bool:
        """Save, or ask for a name; True where it is being written. Returns at once, and a message tells where it fails."""
        path = self._services.document.path
        return self._write(path) if path is not None else self.save_as()

    def save_as(self) -> bool:
        """Save under another name."""
        folder = str(self._services.settings.value(FOLDER_KEY, ""))
        proposal = str(Path(folder) / f"{self.name or 'Untitled'}{PROJECT_SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save project", proposal, FILTER)
        return bool(name) and self._write(Path(name))

    def _save_command(self) -> None:
        self.save()

    def _save_as_command(self) -> None:
        self.save_as()

    def may_go_on(self) -> bool:
        """Whether what is open may be left: it is saved, or the user says so. Waits for a save that runs."""
        document = self._services.document
        document.wait_for_saves()
        if not document.is_modified or document.read_only:
            return True
        answer = self._ask_about_changes()
        if answer == "save":
            return self.save() and document.wait_for_saves()
        return answer == "leave"

    def offer_recovery(self) -> None:
        """At the start: what a crash left behind, as a message with both answers."""
        found = recoverable()
        if not found:
            return
        entry = found[0]
        what = entry.project_path.name if entry.project_path else "A project that was never saved"
        steps = f"{entry.edits} unsaved {'edit' if entry.edits == 1 else 'edits'}"
        self._services.notifications.keep(
            "Patchreel did not close properly last time", f"{what}, {steps}, {_local(entry.written)}.",
            {"Recover": lambda: self._recover(entry), "Discard": lambda: journal.remove_entry(entry.session)},
        )  # fmt: skip

    # Inside

    def _begin(self, start: Callable[[], None]) -> None:
        self._services.session.set_playhead(ZERO)
        self._services.session.clear_points()
        start()
        self._saved_at = None
        self.state_changed.emit()

    def _recover(self, entry: journal.JournalEntry) -> None:
        if not self.may_go_on():
            return
        self._recovering = True
        self._services.document.recover(entry)

    def _write(self, path: Path) -> bool:
        try:
            self._services.document.save_as(path)
        except PatchreelError as error:
            self._services.notifications.fail(error, "The project was not saved")
            return False
        self.state_changed.emit()
        return True

    @Slot(object)
    def _saved(self, path: Path) -> None:
        self._saved_at = datetime.now()
        self._remember(path)
        self.state_changed.emit()

    @Slot(object, object)
    def _save_failed(self, _path: Path, error: PatchreelError) -> None:
        self._services.notifications.fail(error, "The project was not saved")
        self.state_changed.emit()

    @Slot(object, object)
    def _opened(self, path: Path | None, warnings: tuple[str, ...]) -> None:
        self._services.session.set_playhead(ZERO)
        self._services.session.clear_points()
        self._saved_at = None
        if path is not None and not self._recovering:
            self._saved_at = datetime.fromtimestamp(path.stat().st_mtime)
            self._remember(path)
        for warning in warnings:
            self._services.notifications.say(warning)
        self.state_changed.emit()

    @Slot(object, object)
    def _open_failed(self, path: Path | None, error: PatchreelError) -> None:
        what = "The session could not be recovered" if self._recovering or path is None else f"“{path.name}” was not opened"
        self._services.notifications.fail(error, what)
        self.state_changed.emit()

    def _remember(self, path: Path) -> None:
        names = [str(path), *(str(p) for p in self.recent if p != path)][:MOST_RECENT]
        self._services.settings.setValue(RECENT_KEY, names)
        self._services.settings.setValue(FOLDER_KEY, str(path.parent))

    def _ask_about_changes(self) -> str:
        """ "save", "leave", or "" to go on here."""
        title = f"Save the changes to “{self.name or 'Untitled'}”?"
        sentence = "What you did since the last save is lost otherwise."
        save = Answer("save", "Save")
        return Question(self._window, title, sentence, save, Answer("leave", "Do not save"), Answer("", "Cancel")).ask()

    @Slot(object)
    def _changed(self, _value: object) -> None:
        self.state_changed.emit()

    @Slot(str)
    def _journal_failed(self, sentence: str) -> None:
        self._services.notifications.say("The journal is not written", sentence)


def _local(written: str) -> str:
    """A UTC time of the journal as the user's clock shows it."""
    return f"{datetime.fromisoformat(written).astimezone():%d.%m. %H:%M}"
