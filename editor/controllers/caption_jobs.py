"""Where captions come from and go to: transcription, detected speech, subtitle files. One at a time, on a thread of its own.

What comes back becomes one edit of the project as it is then; what came back late belongs to the moments that were heard.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from editor.controllers.transcribe_options import TranscribeOptions
from editor.jobs_board import JobsBoard, JobState
from editor.online import project_in_store
from editor.panels.captions_panel import CaptionsPanel
from editor.render_thread import Outcome
from editor.services import Services
from engine.captions.subtitles import FILE_MAX_BYTES, FORMATS, format_of, read_subtitles, write_subtitles
from engine.errors import BadInputError, PatchreelError
from engine.jobs.captions import Found, detect_speech, transcribe, with_found
from engine.jobs.services import Services as ProjectServices
from engine.jobs.workspace import Workspace
from engine.project.atomic import write_atomically
from engine.project.caption_edits import CueDraft, bound_cues
from engine.project.cue_places import shown_cues
from engine.project.model import Project
from engine.providers.online.fallbacks import TRANSCRIPTION, Fallbacks
from engine.providers.online.offered_transcribers import transcriber
from engine.running import CancelToken, Progress, Report

PROVIDER = "elevenlabs"
FOLDER_KEY = "captions/folder"
FILTERS = "Captions (*.srt *.vtt);;All files (*)"
SAVE_FILTERS = "SubRip (*.srt);;WebVTT (*.vtt)"


@dataclass(frozen=True, slots=True)
class Asked:
    """One job over the project as it was. `session` is the document it belongs to."""

    project: Project
    session: str
    name: str
    workspace: Workspace
    services: ProjectServices | None = None
    path: Path | None = None
    params: tuple[tuple[str, float | str | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What came, and what should be said about it."""

    found: Found
    notes: tuple[str, ...] = ()


def hear(asked: Asked, *, cancel: CancelToken, report: Report) -> Read:
    """The words of the timeline, from a service."""
    assert asked.services is not None
    heard = transcribe(
        asked.project, transcriber(PROVIDER, asked.services.means), dict(asked.params), asked.workspace, cancel=cancel,
        report=report, chain=Fallbacks().chain(TRANSCRIPTION),
    )
    return Read(heard, heard.notes)


def find_speech(asked: Asked, *, cancel: CancelToken, report: Report) -> Read:
    """When somebody speaks."""
    return Read(detect_speech(asked.project, cancel=cancel, report=report))


def read_file(asked: Asked, *, cancel: CancelToken, report: Report) -> Read:
    """The captions of a file."""
    assert asked.path is not None
    report(Progress(0.2, f"Reading {asked.path.name}"))
    try:
        with asked.path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise BadInputError(f"“{asked.path.name}” cannot be read: {error.strerror}.", "Choose another file.") from error
    read = read_subtitles(data, asked.path.name)
    cancel.check()
    return Read(Found(bound_cues(asked.project, read.cues)), read.warnings)


def write_file(asked: Asked, *, cancel: CancelToken, report: Report) -> Path:
    """The captions as a file."""
    assert asked.path is not None
    drafts = [CueDraft(s.range, s.cue.text, s.cue.speaker, s.cue.settings) for s in shown_cues(asked.project)]
    write_atomically(asked.path, write_subtitles(drafts, format_of(asked.path.name)).encode("utf-8"))
    return asked.path


class CaptionJobs(QObject):
    """Starts the jobs of the captions panel's foot, shows how far they are, and brings in what they found."""

    def __init__(
        self, services: Services, panel: CaptionsPanel, board: JobsBoard, window: QWidget, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._panel, self._board, self._window = services, panel, board, window
        self._ticket, self._entry = 0, 0
        self._options = TranscribeOptions(services.settings, self)
        panel.options_wanted.connect(self._show_options)
        panel.transcribe_wanted.connect(self.transcribe)
        panel.detect_wanted.connect(self.detect)
        panel.import_wanted.connect(self.ask_for_file)
        panel.export_wanted.connect(self.ask_where)
        panel.cancel_wanted.connect(self.cancel)
        thread = services.threads.captions
        thread.progressed.connect(self._progressed)
        thread.succeeded.connect(self._succeeded)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._cancelled)

    @Slot()
    def transcribe(self) -> None:
        """Have the timeline heard; the gate asks before anything leaves."""
        try:
            online = self._services.online.services(project_in_store(self._services.document))
        except PatchreelError as error:
            self._services.notifications.fail(error, "The sound was not transcribed")
            return
        self._start(hear, "Transcribe", services=online)

    @Slot()
    def detect(self) -> None:
        """Find when somebody speaks, here."""
        self._start(find_speech, "Detect speech")

    @Slot()
    def ask_for_file(self) -> None:
        """The file dialog for a subtitle file."""
        folder = str(self._services.settings.value(FOLDER_KEY, ""))
        name, _ = QFileDialog.getOpenFileName(self._window, "Import captions", folder, FILTERS)
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Captions of a file in the stead of those that are there; one undo brings them back."""
        self._services.settings.setValue(FOLDER_KEY, str(path.parent))
        self._start(read_file, f"Import {path.name}", path=path)

    def take_dropped(self, paths: Sequence[Path]) -> bool:
        """Files dropped on the window: a subtitle file is imported; False where there is none."""
        found = [path for path in paths if path.suffix.lower() in FORMATS]
        if found:
            self.import_file(found[0])
        return bool(found)

    @Slot()
    def ask_where(self) -> None:
        """The file dialog for where the captions are written."""
        document = self._services.document
        folder = Path(str(self._services.settings.value(FOLDER_KEY, "")) or (document.path.parent if document.path else ""))
        stem = document.path.stem if document.path is not None else "captions"
        name, chosen = QFileDialog.getSaveFileName(self._window, "Export captions", str(folder / f"{stem}.srt"), SAVE_FILTERS)
        if name:
            path = Path(name)
            suffix = ".vtt" if "vtt" in chosen else ".srt"
            self.export_file(path if path.suffix.lower() in FORMATS else path.with_name(path.name + suffix))

    def export_file(self, path: Path) -> None:
        """Write what shows as SubRip or WebVTT, by the file's ending."""
        self._services.settings.setValue(FOLDER_KEY, str(path.parent))
        self._start(write_file, f"Export {path.name}", path=path)

    @Slot()
    def cancel(self) -> None:
        self._services.threads.captions.cancel(self._ticket)

    @Slot()
    def _show_options(self) -> None:
        button = self._panel.options
        menu = self._options.menu(button)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().topLeft() - QPoint(0, menu.sizeHint().height())))

    @property
    def is_working(self) -> bool:
        return bool(self._ticket)

    # Inside

    def _start(
        self, job: Callable[..., Any], name: str, *, services: ProjectServices | None = None, path: Path | None = None
    ) -> None:
        if self.is_working:
            return
        document = self._services.document
        params = tuple(self._options.params().items()) if services is not None else ()
        asked = Asked(document.project, document.journal.session, name, self._services.workspace(), services, path, params)
        self._ticket = self._services.threads.captions.submit(job, asked)
        self._entry = self._board.add("captions", name, self.cancel)
        self._panel.show_working(name, 0.0)

    @Slot(int, object)
    def _progressed(self, ticket: int, progress: Progress) -> None:
        if ticket == self._ticket:
            self._board.report(self._entry, progress)
            self._panel.show_working(progress.text, progress.fraction)

    @Slot(int, object)
    def _succeeded(self, ticket: int, outcome: Outcome) -> None:
        if ticket != self._ticket:
            return
        asked: Asked = outcome.request
        if isinstance(outcome.result, Path):
            self._end(JobState.DONE, "Written")
            self._services.notifications.say(f"Captions written to {outcome.result.name}", str(outcome.result.parent))
            return
        self._end(JobState.DONE, "Done")
        if asked.session == self._services.document.journal.session:
            self._take(asked, outcome.result)

    def _take(self, asked: Asked, read: Read) -> None:
        found, notes = read.found, list(read.notes)
        if not found.cues:
            self._services.notifications.say("Nobody was heard to speak", "Nothing was changed.")
            return
        only_adds = not any(cue.text for cue in found.cues)
        replaced = 0 if only_adds else sum(bool(cue.text) for cue in self._services.document.project.captions.cues)
        edit = partial(with_found, found=found, replace_all=not only_adds)
        if self._services.edit(asked.name, edit):
            number = len(found.cues)
            words = f"{number} caption{'s' * (number != 1)}" + (f", ${found.cost_usd:.4f}" if found.cost_usd else "")
            notes += ["Heard before, nothing was charged."] if found.is_cached and not found.notes else []
            notes += [replaced_words(replaced)] if replaced else []
            undo = {"Undo": self._services.document.undo_stack.undo} if replaced else None
            self._services.notifications.say(words, " ".join(notes), undo)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._ticket:
            self._end(JobState.FAILED, error.text)
            self._services.notifications.fail(error, "The captions are as they were")

    @Slot(int)
    def _cancelled(self, ticket: int) -> None:
        if ticket == self._ticket:
            self._end(JobState.CANCELLED, "Cancelled")

    def _end(self, state: JobState, sentence: str) -> None:
        self._board.finish(self._entry, state, sentence)
        self._ticket = self._entry = 0
        self._panel.show_ready()


def replaced_words(number: int) -> str:
    """What became of the captions that were there: nobody's words go without a word."""
    were = "the one that was there" if number == 1 else f"the {number} that were there"
    return f"They stand in place of {were}."
