"""Numbers of a recipe that are places on the picture: the source of a healing, four corners of a picture. Pure functions.

Places are fractions of the media's picture as displayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, floor

from engine.compositing.mask import region_bounds
from engine.project.model import Media, Recipe, Region

Point = tuple[float, float]
CORNER_NAMES = ("Left top corner", "Right top corner", "Right bottom corner", "Left bottom corner")
CORNERS, ACROSS, DOWN = "corners", "dx", "dy"
PLACES = 4
"""Decimals: a fifth of a pixel of a 1080p picture."""
CLEAR = 0.01
"""What is left between a picked source and the picture's edge."""
LEAST_TURN = 1e-4
REACH = 8.0
"""Corners may lie so many boxes outside; the provider takes no more."""


@dataclass(frozen=True, slots=True)
class Box:
    """What a provider calls the region's box: the region with its feather, as far as the picture goes."""

    left: float
    top: float
    right: float
    bottom: float

    def place(self, share: Point) -> Point:
        """Where a point in shares of the box lies on the picture."""
        return self.left + share[0] * (self.right - self.left), self.top + share[1] * (self.bottom - self.top)

    def share(self, place: Point) -> Point:
        """A place on the picture in shares of the box."""
        return (place[0] - self.left) / (self.right - self.left), (place[1] - self.top) / (self.bottom - self.top)

    @property
    def centre(self) -> Point:
        return self.place((0.5, 0.5))


def box_of(region: Region, media: Media) -> Box | None:
    """None for a region that has no area in the picture, or where the media's size is not known."""
    wide, high = media.width, media.height
    if not wide or not high:
        return None
    left, top, right, bottom = region_bounds(region, wide, high)
    reach = region.feather_px
    box = Box(
        max(0, floor(left - reach)) / wide, max(0, floor(top - reach)) / high,
        min(wide, ceil(right + reach)) / wide, min(high, ceil(bottom + reach)) / high,
    )  # fmt: skip
    return box if box.right > box.left and box.bottom > box.top else None


def source_of(recipe: Recipe) -> Point:
    """How far from the region its source lies; (0, 0) where one is to be found."""
    params = dict(recipe.params)
    return _number(params, ACROSS), _number(params, DOWN)


def with_source(recipe: Recipe, shift: Point, box: Box) -> Recipe:
    """The recipe with another source. It keeps clear of the picture's edge, so that a region corrected by a hair has one too."""
    across = min(max(shift[0], min(0.0, CLEAR - box.left)), max(0.0, 1 - CLEAR - box.right))
    down = min(max(shift[1], min(0.0, CLEAR - box.top)), max(0.0, 1 - CLEAR - box.bottom))
    return _with(recipe, {ACROSS: f"{across:.{PLACES}f}", DOWN: f"{down:.{PLACES}f}"})


def without_source(recipe: Recipe) -> Recipe:
    """A source is found again."""
    return _without(recipe, ACROSS, DOWN)


def corners_of(recipe: Recipe) -> tuple[Point, ...]:
    """The four corners in shares of the box, from the left top clockwise; those of the box where none are set."""
    try:
        pairs = [tuple(map(float, pair.split(","))) for pair in dict(recipe.params).get(CORNERS, "").split()]
        found = tuple((x, y) for x, y in pairs)
    except ValueError:
        found = ()
    return found if len(found) == 4 else ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def has_corners(recipe: Recipe) -> bool:
    return bool(dict(recipe.params).get(CORNERS, "").strip())


def with_corner(recipe: Recipe, number: int, share: Point) -> Recipe:
    """The recipe with one corner elsewhere; unchanged where the four would cross, lie on a line or be too far away."""
    corners = list(corners_of(recipe))
    corners[number] = share
    if not _is_quad(corners):
        return recipe
    return _with(recipe, {CORNERS: " ".join(f"{x:.{PLACES}f},{y:.{PLACES}f}" for x, y in corners)})


def without_corners(recipe: Recipe) -> Recipe:
    """The picture fills the box again."""
    return _without(recipe, CORNERS)


def _is_quad(corners: list[Point]) -> bool:
    """Whether four corners go round clockwise without a dent."""
    for place in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(place + n) % 4] for n in range(3))
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) <= LEAST_TURN:
            return False
    return all(abs(x - 0.5) < REACH and abs(y - 0.5) < REACH for x, y in corners)


def _number(params: Mapping[str, str], name: str) -> float:
    try:
        return float(params.get(name, "0"))
    except ValueError:
        return 0.0


def _with(recipe: Recipe, values: Mapping[str, str]) -> Recipe:
    return replace(recipe, params=tuple(sorted({**dict(recipe.params), **values}.items())))


def _without(recipe: Recipe, *names: str) -> Recipe:
    return replace(recipe, params=tuple(pair for pair in recipe.params if pair[0] not in names))
