"""Leaves out the points of a hand-drawn line that its shape does not need."""

import numpy as np
import numpy.typing as npt

from widgets.roi_canvas.region import Point

_Line = npt.NDArray[np.float64]


def simplified(points: tuple[Point, ...], tolerance: float) -> tuple[Point, ...]:
    """Drops points of a drawn line that lie within `tolerance` of the line through the rest.

    Ramer 1972, Douglas and Peucker 1973. The ends stay. Iterative, so a long line cannot exhaust the stack.
    """
    if len(points) < 3:
        return points
    line = np.asarray(points, dtype=np.float64)
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _distances_to_segment(line[first + 1 : last], line[first], line[last])
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance:
            index = first + 1 + farthest
            keep.add(index)
            spans += [(first, index), (index, last)]
    return tuple(points[index] for index in sorted(keep))


def _distances_to_segment(points: _Line, start: _Line, end: _Line) -> _Line:
    along, offset = end - start, points - start
    length = float(along @ along)
    share = np.clip(offset @ along / length, 0.0, 1.0) if length else np.zeros(len(points))
    away: _Line = np.hypot(*(offset - share[:, None] * along).T)
    return away
