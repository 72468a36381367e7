"""Slow motion in the window: the chosen clip is made anew in the background, and then takes its place as one step of undo.

It stands in the list of jobs with how far it is, what is left and Cancel. A clip that was changed meanwhile keeps its place; the
slow one is in the bin then.
"""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor import frame_grid
from editor.jobs_board import JobsBoard, JobState
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import EditError, PatchreelError
from engine.folders import data_dir
from engine.jobs import slow_motion
from engine.project.assets import AssetStore
from engine.project.lookup import new_id
from engine.project.media_edits import add_media
from engine.project.model import Clip, Project
from engine.project.slow_edits import put_slowed, slowable_clip
from engine.rational_time import ZERO
from engine.running import Progress

_SPEEDS = {2: "half speed", 4: "a quarter of the speed"}


@dataclass(frozen=True, slots=True)
class _Slowing:
    """One clip at work; `session` is the document it belongs to."""

    clip: Clip
    name: str
    times: int
    entry: int
    session: str


class SlowController(QObject):
    """Binds “Slow to half speed” and “Slow to a quarter of the speed”."""

    def __init__(self, services: Services, board: JobsBoard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._board = services, board
        self._running: dict[int, _Slowing] = {}
        for times in _SPEEDS:
            services.actions.bind(f"clip.slow_{times}", partial(self.slow, times))
        thread = services.threads.slowing
        thread.progressed.connect(self._progressed)
        thread.succeeded.connect(self._succeeded)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._cancelled)
        services.document.project_changed.connect(self._project_changed)

    @property
    def is_working(self) -> bool:
        return bool(self._running)

    def slow(self, times: int) -> None:
        """Begin with the chosen clip, or with the one that is seen."""
        project = self._services.document.project
        clip_id = self._clip_id(project)
        try:
            clip, media = slowable_clip(project, clip_id, times)
            if any(one.clip.id == clip_id for one in self._running.values()):
                raise EditError(f"“{media.name}” is being slowed already.", "Cancel that in the list of jobs first.")
        except EditError as error:
            self._services.notifications.refuse(error)
            return
        document = self._services.document
        keep_in = document.assets if document.path is not None else AssetStore(data_dir() / "generated")
        request = slow_motion.SlowRequest(project, clip_id, times, keep_in)
        job = partial(slow_motion.run, workspace=self._services.workspace())
        ticket = self._services.threads.slowing.submit(job, request)
        entry = self._board.add("film", f"Slow {media.name}", partial(self._services.threads.slowing.cancel, ticket))
        self._running[ticket] = _Slowing(clip, media.name, times, entry, document.journal.session)
        self._services.notifications.say(f"“{media.name}” is being slowed", "You can go on; Jobs says how far it is.")

    def _clip_id(self, project: Project) -> str:
        chosen = self._services.session.selection
        clips = [clip.id for track in project.tracks for clip in track.clips if clip.id in chosen]
        found = frame_grid.video_at(project, self._services.session.playhead)
        return clips[0] if clips else found[0].id if found else ""

    @Slot(int, object)
    def _progressed(self, ticket: int, progress: Progress) -> None:
        if ticket in self._running:
            self._board.report(self._running[ticket].entry, progress)

    @Slot(int, object)
    def _succeeded(self, ticket: int, outcome: Outcome) -> None:
        one = self._running.pop(ticket, None)
        if one is None:
            return
        if one.session != self._services.document.journal.session:
            self._board.finish(one.entry, JobState.CANCELLED, "Its project was closed")
            return
        self._board.finish(one.entry, JobState.DONE, "On the timeline" if self._put(one, outcome.result) else "In the bin")

    def _put(self, one: _Slowing, made: slow_motion.Slowed) -> bool:
        """True where it took the clip's place."""
        project, say = self._services.document.project, self._services.notifications.say
        found = project.find_clip(one.clip.id)
        is_same = found is not None and (found[1].media_id, found[1].source_range) == (one.clip.media_id, one.clip.source_range)
        slowed_id = new_id(project, "clip")
        edit = partial(
            put_slowed, clip_id=one.clip.id, slowed=made.media, source_range=made.source_range, new_clip_id=slowed_id
        )
        if not is_same or not self._services.edit(f"Slow to {_SPEEDS[one.times]}", edit):
            self._services.edit(f"Add {made.media.name}", partial(add_media, media=made.media))
            say("The slowed clip is in the bin", "" if is_same else "The clip was changed meanwhile, so it stays as it is.")
            return False
        self._services.session.select(slowed_id)
        shown = self._services.document.project.find_clip(slowed_id)
        shift = shown[1].timeline_time(ZERO) if shown else ZERO
        sentences = [*made.warnings, *slow_motion.doubts(tuple(time + shift for time in made.doubtful))]
        say(f"“{one.name}” runs at {_SPEEDS[one.times]}", " ".join(sentences))
        return True

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        one = self._running.pop(ticket, None)
        if one is not None:
            self._board.finish(one.entry, JobState.FAILED, error.text)
            self._services.notifications.fail(error, "The clip was not slowed")

    @Slot(int)
    def _cancelled(self, ticket: int) -> None:
        one = self._running.pop(ticket, None)
        if one is not None:
            self._board.finish(one.entry, JobState.CANCELLED, "Cancelled, the clip is as it was")

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        """Work for another document is of no use."""
        session = self._services.document.journal.session
        for ticket, one in tuple(self._running.items()):
            if one.session != session:
                self._services.threads.slowing.cancel(ticket)
