"""Pictures for the form of the Generate workspace: the frame under the playhead, a clip's last one, files, pasted and made ones.

They are made ready in the background; `taken` says which slot, what came and whether it is the end of a clip that goes on.
"""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from editor import frame_grid
from editor.generate_pictures import FrameAt, KeptPicture, kept_file, kept_frame, kept_image, shown_picture
from editor.generating import Ask, GeneratingNow
from editor.services import Services
from engine.errors import PatchreelError
from engine.jobs.generation_values import Generating
from engine.project.model import Clip, MediaKind, Project
from engine.running import CancelToken, Report
from widgets.generate_form import FrameSlot, GenerateForm

FOLDER_KEY = "folders/pictures"
PICTURES = "Pictures (*.png *.jpg *.jpeg *.webp *.avif);;All files (*)"


class FramePictures(QObject):
    """Signals: taken(slot, KeptPicture, goes_on), lost(slot): the picture that was named cannot be had."""

    taken = Signal(str, object, bool)
    lost = Signal(str)

    def __init__(
        self, services: Services, form: GenerateForm, generating: GeneratingNow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._form, self._generating = services, form, generating
        slots: tuple[tuple[FrameSlot, str], ...] = ((form.first, "first"), (form.last, "last"))
        for slot, name in slots:
            slot.choose_wished.connect(partial(self.choose, name))
            slot.file_dropped.connect(partial(self.take_file, name))
            slot.image_given.connect(partial(self._take_image, name))
        form.first.current_wished.connect(self.take_current)
        generating.answered.connect(self._answered)
        generating.refused.connect(self._refused)
        services.document.project_changed.connect(self._project_changed)
        self._project_changed(services.document.project, services.document.project)

    def choose(self, name: str) -> None:
        """The file dialog."""
        folder = str(self._services.settings.value(FOLDER_KEY, ""))
        chosen, _ = QFileDialog.getOpenFileName(self._form, "Choose a picture", folder, PICTURES)
        if chosen:
            self._services.settings.setValue(FOLDER_KEY, str(Path(chosen).parent))
            self.take_file(name, Path(chosen))

    def take_file(self, name: str, path: Path) -> None:
        """A picture file."""
        self._ask(name, lambda now, _cancel, _report: kept_file(path, now))

    def take_known(self, name: str, picture: str, tag: str, *, goes_on: bool) -> None:
        """One that is kept already."""
        self._ask(name, partial(_known_picture, picture, tag), goes_on=goes_on)

    @Slot()
    def take_current(self) -> None:
        """The frame under the playhead, with its patches."""
        project, time = self._services.document.project, self._services.session.playhead
        if project.duration > 0:
            time = frame_grid.frame_start(project, self._services.files.index, time)
            self._take_frame(FrameAt(project, time, self._services.workspace(), self._tag(project, time)), goes_on=False)

    def take_end(self, clip: Clip) -> None:
        """The last frame of a clip, without what lies over it."""
        project = self._services.document.project
        time = frame_grid.before(_alone(project, clip), self._services.files.index, clip.end)
        tag = self._tag(_alone(project, clip), time)
        self._take_frame(FrameAt(project, time, self._services.workspace(), tag, clip), goes_on=True)

    def chosen_clip(self) -> Clip | None:
        """The video clip that is selected, else the one under the playhead."""
        project, chosen = self._services.document.project, self._services.session.selection
        for track in project.tracks:
            for clip in track.clips:
                if clip.id in chosen and clip.media_id and project.media_by_id(clip.media_id).kind is MediaKind.VIDEO:
                    return clip
        found = frame_grid.video_at(project, self._services.session.playhead)
        return found[0] if found is not None else None

    # Inside

    def _take_image(self, name: str, image: QImage) -> None:
        own = image.copy()
        self._ask(name, lambda now, _cancel, _report: kept_image(own, now))

    def _take_frame(self, asked: FrameAt, *, goes_on: bool) -> None:
        self._ask("first", lambda now, cancel, _report: kept_frame(asked, now, cancel), goes_on=goes_on)

    def _ask(self, name: str, do: Ask, *, goes_on: bool = False) -> None:
        self._generating.ask("picture", do, (name, goes_on))

    @Slot(str, object, object)
    def _answered(self, what: str, about: tuple[str, bool], result: object) -> None:
        if what == "picture" and isinstance(result, KeptPicture):
            self.taken.emit(about[0], result, about[1])

    @Slot(str, object, object)
    def _refused(self, what: str, about: tuple[str, bool], error: PatchreelError) -> None:
        if what == "picture":
            self._services.notifications.fail(error, "The picture was not taken")
            self.lost.emit(about[0])

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        self._form.first.set_current_available(after.duration > 0, "There is no clip on the timeline")

    def _tag(self, project: Project, time: Fraction) -> str:
        """ "meadow_take3, frame 70"; the frame is that of the file."""
        found = frame_grid.video_at(project, time)
        if found is None:
            return "current frame"
        clip, media = found
        index, name = self._services.files.index(media), Path(media.name).stem
        return name if index is None else f"{name}, frame {index.frame_at(clip.source_time(time)) + 1}"


def _known_picture(name: str, tag: str, now: Generating, _cancel: CancelToken, _report: Report) -> KeptPicture:
    return KeptPicture(name, shown_picture(now.picture_path(name)), tag)


def _alone(project: Project, clip: Clip) -> Project:
    """The project with this clip alone: whose frames count."""
    return replace(project, tracks=tuple(replace(t, clips=(clip,) if clip in t.clips else ()) for t in project.tracks))
