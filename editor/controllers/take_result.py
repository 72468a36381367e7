"""Generated results into the project: copied beside it, put in the bin as media that knows what made it, its sound on a track."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from editor.generating import GeneratingNow
from editor.generation_words import file_name
from editor.placing import free_from
from editor.services import Services
from engine.cache.store import Cache
from engine.errors import BadInputError, PatchreelError
from engine.jobs.generation_values import Generation
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.clip_edits import insert_clip
from engine.project.lookup import first_of_kind
from engine.project.media_edits import add_media, media_with_fingerprint
from engine.project.model import LayerKind, Media, Project
from engine.project.track_edits import ensure_tracks
from engine.rational_time import TimeRange


class TakeResult(QObject):
    """`shown` carries the id of a media that is to be seen in the bin."""

    shown = Signal(str)

    def __init__(self, services: Services, generating: GeneratingNow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._generating = services, generating
        generating.answered.connect(self._answered)
        generating.refused.connect(self._refused)

    @Slot(object)
    def add(self, one: Generation) -> None:
        """Into the bin."""
        self._take(one, self._put_in_bin)

    @Slot(object)
    def add_sound(self, one: Generation) -> None:
        """Its sound on the music track, at the playhead or where there is room behind it."""
        self._take(one, self._put_sound)

    @Slot(object)
    def show(self, one: Generation) -> None:
        """Where it lies in the bin."""
        found = next((m for m in self._services.document.project.media if m.derived_from == one.id), None)
        if found is not None:
            self.shown.emit(found.id)

    # Inside

    def _take(self, one: Generation, then: Callable[[Media], None]) -> None:
        document = self._services.document
        assets = document.assets if document.path is not None else None
        self._generating.ask("take", lambda _now, _cancel, _report: taken(one, assets, self._services.cache), then)

    @Slot(str, object, object)
    def _answered(self, what: str, then: Callable[[Media], None], result: object) -> None:
        if what == "take" and isinstance(result, Media):
            then(result)

    @Slot(str, object, object)
    def _refused(self, what: str, _about: object, error: PatchreelError) -> None:
        if what == "take":
            self._services.notifications.fail(error, "It was not put in the bin")

    def _put_in_bin(self, media: Media) -> None:
        if self._services.edit(f"Add {media.name}", lambda project: in_bin(project, media)):
            self._services.notifications.say("In the bin", media.name)

    def _put_sound(self, media: Media) -> None:
        time = self._services.session.playhead

        def edit(project: Project) -> Project:
            project = ensure_tracks(in_bin(project, media))
            known = media_with_fingerprint(project, media.fingerprint) or media
            track = first_of_kind(project, LayerKind.MUSIC)
            if track is None:
                raise BadInputError("There is no music track.", "Add one.")
            length = (known.available_range or TimeRange(time, time)).duration
            return insert_clip(project, known.id, free_from(track, time, length), track_id=track.id)

        if self._services.edit(f"Add the sound of {media.name}", edit):
            self._services.notifications.say("Its sound is on the music track", media.name)


def taken(one: Generation, assets: AssetStore | None, cache: Cache) -> Media:
    """The result as media. A saved project gets a copy of its own beside it; one without a file names the program's.

    Raises: MediaError, StorageError; BadInputError where there is no result.
    """
    if one.result is None:
        raise BadInputError("There is no result to take.", "Wait until it is finished.")
    path = one.result.path
    if assets is not None:
        path = assets.path(assets.put(path.read_bytes(), path.suffix))
    return replace(import_media(path, cache), name=file_name(one), derived_from=one.id)


def in_bin(project: Project, media: Media) -> Project:
    """The project with the media in its bin; the same content that is there already is known as generated from now on."""
    known = media_with_fingerprint(project, media.fingerprint)
    if known is None:
        return add_media(project, media)
    marked = replace(known, derived_from=media.derived_from)
    return replace(project, media=tuple(marked if one.id == known.id else one for one in project.media))
