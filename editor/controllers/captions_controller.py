"""Captions in the window: list, lane and picture follow the project; what the hand does in the list becomes edits."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from editor.caption_overlay import CaptionOverlay
from editor.cue_rows import CueRow, KeptCues, cue_of_view, read_range
from editor.panels.captions_panel import LIST, CaptionsPanel
from editor.panels.cue_model import TIME
from editor.services import Services
from engine.errors import EditError
from engine.planning.sound import music_clips, original_clips
from engine.project.caption_edits import (
    add_cue,
    merge_cues,
    name_speaker,
    remove_cues,
    rename_speaker,
    set_caption_style,
    set_cue_range,
    set_cue_text,
    split_cue,
)
from engine.project.caption_values import CaptionStyle
from engine.project.cue_places import ShownCue, are_captions_hidden, hidden_cues
from engine.project.lookup import first_of_kind, new_id
from engine.project.model import LayerKind, Project
from engine.rational_time import TimeRange

NEW_SECONDS, LEAST_SECONDS = Fraction(2), Fraction(1, 2)


class CaptionsController(QObject):
    """Keeps the captions panel and the picture's caption equal to the project, and brings edits to it."""

    list_wanted = Signal()
    """The words of a caption are about to be typed in the list."""

    def __init__(
        self, services: Services, panel: CaptionsPanel, overlay: CaptionOverlay, kept: KeptCues, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._panel, self._overlay = services, panel, overlay
        self._kept = kept
        self._shown: tuple[ShownCue, ...] = ()
        self._rows: tuple[CueRow, ...] = ()
        self._gesture = 0
        self._is_choosing = False
        bind = services.actions.bind
        bind("caption.add", self.add)
        bind("caption.split", self.split)
        bind("caption.merge", self.merge)
        panel.add_wanted.connect(self.add)
        panel.split_wanted.connect(self.split)
        panel.merge_wanted.connect(self.merge)
        panel.remove_wanted.connect(self.remove)
        panel.table.chosen.connect(self._chosen_in_list)
        panel.table.edited.connect(self._edited)
        panel.speaker.named.connect(self._name_speaker)
        panel.speaker.renamed.connect(self._rename_speaker)
        panel.look.changed.connect(self._look_changed)
        panel.look.finished.connect(self._look_finished)
        panel.look.only_chosen_changed.connect(self._show_look)
        services.document.project_changed.connect(self._project_changed)
        services.session.playhead_changed.connect(self._moved)
        services.session.selection_changed.connect(self._selected)
        self._show_project(services.document.project)

    @property
    def rows(self) -> tuple[CueRow, ...]:
        """What the list shows."""
        return self._rows

    # Commands

    @Slot()
    def add(self) -> None:
        """A caption at the playhead, as long as there is room, its words waiting to be typed; where one is, that one."""
        start = self._services.session.playhead
        under = next((row for row in self._rows if row.start <= start < row.end), None)
        if under is not None:
            self._services.session.select(under.id)
            self.list_wanted.emit()
            self.edit_words(under.id)
            return
        following = min((row.start for row in self._rows if row.start > start), default=None)
        end = start + NEW_SECONDS if following is None else max(min(start + NEW_SECONDS, following), start + LEAST_SECONDS)
        made: list[str] = []

        def edit(project: Project) -> Project:
            made[:] = [new_id(project, "cue")]
            return add_cue(project, TimeRange.between(start, end), cue_id=made[0])

        if self._services.edit("Add caption", edit):
            self._services.session.select(*made)
            self.list_wanted.emit()
            self.edit_words(made[0])

    @Slot()
    def split(self) -> None:
        """Part the caption under the playhead, the chosen one first."""
        time = self._services.session.playhead
        under = [row for row in self._rows if row.start < time < row.end]
        row = next((row for row in under if row.id in self._services.session.selection), under[0] if under else None)
        if row is None:
            text = "There is no caption to split under the playhead."
            self._services.notifications.refuse(EditError(text, "Put it on one, away from its ends."))
            return
        self._services.edit("Split caption", lambda p: split_cue(p, row.id, time, number=row.number))

    @Slot()
    def merge(self) -> None:
        """Make one of the chosen captions, or of the chosen one and the next."""
        ids = list(dict.fromkeys(row.id for row in self._rows if row.id in self._services.session.selection))
        if len(ids) == 1:
            place = next(place for place, row in enumerate(self._rows) if row.id == ids[0])
            ids += [row.id for row in self._rows[place + 1 :] if row.id != ids[0]][:1]
        self._services.edit("Merge captions", lambda p: merge_cues(p, ids))

    @Slot()
    def remove(self) -> None:
        """Take the chosen captions away."""
        ids = [row.id for row in self._panel.table.chosen_rows()]
        words = "Remove caption" if len(ids) == 1 else f"Remove {len(ids)} captions"
        if ids:
            self._services.edit(words, lambda p: remove_cues(p, ids))

    def edit_words(self, cue_id: str) -> None:
        """Let the words of a caption be typed in the list."""
        self._panel.show_page(LIST)
        self._panel.table.edit_words(cue_id)

    def edit_view(self, view_id: str) -> bool:
        """The same for an item of the timeline; False where it is no caption."""
        cue = cue_of_view(view_id)
        if cue is not None:
            self.edit_words(cue[0])
        return cue is not None

    # What the list says

    @Slot(int, int, str)
    def _edited(self, place: int, column: int, text: str) -> None:
        row = self._rows[place]
        if column != TIME:
            self._services.edit("Change caption", lambda p: set_cue_text(p, row.id, text))
            return
        span = read_range(text, row)
        if span is None:
            error = EditError(f"“{text}” is no range of time.", "Write it like 0:01.200 – 0:03.500.")
            self._services.notifications.refuse(error)
        elif span != row.range:
            self._services.edit("Change times of caption", lambda p: set_cue_range(p, row.id, span, number=row.number))

    @Slot(object)
    def _chosen_in_list(self, rows: Sequence[CueRow]) -> None:
        self._is_choosing = True
        self._services.session.select(*(row.id for row in rows))
        self._is_choosing = False
        time = self._services.session.playhead
        if len(rows) == 1 and not rows[0].start <= time < rows[0].end:
            self._services.session.set_playhead(rows[0].start)
        self._show_choice()
        self._show_look()

    @Slot(str)
    def _name_speaker(self, name: str) -> None:
        chosen = list(dict.fromkeys(self._chosen_ids()))
        self._services.edit("Name speaker", lambda p: name_speaker(p, chosen, name))

    @Slot(str, str)
    def _rename_speaker(self, old: str, new: str) -> None:
        self._services.edit("Rename speaker", lambda p: rename_speaker(p, old, new))

    @Slot(object)
    def _look_changed(self, style: CaptionStyle) -> None:
        chosen = self._chosen_ids() if self._panel.look.is_for_chosen else []
        edit = partial(set_caption_style, style=style, cue_ids=chosen)
        self._services.edit("Change look of captions", edit, ("caption look", tuple(chosen), self._gesture))

    @Slot()
    def _look_finished(self) -> None:
        self._gesture += 1

    # Following

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        if before.captions is after.captions and before.tracks is after.tracks and before.media is after.media:
            return
        self._show_project(after)

    def _show_project(self, project: Project) -> None:
        self._shown, self._rows = self._kept.shown(project), self._kept.rows(project)
        has_sound = bool(original_clips(project) or music_clips(project))
        hidden = len(hidden_cues(project)) if len({row.id for row in self._rows}) < len(project.captions.cues) else 0
        self._panel.show_rows(self._rows, hidden, locked=self._is_locked(project), has_sound=has_sound)
        self._show_choice()
        self._show_look()
        self._show_caption()

    @Slot(object)
    def _moved(self, time: Fraction) -> None:
        self._panel.set_playhead(time)
        self._show_caption()
        self._show_choice()

    @Slot(object)
    def _selected(self, chosen: frozenset[str]) -> None:
        if not self._is_choosing:
            self._panel.table.select_keys({(row.id, row.number) for row in self._rows if row.id in chosen})
        self._show_choice()
        self._show_look()

    def _chosen_ids(self) -> list[str]:
        return [row.id for row in self._rows if row.id in self._services.session.selection]

    def _show_choice(self) -> None:
        project, time = self._services.document.project, self._services.session.playhead
        can_split = any(row.start < time < row.end for row in self._rows)
        chosen, locked = set(self._chosen_ids()), self._is_locked(project)
        self._panel.show_choice(len(chosen), locked, can_split=can_split)
        speakers = [row.speaker for row in self._rows if row.id in chosen]
        self._panel.show_speakers(speakers, list({row.speaker for row in self._rows if row.speaker}), locked=locked)

    @Slot()
    def _show_look(self) -> None:
        project, chosen = self._services.document.project, self._chosen_ids()
        style = project.captions.style
        if self._panel.look.is_for_chosen and chosen:
            cue = next(cue for cue in project.captions.cues if cue.id == chosen[0])
            style = cue.style or style
        self._panel.look.show_style(style, len(chosen), self._is_locked(project))

    def _show_caption(self) -> None:
        """What is said under the playhead, over the picture."""
        project, time = self._services.document.project, self._services.session.playhead
        now = [] if are_captions_hidden(project) else [item.cue for item in self._shown if item.range.contains(time)]
        style = (now[0].style if now else None) or project.captions.style
        self._overlay.show_captions([cue.text for cue in now], style)

    @staticmethod
    def _is_locked(project: Project) -> bool:
        track = first_of_kind(project, LayerKind.CAPTIONS)
        return track is not None and track.locked
