"""Moves a roughly drawn region's edge to the edge of the thing in the picture: one click, one to several outlines.

The colours inside and around the drawn outline are told apart by GrabCut (Rother, Kolmogorov and Blake 2004) on a small copy; its
edge is then moved to that of the full picture by a guided filter (He, Sun and Tang 2010), along the colour direction in which
the two sides differ most. Equal input gives equal output. Knows no patch.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.geometry import displayed_size, to_displayed, upright
from engine.compositing.mask import region_mask
from engine.compositing.sources import Alpha
from engine.errors import EditError
from engine.media.colour import region_to_rgb
from engine.media.picture import Picture
from engine.project.model import Region, RegionKind, Shape

Colours = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]
Outline = npt.NDArray[np.float64]

ROUGH_AREA = 130_000
"""Pixels in which the colours are told apart; more of them cost time and find nothing else."""
FINE_AREA = 1_000_000
"""Pixels in which the edge is found; a larger region is shrunk to it."""
SURROUNDINGS = 0.35
"""Seen on each side, as a share of the root of the drawn area."""
FREEDOM = 0.18
"""How far outside the drawn outline the edge may be, as the same share."""
CORE = 0.55
"""What lies deeper inside than this share of the deepest place is the middle of the thing."""
LEAST_SHARE = 0.3
"""A thing that covers less than this share of what was drawn was lost."""
ROUNDS = 5
SMALLEST = 0.01
"""Parts and holes below this share of the largest part are noise."""
OUTLINES_MAX = 20
STRAY_PX = 0.6
"""How far the simplified outline may lie beside the one that was found, in pixels it was found in."""
LEAST_CONTRAST = 1.2
"""Smallest difference between both sides of the edge, in their standard deviations, that an edge is believed at."""


@dataclass(frozen=True, slots=True)
class _View:
    """A part of the picture as displayed, and where it lies there (fractions: left, top, right, bottom)."""

    colours: Colours
    """(h, w, 3) 0..1."""
    drawn: Alpha
    place: tuple[float, float, float, float]

    def fractions(self, points: Outline) -> tuple[tuple[float, float], ...]:
        """Points in pixels of the view as fractions of the picture, inside 0..1."""
        left, top, right, bottom = self.place
        height, width = self.drawn.shape
        moved = np.clip(points * ((right - left) / width, (bottom - top) / height) + (left, top), 0, 1)
        return tuple((float(x), float(y)) for x, y in moved)


def refined(region: Region, picture: Picture, rotation: int = 0, pixel_aspect: Fraction = Fraction(1)) -> Region:
    """The region with its edge on the edge in the picture: outlines that are added and holes that are taken away.

    The feather stays and so does the inversion; growth is taken into the outline. At most a second for a region of any size.
    Raises: EditError: the region lies outside the picture, or no edge is near it.
    """
    view = _view_of(replace(region, feather_px=0.0, is_inverted=False), picture, rotation, pixel_aspect)
    thing = _sharpened(_told_apart(view), view)
    _refuse_guess(thing, view)
    shapes = tuple(
        Shape(RegionKind.LASSO, view.fractions(outline), is_subtracted=is_hole) for outline, is_hole in _outlines(thing)
    )
    if not shapes or shapes[0].is_subtracted:
        raise _nothing_found()
    return Region(RegionKind.LASSO, shapes[0].points, region.feather_px, more=shapes[1:], is_inverted=region.is_inverted)


def _nothing_found() -> EditError:
    return EditError("No clear edge was found near the outline.", "Draw it closer around the thing, or refine it by hand.")


def _view_of(region: Region, picture: Picture, rotation: int, pixel_aspect: Fraction) -> _View:
    """The region with its surroundings, upright and in square pixels."""
    mask = region_mask(region, picture.width, picture.height, rotation, pixel_aspect)
    margin = max(12, round(SURROUNDINGS * sqrt(float(mask.alpha.sum()))))
    x, y = max(0, mask.x - margin), max(0, mask.y - margin)
    right = min(picture.width, mask.x + mask.alpha.shape[1] + margin)
    bottom = min(picture.height, mask.y + mask.alpha.shape[0] + margin)
    drawn = np.zeros((bottom - y, right - x), np.float32)
    drawn[mask.y - y : mask.y - y + mask.alpha.shape[0], mask.x - x : mask.x - x + mask.alpha.shape[1]] = mask.alpha
    colours = np.clip(region_to_rgb(picture, x, y, right - x, bottom - y), 0, 1)
    wide, high = displayed_size(right - x, bottom - y, rotation, pixel_aspect)
    corners = to_displayed([(x / picture.width, y / picture.height), (right / picture.width, bottom / picture.height)], rotation)
    place = (*map(float, corners.min(0)), *map(float, corners.max(0)))
    scale = min(1.0, sqrt(FINE_AREA / (wide * high)))
    size = max(8, round(wide * scale)), max(8, round(high * scale))
    shown = (np.ascontiguousarray(upright(part, rotation), np.float32) for part in (colours, drawn))
    fitted = [np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32) for part in shown]
    return _View(fitted[0], fitted[1], (place[0], place[1], place[2], place[3]))


def _told_apart(view: _View) -> Bits:
    """(h, w) 0 or 1, in the view's size: which pixels have the colours of what was drawn round."""
    height, width = view.drawn.shape
    scale = min(1.0, sqrt(ROUGH_AREA / (height * width)))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = np.rint(cv2.resize(view.colours, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    drawn = np.asarray(cv2.resize(view.drawn, size, interpolation=cv2.INTER_AREA) >= 0.5, np.uint8)
    found = _cut(small, _first_guess(drawn, is_core_sure=False))
    if found.sum() < LEAST_SHARE * drawn.sum():
        found = _cut(small, _first_guess(drawn, is_core_sure=True))
    found = _without_specks(found)
    return np.asarray(cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5, np.uint8)


def _cut(colours: Bits, guess: Bits) -> Bits:
    """0 or 1 for each pixel."""
    if len(np.unique(guess & 1)) < 2:
        raise _nothing_found()
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(np.ascontiguousarray(colours[..., ::-1]), guess, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # no pixel is left on one side
        raise _nothing_found() from None
    return np.asarray(guess & 1, np.uint8)


def _first_guess(drawn: Bits, *, is_core_sure: bool) -> Bits:
    """What is sure and what is likely: far outside is background; where colours alone lose the thing, its middle is the thing."""
    outside = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inside = cv2.distanceTransform(drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    guess = np.where(drawn > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    guess[outside > FREEDOM * sqrt(float(drawn.sum()))] = cv2.GC_BGD
    guess[(inside > CORE * inside.max()) & is_core_sure] = cv2.GC_FGD
    return guess


def _without_specks(found: Bits) -> Bits:
    """Only parts and holes that are large enough to be meant."""
    for value in (1, 0):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(found == value, np.uint8), connectivity=4)
        areas = stats[:, cv2.CC_STAT_AREA].copy()
        areas[0] = 0
        small = np.flatnonzero(areas < SMALLEST * max(1, int(found.sum())))
        found = np.where(np.isin(labels, small[small > 0]), 1 - value, found).astype(np.uint8) if count > 1 else found
    return found


def _sharpened(found: Bits, view: _View) -> Alpha:
    """Soft membership 0..1 in the view's size, its edge on the picture's."""
    grey = _telling_grey(found, view.colours)
    scale = max(1.0, sqrt(found.size / ROUGH_AREA))
    soft = _guided(found.astype(np.float32), grey, max(2, round(2 * scale)))
    return np.asarray(cv2.GaussianBlur(soft, (0, 0), 0.8), np.float32)


def _telling_grey(found: Bits, colours: Colours) -> Alpha:
    """The one mixture of the colours in which both sides of the edge differ most (Fisher 1936), 0..1."""
    inner, outer = _sides(found, colours)
    if len(inner) < 8 or len(outer) < 8:
        raise _nothing_found()
    spread = np.cov(inner.T) + np.cov(outer.T) + np.eye(3) * 1e-4
    way = np.linalg.solve(spread, inner.mean(0) - outer.mean(0))
    grey = colours @ np.asarray(way / max(1e-9, float(np.abs(way).sum())), np.float32)
    low, high = np.percentile(grey, (1, 99))
    return np.asarray(np.clip((grey - low) / max(1e-6, float(high - low)), 0, 1), np.float32)


def _sides(found: Bits, colours: Colours) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Colours (N, 3) beside the edge: inside it and outside it."""
    reach = max(3, round(0.06 * sqrt(max(1.0, float(found.sum()))))) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inner = (found > 0) & (cv2.erode(found, disc, borderValue=1) == 0)
    outer = (found == 0) & (cv2.dilate(found, disc, borderValue=0) > 0)
    return colours[inner].astype(np.float64), colours[outer].astype(np.float64)


def _guided(values: Alpha, guide: Alpha, radius: int, epsilon: float = 1e-4) -> Alpha:
    """Values smoothed where the guide is smooth, with edges where it has them."""
    window = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean = cv2.blur(guide, window), cv2.blur(values, window)
    variance = cv2.blur(guide * guide, window) - mean_guide * mean_guide
    slope = (cv2.blur(guide * values, window) - mean_guide * mean) / (variance + np.float32(epsilon))
    offset = mean - slope * mean_guide
    return np.asarray(np.clip(cv2.blur(slope, window) * guide + cv2.blur(offset, window), 0, 1), np.float32)


def _refuse_guess(thing: Alpha, view: _View) -> None:
    """An edge is believed where the sides differ, and where it is not merely as far out as it was allowed to go."""
    found = np.asarray(thing >= 0.5, np.uint8)
    share = float(found.sum()) / max(1.0, float(view.drawn.sum()))
    if not 0.05 < share < 2.5 or found.all():
        raise _nothing_found()
    inner, outer = _sides(found, view.colours)
    if len(inner) < 8 or len(outer) < 8:
        raise _nothing_found()
    spread = np.cov(inner.T) + np.cov(outer.T) + np.eye(3) * 1e-5
    difference = inner.mean(0) - outer.mean(0)
    if sqrt(float(difference @ np.linalg.solve(spread / 2, difference))) < LEAST_CONTRAST:
        raise _nothing_found()


def _outlines(thing: Alpha) -> list[tuple[Outline, bool]]:
    """(outline (N, 2) in pixels of the view, whether it is a hole), the largest first: each lies in none that comes later."""
    height, width = thing.shape
    # Twice as fine, with a rim, so that the outline lies between pixels and is closed where the thing leaves the view.
    double = cv2.resize(thing, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    contours, hierarchy = cv2.findContours(
        np.asarray(double >= 0.5, np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    if not len(contours):
        return []
    areas = [float(cv2.contourArea(contour)) for contour in contours]
    order = sorted(range(len(contours)), key=lambda number: -areas[number])[:OUTLINES_MAX]
    found = []
    for number in order:
        if areas[number] < SMALLEST * areas[order[0]]:
            break
        simple = cv2.approxPolyDP(contours[number], 2 * STRAY_PX, closed=True).reshape(-1, 2)
        if len(simple) >= 3:
            found.append(((simple.astype(np.float64) + 0.5) / 2, bool(hierarchy[0][number][3] >= 0)))
    return found
