"""Everything the canvas shows at one moment: the region, the shape in progress, other regions, the brush's pen."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from widgets.roi_canvas import painting
from widgets.roi_canvas.editing import RegionEditing
from widgets.roi_canvas.lasso_draft import LassoDraft
from widgets.roi_canvas.region import Region
from widgets.roi_canvas.whole import outline, stage


def paint_scene(painter: QPainter, editing: RegionEditing, seen: QRectF, march: float, *, editable: bool) -> None:
    """Paints for `editing.image`. Not editable means the outline alone; `march` moves the dashes along."""
    if editing.region is not None and editable and (editing.selected or editing.busy):
        _paint_reach(painter, editing, editing.region, seen)
    for other in editing.others:
        painting.paint_thin(painter, outline_of(editing, other.region, seen), editing.unit, strong=True)
    if editing.region is not None:
        _paint_region(painter, editing, editing.region, seen, march, editable=editable)
    if editing.draft is not None:
        _paint_draft(painter, editing, editing.draft, march)
    if editable and editing.tool == "brush" and editing.pointer is not None:
        painting.paint_pen(painter, editing.pointer, editing.pen * editing.image.height(), editing.unit)


def outline_of(editing: RegionEditing, region: Region, seen: QRectF) -> QPainterPath:
    """The outline of a whole region where it is on the screen; a single box lies on whole pixels."""
    if not region.more and region.kind == "box" and not region.grow_px:
        return painting.on_pixels(region.shapes[0], editing.image)
    return outline(region.shapes, stage(editing.image, seen, region.grow_px * editing.screen_per_source))


def _paint_reach(painter: QPainter, editing: RegionEditing, region: Region, seen: QRectF) -> None:
    """Shade and feather belong to the hand that works on the region; put down, it is an outline on the picture as it is."""
    image, scale = editing.image, editing.screen_per_source
    path = outline(region.shapes, stage(image, seen, region.grow_px * scale))
    painting.paint_shade(painter, image, path, is_inverted=region.is_inverted)
    painting.paint_feather(painter, image, path, region.feather_px * scale, is_inverted=region.is_inverted)


def _paint_region(
    painter: QPainter, editing: RegionEditing, region: Region, seen: QRectF, march: float, *, editable: bool
) -> None:
    image = editing.image
    if editable and (editing.selected or editing.busy) and (region.more or region.grow_px):
        painting.paint_parts(painter, image, region.shapes, editing.unit)
    painting.paint_marching(painter, outline_of(editing, region, seen), march, editing.unit)
    if editable and editing.selected and not editing.is_drawing:
        painting.paint_grips(painter, image, editing.chosen, editing.point, editing.unit)


def _paint_draft(painter: QPainter, editing: RegionEditing, draft: LassoDraft, march: float) -> None:
    line = [editing.to_widget(point) for point in draft.points]
    if draft.pointer is not None and not draft.by_hand:
        line.append(editing.to_widget(draft.pointer))
    path = QPainterPath()
    path.addPolygon(QPolygonF(line))
    painting.paint_marching(painter, path, march, editing.unit)
    painting.paint_points(painter, [editing.to_widget(point) for point in draft.clicked], editing.unit)
