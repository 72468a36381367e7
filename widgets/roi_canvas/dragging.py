"""What a drag does to a rectangle: drawn from a corner, or pulled at one of eight handles.

Pure numbers in picture pixels, so that a square is a square on the picture and edges land between pixels.
"""

from dataclasses import dataclass

from widgets.roi_canvas.region import Bounds

# Which edges a handle moves, as (across, down): -1 left/top, 0 none, 1 right/bottom. Clockwise from the left top.
HANDLES = ((-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0))


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture's size in its own pixels."""

    width: int
    height: int

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height


def drawn(picture: Picture, start: tuple[float, float], end: tuple[float, float], *, square: bool, centred: bool) -> Bounds:
    """The rectangle between two points, on whole pixels; `centred` grows it round `start`."""
    x0, y0 = _pixel_corner(picture, start)
    x1, y1 = _pixel_corner(picture, end)
    reach_x, reach_y = x1 - x0, y1 - y0
    if square:
        room = _room(picture, (x0, y0), reach_x, reach_y, centred=centred)
        side = min(max(abs(reach_x), abs(reach_y)), room)
        reach_x, reach_y = _signed(side, reach_x), _signed(side, reach_y)
    elif centred:
        reach_x = _signed(min(abs(reach_x), x0, picture.width - x0), reach_x)
        reach_y = _signed(min(abs(reach_y), y0, picture.height - y0), reach_y)
    other_x, other_y = (x0 - reach_x, y0 - reach_y) if centred else (x0, y0)
    return snapped(_ordered(other_x, other_y, x0 + reach_x, y0 + reach_y))


def pulled(
    picture: Picture, before: Bounds, handle: tuple[int, int], dx: float, dy: float, *, square: bool, centred: bool
) -> Bounds:
    """`before` with one handle moved by (dx, dy). Past the opposite edge it turns inside out, as a hand expects.

    Edges that move land on whole pixels; edges that do not, stay exactly where they were.
    """
    if square and all(handle):
        return _pulled_square(picture, before, handle, (dx, dy), centred=centred)
    left, right = _pulled_pair(before.left, before.right, handle[0], dx, picture.width, centred)
    top, bottom = _pulled_pair(before.top, before.bottom, handle[1], dy, picture.height, centred)
    return _ordered(left, top, right, bottom)


def snapped(rect: Bounds) -> Bounds:
    """The rectangle with its edges on whole pixels."""
    return Bounds(round(rect.left), round(rect.top), round(rect.right), round(rect.bottom))


def _pulled_square(
    picture: Picture, before: Bounds, handle: tuple[int, int], by: tuple[float, float], *, centred: bool
) -> Bounds:
    corner = (
        (before.right if handle[0] > 0 else before.left) + by[0],
        (before.bottom if handle[1] > 0 else before.top) + by[1],
    )
    if centred:
        anchor = ((before.left + before.right) / 2, (before.top + before.bottom) / 2)
    else:
        anchor = (
            before.left if handle[0] > 0 else before.right,
            before.top if handle[1] > 0 else before.bottom,
        )
    return drawn(picture, anchor, corner, square=True, centred=centred)


def _pulled_pair(low: float, high: float, side: int, by: float, limit: int, centred: bool) -> tuple[float, float]:
    if side == 0:
        return low, high
    if centred:
        room = min((low + high) / 2, limit - (low + high) / 2)
        half = min(room, max(-room, (high - low) / 2 + side * by))
        middle = (low + high) / 2
        return round(middle - half), round(middle + half)
    if side < 0:
        return round(min(limit, max(0.0, low + by))), high
    return low, round(min(limit, max(0.0, high + by)))


def _room(picture: Picture, start: tuple[float, float], reach_x: float, reach_y: float, *, centred: bool) -> float:
    """How long a square's side (half side if centred) may get before it leaves the picture."""
    right, bottom = picture.width - start[0], picture.height - start[1]
    if centred:
        return min(start[0], start[1], right, bottom)
    return min(start[0] if reach_x < 0 else right, start[1] if reach_y < 0 else bottom)


def _pixel_corner(picture: Picture, point: tuple[float, float]) -> tuple[float, float]:
    return float(round(min(picture.width, max(0.0, point[0])))), float(round(min(picture.height, max(0.0, point[1]))))


def _ordered(x0: float, y0: float, x1: float, y1: float) -> Bounds:
    return Bounds(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _signed(length: float, like: float) -> float:
    return -length if like < 0 else length
