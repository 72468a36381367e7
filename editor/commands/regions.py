"""Regions in words: the options that draw one on the command line, and their way into a region.

    --box x,y,w,h | --ellipse x,y,w,h | --lasso "x,y x,y …" | --brush "x,y x,y …" --radius R      the first outline
    --add "box x,y,w,h"  --subtract "brush R x,y x,y …"  --add "lasso x,y x,y x,y" …               further ones, in their order
    --grow PX  --invert  --feather PX
"""

import argparse
from collections.abc import Sequence
from typing import Any

from engine.errors import BadInputError
from engine.limits import FEATHER_MAX_PX
from engine.project.model import Region, RegionKind, Shape
from engine.project.regions import BY_CORNERS, checked_region, fault_of

Points = tuple[tuple[float, float], ...]
FIRST = (RegionKind.BOX, RegionKind.LASSO, RegionKind.ELLIPSE, RegionKind.BRUSH)
SLACK = 1e-9
"""0.7 + 0.3 is not to lie outside the picture."""


class _Further(argparse.Action):
    """--add and --subtract in one list, since their order counts."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:  # fmt: skip
        found = (*getattr(namespace, self.dest), (option_string == "--subtract", str(values)))
        setattr(namespace, self.dest, found)


def add_region_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a region; `region_from` reads them."""
    first = parser.add_mutually_exclusive_group(required=True)
    first.add_argument("--box", metavar="x,y,w,h", help="fractions 0..1 of the picture as displayed")
    first.add_argument("--lasso", metavar="'x,y x,y …'", help="three or more points, fractions 0..1")
    first.add_argument("--ellipse", metavar="x,y,w,h", help="the box that an ellipse fills")
    first.add_argument("--brush", metavar="'x,y x,y …'", help="a stroke of a round pen, one point or more; see --radius")
    parser.add_argument("--radius", type=float, metavar="R", help="of the brush's pen, as a fraction of the picture's height")
    further = "'box x,y,w,h', 'ellipse x,y,w,h', 'lasso x,y x,y …' or 'brush R x,y x,y …'; may be repeated"
    for name, what in (("--add", "add a shape: "), ("--subtract", "take a shape away: ")):
        parser.add_argument(name, dest="further", action=_Further, default=(), metavar="SHAPE", help=what + further)
    parser.add_argument("--grow", type=float, default=0.0, metavar="PX", help="move the outline outwards, inwards where negative")
    parser.add_argument("--invert", action="store_true", help="everything but this")
    parser.add_argument("--feather", type=float, default=6.0, metavar="PX", help="width of the fade at the edge, source pixels")


def region_from(arguments: argparse.Namespace) -> Region:
    """Raises: BadInputError: what is no number, reaches outside 0..1 or is no region."""
    if not 0 <= arguments.feather <= FEATHER_MAX_PX:
        feather = f"A feather of {arguments.feather:g} px cannot be used."
        raise BadInputError(feather, f"It may be 0 to {FEATHER_MAX_PX} px.")
    kind = next(kind for kind in FIRST if getattr(arguments, kind.value) is not None)
    if (arguments.radius is not None) != (kind is RegionKind.BRUSH):
        raise BadInputError("--radius belongs to --brush.", "Give both or neither.")
    first = _shape(kind, getattr(arguments, kind.value), arguments.radius or 0.0, f"--{kind.value} wants")
    more = tuple(_further(text, is_subtracted=is_subtracted) for is_subtracted, text in arguments.further)
    region = Region(kind, first.points, arguments.feather, first.radius, more, arguments.grow, arguments.invert)
    fault = fault_of(region)
    if fault is not None:
        raise BadInputError(f"The region {fault.what}.", fault.remedy)
    return checked_region(region)


def region_in_words(text: str, option: str, feather_px: float) -> Region:
    """A region of one outline, written as for --add. Raises: BadInputError that names `option`."""
    shape = _worded(text, option, is_subtracted=False)
    region = Region(shape.kind, shape.points, feather_px, shape.radius)
    fault = fault_of(region)
    if fault is not None:
        raise BadInputError(f"The region of {option} {fault.what}.", fault.remedy)
    return checked_region(region)


def _further(text: str, *, is_subtracted: bool) -> Shape:
    return _worded(text, "--subtract" if is_subtracted else "--add", is_subtracted=is_subtracted)


def _worded(text: str, option: str, *, is_subtracted: bool) -> Shape:
    name, _, rest = text.strip().partition(" ")
    kind = next((kind for kind in FIRST if kind.value == name), None)
    if kind is None:
        raise BadInputError(f"{option} wants a box, an ellipse, a lasso or a brush, but got “{text}”.")
    radius = 0.0
    if kind is RegionKind.BRUSH:
        pen, _, rest = rest.strip().partition(" ")
        radius = _numbers(pen, 1, f"{option} wants “brush R x,y x,y …”")[0]
    return _shape(kind, rest, radius, f"{option} {name} wants", is_subtracted=is_subtracted)


def _shape(kind: RegionKind, text: str, radius: float, wish: str, *, is_subtracted: bool = False) -> Shape:
    points = _corners(kind, text, wish) if kind in BY_CORNERS else _line(kind, text, wish)
    return Shape(kind, _inside(points), radius, is_subtracted)


def _corners(kind: RegionKind, text: str, wish: str) -> Points:
    x, y, width, height = _numbers(text, 4, f"{wish} x,y,w,h")
    if width <= 0 or height <= 0:
        raise BadInputError(f"The {kind.value} has no area.", "Give a width and height above 0.")
    return (x, y), (x + width, y + height)


def _line(kind: RegionKind, text: str, wish: str) -> Points:
    pairs = [_numbers(pair, 2, f"{wish} points “x,y x,y …”") for pair in text.split()]
    if kind is RegionKind.LASSO and len(pairs) < 3:
        raise BadInputError("A lasso needs at least three points.", "Write them as “x,y x,y x,y”.")
    if not pairs:
        raise BadInputError("A brush stroke needs a point.", "Write it as “x,y”, several as “x,y x,y”.")
    return tuple((x, y) for x, y in pairs)


def _numbers(text: str, count: int, wish: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(abs(n) < 1e9 for n in numbers):
        raise BadInputError(f"{wish}, fractions 0..1, but got “{text}”.")
    return numbers


def _inside(points: Points) -> Points:
    if any(not (-SLACK <= value <= 1 + SLACK) for point in points for value in point):
        raise BadInputError("The region lies outside the picture.", "Points are fractions 0..1 of the picture as displayed.")
    return tuple((min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) for x, y in points)
