"""What a tracked frame shows of how well the patch lies there: a handful of numbers, each with a reason to doubt behind it.

Most are guesses of the error in levels (`implied`), which mean the same on every scene. They are measured on every few pixels
only, so that they cost little beside the tracking. Knows no weights and no lights.
"""

from dataclasses import dataclass, fields
from math import hypot, log1p

import numpy as np
import numpy.typing as npt

from engine.motion import implied
from engine.motion.glance import Stakes, glance
from engine.motion.judging import Track

_KEPT = 0.97
"""Of an earlier doubt, with every frame."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Measured on one frame. All are 0 where nothing speaks against the patch, and grow with doubt.

    Levels and pixels are given as log(1 + x): twice the error is not twice the doubt.
    """

    implied: float = 0.0
    """Levels by which the result may be wrong: the root of the sum of the squares of the next five."""
    misplaced: float = 0.0
    """Levels: lies elsewhere, as flow to the anchor, flow since the frame before and what is left over say together."""
    relit: float = 0.0
    """Levels: other light."""
    unlike: float = 0.0
    """Levels: hidden where it was taken as seen."""
    ragged: float = 0.0
    """Levels: the border of what is in front runs elsewhere."""
    alike: float = 0.0
    """Levels: belongs to another place nearby that looks the same."""
    torn: float = 0.0
    """Levels: the way the anchor still has to go, where no plane was found."""
    astray: float = 0.0
    """Pixels by which flow to the expected picture and back misses its start."""
    left_over: float = 0.0
    """Levels between the frame and the carried anchor in the frame's light."""
    doubted: float = 0.0
    """Levels: the most of `implied` on the way from the anchor. What went wrong there may fit again and still be wrong."""
    strayed: float = 0.0
    """Pixels: the most of `astray` on the way."""
    strain: float = 0.0
    """Difference between frame and carried anchor, in units of what noise and texture explain."""
    unheld: float = 0.0
    """On a plain surface, what nothing holds: 1 where flow had to guess, 2 at most."""
    covered_share: float = 0.0
    outside_share: float = 0.0
    distance: float = 0.0
    """Frames from the anchor."""


NO_EVIDENCE = Evidence()
"""Of the anchor itself."""
NAMES = tuple(field.name for field in fields(Evidence))


class Witness:
    """Looks at the tracked frames of one direction, outward from the anchor, one after the other. Keeps the last.

    Say `lose` where a frame shows no patch: what comes after has no frame before it, but what was doubtful stays so.
    """

    def __init__(self, known: Stakes) -> None:
        self._known, self._flows = known, implied.Flows()
        self._before: Track | None = None
        self._distance, self._doubted, self._strayed = 0, 0.0, 0.0

    def lose(self) -> None:
        self._before = None

    def look(self, track: Track) -> Evidence:
        seen, before = glance(track, self._known), self._before
        self._before, self._distance = track, self._distance + 1
        to_go = self._flows.still_to_go(seen, self._known)
        since = self._flows.since_before(seen, self._known, before) if before is not None else 0.0
        places = (to_go, since, implied.slipped(seen, self._known))
        # Over a plane one of them may be misled by light; where there is none, any may be the first to see it.
        misplaced = sorted(places)[1] if track.planar else max(places)
        relit, unlike = implied.relit(seen), implied.unlike(seen, self._known)
        ragged, alike = implied.ragged(seen), implied.alike(seen)
        together, astray = log1p(hypot(misplaced, relit, unlike, ragged, alike)), log1p(self._flows.astray_px(seen))
        self._doubted, self._strayed = max(together, _KEPT * self._doubted), max(astray, _KEPT * self._strayed)
        return Evidence(
            together, log1p(misplaced), log1p(relit), log1p(unlike), log1p(ragged), log1p(alike),
            torn=0.0 if track.planar else log1p(to_go), astray=astray, left_over=log1p(track.residual_levels),
            doubted=self._doubted, strayed=self._strayed, strain=track.strain, unheld=min(2.0, track.unheld),
            covered_share=track.covered_share, outside_share=track.outside_share, distance=float(self._distance),
        )


def as_row(evidence: Evidence) -> npt.NDArray[np.float64]:
    """The numbers in the order of `NAMES`."""
    return np.array([getattr(evidence, name) for name in NAMES], np.float64)
