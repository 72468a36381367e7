"""Everything the canvas shows at one moment: the region, the shape in progress, and the region it changes."""

from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from widgets.roi_canvas import painting
from widgets.roi_canvas.editing import RegionEditing
from widgets.roi_canvas.lasso_draft import LassoDraft
from widgets.roi_canvas.region import Region


def paint_scene(painter: QPainter, editing: RegionEditing, march: float, *, editable: bool) -> None:
    """Paints for `editing.image`. Not editable means the outline alone; `march` moves the dashes along."""
    if editing.base is not None:
        path = painting.drawn_outline(editing.base, editing.image)
        painting.paint_marching(painter, path, march, editing.unit)
    if editing.draft is not None:
        _paint_draft(painter, editing, editing.draft, march)
    elif editing.region is not None:
        _paint_region(painter, editing, editing.region, march, editable=editable)


def _paint_region(painter: QPainter, editing: RegionEditing, region: Region, march: float, *, editable: bool) -> None:
    """Shade and feather belong to the hand that works on the region; put down, it is an outline on the picture as it is."""
    image = editing.image
    if editable and editing.base is None and (editing.selected or editing.busy):
        painting.paint_shade(painter, image, region)
        scale = image.width() / editing.picture.width
        painting.paint_feather(painter, image, region, region.feather_px * scale)
    painting.paint_marching(painter, painting.drawn_outline(region, image), march, editing.unit)
    if editable and editing.selected:
        painting.paint_grips(painter, image, region, editing.unit)


def _paint_draft(painter: QPainter, editing: RegionEditing, draft: LassoDraft, march: float) -> None:
    line = [editing.to_widget(point) for point in draft.points]
    if draft.pointer is not None and not draft.by_hand:
        line.append(editing.to_widget(draft.pointer))
    path = QPainterPath()
    path.addPolygon(QPolygonF(line))
    painting.paint_marching(painter, path, march, editing.unit)
    painting.paint_points(painter, [editing.to_widget(point) for point in draft.clicked], editing.unit)
