"""Results without a patch: shown in the patch panel, put back or discarded on the user's wish."""

from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Slot

from editor import frame_grid
from editor.controllers.patch_images import PatchImages
from editor.panels.patch_panel import PatchPanel
from editor.panels.patch_results import KeptResult, Results
from editor.patch_facts import facts_of
from editor.services import Services
from engine.errors import EditError
from engine.jobs.patch_place import DEFAULT_AFTER, DEFAULT_BEFORE
from engine.project.model import Media, MediaKind, PatchVersion, Project
from engine.project.result_edits import put_back, unattached_version
from engine.project.version_edits import discard_unattached
from engine.rational_time import ZERO, TimeRange

NEAR_PX = 3
"""A region's crop is its bounds in whole pixels, and a chroma sample more."""


class ResultController(QObject):
    """Fills the panel's lists of kept results and answers them."""

    def __init__(self, services: Services, panel: PatchPanel, images: PatchImages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._images = services, images
        self._lists: tuple[Results, ...] = (panel.results, panel.results_alone)
        self._names = {info.id: info.name for info in services.registry.infos()}
        for shown in self._lists:
            shown.put_back.connect(self.put_back)
            shown.discarded.connect(self.discard)
        services.document.project_changed.connect(self._project_changed)
        images.arrived.connect(self._picture_came)
        self._show(services.document.project)

    @Slot(str, int)
    def put_back(self, patch_id: str, number: int) -> None:
        """In its patch, or in a new one on the file it fits."""

        def edit(project: Project) -> Project:
            version = unattached_version(project, patch_id, number)
            media = self._media_for(project, patch_id, version)
            return put_back(project, patch_id, number, media.id, self._window(media, version.anchor))

        if self._services.edit("Put result back", edit):
            self._services.session.select(patch_id)

    @Slot(str, int)
    def discard(self, patch_id: str, number: int) -> None:
        """Forget it; undo brings it back."""
        self._services.edit("Discard result", partial(discard_unattached, patch_id=patch_id, number=number))

    def _media_for(self, project: Project, patch_id: str, version: PatchVersion) -> Media:
        """The patch's own; else, of the files with such a frame and size, the one at the playhead first."""
        patch = next((p for p in project.patches if p.id == patch_id), None)
        if patch is not None:
            return project.media_by_id(patch.media_id)
        here = frame_grid.video_at(project, self._services.session.playhead)
        fitting = [media for media in project.media if self._fits(media, version)]
        if here is not None and here[1] in fitting:
            return here[1]
        if not fitting:
            raise EditError("No file of this project has the frame that this result was made for.", "Import that file again.")
        return fitting[0]

    def _fits(self, media: Media, version: PatchVersion) -> bool:
        if media.kind is MediaKind.AUDIO:
            return False
        index = self._services.files.index(media) if media.kind is MediaKind.VIDEO else None
        if media.kind is MediaKind.VIDEO and (index is None or index.time_of(index.frame_at(version.anchor)) != version.anchor):
            return False
        if version.region.more or version.region.is_inverted or version.region.grow_px or version.region.radius:
            return True
        left, top, right, bottom = version.region.bounds
        reach = 2 * version.region.feather_px
        wanted = sorted(((right - left) * media.width + reach, (bottom - top) * media.height + reach))
        found = sorted(version.crop[2:])  # stored pixels may lie turned
        return all(size <= most + 2 * NEAR_PX for size, most in zip(found, wanted, strict=True))

    def _window(self, media: Media, anchor: Fraction) -> TimeRange:
        index = self._services.files.index(media) if media.kind is MediaKind.VIDEO else None
        if index is None:
            return media.available_range or TimeRange(ZERO, Fraction(1))
        frame = index.frame_at(anchor)
        first, last = max(0, frame - DEFAULT_BEFORE), min(len(index) - 1, frame + DEFAULT_AFTER)
        return TimeRange.between(index.time_of(first), index.end_of(last))

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        if before.unattached is not after.unattached:
            self._show(after)

    def _show(self, project: Project) -> None:
        kept = [
            KeptResult(owner, version.number, version.pixels, facts_of(version, self._name(version)))
            for owner, version in project.unattached
        ]
        for shown in self._lists:
            shown.show_results(kept)
        for _, version in project.unattached:
            self._picture(version)

    def _name(self, version: PatchVersion) -> str:
        return self._names.get(version.recipe.provider, version.recipe.provider)

    def _picture(self, version: PatchVersion) -> None:
        for shown in self._lists:
            shown.set_image(version.pixels, self._images.small(version))

    @Slot(str)
    def _picture_came(self, pixels: str) -> None:
        for _, version in self._services.document.project.unattached:
            if version.pixels == pixels:
                self._picture(version)
