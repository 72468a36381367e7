"""Where a clip's picture lies on the canvas, so that a region drawn on what is seen lands on what is changed, and back.

The same arithmetic as the compositor's (`compositing.layers.placement`), on fractions of displayed pictures. Pure functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

from engine.project.model import Canvas, Clip, Media, Region, RegionKind, Shape

Point = tuple[float, float]
EXACT = 1e-9
ELLIPSE_CORNERS = 64
"""Of the lasso that a turned ellipse becomes; it strays from it by less than a thousandth of its radius."""


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """An affine map from fractions of a media's displayed picture to fractions of the canvas:
    x' = a·x + b·y + c, y' = d·x + e·y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    pen: float = 1.0
    """A fraction of the picture's height as a fraction of the canvas's, whichever way the picture is turned."""
    scale: float = 1.0
    """Pixels of the canvas per pixel of the displayed picture."""

    def to_canvas(self, point: Point) -> Point:
        """A point of the picture on the canvas; it may lie outside 0..1."""
        x, y = point
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def to_picture(self, point: Point) -> Point:
        """A point of the canvas on the picture; it may lie outside 0..1."""
        x, y = point[0] - self.c, point[1] - self.f
        scale = self.a * self.e - self.b * self.d
        return (self.e * x - self.b * y) / scale, (self.a * y - self.d * x) / scale

    @property
    def is_upright(self) -> bool:
        """Whether a box stays a box."""
        return abs(self.b) < EXACT and abs(self.d) < EXACT


WHOLE = PicturePlace(1, 0, 0, 0, 1, 0)
"""The picture fills the canvas."""


def place_of(clip: Clip, media: Media, canvas: Canvas) -> PicturePlace:
    """How a clip lays its media's picture on the canvas: fitted inside, scaled and turned about its centre, moved."""
    transform = clip.transform
    if not media.width or not media.height:
        return WHOLE
    scale = min(canvas.width / media.width, canvas.height / media.height) * transform.scale
    angle = radians(transform.rotation_deg)
    wide, high = media.width * scale, media.height * scale
    a, b = wide * cos(angle) / canvas.width, -high * sin(angle) / canvas.width
    d, e = wide * sin(angle) / canvas.height, high * cos(angle) / canvas.height
    centre = (0.5 + transform.x, 0.5 + transform.y)
    return PicturePlace(
        a, b, centre[0] - (a + b) / 2, d, e, centre[1] - (d + e) / 2, pen=high / canvas.height, scale=scale,
    )  # fmt: skip


def region_on_picture(drawn: Region, place: PicturePlace) -> Region:
    """A region drawn on the canvas as a region of the picture, clipped to it; a box on a turned picture becomes a lasso."""
    return _mapped(drawn, place.to_picture, 1 / place.pen, upright=place.is_upright, clip=True)


def region_on_canvas(region: Region, place: PicturePlace) -> Region:
    """A picture's region as it is seen on the canvas; it may reach outside."""
    return _mapped(region, place.to_canvas, place.pen, upright=place.is_upright, clip=False)


def _mapped(region: Region, move: Callable[[Point], Point], pen: float, *, upright: bool, clip: bool) -> Region:
    first, *more = (_moved(shape, move, pen, upright=upright, clip=clip) for shape in region.shapes)
    left = tuple(shape for shape in more if not clip or _has_area(shape))
    return replace(region, kind=first.kind, points=first.points, radius=first.radius, more=left)


def _moved(shape: Shape, move: Callable[[Point], Point], pen: float, *, upright: bool, clip: bool) -> Shape:
    """Pixels of the source (feather, growth) stay what they are; a pen is as wide as the picture is high. A box that reaches
    outside is clipped, an ellipse would be another one: it becomes an outline first."""
    points, kind = shape.points, shape.kind
    is_cut = clip and kind is RegionKind.ELLIPSE and not all(_is_inside(move(point)) for point in points)
    if kind in _BY_BOUNDS and (is_cut or not upright):
        points, kind = _BY_BOUNDS[kind](*points), RegionKind.LASSO
    moved = tuple(_settled(move(point), clip=clip) for point in points)
    if kind in _BY_BOUNDS:
        xs, ys = sorted(p[0] for p in moved), sorted(p[1] for p in moved)
        moved = ((xs[0], ys[0]), (xs[-1], ys[-1]))
    return replace(shape, kind=kind, points=moved, radius=round(shape.radius * pen, 12))


def _has_area(shape: Shape) -> bool:
    """Whether anything of a shape is left on the picture; something of a stroke always is."""
    xs, ys = zip(*shape.points, strict=True)
    return shape.kind is RegionKind.BRUSH or (min(xs) != max(xs) and min(ys) != max(ys))


def _corners(low: Point, high: Point) -> tuple[Point, ...]:
    return low, (high[0], low[1]), high, (low[0], high[1])


def _round(low: Point, high: Point) -> tuple[Point, ...]:
    middle, reach = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2), ((high[0] - low[0]) / 2, (high[1] - low[1]) / 2)
    turns = (2 * pi * number / ELLIPSE_CORNERS for number in range(ELLIPSE_CORNERS))
    return tuple((middle[0] + reach[0] * cos(turn), middle[1] + reach[1] * sin(turn)) for turn in turns)


_BY_BOUNDS = {RegionKind.BOX: _corners, RegionKind.ELLIPSE: _round}


def _is_inside(point: Point) -> bool:
    return _settled(point, clip=True) == _settled(point, clip=False)


def _settled(point: Point, *, clip: bool) -> Point:
    """Without the dust of floating point, so that drawing and showing again changes nothing; inside 0..1 where asked."""
    x, y = (round(value, 12) for value in point)
    return (min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) if clip else (x, y)
