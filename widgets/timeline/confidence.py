"""Confidence as arrays, so that a pixel column finds its worst frame quickly. Pure, draws nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from widgets.timeline.values import LEVEL_RANK, PatchView


@dataclass(frozen=True, slots=True)
class Bars:
    """The frames of a patch: `seconds` ascending, `ranks` 0 (holds) to 2 (doubtful), all of the same length.

    A frame ends where the next begins; where nothing is known of the frames after it, it is as long as most are.
    """

    seconds: npt.NDArray[np.float64]
    ranks: npt.NDArray[np.int8]
    ends: npt.NDArray[np.float64]
    worst: int
    """The highest rank; 0 without frames."""


GAP_FROM = 2.5
"""Lengths of a usual frame: the next known frame lies so far away that frames between them are missing."""


def ends_of(seconds: npt.NDArray[np.float64], end: float) -> npt.NDArray[np.float64]:
    """Where each frame ends, in the unit of `seconds`; `end` is that of the whole patch."""
    usual = float(np.median(np.diff(seconds))) if len(seconds) > 1 else end - float(seconds[0]) if len(seconds) else 0.0
    following = np.append(seconds[1:], end)
    return np.where(following - seconds > GAP_FROM * usual, seconds + usual, following)


class BarCache:
    """Arrays per patch, kept while its view is the same object: to compare all frames would cost more than painting them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[PatchView, Bars]] = {}

    def of(self, patch: PatchView) -> Bars:
        known = self._known.get(patch.id)
        if known is not None and known[0] is patch:
            return known[1]
        seconds = np.array([float(bar.time) for bar in patch.confidence])
        ranks = np.array([LEVEL_RANK[bar.level] for bar in patch.confidence], dtype=np.int8)
        bars = Bars(seconds, ranks, ends_of(seconds, float(patch.end)), int(ranks.max(initial=0)))
        self._known[patch.id] = patch, bars
        return bars

    def keep_only(self, ids: set[str]) -> None:
        """Forget patches that are gone."""
        self._known = {key: value for key, value in self._known.items() if key in ids}
