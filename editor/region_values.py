"""The one place where the project's regions become those of the canvas and come back. Plain copying, no arithmetic."""

from engine.project.model import Region, RegionKind, Shape
from widgets import roi_canvas


def to_model(region: roi_canvas.Region) -> Region:
    """A canvas region as the project keeps it."""
    more = tuple(Shape(RegionKind(s.kind), s.points, s.radius, s.is_subtracted) for s in region.more)
    return Region(
        RegionKind(region.kind), region.points, region.feather_px, region.radius, more, region.grow_px, region.is_inverted
    )


def to_canvas(region: Region) -> roi_canvas.Region:
    """A region of the project as the canvas draws it."""
    more = tuple(roi_canvas.Shape(s.kind.value, s.points, s.radius, s.is_subtracted) for s in region.more)
    return roi_canvas.Region(
        region.kind.value, region.points, region.feather_px, region.radius, more, region.grow_px, region.is_inverted
    )
