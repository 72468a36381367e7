"""Fills the inspector with the chosen clip and turns its changes into edits; one drag of a slider is one step of undo."""

from dataclasses import replace
from fractions import Fraction

from PySide6.QtCore import QObject, Slot

from editor.panels.inspector_panel import Inspected, InspectorPanel
from editor.services import Services
from editor.view_models import rate_words
from engine.project.clip_edits import Edge, trim_clip, trim_limits
from engine.project.content_edits import edit_text, set_gain, set_transform
from engine.project.lookup import clip_name, get_clip, is_kind_locked
from engine.project.model import AUDIO_KINDS, Clip, LayerKind, MediaKind, Project, Track
from engine.rational_time import timecode

LONGEST_S = 3600.0
_STEPS = {
    "x": "Move picture", "y": "Move picture", "scale": "Scale picture", "opacity": "Change opacity", "seconds": "Change length",
    "gain_db": "Change volume", "words": "Edit caption", "font_size": "Change text size",
}  # fmt: skip


class InspectorController(QObject):
    """Follows the selection; a clip that is not alone in it is not inspected."""

    def __init__(self, services: Services, panel: InspectorPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._panel = services, panel
        self._gesture = 0
        services.session.selection_changed.connect(self._selected)
        services.document.project_changed.connect(self._project_changed)
        panel.changed.connect(self._change)
        panel.finished.connect(self._finish)

    @Slot(object)
    def _selected(self, _chosen: object) -> None:
        self._finish()
        self._show()

    @Slot(object, object)
    def _project_changed(self, _before: object, _after: object) -> None:
        self._show()

    def _show(self) -> None:
        project, chosen = self._services.document.project, self._services.session.selection
        found = [pair for item in chosen if (pair := project.find_clip(item)) is not None]
        self._panel.show_clip(inspected(project, *found[0]) if len(found) == 1 else None)

    @Slot()
    def _finish(self) -> None:
        self._gesture += 1

    @Slot(str, object)
    def _change(self, field: str, value: object) -> None:
        shown = self._panel.shown
        if shown is None:
            return
        clip_id = shown.clip_id
        done = self._services.edit(
            _STEPS[field], lambda p: changed(p, clip_id, field, value), ("inspect", clip_id, field, self._gesture)
        )
        if not done:
            self._show()


def inspected(project: Project, track: Track, clip: Clip) -> Inspected:
    """What the inspector shows of a clip."""
    media = project.media_by_id(clip.media_id) if clip.media_id else None
    seconds = float(clip.source_range.duration)
    frame = round(float(1 / project.canvas.rate), 3)
    latest = trim_limits(project, clip.id, Edge.END)[1]
    longest = float(latest - clip.start) if latest is not None else max(LONGEST_S, seconds)
    is_picture = track.kind not in AUDIO_KINDS
    has_sound = media is not None and (media.has_audio or media.kind is MediaKind.AUDIO)
    at = timecode(clip.start, project.canvas.rate)
    facts = [f"{media.width} × {media.height}" if media and media.width else ""]
    facts += [rate_words(media.rate) if media and media.rate else ""]
    return Inspected(
        clip.id, clip_name(project, clip), ", ".join([*(f for f in facts if f), f"at {at}"]), seconds, frame, longest,
        x=clip.transform.x if is_picture else None, y=clip.transform.y if is_picture else None,
        scale=clip.transform.scale if is_picture else None, opacity=clip.transform.opacity if is_picture else None,
        gain_db=clip.gain_db if has_sound else None, words=clip.text.text if clip.text else None,
        font_size=clip.text.font_size if clip.text else None, locked=track.locked,
        sound_locked=is_picture and is_kind_locked(project, LayerKind.AUDIO_ORIGINAL),
    )  # fmt: skip


def changed(project: Project, clip_id: str, field: str, value: object) -> Project:
    """The project with one value of a clip changed. Raises: EditError."""
    _, clip = get_clip(project, clip_id)
    if field == "words":
        words = str(value)
        return edit_text(project, clip_id, replace(clip.text, text=words)) if clip.text and words.strip() else project
    number = float(value) if isinstance(value, float | Fraction) else 0.0
    if field == "font_size":
        return edit_text(project, clip_id, replace(clip.text, font_size=number)) if clip.text else project
    if field == "gain_db":
        return set_gain(project, clip_id, number)
    if field == "seconds":
        rate = project.canvas.rate
        frames = max(1, round(Fraction(number) * rate))
        return trim_clip(project, clip_id, Edge.END, clip.start + Fraction(frames) / rate)
    transform = clip.transform
    return set_transform(project, clip_id, replace(transform, **{field: number}))
