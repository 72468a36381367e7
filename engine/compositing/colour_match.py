"""Gives a provider's reply the colours of its surroundings: models recolour and relight everything they touch.

Outside the region, near its edge, reply and source show the same thing; what separates their colours there (a gain, an offset and
a slope of light per channel) is taken out inside. Knows no provider and no patch.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Rgb01 = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float32]
Fit = npt.NDArray[np.float64]

_RIM_SHARE, _RIM_MIN_PX = 0.25, 10
"""How far outside the region is looked, as a share of the root of its area, and at least."""
_SOFT_PX = 2.5
"""Both are blurred so before they are compared: noise, and a redrawn texture, would make every gain look too small."""
_ROUNDS = 8
_REDRAWN = 0.8
"""Share of the rim's contrast that the fit leaves, from which on the rim was redrawn, says nothing of contrast, and only light is
matched."""
_FLAT = 3 / 255
_NEEDED = 40
_GAINS = (0.5, 2.0)
_CLIPPED = 1.5 / 255
_PRIOR = np.array([0.02, 1e-9, 0.3, 0.3])
"""How firmly gain, offset and the two slopes are held at none, as a share of the measurements."""
_UNCHANGED = 0.4 / 255
"""Under this, in the mean over the rim, colours are left as they are."""


@dataclass(frozen=True, slots=True)
class ColourMatch:
    """What was done to the colours."""

    rgb: Rgb01
    levels: float = 0.0
    """How far the colours of the rim were off, in 8-bit levels: the root mean square over channels of what was taken out."""
    is_reliable: bool = True
    """False where the rim had too little to compare, or shows something else; nothing was changed then but the light."""


def match_colour(reply: Rgb01, own: Rgb01, outside: Weights, seen: Weights | None = None) -> ColourMatch:
    """`reply` (h, w, 3) 0..1 with the colours of `own` (h, w, 3).

    `outside` (h, w) is 1 where both should show the same and 0 in the region; `seen` is 0 where the reply does not reach. The fit
    is robust (Tukey), so what a model changed near the region by mistake has no say. Deterministic.
    """
    both = outside if seen is None else np.asarray(outside * seen, np.float32)
    rim = _rim(outside) * both
    rows, columns = np.nonzero((rim > 0) & ~_clipped(reply) & ~_clipped(own))
    if len(rows) < _NEEDED:
        return ColourMatch(reply, is_reliable=False)
    weights = rim[rows, columns].astype(np.float64)
    theirs, ours = (_soft(part, both)[rows, columns].astype(np.float64) for part in (reply, own))
    u, v = _grid(outside)
    at = u[rows, columns], v[rows, columns]
    fits = [_fitted(theirs[:, c], ours[:, c], at, weights) for c in range(3)]
    left = [_spread(ours[:, c] - _applied(fit, theirs[:, c], at)) for c, fit in enumerate(fits)]
    is_alike = bool(np.mean(left) < _REDRAWN * max(_FLAT, float(np.mean([_spread(ours[:, c]) for c in range(3)]))))
    if not is_alike:
        fits = [np.array([1, np.median(ours[:, c] - theirs[:, c]), 0, 0]) for c in range(3)]
    off = [_applied(fit, theirs[:, c], at) - theirs[:, c] for c, fit in enumerate(fits)]
    levels = float(np.sqrt(np.mean([np.average(part**2, weights=weights) for part in off])))
    if levels < _UNCHANGED:
        return ColourMatch(reply, levels * 255, is_alike)
    matched = np.dstack([_applied(fit, reply[..., c], (u, v)) for c, fit in enumerate(fits)])
    return ColourMatch(np.clip(matched, 0, 1).astype(np.float32), levels * 255, is_alike)


def _rim(outside: Weights) -> Weights:
    """1 at the region's edge, falling to 0 where the rim ends."""
    inside = (outside <= 0).astype(np.uint8)
    reach = max(_RIM_MIN_PX, _RIM_SHARE * float(np.sqrt(inside.sum())))
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.clip(1 - away / reach, 0, 1) * (outside > 0), np.float32)


def _clipped(rgb: Rgb01) -> npt.NDArray[np.bool_]:
    return np.asarray(((rgb < _CLIPPED) | (rgb > 1 - _CLIPPED)).any(axis=2))


def _soft(rgb: Rgb01, outside: Weights) -> Rgb01:
    """Blurred, of what lies outside by what lies outside."""
    share = cv2.GaussianBlur(outside, (0, 0), _SOFT_PX)[..., None] + np.float32(1e-6)
    return np.asarray(cv2.GaussianBlur(rgb * outside[..., None], (0, 0), _SOFT_PX) / share, np.float32)


def _grid(outside: Weights) -> tuple[Fit, Fit]:
    """u and v of every pixel: -1..1 over the region's box, held there beyond it so that a slope never runs away."""
    rows, columns = (np.flatnonzero((outside <= 0).any(axis=axis)) for axis in (1, 0))
    height, width = outside.shape
    if not len(rows):
        rows, columns = np.array([0, height - 1]), np.array([0, width - 1])
    u, v = (
        np.clip((np.arange(size) - (low + high) / 2) / max(1.0, (high - low) / 2), -1.5, 1.5)
        for size, low, high in ((width, columns[0], columns[-1]), (height, rows[0], rows[-1]))
    )
    return np.broadcast_to(u, (height, width)), np.broadcast_to(v[:, None], (height, width))


def _fitted(theirs: Fit, ours: Fit, at: tuple[Fit, Fit], weights: Fit) -> Fit:
    """(4,): gain, offset, slope across, slope down."""
    middle = float(np.average(theirs, weights=weights))
    off = ours - theirs
    terms = np.stack([theirs - middle, np.ones_like(theirs), *at])
    # Held by what a tenth of contrast would weigh, so that a flat rim keeps the gain at 1.
    held = np.diag(_PRIOR * np.array([0.1**2, 1, 1, 1]) * weights.sum())
    fit, trust = np.zeros(4), _tukey(off - np.median(off))
    for _ in range(_ROUNDS):
        weighted = terms * (weights * trust)
        fit = np.linalg.solve(np.einsum("in,jn->ij", weighted, terms) + held, (weighted * off).sum(axis=1))
        trust = _tukey(off - (terms * fit[:, None]).sum(axis=0))
    gain = float(np.clip(1 + fit[0], *_GAINS))
    return np.array([gain, fit[1] - (gain - 1) * middle, fit[2], fit[3]])


def _spread(values: Fit) -> float:
    """Standard deviation by the median, for the most of what is there."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _tukey(miss: Fit) -> Fit:
    reach = 4.685 * 1.4826 * float(np.median(np.abs(miss))) + 1 / 255
    return np.asarray(np.clip(1 - (miss / reach) ** 2, 0, None) ** 2)


def _applied(fit: Fit, values: npt.NDArray[np.floating], at: tuple[Fit, Fit]) -> Fit:
    return np.asarray(values * fit[0] + fit[1] + fit[2] * at[0] + fit[3] * at[1])
