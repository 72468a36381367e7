"""Regions as values: what names one in a hash, and what a sensible one is. Knows no pixels (`compositing.mask`) and no patch."""

from typing import Any

from engine.project.model import Region, Shape


def region_values(region: Region) -> tuple[Any, ...]:
    """All that decides a region's pixels as plain values (texts, numbers, booleans, tuples), for hashes and cache keys.

    Use it spread out (`key(..., *region_values(region), ...)`). A region of one outline, not grown and not inverted, gives its
    kind, points and feather only: so it was named before regions had more, and what is stored under that name stays found.
    """
    plain = (region.kind.value, region.points, region.feather_px)
    further = (region.radius, tuple(_shape_values(shape) for shape in region.more), region.grow_px, region.is_inverted)
    return plain if further == (0.0, (), 0.0, False) else (*plain, further)


def _shape_values(shape: Shape) -> tuple[Any, ...]:
    return shape.kind.value, shape.points, shape.radius, shape.is_subtracted
