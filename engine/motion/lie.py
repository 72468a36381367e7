"""How a region lies on a tracked frame, in nine numbers: good enough to draw its outline there and to take it up again by hand.

The pixels follow a dense map; an outline needs only what most of that map agrees on.
"""

import numpy as np

from engine.motion import planar
from engine.motion.flow import Box, Field, Map

Matrix = tuple[float, ...]
"""A 3×3 homography, row by row, in pixels."""

STILL: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

_PLANE_SHARE = 0.6
_LEAST_PIXELS = 12


def lie(at: Map, box: Box, weight: Field) -> Matrix:
    """Frame -> anchor for what `weight` (h, w, 0..1) covers of a map; empty where too little is seen.

    A homography where the map is one, else the affine map that is nearest to it (least squares): what bends has no plane, and a
    plane through a part of it would throw the corners of its outline far off.
    """
    fitted = planar.fit(at, box, weight)
    if fitted is not None and fitted[1] >= _PLANE_SHARE:
        return tuple(float(n) for n in (fitted[0] / fitted[0][2, 2]).ravel())
    rows, columns = np.nonzero(weight > 0.2)
    if len(rows) < _LEAST_PIXELS:
        return ()
    points = np.stack([columns + box.x, rows + box.y, np.ones(len(rows))], axis=1).astype(np.float64)
    if min(np.ptp(points[:, :2], axis=0)) < 2:
        return ()
    found, *_ = np.linalg.lstsq(points, at[rows, columns].astype(np.float64), rcond=None)
    return (*(float(n) for n in found.T.ravel()), 0.0, 0.0, 1.0)
