"""Where a dragged time would like to rest: clip edges, patch ends, playhead, markers, in and out. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from widgets.timeline.values import TimelineView

STRENGTH_PX = 8


@dataclass(frozen=True, slots=True)
class SnapPoints:
    """Sorted times that attract."""

    times: tuple[Fraction, ...]
    seconds: tuple[float, ...]

    @classmethod
    def of(cls, view: TimelineView, playhead: Fraction, moving: frozenset[str]) -> "SnapPoints":
        """Every point of a view except the edges of what is `moving`."""
        found = [Fraction(0), playhead, *(marker.time for marker in view.markers)]
        found += [time for time in (view.in_point, view.out_point) if time is not None]
        for track in view.tracks:
            for item in track.items:
                if item.id not in moving:
                    found += (item.start, item.end)
        return cls.at(found)

    @classmethod
    def at(cls, times: Iterable[Fraction]) -> "SnapPoints":
        """Points at some times, in any order. Sorted as floats: comparing thousands of fractions takes a frame's time."""
        pairs = sorted(((float(time), time) for time in times), key=lambda pair: pair[0])
        return cls(tuple(time for _, time in pairs), tuple(seconds for seconds, _ in pairs))

    def nearest(self, time: Fraction, reach: Fraction) -> Fraction | None:
        """The closest point within `reach` seconds (inclusive), or None."""
        index = bisect_left(self.seconds, float(time))
        near = self.times[max(0, index - 1) : index + 2]
        best = min(near, key=lambda point: abs(point - time), default=None)
        return best if best is not None and abs(best - time) <= reach else None

    def shift_for(self, times: Iterable[Fraction], reach: Fraction) -> tuple[Fraction, Fraction] | None:
        """For several times that move together: (shift that makes the closest one meet its point, that point)."""
        found = [(point - time, point) for time in times if (point := self.nearest(time, reach)) is not None]
        return min(found, key=lambda pair: abs(pair[0]), default=None)
