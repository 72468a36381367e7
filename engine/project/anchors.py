"""The anchors of a version, and which of them decide a frame: said once, for whoever carries, shows, plans or names frames."""

from bisect import bisect_left
from fractions import Fraction

from engine.project.model import AnchorPixels, PatchVersion


def anchors_of(version: PatchVersion) -> tuple[AnchorPixels, ...]:
    """The version's own anchor and the further ones, in order of time."""
    own = AnchorPixels(version.anchor, version.region, version.pixels, version.crop)
    return tuple(sorted((own, *version.others), key=lambda anchor: anchor.anchor))


def deciding(anchors: tuple[AnchorPixels, ...], time: Fraction) -> tuple[AnchorPixels, ...]:
    """The anchor of that very frame, or its neighbours on both sides, or the nearest one before the first and after the last."""
    after = bisect_left(anchors, time, key=lambda anchor: anchor.anchor)
    if after < len(anchors) and anchors[after].anchor == time:
        return (anchors[after],)
    return anchors[max(0, after - 1) : after + 1]
