"""A lasso while it is being made: drawn by hand in one drag, or point by point with clicks.

Points are picture pixels here; `closed` gives the finished region. Knows nothing of events or painting.
"""

from widgets.roi_canvas.dragging import Picture
from widgets.roi_canvas.region import MIN_LASSO_POINTS, Point, Shape, bounds_of
from widgets.roi_canvas.thinning import simplified

MIN_SIDE_PX = 2.0


class LassoDraft:
    """Collects points, each clamped to the picture."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._points: list[Point] = []
        self._hand: list[Point] = []
        self.pointer: Point | None = None

    @property
    def points(self) -> tuple[Point, ...]:
        """Every point so far, picture pixels."""
        return (*self._points, *self._hand)

    @property
    def clicked(self) -> tuple[Point, ...]:
        """The points set one by one; empty for a line drawn by hand."""
        return tuple(self._points)

    @property
    def by_hand(self) -> bool:
        """Whether a line is being drawn with the button held."""
        return len(self._hand) > 0

    def click(self, point: Point) -> None:
        """Adds one point."""
        self._points.append(self._inside(point))

    def draw(self, point: Point, least_distance: float) -> None:
        """Goes on with the line drawn by hand, leaving out what is nearer than `least_distance`."""
        point = self._inside(point)
        last = self.points[-1] if self.points else None
        if last is None or abs(last[0] - point[0]) + abs(last[1] - point[1]) >= least_distance:
            self._hand.append(point)

    def remove_last(self) -> None:
        """Takes the last point back."""
        if self._hand:
            self._hand.pop()
        elif self._points:
            self._points.pop()

    def closed(self, tolerance: float) -> Shape | None:
        """The lasso, or None while the points enclose nothing. `tolerance` (px) thins a line drawn by hand."""
        points = simplified(self.points, tolerance) if self.by_hand else self.points
        if len(points) < MIN_LASSO_POINTS:
            return None
        limits = bounds_of(points)
        if min(limits.width, limits.height) < MIN_SIDE_PX:
            return None
        unit = tuple((x / self._picture.width, y / self._picture.height) for x, y in points)
        return Shape("lasso", unit)

    def _inside(self, point: Point) -> Point:
        x, y = point
        return min(float(self._picture.width), max(0.0, x)), min(float(self._picture.height), max(0.0, y))
