"""The region's numbers in the inspector: what is shown on the picture, as figures; one edit of a number is one step of undo."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.region_controller import RegionController
from editor.panels.inspector_panel import InspectorPanel
from editor.panels.patch_recipe import RecipeForm
from editor.panels.region_form import RegionShown
from editor.panels.region_shapes import ShapeRow
from editor.panels.viewer_panel import ViewerPanel
from editor.region_values import to_canvas, to_model
from editor.services import Services
from editor.session import Tool
from engine.project.model import Media, Patch, Region
from widgets import roi_canvas
from widgets.roi_canvas.gestures import stretched
from widgets.roi_canvas.region import Shape, bounds_of_shapes, moved, with_sense, with_shapes, without_shape

_STEPS = {
    "x": "Move region", "y": "Move region", "width": "Resize region", "height": "Resize region", "feather": "Change feather",
    "grow": "Grow region", "pen": "Change pen",
}  # fmt: skip
LEAST_PX = 1.0


class RegionNumbers(QObject):
    """Between the form of the inspector and the region that is shown."""

    def __init__(
        self, services: Services, panel: InspectorPanel, recipe: RecipeForm, viewer: ViewerPanel, choice: PatchChoice,
        regions: RegionController, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._panel, self._recipe, self._canvas = services, panel, recipe, viewer.canvas
        self._choice, self._regions = choice, regions
        self._gesture = 0
        form = panel.region
        form.changed.connect(self._change)
        recipe.grow_edited.connect(self._grow)
        form.finished.connect(self._finish)
        form.inverted.connect(self._invert)
        form.fit_wanted.connect(lambda: services.actions.action("patch.fit_edges").trigger())
        form.shapes.chosen.connect(self._choose)
        form.shapes.sense_chosen.connect(self._set_sense)
        form.shapes.delete_wanted.connect(self._delete)
        regions.shown_changed.connect(self.show)
        self._canvas.pen_changed.connect(self._pen_changed)
        self.show()

    @Slot()
    def show(self) -> None:
        """The region on the frame at the playhead, or a sentence where the chosen patch has none there."""
        patch, found = self._choice.patch(), self._regions.shown()
        self._recipe.show_grow(found.region.grow_px if found is not None and not found.patch.locked else None)
        if found is None:
            self._panel.show_region(None, "" if patch is None else f"“{patch.name}” has no region drawn on this frame.")
            return
        self._panel.show_region(self._shown(found.patch, to_canvas(found.region)))

    def _shown(self, patch: Patch, region: roi_canvas.Region) -> RegionShown:
        media, active = self._choice.media(patch), self._active(region)
        bounds = bounds_of_shapes(_chosen(region, active), _aspect(media))
        return RegionShown(
            key=patch.id, name=patch.name, where=f"{media.width} × {media.height} px as shown", size=(media.width, media.height),
            bounds=(bounds.left, bounds.top, bounds.width, bounds.height), feather_px=region.feather_px, grow_px=region.grow_px,
            pen_px=self._pen_px(region, active, media), is_inverted=region.is_inverted,
            shapes=tuple(ShapeRow(shape.kind, shape.is_subtracted) for shape in region.shapes), active=active,
            locked=patch.locked,
        )  # fmt: skip

    def _active(self, region: roi_canvas.Region) -> int:
        active = self._canvas.active_shape()
        return active if active < len(region.shapes) else roi_canvas.ALL

    def _pen_px(self, region: roi_canvas.Region, active: int, media: Media) -> float | None:
        chosen = _chosen(region, active)
        if len(chosen) == 1 and chosen[0].kind == "brush":
            return 2 * chosen[0].radius * media.height
        return 2 * self._canvas.pen() * media.height if self._services.session.tool is Tool.BRUSH else None

    @Slot(float)
    def _pen_changed(self, _radius: float) -> None:
        self.show()

    # Edits

    @Slot()
    def _finish(self) -> None:
        self._gesture += 1

    @Slot(str, float)
    def _change(self, field: str, value: float) -> None:
        found = self._regions.shown()
        if found is None:
            return
        media = self._choice.media(found.patch)
        active = self._active(to_canvas(found.region))
        if field == "pen" and self._services.session.tool is Tool.BRUSH:
            self._canvas.set_pen(value / 2 / media.height)
        self._edit(_STEPS[field], lambda region: numbered(region, active, field, value, media), (field, self._gesture))

    @Slot(float, int)
    def _grow(self, grow_px: float, gesture: int) -> None:
        self._edit(_STEPS["grow"], lambda region: replace(region, grow_px=grow_px), ("grow in the patch panel", gesture))

    def _edit(self, text: str, change: Callable[[roi_canvas.Region], roi_canvas.Region], key: tuple[str, int] | None) -> None:
        found = self._regions.shown()
        if found is None:
            return

        def on_model(region: Region) -> Region:
            return to_model(change(to_canvas(region)))

        merge_key = None if key is None else ("region number", found.patch.id, *key)
        if not self._regions.change(text, on_model, merge_key):
            self.show()

    @Slot(bool)
    def _invert(self, inverted: bool) -> None:
        self._edit("Invert region", lambda region: replace(region, is_inverted=inverted), None)

    @Slot(int)
    def _choose(self, index: int) -> None:
        found = self._regions.shown()
        if found is not None and index < len(found.region.shapes) and self._canvas.region() is not None:
            self._canvas.set_active_shape(index)
            self.show()

    @Slot(int, bool)
    def _set_sense(self, index: int, is_subtracted: bool) -> None:
        text = "Take shape away" if is_subtracted else "Add shape"
        self._edit(text, lambda region: with_sense(region, index, is_subtracted=is_subtracted), None)

    @Slot(int)
    def _delete(self, index: int) -> None:
        self._edit("Delete shape", lambda region: without_shape(region, index) or region, None)


def numbered(region: roi_canvas.Region, active: int, field: str, value: float, media: Media) -> roi_canvas.Region:
    """The region with one number changed, inside the picture. Place and size are fractions, the rest pixels of the source."""
    if field == "feather":
        return replace(region, feather_px=value)
    if field == "grow":
        return replace(region, grow_px=value)
    chosen = _chosen(region, active)
    if field == "pen":
        radius = max(LEAST_PX, value) / 2 / media.height
        return _with_chosen(region, active, [replace(s, radius=radius) if s.kind == "brush" else s for s in chosen])
    bounds = bounds_of_shapes(chosen, _aspect(media))
    if field == "x":
        return _with_chosen(region, active, moved(chosen, value - bounds.left, 0))
    if field == "y":
        return _with_chosen(region, active, moved(chosen, 0, value - bounds.top))
    if field == "width":
        target = replace(bounds, right=min(1.0, bounds.left + max(LEAST_PX / media.width, value)))
    else:
        target = replace(bounds, bottom=min(1.0, bounds.top + max(LEAST_PX / media.height, value)))
    return _with_chosen(region, active, stretched(chosen, bounds, target))


def _chosen(region: roi_canvas.Region, active: int) -> tuple[Shape, ...]:
    return region.shapes if active == roi_canvas.ALL else (region.shapes[active],)


def _with_chosen(region: roi_canvas.Region, active: int, shapes: Sequence[Shape]) -> roi_canvas.Region:
    if active == roi_canvas.ALL:
        return with_shapes(region, shapes)
    return with_shapes(region, [*region.shapes[:active], *shapes, *region.shapes[active + 1 :]])


def _aspect(media: Media) -> float:
    return media.width / media.height if media.width and media.height else 1.0
