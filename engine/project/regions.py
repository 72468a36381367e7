"""Regions as values: what names one in a hash, and what a sensible one is. Knows no pixels (`compositing.mask`) and no patch."""

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from engine.errors import EditError
from engine.limits import FEATHER_MAX_PX
from engine.project.model import Region, RegionKind, Shape

POINTS_MAX = 10_000
"""Of a region's shapes together. A freehand outline has a point per mouse move; this is minutes of drawing."""
SHAPES_MAX = 200
GROW_MAX_PX = 200
RADIUS_MAX = 0.5
"""A pen as high as the picture."""

BY_CORNERS = frozenset({RegionKind.BOX, RegionKind.ELLIPSE})
"""Kinds with two points: the corners of their bounds."""


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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is no region: “reaches outside the picture”, and what to do."""

    what: str
    remedy: str


def fault_of(region: Region) -> Fault | None:
    """The first thing that is wrong with a region; None where all is well."""
    if not 0 <= region.feather_px <= FEATHER_MAX_PX:
        return Fault(f"has a feather of {region.feather_px:g} px", f"It may be 0 to {FEATHER_MAX_PX} px.")
    if not -GROW_MAX_PX <= region.grow_px <= GROW_MAX_PX:
        return Fault(f"is grown by {region.grow_px:g} px", f"It may be {-GROW_MAX_PX} to {GROW_MAX_PX} px.")
    if len(region.more) >= SHAPES_MAX:
        return Fault(f"has {len(region.more) + 1} shapes", f"It may have {SHAPES_MAX}: draw some of them as one outline.")
    count = sum(len(shape.points) for shape in region.shapes)
    if count > POINTS_MAX:
        return Fault(f"has {count} points", f"It may have {POINTS_MAX}: draw it with fewer.")
    return next(filter(None, map(_shape_fault, region.shapes)), None)


def _shape_fault(shape: Shape) -> Fault | None:
    numbers = list(chain.from_iterable(shape.points))
    if not numbers or not _has_room(shape):
        return Fault("has no area", "Draw a box, an ellipse, a closed outline or a brush stroke.")
    if not math.isfinite(sum(numbers)) or min(numbers) < 0 or max(numbers) > 1:  # a NaN is never the least: the sum tells
        return Fault("reaches outside the picture", "Draw it inside the frame.")
    if shape.kind is RegionKind.BRUSH and not 0 < shape.radius <= RADIUS_MAX:
        return Fault(f"has a pen of {shape.radius:g} of the picture's height", f"It may be above 0, and at most {RADIUS_MAX:g}.")
    if shape.kind is not RegionKind.BRUSH and shape.radius != 0:
        return Fault(f"has a {shape.kind.value} with a pen", "Only a brush stroke has one.")
    return None


def _has_room(shape: Shape) -> bool:
    """Whether a shape has the points of its kind and, but for strokes, bounds with an area (or none that can be told)."""
    if shape.kind is RegionKind.BRUSH:
        return True
    enough = len(shape.points) == 2 if shape.kind in BY_CORNERS else len(shape.points) >= 3
    xs, ys = zip(*shape.points, strict=True)
    return enough and min(xs) != max(xs) and min(ys) != max(ys)


def checked_region(region: Region) -> Region:
    """The region with the corners of boxes and ellipses in order. Raises: EditError where it is none."""
    fault = fault_of(region)
    if fault is not None:
        raise EditError(f"The region {fault.what}.", fault.remedy)
    points = _in_order(region.kind, region.points)
    return replace(region, points=points, more=tuple(replace(s, points=_in_order(s.kind, s.points)) for s in region.more))


def _in_order(kind: RegionKind, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if kind not in BY_CORNERS:
        return points
    (left, right), (top, bottom) = (sorted(values) for values in zip(*points, strict=True))
    return (left, top), (right, bottom)
