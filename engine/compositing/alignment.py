"""Looks for a picture's motion against another by what lies outside a region: coarse to fine, robust, and knowing its doubts.

Gauss-Newton on locally normalised luma (Lucas and Kanade 1981; the mean of both gradients is Benhimane and Malis 2004) with
Cauchy weights, so that recolouring, noise and stray changes do not pull. Knows no provider.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.resampling import resampled, resized

Luma = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]
Matrix = npt.NDArray[np.float64]
Motion = npt.NDArray[np.float64]
"""(6,): displacement in half diagonals of the crop, a + b u + c v across, d + e u + f v down; u and v run from the middle, in
half diagonals too."""

_WORK_AREA = 200_000
"""Larger crops are looked at in a smaller form: a tenth of a pixel of the whole can be seen in it."""
_MEASURED = 40_000
"""Pixels of a level that are measured at most: those with the most detail."""
_SMALLEST_SIDE = 20
_LEVELS = 6
_ZOOMS = (1.0, 0.9, 1.11)
"""Tried on the smallest level; from there the way to the right zoom is found."""
_SEARCH = 0.25
"""Largest shift that is looked for, as a share of the crop."""
_STEPS = 15
_SETTLED_PX = 0.01
_OVER_PX = 17
"""Pixels of a level over which light and contrast are taken out."""
_CONTRAST_FLOOR = 0.02
_CORRELATED = 16.0
"""Pixels whose errors go together: so many fewer measurements there are than pixels."""
_UNSURE_PX = 0.1
"""A model with more freedom is used only where it is known to this, everywhere in the region."""
_UNKNOWN_PX = 0.5
"""And nothing is moved where not even the plain shift is known to this."""
_AGREEMENT = 0.4
"""Correlation of the surroundings under which two pictures are not the same picture; unrelated ones reach 0.3."""
_LARGEST_CHANGE = 0.4
"""Zoom, stretch or turn beyond which the answer is taken for a mistake of ours."""

_MOVED = np.eye(6)[:, [0, 3]]
_ZOOMED = np.column_stack([_MOVED, [0, 1, 0, 0, 0, 1]])
_STRETCHED = np.column_stack([_MOVED, np.eye(6)[:, [1, 5]]])
_MODELS = (np.eye(6), _STRETCHED, _ZOOMED, _MOVED)
"""Bases (6, k) of motions, the freest first."""


class _Level(NamedTuple):
    """Crop and reply at one size."""

    crop: Luma
    reply: Luma
    """About as fine as the crop."""
    outside: Weights
    into: Matrix
    """(3, 3) from this level's crop to the whole crop."""
    onto: Matrix
    """(3, 3) from the whole reply to this level's."""

    @property
    def size(self) -> tuple[int, int]:
        return self.crop.shape[1], self.crop.shape[0]


class Found(NamedTuple):
    """Where one way of looking ended."""

    motion: Motion
    agreement: float
    """Correlation of the surroundings, -1..1."""
    is_reliable: bool


class Alignment:
    """One reply against one crop, from one fit."""

    def __init__(self, reply: Luma, crop: Luma, outside: Weights, fit: Matrix) -> None:
        self._fit = np.vstack([fit, [0, 0, 1]])
        self._outside = outside
        height, width = crop.shape
        self._size = width, height
        self._half = float(np.hypot(width, height)) / 2
        self._levels = self._made(reply, crop)

    def _made(self, reply: Luma, crop: Luma) -> list[_Level]:
        """From the smallest to the largest."""
        width, height = self._size
        levels: list[_Level] = []
        scale = min(1.0, float(np.sqrt(_WORK_AREA / (width * height))))
        while not levels or (min(width, height) * scale >= _SMALLEST_SIDE and len(levels) < _LEVELS):
            size = max(8, round(width * scale)), max(8, round(height * scale))
            steps = self._fit[0, 0] * width / size[0], self._fit[1, 1] * height / size[1]
            reduced = tuple(max(8, round(side / max(1.0, step))) for side, step in zip(reply.shape[::-1], steps, strict=True))
            outside = np.asarray(resized(self._outside, size) > 0.99, np.float32)
            into = np.diag([width / size[0], height / size[1], 1.0])
            onto = np.diag([reduced[0] / reply.shape[1], reduced[1] / reply.shape[0], 1.0])
            own = _softened(resized(crop, size))
            levels.append(_Level(own, _softened(resized(reply, (reduced[0], reduced[1]))), outside, into, onto))
            scale /= 2
        return levels[::-1]

    def matrix(self, motion: Motion) -> Matrix:
        """(3, 3) from the crop to the reply."""
        a, b, c, d, e, f = motion
        half, middle = self._half, np.array(self._size) / 2
        turn = np.array([[1 + b, c], [e, 1 + f]])
        moved = np.eye(3)
        moved[:2, :2], moved[:2, 2] = turn, middle + half * np.array([a, d]) - turn @ middle
        return np.asarray(self._fit @ moved, np.float64)

    def shift_px(self, motion: Motion) -> float:
        """How far the middle of the region is moved, in pixels of the crop."""
        u, v = self._region_box().mean(axis=0)
        return self._half * float(np.hypot(motion[:3] @ (1, u, v), motion[3:] @ (1, u, v)))

    def starts(self) -> list[Motion]:
        """Motions to begin with: none, and what the smallest level shows best."""
        level = self._levels[0]
        tried = [self._walked(start, level, _ZOOMED) for start in (np.zeros(6), *(self._shifted(z, level) for z in _ZOOMS))]
        best = max(tried, key=lambda motion: self._agreement(motion, level))
        return [best, np.zeros(6)]

    def _shifted(self, zoom: float, level: _Level) -> Motion:
        """The shift at a zoom for which the normalised pictures correlate best (by Fourier transform, over whole pixels)."""
        motion = np.array([0, zoom - 1, 0, 0, 0, zoom - 1], np.float64)
        laid, seen = self._laid(motion, level)
        other, crop = normalised(laid, seen), normalised(level.crop, level.outside)
        shape = [2 * side for side in crop.shape]
        own, weight, square = (np.conj(np.fft.rfft2(part, shape)) for part in (crop, level.outside, crop**2))
        product, ours, theirs = (
            np.fft.irfft2(one * np.fft.rfft2(two, shape), shape)
            for one, two in ((own, other), (square, seen), (weight, other**2))
        )
        match = product / np.sqrt(np.maximum(ours * theirs, 0.02 * float((crop**2).sum()) ** 2) + 1e-6)
        reach = [max(1, int(side * _SEARCH)) for side in crop.shape]
        match[reach[0] + 1 : -reach[0], :] = match[:, reach[1] + 1 : -reach[1]] = -1
        down, across = (int(i) for i in np.unravel_index(int(match.argmax()), match.shape))
        across, down = (i - n if i > n // 2 else i for i, n in ((across, shape[1]), (down, shape[0])))
        motion[[0, 3]] = across * level.into[0, 0] / self._half, down * level.into[1, 1] / self._half
        return motion

    def refined(self, motion: Motion) -> Found:
        """From the smallest level to the largest, with more freedom on the larger ones."""
        for number, level in enumerate(self._levels):
            model = _ZOOMED if number < len(self._levels) - 2 else _STRETCHED
            motion = self._walked(motion, level, model)
        level = self._levels[-1]
        for model in (*_MODELS, self._clear_direction(motion, level)):
            found = self._walked(_projected(motion, model), level, model)
            spread = self._spread(found, level, model)
            if spread <= (_UNSURE_PX if model is not _MOVED else _UNKNOWN_PX):
                break
        agreement = self._agreement(found, level)
        is_sane = bool(np.isfinite(found).all()) and float(np.abs(found[[1, 2, 4, 5]]).max()) < _LARGEST_CHANGE
        return Found(found, agreement, is_sane and spread <= _UNKNOWN_PX and agreement >= _AGREEMENT)

    def _region_box(self) -> npt.NDArray[np.float64]:
        """(2, 2): low and high corner of what lies inside, in units of the grid."""
        rows, columns = (np.flatnonzero((self._outside < 1).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return np.zeros((2, 2))
        corners = np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], np.float64)
        return np.asarray((corners - np.array(self._size) / 2) / self._half)

    def _laid(self, motion: Motion, level: _Level) -> tuple[Luma, Weights]:
        """The reply on the level's grid, and where it reaches."""
        matrix = (level.onto @ self.matrix(motion) @ level.into)[:2]
        return resampled(level.reply, matrix, level.size, keeps_fineness=True)

    def _compared(self, motion: Motion, level: _Level) -> tuple[Luma, Luma, Weights]:
        """Crop and reply, both normalised over what both show of the surroundings, and where that is."""
        laid, seen = self._laid(motion, level)
        both = np.asarray(seen * level.outside, np.float32)
        return normalised(level.crop, both), normalised(laid, both), both

    def _agreement(self, motion: Motion, level: _Level) -> float:
        own, other, both = self._compared(motion, level)
        if both.sum() < 0.15 * max(1.0, float(level.outside.sum())):
            return -1.0
        return float((own * other).sum() / np.sqrt((own**2).sum() * (other**2).sum() + 1e-9))

    def _walked(self, motion: Motion, level: _Level, model: Matrix) -> Motion:
        """The motion after Gauss-Newton within `model`."""
        for _ in range(_STEPS):
            own, other, both = self._compared(motion, level)
            places = _measured(own + other, both)
            if len(places[0]) < 30:
                return motion
            slopes, miss = self._slopes(level, (own + other) * np.float32(0.5), places), (other - own)[places]
            weighted = slopes * cauchy(miss)
            normal = model.T @ _products(weighted, slopes) @ model
            normal[np.diag_indices_from(normal)] += 1e-6 * normal.diagonal() + 1e-12
            step = model @ np.linalg.solve(normal, -model.T @ (weighted * miss).sum(axis=1))
            motion = motion + step
            if not np.isfinite(motion).all() or np.abs(motion).max() > 1:
                return np.zeros(6)
            if np.abs(step).sum() * self._half < _SETTLED_PX * level.into[0, 0]:
                break
        return motion

    def _known(self, motion: Motion, level: _Level) -> Matrix:
        """(6, 6) how well every freedom is known: the inverse of its covariance.

        From the products of the two pictures' slopes: noise, which has slopes of its own, is another in each and drops out.
        """
        own, other, both = self._compared(motion, level)
        places = _measured(own + other, both)
        if len(places[0]) < 30:
            return np.zeros((6, 6))
        miss = (other - own)[places]
        weights = cauchy(miss)
        product = _products(self._slopes(level, own, places) * weights, self._slopes(level, other, places))
        variance = float((weights * miss**2).sum() / weights.sum()) * _CORRELATED
        return (product + product.T) / (2 * variance + 1e-12)

    def _clear_direction(self, motion: Motion, level: _Level) -> Matrix:
        """A shift along the one direction that is known best: across stripes, not along them."""
        known = _MOVED.T @ self._known(_projected(motion, _MOVED), level) @ _MOVED
        return np.asarray(_MOVED @ np.linalg.eigh(known)[1][:, -1:])

    def _spread(self, motion: Motion, level: _Level, model: Matrix) -> float:
        """The largest standard deviation of the displacement at the region's corners, in pixels of the crop."""
        values, vectors = np.linalg.eigh(model.T @ self._known(motion, level) @ model)
        if values[0] <= 1e-9:
            return float("inf")
        covariance = model @ (vectors / values) @ vectors.T @ model.T
        (left, top), (right, bottom) = self._region_box()
        corners = np.array([(1, left, top), (1, right, top), (1, left, bottom), (1, right, bottom)])
        worst = max(float(at @ part @ at) for at in corners for part in (covariance[:3, :3], covariance[3:, 3:]))
        return self._half * float(np.sqrt(max(0.0, worst)))

    def _slopes(self, level: _Level, picture: Luma, places: tuple[Places, Places]) -> Matrix:
        """(6, N) change of every measured pixel with the motion."""
        across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)[places] * (self._half / level.into[0, 0])
        down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)[places] * (self._half / level.into[1, 1])
        u = ((places[1] + 0.5) * level.into[0, 0] - self._size[0] / 2) / self._half
        v = ((places[0] + 0.5) * level.into[1, 1] - self._size[1] / 2) / self._half
        return np.stack([across, across * u, across * v, down, down * u, down * v])


def _products(one: Matrix, other: Matrix) -> Matrix:
    """(6, 6) sums of products. Not by `@`: its threads wait for each other longer than the sums take."""
    return np.asarray(np.einsum("in,jn->ij", one, other))


def _measured(picture: Luma, both: Weights) -> tuple[Places, Places]:
    """Rows and columns of the pixels that are measured: shown by both with their neighbours, those with the most detail."""
    inner = cv2.erode(both, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    rows, columns = np.nonzero(inner)
    if len(rows) <= _MEASURED:
        return rows, columns
    detail = np.abs(cv2.Laplacian(picture, cv2.CV_32F))[rows, columns]
    best = np.argpartition(detail, -_MEASURED)[-_MEASURED:]
    return rows[best], columns[best]


def _softened(picture: Luma) -> Luma:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8, borderType=cv2.BORDER_REPLICATE), np.float32)


def normalised(picture: Luma, weights: Weights) -> Luma:
    """Light and contrast of the neighbourhood taken out, of weighted pixels by weighted pixels; 0 where the weight is 0."""
    size = (_OVER_PX, _OVER_PX)
    share = cv2.blur(weights, size, borderType=cv2.BORDER_CONSTANT) + np.float32(1e-6)
    detail = (picture - cv2.blur(picture * weights, size, borderType=cv2.BORDER_CONSTANT) / share) * weights
    contrast = np.sqrt(np.maximum(cv2.blur(detail * detail, size, borderType=cv2.BORDER_CONSTANT) / share, 0))
    return np.asarray(detail / (contrast + np.float32(_CONTRAST_FLOOR)), np.float32)


def cauchy(miss: Luma) -> Luma:
    spread = 2.385 * 1.4826 * float(np.median(np.abs(miss))) + 1e-3
    return np.asarray(1 / (1 + (miss / np.float32(spread)) ** 2), np.float32)


def _projected(motion: Motion, model: Matrix) -> Motion:
    """The motion within a model that lies nearest."""
    return np.asarray(model @ np.linalg.lstsq(model, motion, rcond=None)[0])
