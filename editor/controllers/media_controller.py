"""Brings files in: probed and indexed in the background, then one edit puts them in the bin and, if asked, on the timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from editor.placing import Place, landing, placed
from editor.render_thread import Outcome
from editor.services import Services
from editor.view_models import clip_id_of, rate_words
from engine.cache.store import Cache
from engine.errors import BadInputError, PatchreelError
from engine.media.importing import import_media
from engine.media.index import FrameIndex
from engine.media.indexing import frame_index
from engine.project.media_edits import add_media, media_with_fingerprint, relink_media, remove_media
from engine.project.model import Canvas, Media, MediaKind, Project
from engine.running import CancelToken, Progress, Report
from widgets.timeline import DroppedFiles, DroppedMedia, Landing

MOST_FILES = 500
FILTERS = (
    "All media (*.mp4 *.mov *.m4v *.mkv *.webm *.avi *.mpg *.ts *.gif *.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.avif "
    "*.wav *.mp3 *.m4a *.ogg *.flac *.opus);;All files (*)"
)
FOLDER_KEY = "folders/import"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Files to bring in, and where their clips go (None: into the bin only)."""

    paths: tuple[Path, ...]
    cache: Cache
    place: Place | None = None
    relinks: str = ""
    """Id of the media that the one file shall stand for; empty for new ones."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What could be read, in the order asked for, and a sentence for each file that could not."""

    media: tuple[Media, ...]
    indexes: tuple[FrameIndex | None, ...]
    refused: tuple[PatchreelError, ...]


def import_files(request: ImportRequest, *, cancel: CancelToken, report: Report) -> Imported:
    """The job: each file is probed and indexed; one that cannot be used does not stop the others."""
    media: list[Media] = []
    indexes: list[FrameIndex | None] = []
    refused: list[PatchreelError] = []
    for done, path in enumerate(request.paths):
        cancel.check()
        report(Progress(done / len(request.paths), f"Reading {path.name}"))
        try:
            found = import_media(path, request.cache)
        except PatchreelError as error:
            refused.append(error)
            continue
        media.append(found)
        is_video = found.kind is MediaKind.VIDEO
        indexes.append(frame_index(found.path, found.fingerprint, request.cache) if is_video else None)
    return Imported(tuple(media), tuple(indexes), tuple(refused))


class MediaController(QObject):
    """Importing, dropping, and taking out of the bin."""

    imported = Signal(object)
    """Ids of the media that a finished import stands for, in order."""

    def __init__(self, services: Services, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._window = services, window
        self._tickets: set[int] = set()
        thread = services.threads.media
        thread.succeeded.connect(self._came)
        thread.failed.connect(self._failed)
        services.actions.bind("file.import", self.ask_for_files)

    @property
    def is_busy(self) -> bool:
        """Whether an import is under way."""
        return bool(self._tickets)

    # Wishes

    def ask_for_files(self) -> None:
        """The file dialog; what is chosen goes into the bin."""
        self._ask(None)

    def ask_for_first_clip(self) -> None:
        """The file dialog; what is chosen goes on the timeline too."""
        self._ask(Place())

    def import_paths(self, paths: Sequence[Path], place: Place | None = None) -> None:
        """Bring in files and the files of folders. With a place their clips go on the timeline, one after another."""
        try:
            files = expanded(paths)
        except PatchreelError as error:
            self._services.notifications.fail(error, "Nothing was imported")
            return
        if files:
            request = ImportRequest(tuple(files), self._services.cache, place)
            self._tickets.add(self._services.threads.media.submit(import_files, request))

    @Slot(object, str, object)
    def dropped(self, payload: DroppedFiles | DroppedMedia, track_id: str, time: Fraction) -> None:
        """A drop on the timeline; with Ctrl it overwrites, else it goes where there is room."""
        place = Place(time, track_id, _overwrites())
        if isinstance(payload, DroppedFiles):
            self.import_paths(payload.paths, place)
        else:
            self.place_media(payload.ids, place)

    def place_media(self, media_ids: Sequence[str], place: Place) -> None:
        """Put media of the bin on the timeline."""
        before = self._services.document.project.canvas
        number = len(media_ids)
        text = "Add clip" if number == 1 else f"Add {number} clips"
        if self._services.edit(text, lambda project: placed(project, media_ids, place)):
            self._tell_canvas(before)

    @Slot(str)
    def ask_to_relink(self, media_id: str) -> None:
        """The file dialog for a missing file; what is chosen takes its place."""
        media = self._services.document.project.media_by_id(media_id)
        name, _ = QFileDialog.getOpenFileName(self._window, f"Find “{media.name}”", str(Path(media.path).parent), FILTERS)
        if name:
            request = ImportRequest((Path(name),), self._services.cache, relinks=media_id)
            self._tickets.add(self._services.threads.media.submit(import_files, request))

    def relinking(self, view_id: str) -> Callable[[], None] | None:
        """What finds the missing file of a clip of the timeline; None where nothing is missing."""
        found = self._services.document.project.find_clip(clip_id_of(view_id))
        media_id = found[1].media_id if found is not None else None
        if media_id is None or media_id not in self._services.files.offline:
            return None
        return partial(self.ask_to_relink, media_id)

    def remove(self, media_ids: Sequence[str]) -> None:
        """Take media out of the bin; refused while clips use them."""

        def edit(project: Project) -> Project:
            for media_id in media_ids:
                project = remove_media(project, media_id)
            return project

        self._services.edit("Remove from the bin", edit)

    def landing_of(self, payload: DroppedFiles | DroppedMedia, track_id: str, time: Fraction) -> Landing | None:
        """Where a drop of media of the bin would lie, as `dropped` puts them; None for files, of which nothing is known yet."""
        if isinstance(payload, DroppedFiles):
            return None
        place = Place(time, track_id, _overwrites())
        found = landing(self._services.document.project, payload.ids, place)
        return Landing(found[0], found[1], found[2] - found[1]) if found else None

    # Results

    @Slot(int, object)
    def _came(self, ticket: int, outcome: Outcome) -> None:
        if ticket not in self._tickets:
            return
        self._tickets.discard(ticket)
        result: Imported = outcome.result
        for media, index in zip(result.media, result.indexes, strict=True):
            if index is not None:
                self._services.files.put_index(media, index)
        if outcome.request.relinks:
            self._relink(outcome.request.relinks, result)
        else:
            self._bring_in(result, outcome.request.place)
        for error in result.refused:
            self._services.notifications.fail(error, "One file was not imported")

    def _relink(self, media_id: str, result: Imported) -> None:
        if not result.media:
            return
        found = result.media[0]
        if self._services.edit("Relink media", lambda project: relink_media(project, media_id, found)):
            self._services.files.look_again(self._services.document.project.media_by_id(media_id))

    def _bring_in(self, result: Imported, place: Place | None) -> None:
        if not result.media:
            return
        before = self._services.document.project.canvas
        number = len(result.media)
        text = f"Import {result.media[0].name}" if number == 1 else f"Import {number} files"
        if self._services.edit(text, lambda project: with_media(project, result.media, place)):
            self._tell_canvas(before)
            self.imported.emit(media_ids(self._services.document.project, result.media))

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket in self._tickets:
            self._tickets.discard(ticket)
            self._services.notifications.fail(error, "The import stopped")

    def _tell_canvas(self, before: Canvas) -> None:
        """The first clip sets size and rate: say so, and offer the way back."""
        canvas = self._services.document.project.canvas
        if before.is_chosen or not canvas.is_chosen:
            return
        size = f"{canvas.width} × {canvas.height}, {rate_words(canvas.rate)}"
        self._services.notifications.say(
            f"The project is now {size}", "The first clip sets size and frame rate.",
            {"Undo": self._services.document.undo_stack.undo},
        )  # fmt: skip

    def _ask(self, place: Place | None) -> None:
        folder = str(self._services.settings.value(FOLDER_KEY, ""))
        names, _ = QFileDialog.getOpenFileNames(self._window, "Import media", folder, FILTERS)
        if names:
            self._services.settings.setValue(FOLDER_KEY, str(Path(names[0]).parent))
            self.import_paths(sorted(map(Path, names), key=lambda path: path.name), place)


def _overwrites() -> bool:
    """Whether Ctrl is held: also during a drag, in which no key event comes."""
    return bool(QApplication.queryKeyboardModifiers() & Qt.KeyboardModifier.ControlModifier)


def expanded(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, folders as the files in them, in name order. Raises: BadInputError: far too many."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted((f for f in path.rglob("*") if f.is_file() and not f.name.startswith(".")), key=lambda f: f.name)
        else:
            files.append(path)
        if len(files) > MOST_FILES:
            raise BadInputError(f"“{path.name}” holds more than {MOST_FILES} files.", "Choose a smaller folder, or single files.")
    return files


def with_media(project: Project, media: Sequence[Media], place: Place | None) -> Project:
    """The project with media in the bin (known content only once) and, with a place, with their clips."""
    for item in media:
        project = add_media(project, item)
    return project if place is None else placed(project, media_ids(project, media), place)


def media_ids(project: Project, media: Sequence[Media]) -> list[str]:
    """Ids of the media in the project that have the contents of these."""
    found = [media_with_fingerprint(project, item.fingerprint) for item in media]
    return [item.id for item in found if item is not None]
