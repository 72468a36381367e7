"""What the hand does on the timeline becomes edits: one drag, one step of undo. A refusal is said once, when the hand lets go."""

from collections.abc import Hashable, Iterable
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from editor import frame_grid
from editor.cue_rows import cue_of_view
from editor.document import Edit
from editor.services import Services
from editor.view_models import clip_id_of, clip_of_patch_view, patch_id_of
from engine.errors import EditError
from engine.project.caption_edits import move_cue, remove_cues, trim_cue
from engine.project.clip_edits import Edge, move_clip, remove_clip, split_clip, trim_clip
from engine.project.content_edits import add_text
from engine.project.lookup import first_of_kind, new_id
from engine.project.model import Clip, LayerKind, Project, Text, Track
from engine.project.patch_edits import remove_patch, set_window
from engine.project.track_edits import add_track
from engine.rational_time import TimeRange

NEW_TEXT = "New text"
TEXT_SECONDS = Fraction(3)


class TimelineController(QObject):
    """Moves, trims, splits and deletes clips, moves and trims captions, and drags the windows of patches."""

    text_added = Signal()
    """A new text is chosen and waits for its words."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._refused: EditError | None = None
        bind = services.actions.bind
        bind("clip.split", self.split)
        bind("clip.split_all", self.split_all)
        bind("clip.trim_start", lambda: self._trim_to_playhead(Edge.START))
        bind("clip.trim_end", lambda: self._trim_to_playhead(Edge.END))
        bind("clip.text", self.add_text)
        for kind in (LayerKind.OVERLAY, LayerKind.SUBJECT, LayerKind.BACKGROUND):
            bind(f"clip.to_{kind.value}", partial(self._to_layer, kind))
        bind("edit.delete", self.delete)
        bind("edit.ripple_delete", lambda: self.delete(close_gap=True))
        bind("edit.select_all", self.select_all)

    # Drags

    @Slot(str, str, object, int)
    def move(self, view_id: str, track_id: str, start: Fraction, gesture: int) -> None:
        """A clip is dragged to a time, and perhaps to another track; a caption to a time."""
        cue = cue_of_view(view_id)
        if cue is not None:
            self._drag("Move caption", lambda p: move_cue(p, cue[0], start, number=cue[1]), ("move", gesture))
            return
        clip_id = clip_id_of(view_id)
        target = track_id if view_id == clip_id else None
        self._drag("Move clip", lambda p: move_clip(p, clip_id, start, track_id=target), ("move", gesture))

    @Slot(str, str, object, int)
    def trim(self, view_id: str, edge: str, time: Fraction, gesture: int) -> None:
        """An edge of a clip is dragged; it rests between two frames of its source. Those of captions rest on any frame."""
        cue, side = cue_of_view(view_id), Edge(edge)
        if cue is not None:
            self._drag("Trim caption", lambda p: trim_cue(p, cue[0], side, time, number=cue[1]), ("trim", view_id, edge, gesture))
            return
        clip_id = clip_id_of(view_id)

        def edit(project: Project) -> Project:
            return trim_clip(project, clip_id, side, self._on_source_frame(project, clip_id, time))

        self._drag("Trim clip", edit, ("trim", clip_id, edge, gesture))

    @Slot(str, object, object, int)
    def set_window(self, view_id: str, start: Fraction, end: Fraction, gesture: int) -> None:
        """An end of a patch's window is dragged; an end that lies beyond the clip stays where it is."""
        patch_id = patch_id_of(view_id)

        def edit(project: Project) -> Project:
            patch = project.patch_by_id(patch_id)
            clip = clip_of_patch_view(project, view_id)
            if clip is None:
                return project
            shown = clip.source_range.intersection(patch.window) or patch.window
            new_start, new_end = (clip.source_time(self._on_source_frame(project, clip.id, time)) for time in (start, end))
            if clip.timeline_time(shown.start) == start:
                new_start = patch.window.start
            if clip.timeline_time(shown.end) == end:
                new_end = patch.window.end
            return set_window(project, patch_id, TimeRange.between(new_start, new_end))

        self._drag("Change patch window", edit, ("window", patch_id, gesture))

    @Slot(int)
    def finish(self, _gesture: int) -> None:
        """The hand lets go: what was refused last is said now."""
        refused, self._refused = self._refused, None
        if refused is not None:
            self._services.notifications.refuse(refused)

    @Slot(int)
    def cancel(self, gesture: int) -> None:
        """Esc: the drag is taken back as if it had not been."""
        self._refused = None
        stack = self._services.document.undo_stack
        key = getattr(stack.command(stack.index() - 1), "merge_key", None) if stack.index() else None
        if isinstance(key, tuple) and key and key[-1] == gesture and key[0] in {"move", "trim", "window"}:
            stack.undo()

    # Commands

    @Slot()
    def split(self) -> None:
        """Cut the chosen clips under the playhead, or the one whose frames are seen."""
        self._split([clip for clip in self._under_playhead() if clip.id in self._services.session.selection] or self._seen_clip())

    @Slot()
    def split_all(self) -> None:
        """Cut every clip under the playhead on tracks that are not locked."""
        self._split(self._under_playhead())

    def split_at(self, view_id: str, time: Fraction) -> None:
        """Cut one clip at the frame nearest to a time (the blade)."""
        clip_id = clip_id_of(view_id)
        self._services.edit("Split clip", lambda p: split_clip(p, clip_id, self._on_source_frame(p, clip_id, time)))

    def delete(self, *, close_gap: bool = False) -> None:
        """Take the chosen clips and patches away."""
        chosen = self._services.session.selection
        project = self._services.document.project
        clips = [clip.id for track in project.tracks for clip in track.clips if clip.id in chosen]
        patches = [patch.id for patch in project.patches if patch.id in chosen]
        cues = [cue.id for cue in project.captions.cues if cue.id in chosen]
        if not clips and not patches and not cues:
            return

        def edit(project: Project) -> Project:
            for patch_id in patches:
                project = remove_patch(project, patch_id)
            for clip_id in reversed(clips):
                project = remove_clip(project, clip_id, close_gap=close_gap)
            return remove_cues(project, cues)

        number = len(clips) + len(patches) + len(cues)
        what = "clip" if clips else "patch" if patches else "caption"
        self._services.edit(f"Delete {what}" if number == 1 else f"Delete {number} items", edit)

    @Slot()
    def select_all(self) -> None:
        """Choose every clip."""
        project = self._services.document.project
        self._services.session.select(*(clip.id for track in project.tracks for clip in track.clips))

    @Slot(object)
    def select(self, view_ids: Iterable[str]) -> None:
        """What the timeline shows as chosen."""
        patches = {patch.id for patch in self._services.document.project.patches}
        ids = {_id_of(view_id, patches) for view_id in view_ids}
        self._services.session.select(*ids)

    @Slot()
    def add_text(self) -> None:
        """A text over the picture at the playhead, chosen, so that its words can be typed in the inspector."""
        start = self._services.session.playhead
        made: list[str] = []

        def edit(project: Project) -> Project:
            made[:] = [new_id(project, "clip")]
            span = TimeRange(start, TEXT_SECONDS)
            overlay = next((t for t in project.tracks if t.kind is LayerKind.OVERLAY and _is_free(t, span)), None)
            if overlay is None:
                project = add_track(project, LayerKind.OVERLAY)
                overlay = [track for track in project.tracks if track.kind is LayerKind.OVERLAY][-1]
            text = Text(NEW_TEXT, position=(0.5, 0.5))
            return add_text(project, text, start, TEXT_SECONDS, track_id=overlay.id, clip_id=made[0])

        if self._services.edit("Add text", edit):
            self._services.session.select(*made)
            self.text_added.emit()

    # Inside

    def _drag(self, text: str, edit: Edit, merge_key: Hashable) -> None:
        try:
            self._services.document.apply(text, edit, merge_key)
            self._refused = None
        except EditError as error:
            self._refused = error

    def _under_playhead(self) -> list[Clip]:
        time = self._services.session.playhead
        tracks = [track for track in self._services.document.project.tracks if not track.locked]
        return [clip for track in tracks for clip in track.clips if clip.start < time < clip.end]

    def _seen_clip(self) -> list[Clip]:
        found = frame_grid.video_at(self._services.document.project, self._services.session.playhead)
        return [found[0]] if found else self._under_playhead()[-1:]

    def _split(self, clips: list[Clip]) -> None:
        time = self._services.session.playhead

        def edit(project: Project) -> Project:
            for clip in clips:
                project = split_clip(project, clip.id, time)
            return project

        if clips:
            self._services.edit("Split clip" if len(clips) == 1 else "Split clips", edit)

    def _trim_to_playhead(self, edge: Edge) -> None:
        clips = [c for c in self._under_playhead() if c.id in self._services.session.selection] or self._seen_clip()
        time = self._services.session.playhead
        if not clips or not clips[0].start < time < clips[0].end:
            return
        clip = clips[0]
        if self._services.edit("Trim clip", lambda p: trim_clip(p, clip.id, edge, time, ripple=True)) and edge is Edge.START:
            self._services.session.set_playhead(clip.start)

    def _to_layer(self, kind: LayerKind) -> None:
        chosen = self._services.session.selection
        project = self._services.document.project
        target = first_of_kind(project, kind)
        clips = [clip for track in project.tracks for clip in track.clips if clip.id in chosen]
        if target is None or not clips:
            return

        def edit(project: Project) -> Project:
            for clip in clips:
                project = move_clip(project, clip.id, clip.start, track_id=target.id)
            return project

        self._services.edit(f"Move to {target.name.lower()}", edit)

    def _on_source_frame(self, project: Project, clip_id: str, time: Fraction) -> Fraction:
        """The timeline time nearest to a time at which a frame of the clip's own source begins or the source ends."""
        found = project.find_clip(clip_id)
        media = project.media_by_id(found[1].media_id) if found and found[1].media_id else None
        index = self._services.files.index(media) if media else None
        if found is None or index is None:
            return time
        clip = found[1]
        source = clip.source_time(time)
        frame = index.frame_at(source)
        edges = (index.time_of(frame), index.end_of(frame))
        return clip.timeline_time(min(edges, key=lambda edge: abs(edge - source)))


def _id_of(view_id: str, patches: set[str]) -> str:
    """What the session calls an item of the timeline."""
    cue = cue_of_view(view_id)
    if cue is not None:
        return cue[0]
    return patch_id_of(view_id) if patch_id_of(view_id) in patches else clip_id_of(view_id)


def _is_free(track: Track, span: TimeRange) -> bool:
    return not track.locked and not any(clip.timeline_range.intersection(span) for clip in track.clips)
