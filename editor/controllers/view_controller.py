"""Shows the document in bin, layers and timeline. Reads only: every wish goes to another controller."""

from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter

from editor.controllers.plan_controller import PlanController
from editor.cue_rows import KeptCues, cue_of_view
from editor.panels.bin_item import BinItem
from editor.panels.bin_panel import BinPanel
from editor.panels.layers_panel import LayersPanel
from editor.panels.timeline_panel import TimelinePanel
from editor.services import Services
from editor.view_models import KeptViews, Shown, Trusted, clip_id_of, duration_words, layer_rows, rate_words, timeline_view
from engine.media.cut_off import cut_off
from engine.project.model import Clip, LayerKind, Media, MediaKind, Project
from engine.rational_time import ZERO, timecode
from widgets.theme import theme_of

CLIP_PICTURE_PX, BIN_PICTURE_PX, WAVE_COLUMNS = 72, 144, 128


class ViewController(QObject):
    """Keeps what the panels show equal to the document, the session, the plan and the files."""

    def __init__(
        self, services: Services, timeline: TimelinePanel, bin_panel: BinPanel, layers: LayersPanel, plans: PlanController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._timeline, self._bin, self._layers, self._plans = services, timeline, bin_panel, layers, plans
        self._kept = KeptViews(services.places)
        self._ahead: tuple[Project, KeptViews] | None = None
        self._trust: dict[str, Trusted] = {}
        self._clips: dict[str, Clip] = {}
        self._media: dict[str, Media] = {}
        self._waves: dict[str, QImage] = {}
        timeline.timeline.set_sources(self.clip_picture, self.clip_wave)
        session = services.session
        services.document.project_changed.connect(self._project_changed)
        services.document.look_ahead = self._look_ahead
        services.files.changed.connect(self.refresh)
        plans.plan_changed.connect(self._plan_changed)
        session.playhead_changed.connect(self._moved)
        session.range_changed.connect(self._plan_changed)
        session.selection_changed.connect(self._selected)
        services.pictures.arrived.connect(self._pictures_came)
        services.waves.arrived.connect(self._pictures_came)
        self.refresh()

    @property
    def cues(self) -> KeptCues:
        """The captions as they are shown."""
        return self._kept.cues

    @Slot(object)
    def show_trust(self, levels: dict[str, Trusted]) -> None:
        """How far each frame of each patch holds, by patch id."""
        if levels != self._trust:
            self._trust = dict(levels)
            self._timeline.looks.show_trust(self._trust)
            self._show_timeline()

    def picture_of(self, media_id: str) -> QImage | None:
        """What a file looks like in the bin: its first frame, or its wave."""
        media = self._media.get(media_id)
        if media is None:
            return None
        if media.kind is MediaKind.AUDIO:
            return self._wave_picture(media)
        return self._services.pictures.get(media, ZERO, BIN_PICTURE_PX)

    def picture_at(self, media_id: str, share: float) -> QImage | None:
        """The frame of a video at a share of its length, for the pointer over its card."""
        media = self._media.get(media_id)
        index = self._services.files.index(media) if media is not None else None
        if media is None or index is None or media.available_range is None:
            return None
        time = media.available_range.start + media.available_range.duration * Fraction(share)
        return self._services.pictures.get(media, index.time_of(index.frame_at(time)), BIN_PICTURE_PX)

    def clip_picture(self, view_id: str, time: Fraction) -> QImage | None:
        """The frame of a clip at a source time."""
        clip = self._clips.get(clip_id_of(view_id))
        media = self._media.get(clip.media_id or "") if clip else None
        if media is None or media.kind is MediaKind.AUDIO or media.id in self._services.files.offline:
            return None
        index = self._services.files.index(media)
        shown = index.time_of(index.frame_at(time)) if index is not None else ZERO
        return self._services.pictures.get(media, shown, CLIP_PICTURE_PX)

    def clip_wave(self, view_id: str, start: Fraction, end: Fraction, columns: int):  # type: ignore[no-untyped-def]
        """The sound of a clip."""
        clip = self._clips.get(clip_id_of(view_id))
        media = self._media.get(clip.media_id or "") if clip else None
        return self._services.waves.get(media, start, end, columns) if media is not None else None

    @Slot()
    def refresh(self) -> None:
        """Show everything anew."""
        project = self._services.document.project
        if self._ahead is not None and self._ahead[0] is project:
            (_, self._kept), self._ahead = self._ahead, None
            self._kept.places = self._services.places
            self._timeline.setUpdatesEnabled(False)  # thousands of clips are painted in a turn of their own
            QTimer.singleShot(0, self._timeline, lambda: self._timeline.setUpdatesEnabled(True))
        self._clips = {clip.id: clip for track in project.tracks for clip in track.clips}
        self._media = {media.id: media for media in project.media}
        self._bin.set_items(self._items(project))
        self._show_timeline()
        self._show_layers()

    # Inside

    def _look_ahead(self, project: Project) -> None:
        """In the thread that reads files: thousands of views are made before the window is asked to show them."""
        kept = KeptViews()
        timeline_view(project, Shown(), kept)
        self._services.places.offer(kept.places.of(project))
        self._ahead = project, kept

    @Slot(object, object)
    def _project_changed(self, _before: Project, after: Project) -> None:
        present = {patch.id for patch in after.patches}
        if not present.issuperset(self._trust):
            self._trust = {patch_id: trusted for patch_id, trusted in self._trust.items() if patch_id in present}
            self._timeline.looks.show_trust(self._trust)
        self.refresh()

    @Slot(object)
    def _plan_changed(self, _plan: object) -> None:
        self._show_timeline()

    def _show_timeline(self) -> None:
        services = self._services
        session = services.session
        shown = Shown(self._plans.plan, self._trust, services.files.offline, session.in_point, session.out_point)
        self._timeline.set_view(timeline_view(services.document.project, shown, self._kept))
        self._timeline.timeline.set_playhead(session.playhead)

    def _show_layers(self) -> None:
        project, time = self._services.document.project, self._services.session.playhead
        has_clips = any(track.clips for track in project.tracks)
        self._layers.set_rows(layer_rows(project, time) if has_clips else (), timecode(time, project.canvas.rate))

    @Slot(object)
    def _moved(self, time: Fraction) -> None:
        self._timeline.timeline.set_playhead(time)
        self._show_layers()

    @Slot(object)
    def _selected(self, chosen: frozenset[str]) -> None:
        """Shows a choice that was made elsewhere; the timeline's own choice is shown already."""
        timeline = self._timeline.timeline
        if {_chosen_id(view_id) for view_id in timeline.selection} != chosen:
            views = [item.id for track in timeline.view.tracks for item in track.items]
            is_cue = {view_id for view_id in views if cue_of_view(view_id) is not None}
            timeline.set_selection(tuple(v for v in views if (_chosen_id(v) if v in is_cue else v) in chosen))
        project = self._services.document.project
        layers = {_layer_of(project, item) for item in chosen}
        self._layers.stack.set_selected(layers.pop() if len(layers) == 1 else "")

    @Slot()
    def _pictures_came(self) -> None:
        self._timeline.timeline.refresh()
        self._bin.refresh()

    def _items(self, project: Project) -> list[BinItem]:
        used = {clip.media_id for track in project.tracks for clip in track.clips}
        return [self._item(media, media.id in used) for media in project.media]

    def _item(self, media: Media, is_used: bool) -> BinItem:
        files = self._services.files
        index = files.index(media)
        size = f"{media.width} × {media.height}"
        length = duration_words(media.available_range.duration) if media.available_range else ""
        rate = rate_words(media.rate) if media.rate else ""
        form = ", ".join(p for p in (size if media.width else "", rate, length) if p)
        lost = cut_off(media.name, index) if index is not None else ""
        tip = "\n".join(line for line in (media.name, form, lost, files.reason(media)) if line)
        return BinItem(
            media.id, media.name, media.kind.value, length or size, is_used, files.is_vfr(media),
            media.id in files.offline, bool(lost), tip,
        )  # fmt: skip

    def _wave_picture(self, media: Media) -> QImage | None:
        """A sound as a small picture; drawn once."""
        if media.id in self._waves:
            return self._waves[media.id]
        length = media.available_range.duration if media.available_range else ZERO
        columns = self._services.waves.get(media, ZERO, length, WAVE_COLUMNS)
        if columns is None:
            return None
        theme = theme_of(self)
        image = QImage(WAVE_COLUMNS * 2, BIN_PICTURE_PX, QImage.Format.Format_RGB32)
        image.fill(theme.color("aud"))
        painter = QPainter(image)
        for role, values in (("wav", columns[:, 0]), ("wav2", columns[:, 1])):
            color: QColor = theme.color(role)
            for column, value in enumerate(values):
                height = max(1, round(float(value) * BIN_PICTURE_PX * 0.8))
                painter.fillRect(column * 2, (BIN_PICTURE_PX - height) // 2, 2, height, color)
        painter.end()
        self._waves[media.id] = image
        return image


def _chosen_id(view_id: str) -> str:
    """What the session calls an item of the timeline."""
    cue = cue_of_view(view_id)
    return cue[0] if cue is not None else clip_id_of(view_id)


def _layer_of(project: Project, item_id: str) -> str:
    """The id of the layer that a clip, a patch or a caption belongs to; empty for none of them."""
    is_patch = any(patch.id == item_id for patch in project.patches)
    if any(cue.id == item_id for cue in project.captions.cues):
        return next((track.id for track in project.tracks if track.kind is LayerKind.CAPTIONS), "")
    return next((
        track.id for track in project.tracks
        if (track.kind is LayerKind.MOTION_PATCH if is_patch else any(clip.id == item_id for clip in track.clips))
    ), "")  # fmt: skip
