"""A frame between two anchors: carried there from both sides, and blended.

Each side counts by how near its anchor is and by how far it may be trusted, so that what one side has lost or sees covered comes
from the other. Knows no project; a place between two anchors is a share of the way.
"""

from collections.abc import Sequence

import numpy as np

from engine.compositing.sources import PatchFrame, in_steps

_LEAST_TRUST = 0.02
"""What is doubtful on both sides is still blended by distance."""
_UNSEEN = 1e-4


def shares(way: float, trust: tuple[float, float], is_carried: tuple[bool, bool]) -> tuple[float, float]:
    """What each side counts, together 1; (0, 0) where neither reaches the frame.

    `way` is 0 at the anchor before and 1 at the one after; `trust` is each side's confidence 0..1.
    """
    near = way * way * (3 - 2 * way)
    parts = ((1 - near) * is_carried[0], near * is_carried[1])
    counted = [part * (_LEAST_TRUST + value * value) for part, value in zip(parts, trust, strict=True)]
    total = sum(counted)
    return (counted[0] / total, counted[1] / total) if total > 0 else (0.0, 0.0)


def blended(sides: Sequence[PatchFrame], weights: Sequence[float]) -> PatchFrame:
    """Patches on the same frame as one: alpha is the weighted mean, each pixel the mean weighted with alpha too.

    `weights` sum to 1. Sides without weight are left out; where one is left it is given back as it is.
    """
    counted = [(side, weight) for side, weight in zip(sides, weights, strict=True) if weight > 0]
    if len(counted) == 1:
        return counted[0][0]
    left, top = min(s.x for s, _ in counted), min(s.y for s, _ in counted)
    right = max(s.x + s.alpha.shape[1] for s, _ in counted)
    bottom = max(s.y + s.alpha.shape[0] for s, _ in counted)
    alpha = np.zeros((bottom - top, right - left), np.float32)
    light, amount = np.zeros((*alpha.shape, 3), np.float32), np.zeros(alpha.shape, np.float32)
    for side, weight in counted:
        height, width = side.alpha.shape
        pads = [(side.y - top, bottom - side.y - height), (side.x - left, right - side.x - width)]
        cover = np.pad(side.alpha, pads) * np.float32(weight)
        # Pixels that nothing covers still feed the chroma of their neighbours: they get a colour too.
        count = cover + np.float32(weight * _UNSEEN)
        alpha += cover
        amount += count
        light += np.pad(side.rgb.astype(np.float32), [*pads, (0, 0)], mode="edge") * count[..., None]
    is_deep = counted[0][0].rgb.dtype == np.uint16
    mean = np.rint(np.clip(light / amount[..., None], 0, 65535 if is_deep else 255))
    rgb = mean.astype(np.uint16) if is_deep else mean.astype(np.uint8)
    steps = in_steps(np.minimum(alpha, 1))
    rgb.flags.writeable = steps.flags.writeable = False
    return PatchFrame(left, top, rgb, steps)
