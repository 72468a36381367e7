"""Fills a hole with texture from its surroundings: multi-scale patch match with voting.

After Wexler, Shechtman and Irani (2007), space-time completion, with the search of Barnes et al. (2009), PatchMatch, run for
all pixels at once, and patches compared by their first principal components. Pixels are float32 R'G'B' 0..1; knows no provider.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.providers.local.membrane import membrane
from engine.running import CancelToken

Rgb01 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

PATCH = 7
_HALF = PATCH // 2
_COMPONENTS = 16
_COARSEST_DEPTH_PX = 7
"""At the coarsest level the hole is this deep at most: patches there see across it."""
_EXHAUSTIVE = 12_000_000
"""Up to this many pairs of patches every source is looked at."""
_AT_ONCE = 128
"""Patches that are compared with all sources at once."""
_LARGE = 6_000
"""Pixels of a hole above which what the coarser level found is only made exact, once."""
_NEAR_PX = 12
_ROUNDS = (10, 5, 3, 2)
"""Rounds of matching and voting at the coarsest level and the finer ones; the last holds for all below."""


@dataclass(slots=True)
class _Level:
    image: Rgb01
    hole: Mask
    targets: tuple[Ints, Ints]
    """Rows and columns of the patches that touch the hole."""
    sources: Mask
    """(H, W): where a whole patch lies in the picture and outside the hole."""


def fill(image: Rgb01, hole: Mask, seed: int, cancel: CancelToken) -> Rgb01 | None:
    """(h, w, 3) with the hole filled; None where the surroundings hold no whole patch to take from.

    Deterministic for equal input and seed.
    """
    if not hole.any():
        return image.copy()
    pyramid = _pyramid(image, hole)
    usable = [level for level in pyramid if _sources(level[1]).any()]
    if not usable or usable[0] is not pyramid[0]:
        return None
    random = np.random.default_rng(seed)
    # Patches look alike at all sizes, and the decomposition is not cheap: one serves every level.
    basis = _basis(image, np.argwhere(_sources(hole)).astype(np.int32))
    filled: Rgb01 | None = None
    field: Ints | None = None
    for depth, (small, small_hole) in enumerate(reversed(usable)):
        start = _first_guess(small, small_hole) if filled is None else _raised(filled, small, small_hole)
        rounds = _ROUNDS[min(depth, len(_ROUNDS) - 1)] if small_hole.sum() < _LARGE else 1
        filled, field = _solve(start, small_hole, field, basis, rounds, random, cancel)
    return filled


def _pyramid(image: Rgb01, hole: Mask) -> list[tuple[Rgb01, Mask]]:
    """Finest first; halved until the hole is shallow. A coarse pixel is hole where any of its fine ones is."""
    levels = [(image, hole)]
    while _depth(levels[-1][1]) > _COARSEST_DEPTH_PX and min(levels[-1][1].shape) >= 4 * PATCH:
        image, hole = levels[-1]
        size = (-(-hole.shape[1] // 2), -(-hole.shape[0] // 2))
        known = (~hole).astype(np.float32)
        weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        colour = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)[..., None]
        levels.append((np.asarray(colour, np.float32), weight < 0.999))
    return levels


def _depth(hole: Mask) -> float:
    padded = np.pad(hole.astype(np.uint8), 1)
    return float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max())


def _sources(hole: Mask) -> Mask:
    touched = cv2.dilate(hole.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    free = ~touched
    free[:_HALF] = free[-_HALF:] = False
    free[:, :_HALF] = free[:, -_HALF:] = False
    return np.asarray(free)


def _first_guess(image: Rgb01, hole: Mask) -> Rgb01:
    """Colours spread inward from the border of the hole."""
    eight = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    spread = cv2.inpaint(eight, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32) / 255
    return np.where(hole[..., None], spread, image).astype(np.float32)


def _raised(coarse: Rgb01, image: Rgb01, hole: Mask) -> Rgb01:
    fine = cv2.resize(coarse, (hole.shape[1], hole.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(hole[..., None], fine, image).astype(np.float32)


def _solve(
    image: Rgb01, hole: Mask, coarse: Ints | None, basis: npt.NDArray[np.float32], rounds: int, random: np.random.Generator,
    cancel: CancelToken,
) -> tuple[Rgb01, Ints]:
    """One level: match and vote in turn. Returns the filled picture and the field of sources ((H, W, 2) rows and columns)."""
    sources = _sources(hole)
    touched = cv2.dilate(hole.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    rows, columns = (axis.astype(np.int32) for axis in np.nonzero(touched))
    level = _Level(image, hole, (rows, columns), sources)
    places = np.argwhere(sources).astype(np.int32)
    exhaustive = len(rows) * len(places) <= _EXHAUSTIVE
    field = _start_field(level, coarse, places, random)
    described = _described(level.image, basis)
    for index in range(rounds):
        cancel.check()
        if index:
            _describe_anew(described, level, basis)
        if exhaustive:
            distance = _search_all(level, described, places, field)
        else:
            distance = _search(level, described, field, random, cancel, sweeps=2 if index == 0 else 1, is_near=rounds == 1)
        level.image = _voted(level, field, distance, sharp=index == rounds - 1, cancel=cancel)
    return level.image, field


def _start_field(level: _Level, coarse: Ints | None, places: Ints, random: np.random.Generator) -> Ints:
    """Sources from the coarser level doubled, or any; always valid at the targets."""
    height, width = level.hole.shape
    field = np.zeros((height, width, 2), np.int32)
    rows, columns = level.targets
    guess = places[random.integers(0, len(places), len(rows))]
    if coarse is not None:
        up = coarse[np.minimum(rows // 2, coarse.shape[0] - 1), np.minimum(columns // 2, coarse.shape[1] - 1)]
        doubled = up * 2 + np.stack([rows % 2, columns % 2], axis=1)
        inside = (doubled[:, 0] < height) & (doubled[:, 1] < width)
        doubled = np.where(inside[:, None], doubled, 0)
        valid = inside & level.sources[doubled[:, 0], doubled[:, 1]]
        guess = np.where(valid[:, None], doubled, guess)
    field[rows, columns] = guess
    return field


def _basis(image: Rgb01, places: Ints) -> npt.NDArray[np.float32]:
    """(PATCH, PATCH, 3, k): principal components of source patches."""
    chosen = places[:: max(1, len(places) // 1500)]
    offsets = np.arange(-_HALF, _HALF + 1)
    patches = image[
        chosen[:, 0, None, None] + offsets[None, :, None], chosen[:, 1, None, None] + offsets[None, None, :]
    ].reshape(len(chosen), -1)
    # Not numpy's: its threads wait for each other ten times longer than the work takes.
    centred = patches.astype(np.float64) - patches.mean(axis=0, dtype=np.float64)
    _, _, vectors = cv2.eigen(cv2.mulTransposed(centred, aTa=True))
    first = np.asarray(vectors)[:_COMPONENTS].T
    return first.reshape(PATCH, PATCH, 3, -1).astype(np.float32)


def _described(image: Rgb01, basis: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(H, W, k): each patch by its components; squared distances of these stand for squared distances of patches."""
    result = np.empty((*image.shape[:2], basis.shape[3]), np.float32)
    channels = [np.ascontiguousarray(image[..., channel]) for channel in range(3)]
    for k in range(basis.shape[3]):
        kernels = [np.ascontiguousarray(basis[:, :, channel, k]) for channel in range(3)]
        pairs = zip(channels, kernels, strict=True)
        result[..., k] = sum(cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE) for plane, kernel in pairs)
    return result


def _describe_anew(described: npt.NDArray[np.float32], level: _Level, basis: npt.NDArray[np.float32]) -> None:
    """Only patches that touch the hole have changed; in place."""
    rows, columns = level.targets
    top, left = max(0, int(rows.min()) - _HALF), max(0, int(columns.min()) - _HALF)
    bottom, right = int(rows.max()) + 1 + _HALF, int(columns.max()) + 1 + _HALF
    found = _described(level.image[top:bottom, left:right], basis)
    described[rows, columns] = found[rows - top, columns - left]


def _search_all(level: _Level, described: npt.NDArray[np.float32], places: Ints, field: Ints) -> npt.NDArray[np.float32]:
    rows, columns = level.targets
    targets, candidates = described[rows, columns], described[places[:, 0], places[:, 1]]
    squares = (candidates * candidates).sum(axis=1, keepdims=True)
    # The whole distance but for what is the same for all candidates, as one product. Not numpy's, for its threads.
    wanted = np.hstack([targets, np.ones((len(targets), 1), np.float32)])
    offered = np.hstack([-2 * candidates, squares])
    best = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), _AT_ONCE):
        part = cv2.gemm(wanted[start:start + _AT_ONCE], offered, 1, None, 0, flags=cv2.GEMM_2_T)  # type: ignore[call-overload]
        best[start:start + _AT_ONCE] = np.argmin(part, axis=1)
    field[rows, columns] = places[best]
    return _distance(described, rows, columns, places[best])


def _distance(described: npt.NDArray[np.float32], rows: Ints, columns: Ints, at: Ints) -> npt.NDArray[np.float32]:
    gap = described[rows, columns] - described[at[:, 0], at[:, 1]]
    return np.asarray(np.einsum("nk,nk->n", gap, gap), np.float32)


def _search(level: _Level, described: npt.NDArray[np.float32], field: Ints, random: np.random.Generator, cancel: CancelToken,
            sweeps: int, is_near: bool) -> npt.NDArray[np.float32]:
    """Improve the field: the neighbours' sources moved along, then random ones in shrinking circles.

    With `is_near` only a little and once: what came from the coarser level is right but for a pixel or two.
    """
    rows, columns = level.targets
    best = field[rows, columns]
    distance = _distance(described, rows, columns, best)
    height, width = level.hole.shape
    for _ in range(1 if is_near else sweeps):
        for step in (2, 1) if is_near else (8, 4, 2, 1):
            cancel.check()
            for down, across in ((0, step), (0, -step), (step, 0), (-step, 0)):
                near_rows = np.clip(rows + down, 0, height - 1)
                near_columns = np.clip(columns + across, 0, width - 1)
                candidate = field[near_rows, near_columns] - np.array([down, across], np.int32)
                distance = _improve(level, described, field, best, distance, candidate)
        radius = float(_NEAR_PX) if is_near else max(height, width) / 2
        while radius >= 2:
            candidate = best + np.rint(random.uniform(-radius, radius, best.shape)).astype(np.int32)
            distance = _improve(level, described, field, best, distance, candidate)
            radius /= 3
    return distance


def _improve(level: _Level, described: npt.NDArray[np.float32], field: Ints, best: Ints, distance: npt.NDArray[np.float32],
             candidate: Ints) -> npt.NDArray[np.float32]:
    """Take a candidate where it is valid and nearer; changes `field` and `best` in place."""
    rows, columns = level.targets
    height, width = level.hole.shape
    inside = (candidate[:, 0] >= 0) & (candidate[:, 0] < height) & (candidate[:, 1] >= 0) & (candidate[:, 1] < width)
    chosen = np.flatnonzero(inside)
    chosen = chosen[level.sources[candidate[chosen, 0], candidate[chosen, 1]]]
    if not len(chosen):
        return distance
    new = _distance(described, rows[chosen], columns[chosen], candidate[chosen])
    nearer = new < distance[chosen]
    chosen = chosen[nearer]
    best[chosen] = candidate[chosen]
    field[rows[chosen], columns[chosen]] = candidate[chosen]
    distance[chosen] = new[nearer]
    return distance


def _voted(level: _Level, field: Ints, distance: npt.NDArray[np.float32], *, sharp: bool, cancel: CancelToken) -> Rgb01:
    """The hole filled by votes; in the last round also freed from its seam."""
    wanted = level.hole
    if sharp:
        wanted = cv2.dilate(level.hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    voted = _votes(level, field, distance, wanted, sharp=sharp, cancel=cancel)
    result = level.image.copy()
    if sharp:
        rows, columns = (np.flatnonzero(wanted.any(axis=axis)) for axis in (1, 0))
        box = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
        ring = (wanted & ~level.hole)[box]
        voted[box] += membrane(np.where(ring[..., None], level.image[box] - voted[box], np.float32(0)), ~ring)
    result[level.hole] = voted[level.hole]
    return result


def _votes(
    level: _Level, field: Ints, distance: npt.NDArray[np.float32], wanted: Mask, *, sharp: bool, cancel: CancelToken
) -> Rgb01:
    """(H, W, 3): each wanted pixel as the weighted mean of what the patches over it say.

    Good matches say it louder, and so do patches near the border: inside, patches soon agree with each other on anything.
    """
    height, width = level.hole.shape
    weight = _vote_weights(level, distance, sharp=sharp)
    rows, columns = (axis.astype(np.int32) for axis in np.nonzero(wanted))
    total, mass = np.zeros((len(rows), 3), np.float32), np.zeros(len(rows), np.float32)
    reach = 1 if sharp else _HALF
    for down in range(-reach, reach + 1):
        cancel.check()
        for across in range(-reach, reach + 1):
            inside = (rows + down >= 0) & (rows + down < height) & (columns + across >= 0) & (columns + across < width)
            r, c = np.where(inside, rows + down, 0), np.where(inside, columns + across, 0)
            share = np.where(inside, weight[r, c], 0)
            source = np.where((share > 0)[:, None], field[r, c] - np.array([down, across], np.int32), 0)
            total += share[:, None] * level.image[source[:, 0], source[:, 1]]
            mass += share
    result = np.zeros_like(level.image)
    result[rows, columns] = total / np.maximum(mass, 1e-12)[:, None]
    return result


def _vote_weights(level: _Level, distance: npt.NDArray[np.float32], *, sharp: bool) -> npt.NDArray[np.float32]:
    spread = float(np.percentile(distance, 10 if sharp else 50)) + 1e-4
    depth = cv2.distanceTransform(np.pad(level.hole.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    weight = np.zeros(level.hole.shape, np.float32)
    # Never 0: every pixel keeps at least the vote of its own patch.
    weight[level.targets] = (np.exp(-distance / (2 * spread)) + 1e-4) * np.float32(1.3) ** -np.minimum(depth[level.targets], 40)
    return weight
