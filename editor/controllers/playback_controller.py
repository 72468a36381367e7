"""Moves the playhead: play, steps, marks, edit points. Knows frames and times; shows nothing itself."""

from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor import frame_grid
from editor.player import FASTEST, Player
from editor.services import Services
from engine.project.model import Project
from engine.rational_time import ZERO, TimeRange

SECOND = Fraction(1)


class PlaybackController(QObject):
    """Binds the playback commands; `player` says whether it runs."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self.player = Player(self)
        self.player.time_due.connect(self._show)
        self.player.playing_changed.connect(self._playing_changed)
        self._round: TimeRange | None = None
        """What is played again and again, whatever is marked; None for the usual."""
        services.document.project_changed.connect(self._project_changed)
        self._bind()

    # Wishes

    @Slot(object)
    def seek(self, time: Fraction) -> None:
        """Put the playhead on the frame nearest to a time; playback goes on from there."""
        project = self._services.document.project
        target = frame_grid.nearest_frame(project, self._services.files.index, time)
        self._services.session.set_playhead(min(target, frame_grid.last_frame(project, self._services.files.index)))
        if self.player.is_playing:
            self.player.play(self._playhead, self._range(), self.player.speed)

    @Slot()
    def toggle(self) -> None:
        """Play, or stop."""
        if self.player.is_playing:
            self.stop()
        else:
            self._play(1)

    def play_round(self, within: TimeRange) -> None:
        """Play a range again and again until something stops it; once more while it does: stop."""
        if self._round == within and self.player.is_playing:
            self.stop()
            return
        self.player.stop()
        self._round = within
        self.player.set_loops(True)
        self.player.play(self._playhead, within, 1)

    @Slot()
    def stop(self) -> None:
        """Stand on a frame."""
        if self.player.is_playing:
            self.player.stop()
            self._snap()

    @Slot()
    def faster_forward(self) -> None:
        """Forward; each time twice as fast."""
        speed = self.player.speed
        self._play(min(speed * 2, FASTEST) if speed > 0 else 1)

    @Slot()
    def faster_backward(self) -> None:
        """Backward; each time twice as fast."""
        speed = self.player.speed
        self._play(max(speed * 2, -FASTEST) if speed < 0 else -1)

    def step(self, frames: int) -> None:
        """So many frames on; playback stops."""
        self.stop()
        project = self._services.document.project
        self._services.session.set_playhead(frame_grid.step(project, self._services.files.index, self._playhead, frames))

    def move(self, seconds: Fraction) -> None:
        """So many seconds on, to the frame there."""
        self.stop()
        self.seek(self._playhead + seconds)

    @Slot()
    def go_start(self) -> None:
        """To the first frame."""
        self.stop()
        self._services.session.set_playhead(ZERO)

    @Slot()
    def go_end(self) -> None:
        """To the last frame."""
        self.stop()
        project = self._services.document.project
        self._services.session.set_playhead(frame_grid.last_frame(project, self._services.files.index))

    @Slot()
    def mark_in(self) -> None:
        """The playhead becomes the in point."""
        self._services.session.set_in_point(self._playhead)

    @Slot()
    def mark_out(self) -> None:
        """The frame at the playhead becomes the last one of the marked range."""
        project = self._services.document.project
        frame_end = frame_grid.after(project, self._services.files.index, self._playhead)
        self._services.session.set_out_point(min(frame_end, project.duration) if project.duration else frame_end)

    @Slot(bool)
    def set_loops(self, loops: bool) -> None:
        """Whether playback begins again at the end."""
        self.player.set_loops(loops)
        self._services.actions.set_checked("play.loop", loops)

    # Inside

    @property
    def _playhead(self) -> Fraction:
        return self._services.session.playhead

    def _bind(self) -> None:
        bind = self._services.actions.bind
        session = self._services.session
        bind("play.toggle", self.toggle)
        bind("play.backward", self.faster_backward)
        bind("play.stop", self.stop)
        bind("play.forward", self.faster_forward)
        for command, frames in (("play.step_back", -1), ("play.step_forward", 1)):
            bind(command, partial(self.step, frames))
        for command, seconds in (("play.second_back", -SECOND), ("play.second_forward", SECOND)):
            bind(command, partial(self.move, seconds))
        bind("play.previous_edit", lambda: self._to_edit(-1))
        bind("play.next_edit", lambda: self._to_edit(1))
        bind("play.start", self.go_start)
        bind("play.end", self.go_end)
        bind("play.go_in", lambda: self._to_mark(session.in_point))
        bind("play.go_out", lambda: self._to_mark(session.out_point))
        bind("play.loop", lambda: self.set_loops(self._services.actions.is_checked("play.loop")))
        bind("edit.mark_in", self.mark_in)
        bind("edit.mark_out", self.mark_out)
        bind("edit.clear_marks", session.clear_points)

    def _range(self) -> TimeRange:
        """The marked range where there is one, else everything."""
        whole = TimeRange(ZERO, self._services.document.project.duration)
        return self._round or self._services.session.marked_range or whole

    @Slot(bool)
    def _playing_changed(self, playing: bool) -> None:
        if not playing and self._round is not None:
            self._round = None
            self.player.set_loops(self._services.actions.is_checked("play.loop"))

    def _play(self, speed: int) -> None:
        within = self._range()
        start = self._playhead
        is_at_end = frame_grid.after(self._services.document.project, self._services.files.index, start) >= within.end
        if speed > 0 and is_at_end:
            start = within.start
        self.player.play(start, within, speed)

    def _to_edit(self, direction: int) -> None:
        find = frame_grid.edit_after if direction > 0 else frame_grid.edit_before
        self._to_mark(find(self._services.document.project, self._playhead))

    def _to_mark(self, time: Fraction | None) -> None:
        if time is not None:
            self.stop()
            self.seek(time)

    @Slot(object)
    def _show(self, time: Fraction) -> None:
        project = self._services.document.project
        if time >= project.duration:
            self._services.session.set_playhead(frame_grid.last_frame(project, self._services.files.index))
        else:
            self._services.session.set_playhead(frame_grid.frame_start(project, self._services.files.index, time))

    def _snap(self) -> None:
        project = self._services.document.project
        self._services.session.set_playhead(frame_grid.frame_start(project, self._services.files.index, self._playhead))

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        if self.player.is_playing and not after.duration:
            self.player.stop()
