"""What the canvas says about its region: for the tag on the picture, and for those who do not see it."""

from widgets.roi_canvas.editing import RegionEditing
from widgets.roi_canvas.region import Bounds, Shape, bounds_of_shapes, size_px


def tag_parts(editing: RegionEditing) -> tuple[str, ...]:
    """The size of what is chosen, which shape it is, and the feather, in pixels of the source."""
    if editing.region is None:
        return ()
    width, height = _size(editing)
    count = len(editing.region.shapes)
    parts = [f"{width} × {height} px"]
    if count > 1:
        parts.append(f"{count} shapes" if len(editing.chosen) > 1 else f"shape {editing.active + 1} of {count}")
    if editing.tool == "brush":
        parts.append(f"pen {pen_px(editing)} px")
    parts.append(f"feather {editing.region.feather_px:g}")
    return tuple(parts)


def description(editing: RegionEditing, name: str) -> str:
    """The region in one sentence."""
    region = editing.region
    if region is None:
        return "No region"
    width, height = _size(editing)
    bounds = bounds_of_shapes(editing.chosen or region.shapes, editing.picture.aspect)
    count, alone = len(region.shapes), len(editing.chosen) == 1
    parts = [name, editing.chosen[0].kind if alone else f"{count} shapes", f"{width} × {height} px"]
    parts.append("at {}, {}".format(*_corner(editing, bounds)))
    if count > 1 and alone:
        parts.append(f"shape {editing.active + 1} of {count}, {sense(editing.chosen[0])}")
    if editing.point is not None and alone:
        parts.append(_point(editing, editing.chosen[0], editing.point))
    if region.is_inverted:
        parts.append("inverted")
    return ", ".join(parts)


def sense(shape: Shape) -> str:
    """Whether a shape is added or taken away."""
    return "taken away" if shape.is_subtracted else "added"


def pen_px(editing: RegionEditing) -> int:
    """The width of the brush in pixels of the source."""
    return max(1, round(2 * editing.pen * editing.picture.height / editing.source_scale))


def _size(editing: RegionEditing) -> tuple[int, int]:
    assert editing.region is not None
    bounds = bounds_of_shapes(editing.chosen or editing.region.shapes, editing.picture.aspect)
    return size_px(bounds, editing.picture.width / editing.source_scale, editing.picture.height / editing.source_scale)


def _corner(editing: RegionEditing, bounds: Bounds) -> tuple[int, int]:
    scale = editing.source_scale
    return round(bounds.left * editing.picture.width / scale), round(bounds.top * editing.picture.height / scale)


def _point(editing: RegionEditing, shape: Shape, index: int) -> str:
    x, y = shape.points[index]
    across, down = _corner(editing, Bounds(x, y, x, y))
    return f"point {index + 1} of {len(shape.points)} at {across}, {down}"
