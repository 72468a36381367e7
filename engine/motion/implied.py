"""What the result would lose by each thing that may be wrong with a tracked frame, in 8-bit levels of the patch itself.

A patch that lies off shows by as much as it changes over that way, light that is mistaken by what it would make of the patch,
what is wrongly taken as hidden or as seen by how the patch differs from the frame. So a doubt about a picture becomes a guess of
the error a person would see, and all such guesses can be put together. Each costs little: they work on a `Glance`.
"""

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.appearance import smoothstep, tolerance
from engine.motion.flow import DenseFlow, Field, Map, disagreement, inside, sample
from engine.motion.glance import Glance, Stakes, averaged, grey_levels
from engine.motion.judging import Track
from engine.motion.view import Rgb01

_COARSEST = 2
"""Finest scale of the flow: coarser than what the tracker uses."""
_AROUND_PX = 6.0
_LEAST_CONTRAST = 16.0
"""Variance in levels below which a surface is not blown up to full contrast."""
_LITTLE = 0.03
"""Share of telling pixels at which what they say counts half."""
_FURTHEST_PX = 8.0
_TILES = 4
_LIGHT_RANGE = (0.3, 3.0)
_DARK = np.float32(0.02)
_UNLIKE = (0.6, 1.4)
_ALIKE_SIDE_PX, _ALIKE_REACH_PX, _ALIKE_FAR_PX = 56, 14, 3.0
_ALIKE = 0.25
"""By how much the correlation elsewhere may be lower so that the place is no rival."""


class Flows:
    """Two flows that do not depend on the tracker's. One object belongs to one thread."""

    def __init__(self) -> None:
        self._flow = DenseFlow(finest_scale=_COARSEST)

    def still_to_go(self, seen: Glance, known: Stakes) -> float:
        """Levels: what the patch would change by the way the anchor still has to go, contrast made even on both."""
        least = _LEAST_CONTRAST + 4 * known.noise_levels**2
        flow = self._flow(_evened(seen.frame_grey, least), _evened(seen.anchor_grey, least))
        there = sample(seen.patch_grey, seen.size.grid() + flow, seen.size)
        return _told(np.abs(there - seen.patch_grey), seen.telling, seen.visible)

    def astray_px(self, seen: Glance) -> float:
        """By how much flow to the expected picture and back misses its start, on the worse fifth of the patch."""
        frame, expected = _eight_bit(seen.frame_grey), _eight_bit(seen.expected_grey)
        missed = disagreement(self._flow(frame, expected), self._flow(expected, frame))
        shown = seen.visible > 0.5
        return float(np.quantile(missed[shown], 0.8)) if shown.sum() > 10 else 0.0

    def since_before(self, seen: Glance, known: Stakes, before: Track) -> float:
        """Levels: what the patch would change if it moved as the picture did since the frame before."""
        centres = [_centre(track_box, mask) for track_box, mask in ((before.box.grid(), before.mask), (seen.here, seen.mask))]
        last = seen.here + np.rint(centres[0] - centres[1]).astype(np.float32)
        grey = sample(grey_levels(before.frame), last, before.box)
        there = last + self._flow(_eight_bit(seen.frame_grey), _eight_bit(grey)) * np.float32(seen.stride)
        at = there + sample(before.at - before.box.grid(), there, before.box)
        shown = inside(there, before.box) * sample(before.mask * (1 - before.covered), there, before.box)
        change = np.abs(sample(known.grey, at, known.box) - seen.patch_grey)
        return _told(change, seen.telling * np.clip(1.5 * shown, 0, 1), seen.visible)


def slipped(seen: Glance, known: Stakes) -> float:
    """Levels: what the shift would cost that explains best what is left over, part by part; the worst quarter of the parts."""
    left = cv2.GaussianBlur(seen.frame_grey - seen.expected_grey, (0, 0), 1.0)
    soft = cv2.GaussianBlur(seen.expected_grey, (0, 0), 1.0)
    dx, dy = (cv2.Sobel(soft, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    weight = _tiled(seen.visible) + 1e-4
    xx, yy, xy, x, y = (_tiled(part * seen.visible) / weight for part in (dx * dx, dy * dy, dx * dy, dx * left, dy * left))
    steady = 1 + 0.5 * known.noise_levels**2
    xx, yy = xx + steady, yy + steady
    off = np.hypot(yy * x - xy * y, xx * y - xy * x) / (xx * yy - xy * xy)
    enough = weight > 0.25 * weight.max()
    worst = np.sort(np.minimum(off[enough], _FURTHEST_PX))[::-1]
    return float(worst[: max(1, len(worst) // 4)].mean()) * seen.steep_levels


def relit(seen: Glance) -> float:
    """Levels between the patch in the light found for each place and in one light for all, multiplied or added."""
    now, then = (_colour(image, seen.visible) for image in (seen.frame, seen.anchor))
    factor = np.clip((now + _DARK) / (then + _DARK), *_LIGHT_RANGE)
    laid, others = np.clip(seen.laid, 0, 1), (seen.patch * factor, seen.patch + (now - then))
    return min(averaged(grey_levels(np.abs(laid - np.clip(other, 0, 1))), seen.visible) for other in others)


def unlike(seen: Glance, known: Stakes) -> float:
    """Levels: what it costs if that which fits badly and was taken as seen is in front."""
    error = grey_levels(np.abs(seen.frame - seen.expected))
    ratio = cv2.GaussianBlur(error / tolerance(seen.anchor, seen.frame, known.noise_levels), (0, 0), 2.0)
    return _share(seen.visible * smoothstep(np.asarray(ratio, np.float32), *_UNLIKE), seen)


def ragged(seen: Glance) -> float:
    """Levels: what it costs if the border of what was taken as in front runs elsewhere."""
    border = cv2.morphologyEx(seen.covered, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return _share(seen.mask * border, seen) if border.any() else 0.0


def alike(seen: Glance) -> float:
    """Levels: what it costs if the patch belongs to another place nearby that looks nearly as much like the anchor.

    What repeats has such places, what is plain has nothing else. Sought on a small copy, by shifts alone.
    """
    rows, columns = np.flatnonzero((seen.visible > 0.3).any(axis=1)), np.flatnonzero((seen.visible > 0.3).any(axis=0))
    if (seen.visible > 0.3).sum() < 20:
        return 0.0
    scale = min(1.0, _ALIKE_SIDE_PX / max(np.ptp(rows) + 1, np.ptp(columns) + 1))
    inner = _scaled(rows, scale), _scaled(columns, scale)
    expected, cover = _shrunk(seen.expected_grey, scale)[inner], (_shrunk(seen.visible, scale)[inner] > 0.5).astype(np.float32)
    if cover.sum() < 12:
        return 0.0
    frame, patch = (_with_surroundings(_shrunk(image, scale), inner) for image in (seen.frame_grey, seen.patch_grey))
    scores, middle = _correlations(expected, cover, frame), _ALIKE_REACH_PX
    here, costs = _part(patch, middle, middle), [0.0]
    for row, column in _rivals(scores, max(_ALIKE_FAR_PX * scale, 2.0)):
        near = float(np.clip((scores[row, column] - scores[middle, middle] + _ALIKE) / _ALIKE, 0, 1))
        if near > 0:
            costs.append(near * averaged(np.abs(_part(patch, row, column) - here), cover))
    return max(costs)


def _scaled(places: npt.NDArray[np.intp], scale: float) -> slice:
    first = int(places[0] * scale)
    return slice(first, max(first + 4, int(np.ceil((places[-1] + 1) * scale))))


def _with_surroundings(image: Field, inner: tuple[slice, slice]) -> Field:
    reach = _ALIKE_REACH_PX
    padded = cv2.copyMakeBorder(image, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    rows, columns = (slice(part.start, min(part.stop, size) + 2 * reach) for part, size in zip(inner, image.shape, strict=True))
    return np.asarray(padded[rows, columns], np.float32)


def _part(image: Field, row: int, column: int) -> Field:
    """What lies inside of `_with_surroundings`, moved: as it is at the reach in both directions."""
    twice = 2 * _ALIKE_REACH_PX
    return image[row : row + image.shape[0] - twice, column : column + image.shape[1] - twice]


def _rivals(scores: Field, far: float) -> npt.NDArray[np.intp]:
    """(N, 2) row and column of the peaks that are not the middle's own. Where the search ends is no peak: it may rise on."""
    down, across = (np.arange(size) - size // 2 for size in scores.shape)
    is_peak = scores >= cv2.dilate(scores, np.ones((3, 3))) - 1e-6
    is_peak[[0, -1]] = is_peak[:, [0, -1]] = False
    return np.argwhere(is_peak & (np.hypot(down[:, None], across) > far))


def _correlations(template: Field, cover: Field, wide: Field) -> Field:
    """Of what `cover` leaves of a template with every place in a picture."""
    count = float(cover.sum())
    centred = np.asarray((template - (template * cover).sum() / count) * cover, np.float32)
    sums, squares = (cv2.matchTemplate(image, cover, cv2.TM_CCORR) / count for image in (wide, wide * wide))
    spread = np.maximum(squares - sums * sums, 0) * float((centred * centred).sum() / count)
    together = cv2.matchTemplate(wide, centred, cv2.TM_CCORR) / count
    return np.asarray(together / np.sqrt(np.maximum(spread, 1e-3)), np.float32)


def _told(change: Field, telling: Field, visible: Field) -> float:
    """Mean of what telling pixels say, less where they are few."""
    share = float(telling.sum() / (visible.sum() + 1e-6))
    return averaged(np.asarray(change, np.float32), telling) * share / (share + _LITTLE)


def _share(where: Field, seen: Glance) -> float:
    """By how much the patch differs from the frame `where` (h, w, 0..1), as a mean over the whole patch."""
    apart = grey_levels(np.abs(np.clip(seen.laid, 0, 1) - seen.frame))
    return float((where * apart).sum() / (seen.mask.sum() + 1e-6))


def _colour(image: Rgb01, visible: Field) -> npt.NDArray[np.float32]:
    """(3,): the mean of each channel."""
    return np.asarray(np.tensordot(visible, image, axes=2) / (float(visible.sum()) + 1e-6), np.float32)


def _tiled(values: Field) -> Field:
    return np.asarray(cv2.resize(values, (_TILES, _TILES), interpolation=cv2.INTER_AREA), np.float32)


def _evened(grey: Field, least: float) -> npt.NDArray[np.uint8]:
    """The same contrast everywhere, whatever the light."""
    apart = grey - cv2.GaussianBlur(grey, (0, 0), _AROUND_PX)
    spread = np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), _AROUND_PX) + np.float32(least))
    return _eight_bit(np.asarray(128 + 40 * apart / spread, np.float32))


def _eight_bit(grey: Field) -> npt.NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)


def _shrunk(image: Field, scale: float) -> Field:
    if scale == 1:
        return image
    size = max(4, round(image.shape[1] * scale)), max(4, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)


def _centre(here: Map, mask: Field) -> npt.NDArray[np.float64]:
    return np.array([averaged(here[..., n], mask) for n in (0, 1)])
