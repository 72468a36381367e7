"""Everything the canvas shows at one moment: the region, the shape in progress, other regions, the brush's pen."""

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets.roi_canvas import painting
from widgets.roi_canvas.editing import RegionEditing
from widgets.roi_canvas.lasso_draft import LassoDraft
from widgets.roi_canvas.region import Region
from widgets.roi_canvas.whole import outline, stage


class Scene:
    """Paints for `editing.image`. What lies under the marching outline is painted once and kept until it changes."""

    def __init__(self, editing: RegionEditing) -> None:
        self._editing = editing
        self._still = QPixmap()
        self._still_of: object = None

    def paint(self, painter: QPainter, widget: QWidget, march: float, *, editable: bool) -> None:
        """Not editable means the outline alone; `march` moves the dashes along."""
        editing, seen = self._editing, widget.rect().toRectF()
        if editing.busy:
            _paint_still(painter, editing, seen, editable=editable)
        else:
            painter.drawPixmap(0, 0, self._kept(widget, seen, editable=editable))
        _paint_live(painter, editing, seen, march, editable=editable)

    def _kept(self, widget: QWidget, seen: QRectF, *, editable: bool) -> QPixmap:
        editing, ratio = self._editing, widget.devicePixelRatioF()
        place = editing.image.getRect()
        made_of = (editing.region, editing.others, place, widget.size().toTuple(), ratio, editing.screen_per_source,
                   editing.unit, editable and editing.selected)  # fmt: skip
        if made_of != self._still_of:
            self._still_of = made_of
            self._still = QPixmap(widget.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_still(painter, editing, seen, editable=editable)
            painter.end()
        return self._still


def _paint_still(painter: QPainter, editing: RegionEditing, seen: QRectF, *, editable: bool) -> None:
    region = editing.region
    in_hand = editable and (editing.selected or editing.busy)
    if region is not None and in_hand:
        _paint_reach(painter, editing, region, seen)
    for other in editing.others:
        path = outline_of(editing, other.region, seen)
        painting.paint_thin(painter, path, editing.unit, is_dashed=other.is_mark, strong=True)
    if region is not None and in_hand and not editing.busy and (region.more or region.grow_px):
        _paint_parts(painter, editing, region, seen)


def _paint_live(painter: QPainter, editing: RegionEditing, seen: QRectF, march: float, *, editable: bool) -> None:
    if editing.region is not None:
        painting.paint_marching(painter, outline_of(editing, editing.region, seen), march, editing.unit)
        if editable and editing.selected and not editing.is_drawing:
            painting.paint_grips(painter, editing.image, editing.chosen, editing.point, editing.unit)
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


def _paint_parts(painter: QPainter, editing: RegionEditing, region: Region, seen: QRectF) -> None:
    """The outlines that a region of several shapes is made of; what takes away is dashed."""
    at = stage(editing.image, seen, 0.0, most_fine=1)  # quiet lines need no more, and there may be many
    for shape in region.shapes:
        path = outline((replace(shape, is_subtracted=False),), at)
        painting.paint_thin(painter, path, editing.unit, is_dashed=shape.is_subtracted)


def _paint_draft(painter: QPainter, editing: RegionEditing, draft: LassoDraft, march: float) -> None:
    line = [editing.to_widget(point) for point in draft.points]
    if draft.pointer is not None and not draft.by_hand:
        line.append(editing.to_widget(draft.pointer))
    path = QPainterPath()
    path.addPolygon(QPolygonF(line))
    painting.paint_marching(painter, path, march, editing.unit)
    painting.paint_points(painter, [editing.to_widget(point) for point in draft.clicked], editing.unit)
