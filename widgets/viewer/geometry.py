"""Where the picture lies in the viewer: fit, percent, zoom at a point, pan. Pure numbers, in device pixels.

Working in device pixels makes 1:1 mean one picture pixel per screen pixel at any scale of the display.
"""

from dataclasses import dataclass

MIN_SCALE = 0.05
MAX_SCALE = 32.0
ZOOM_STEPS = (0.05, 0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)


@dataclass(frozen=True, slots=True)
class Size:
    """A width and a height in device pixels or picture pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placement:
    """The picture's rectangle in device pixels and the scale it came from (device pixels per picture pixel)."""

    left: float
    top: float
    width: float
    height: float
    scale: float


@dataclass(frozen=True, slots=True)
class Zoom:
    """What the user chose. `scale` None fits the picture; the centre is the picture point (0..1) in the middle."""

    scale: float | None = None
    centre_x: float = 0.5
    centre_y: float = 0.5


def fit_scale(view: Size, picture: Size, margin: int) -> float:
    """The largest scale at which the whole picture is seen with `margin` device pixels round it."""
    free_width = max(1, view.width - 2 * margin)
    free_height = max(1, view.height - 2 * margin)
    return min(free_width / picture.width, free_height / picture.height)


def place(view: Size, picture: Size, zoom: Zoom, margin: int) -> Placement:
    """Puts the picture on whole device pixels.

    A picture smaller than the view stays in its middle; a larger one is never pulled away from an edge.
    """
    scale = fit_scale(view, picture, margin) if zoom.scale is None else zoom.scale
    width = max(1, round(picture.width * scale))
    height = max(1, round(picture.height * scale))
    left = _offset(view.width, width, zoom.centre_x)
    top = _offset(view.height, height, zoom.centre_y)
    return Placement(left, top, width, height, scale)


def zoom_at(view: Size, picture: Size, zoom: Zoom, margin: int, x: float, y: float, factor: float) -> Zoom:
    """The zoom after scaling by `factor` with the picture point under (x, y) held still."""
    now = place(view, picture, zoom, margin)
    scale = min(MAX_SCALE, max(MIN_SCALE, now.scale * factor))
    across = (x - now.left) / now.width
    down = (y - now.top) / now.height
    width, height = picture.width * scale, picture.height * scale
    return Zoom(
        scale,
        across + (view.width / 2 - x) / width,
        down + (view.height / 2 - y) / height,
    )


def pan(view: Size, picture: Size, zoom: Zoom, margin: int, dx: float, dy: float) -> Zoom:
    """The zoom after the hand moved the picture by (dx, dy) device pixels; a fitted picture stays fitted."""
    if zoom.scale is None:
        return zoom
    now = place(view, picture, zoom, margin)
    centre_x = (view.width / 2 - now.left - dx) / now.width
    centre_y = (view.height / 2 - now.top - dy) / now.height
    return Zoom(zoom.scale, min(1.0, max(0.0, centre_x)), min(1.0, max(0.0, centre_y)))


def next_step(scale: float, direction: int) -> float:
    """The neighbouring round percentage above (`direction` > 0) or below."""
    if direction > 0:
        return next((step for step in ZOOM_STEPS if step > scale * 1.001), MAX_SCALE)
    return next((step for step in reversed(ZOOM_STEPS) if step < scale * 0.999), MIN_SCALE)


def _offset(view: int, picture: int, centre: float) -> int:
    if picture <= view:
        return (view - picture) // 2
    return min(0, max(view - picture, round(view / 2 - centre * picture)))
