"""The chosen patch's places on the picture, as handles: where a healing takes from, the four corners a picture is laid into."""

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.region_controller import RegionController
from editor.panels.viewer_panel import ViewerPanel
from editor.patch_points import (
    ACROSS,
    CORNER_NAMES,
    CORNERS,
    Box,
    box_of,
    corners_of,
    has_corners,
    source_of,
    with_corner,
    with_source,
    without_corners,
    without_source,
)
from editor.picture_place import WHOLE, PicturePlace, place_of, region_on_canvas
from editor.player import Player
from editor.region_on_frame import Shown
from editor.region_values import to_canvas
from editor.services import Services
from editor.session import Tool, ViewMode
from engine.project.model import Recipe
from engine.providers.usual_method import ask_for
from widgets.picture_handles import Look, Spot

SOURCE = "Source of the healing"
SOURCE_UNSET = "Drag to where the region is filled from. Until then a place is found by itself."
SOURCE_SET = "Drag it, or use the arrow keys. Delete finds a place by itself again."
CORNER_WORDS = "Drag it, or use the arrow keys. Delete lets the picture fill the region again."
ASIDE_PX = 14.0
BESIDE = 0.03
"""How far beside the region the handle of a source that is not picked yet waits, as a share of the picture's width."""


class PatchPoints(QObject):
    """Shows handles while such a patch is chosen, on a frame where its region is drawn, and turns drags into edits."""

    def __init__(
        self, services: Services, panel: ViewerPanel, choice: PatchChoice, regions: RegionController, player: Player,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._choice, self._regions, self._player = services, choice, regions, player
        self._handles = panel.handles
        self._knobs = {info.id: {spec.name for spec in info.parameters} for info in services.registry.infos()}
        panel.handles.moved.connect(self._moved)
        panel.handles.reset_wanted.connect(self._reset)
        regions.shown_changed.connect(self.refresh)
        player.playing_changed.connect(self._playing_changed)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the handles of the chosen patch as it is at the playhead."""
        found = self._seen()
        self._handles.show_look(self._look(found) if found is not None else None)

    @Slot(bool)
    def _playing_changed(self, _is_playing: bool) -> None:
        self.refresh()

    def _seen(self) -> Shown | None:
        """The region whose places are shown now; None while playing, drawing, comparing, and where it was followed to."""
        session = self._services.session
        if self._player.is_playing or session.tool is not Tool.SELECT:
            return None
        if session.view_mode not in {ViewMode.RESULT, ViewMode.ORIGINAL}:
            return None
        found = self._regions.shown()
        return found if found is not None and found.is_drawn and not found.patch.locked else None

    def _look(self, found: Shown) -> Look | None:
        knobs, recipe = self._knobs.get(found.patch.recipe.provider, set()), found.patch.recipe
        box = box_of(found.region, self._choice.media(found.patch))
        if box is None:
            return None
        if ACROSS in knobs:
            return self._source_look(found, recipe, box)
        if CORNERS in knobs:
            return self._corners_look(found, recipe, box)
        return None

    def _source_look(self, found: Shown, recipe: Recipe, box: Box) -> Look:
        place, shift = self._place(found), source_of(recipe)
        middle = place.to_canvas(box.centre)
        there = place.to_canvas((box.centre[0] + shift[0], box.centre[1] + shift[1]))
        if shift == (0.0, 0.0):
            beside = place.to_canvas((_beside(box), box.centre[1]))
            return Look("source", (Spot(SOURCE, beside, SOURCE_UNSET, is_set=False),))
        region = to_canvas(region_on_canvas(found.region, place))
        return Look(
            "source", (Spot(SOURCE, there, SOURCE_SET),), region=region, shift=(there[0] - middle[0], there[1] - middle[1]),
            grow_px=found.region.grow_px * place.scale,
        )  # fmt: skip

    def _corners_look(self, found: Shown, recipe: Recipe, box: Box) -> Look:
        place = self._place(found)
        quad = tuple(place.to_canvas(box.place(share)) for share in corners_of(recipe))
        middle = (sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4)
        is_set = has_corners(recipe)
        spots = tuple(
            Spot(name, at, CORNER_WORDS, _outwards(at, middle), is_set)
            for name, at in zip(CORNER_NAMES, quad, strict=True)
        )
        return Look("corner", spots, quad if is_set else ())

    def _place(self, found: Shown) -> PicturePlace:
        clip = self._choice.clip_here(found.patch)
        return place_of(clip, self._choice.media(found.patch), self._choice.project.canvas) if clip is not None else WHOLE

    # From the handles

    @Slot(int, object, int)
    def _moved(self, number: int, at: tuple[float, float] | None, gesture: int) -> None:
        found = self._seen()
        box = box_of(found.region, self._choice.media(found.patch)) if found is not None else None
        if found is None or box is None:
            return
        recipe, is_source = found.patch.recipe, self._is_source(found)
        text = "Move source" if is_source else "Move corner"
        if at is None:
            changed = without_source(recipe) if is_source else without_corners(recipe)
        else:
            x, y = self._place(found).to_picture(at)
            middle = box.centre
            shift = (x - middle[0], y - middle[1])
            changed = with_source(recipe, shift, box) if is_source else with_corner(recipe, number, box.share((x, y)))
        self._ask(text, found, changed, gesture)

    @Slot(int)
    def _reset(self, _number: int) -> None:
        found = self._seen()
        if found is not None:
            recipe, is_source = found.patch.recipe, self._is_source(found)
            text = "Find source" if is_source else "Fill region with the picture"
            self._ask(text, found, without_source(recipe) if is_source else without_corners(recipe), None)

    def _is_source(self, found: Shown) -> bool:
        return ACROSS in self._knobs.get(found.patch.recipe.provider, set())

    def _ask(self, text: str, found: Shown, recipe: Recipe, gesture: int | None) -> None:
        if recipe != found.patch.recipe:
            patch_id, registry = found.patch.id, self._services.registry
            key = ("places", patch_id, gesture) if gesture is not None else None
            self._services.edit(text, lambda project: ask_for(project, patch_id, recipe, registry), key)


def _beside(box: Box) -> float:
    """Where there is room: right of the region, else left of it."""
    right = box.right + BESIDE
    return right if right < 1 - BESIDE / 2 else max(BESIDE / 2, box.left - BESIDE)


def _outwards(at: tuple[float, float], middle: tuple[float, float]) -> tuple[float, float]:
    """Aside from a corner, away from the middle, so that the region's own handle stays in reach."""
    return ASIDE_PX if at[0] >= middle[0] else -ASIDE_PX, ASIDE_PX if at[1] >= middle[1] else -ASIDE_PX
