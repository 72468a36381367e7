"""Where a clip's picture lies on the canvas, so that a region drawn on what is seen lands on what is changed, and back.

The same arithmetic as the compositor's (`compositing.layers.placement`), on fractions of displayed pictures. Pure functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, radians, sin

from engine.project.model import Canvas, Clip, Media, Region, RegionKind

Point = tuple[float, float]
EXACT = 1e-9


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
    return PicturePlace(a, b, centre[0] - (a + b) / 2, d, e, centre[1] - (d + e) / 2)


def region_on_picture(drawn: Region, place: PicturePlace) -> Region:
    """A region drawn on the canvas as a region of the picture, clipped to it; a box on a turned picture becomes a lasso."""
    return _mapped(drawn, place.to_picture, upright=place.is_upright, clip=True)


def region_on_canvas(region: Region, place: PicturePlace) -> Region:
    """A picture's region as it is seen on the canvas; it may reach outside."""
    return _mapped(region, place.to_canvas, upright=place.is_upright, clip=False)


def _mapped(region: Region, move: Callable[[Point], Point], *, upright: bool, clip: bool) -> Region:
    points, kind = region.points, region.kind
    if kind is RegionKind.BOX and not upright:
        left, top, right, bottom = region.bounds
        points, kind = ((left, top), (right, top), (right, bottom), (left, bottom)), RegionKind.LASSO
    moved = tuple(_settled(move(point), clip=clip) for point in points)
    if kind is RegionKind.BOX:
        xs, ys = sorted(p[0] for p in moved), sorted(p[1] for p in moved)
        moved = ((xs[0], ys[0]), (xs[-1], ys[-1]))
    return replace(region, kind=kind, points=moved)


def _settled(point: Point, *, clip: bool) -> Point:
    """Without the dust of floating point, so that drawing and showing again changes nothing; inside 0..1 where asked."""
    x, y = (round(value, 12) for value in point)
    return (min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) if clip else (x, y)
