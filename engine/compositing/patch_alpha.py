"""What takes away from a carried patch's alpha when it is laid: its fade at the ends of the window, and what stays in front.

Neither is part of a carried frame, so changing them carries nothing anew. Knows no files and no motion.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.compositing.sources import PatchFrame
from engine.project.model import Media, Patch
from engine.rational_time import TimeRange

_USUAL_RATE = Fraction(25)


def whole_range(media: Media, patch: Patch) -> TimeRange | None:
    """Where in its window (source time) a patch is not faded; None where the fades meet. The whole window without a falloff."""
    length = patch.carrying.falloff_frames / (media.rate or _USUAL_RATE)
    start, end = patch.window.start + length, patch.window.end - length
    return TimeRange.between(start, end) if start < end else None


def fade_at(media: Media, patch: Patch, time: Fraction) -> float:
    """0..1, never 0 inside the window: how much of the patch shows on the frame that begins at source time `time`.

    A smoothstep over `falloff_frames` frames of average length at each end of the window. A still, which is one frame, never
    fades.
    """
    frames = patch.carrying.falloff_frames
    if not frames or media.available_range is None:
        return 1.0
    rate, window = media.rate or _USUAL_RATE, patch.window
    nearest = min((time - window.start) * rate + 1, (window.end - time) * rate)
    share = min(1.0, max(0.0, float(nearest) / (frames + 1)))
    return share * share * (3 - 2 * share)


def faded(laid: PatchFrame, share: float) -> PatchFrame:
    """The patch with its alpha times `share`; the very same at 1."""
    if share >= 1:
        return laid
    alpha = laid.alpha * np.float32(share)
    alpha.flags.writeable = False
    return replace(laid, alpha=alpha)


def held_out(laid: PatchFrame, front: PatchFrame) -> PatchFrame:
    """The patch behind what lies in front of it: exactly 0 wherever `front` covers a pixel wholly."""
    height, width = laid.alpha.shape
    top, left = max(laid.y, front.y), max(laid.x, front.x)
    bottom = min(laid.y + height, front.y + front.alpha.shape[0])
    right = min(laid.x + width, front.x + front.alpha.shape[1])
    if bottom <= top or right <= left:
        return laid
    alpha = laid.alpha.copy()
    cover = front.alpha[top - front.y : bottom - front.y, left - front.x : right - front.x]
    alpha[top - laid.y : bottom - laid.y, left - laid.x : right - laid.x] *= 1 - cover
    alpha.flags.writeable = False
    return replace(laid, alpha=alpha)
