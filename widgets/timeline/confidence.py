"""Confidence as arrays, so that a pixel column finds its worst frame quickly. Pure, draws nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from widgets.timeline.values import LEVEL_RANK, ConfidenceBar, PatchView


@dataclass(frozen=True, slots=True)
class Bars:
    """The frames of a patch: `seconds` ascending, `ranks` 0 (holds) to 2 (doubtful), of the same length."""

    seconds: npt.NDArray[np.float64]
    ranks: npt.NDArray[np.int8]


class BarCache:
    """Arrays per patch, kept while its tuple is the same object: hashing the tuple would cost more than painting it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[ConfidenceBar, ...], Bars]] = {}

    def of(self, patch: PatchView) -> Bars:
        known = self._known.get(patch.id)
        if known is not None and known[0] is patch.confidence:
            return known[1]
        seconds = np.array([float(bar.time) for bar in patch.confidence])
        bars = Bars(seconds, np.array([LEVEL_RANK[bar.level] for bar in patch.confidence], dtype=np.int8))
        self._known[patch.id] = patch.confidence, bars
        return bars

    def keep_only(self, ids: set[str]) -> None:
        """Forget patches that are gone."""
        self._known = {key: value for key, value in self._known.items() if key in ids}
