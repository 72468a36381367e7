"""Offline provider: removes what is in the region by showing what other frames of the shot saw behind it."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.motion.flow import Box, DenseFlow, sample
from engine.providers.local.aligning import Aligned, Gray, aligned_frames, sampled
from engine.providers.local.behind import Behind, decided
from engine.providers.local.inpaint import grown, textured
from engine.providers.local.membrane import membrane
from engine.providers.local.pixels import Rgb01, as_float, mask_box, number, reply
from engine.providers.local.plate import Bools, Levels
from engine.providers.protocol import Area, FrameContext, ParameterSpec, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report, part

_REACH = ParameterSpec("reach", "Look around", 6.0, 0.2, 60.0, 0.1, "s")
_FRAMES = ParameterSpec("frames", "Frames to look at", 48.0, 4.0, 96.0, 1.0)
_GROW = ParameterSpec(
    "grow", "Ignored rim", 2.0, 0.0, 30.0, 1.0, "px",
    hint="How far around the region nothing is taken from: for shadows and soft edges. The region itself stays as it is.",
)  # fmt: skip

_RING_PX = 24
"""Surroundings that are looked at, at least, in pixels of the crop."""
_MOST_SOURCES = 6
"""Frames whose pixels are used in the end: few, so that what is beside each other comes from one picture."""
_AT_ONCE = 2
"""Of these are fitted at a time."""
_FLOW_LIMIT_PX = 3.0
_SEAM_LEVELS = 36.0
"""A larger step at the region's edge is something else, not other light."""
_LIGHT_PX = 8.0
"""What is wider than this in a frame is light, and taken from the plate."""
_BESIDE_SHARE = 0.05
_BESIDE = "Something at the region's edge goes with what is taken away, like a shadow. Draw the region larger to take it too."
_CONTESTED_SHARE = 0.05
_CONTESTED = (
    "Other frames do not agree on what is behind the region: rests of the thing in another pose may be left. Look at the result, "
    "or choose “Remove” instead."
)
_NOTHING = "No other frame shows what is behind the region, so it was filled from what is around it."


class CleanPlate:
    """Decides at a small size what was seen behind the region, then takes those pixels from as few frames as it can."""

    info = ProviderInfo(
        "local.cleanplate", "Clean plate", "Shows what other frames of the shot saw behind the region. Offline, a few seconds.",
        is_remote=False, needs_context=True, version="5", parameters=(_REACH, _FRAMES, _GROW),
    )

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        cancel.check()
        hole = grown(request.mask > 0, round(number(request.params, _GROW)))
        if hole.all():
            raise ProviderError("The region leaves nothing around it to lay other frames over.", "Draw it smaller.")
        pixels = as_float(request.crop)
        unseen = hole
        warnings: tuple[str, ...] = (_NOTHING,)
        frames = _frames(request, hole, context, cancel, part(report, 0.0, 0.6))
        if context is not None and len(frames) >= 2:
            area = _area(hole)
            found = decided(request, frames, context.anchor, hole, area, cancel)
            if found is not None:
                report(Progress(0.7, "Laying the background in"))
                pixels, unseen = _filled(request, found, hole, area, cancel)
                warnings = () if unseen.sum() < 0.05 * hole.sum() else (_partly(unseen, hole),)
                warnings += (_BESIDE,) if found.beside > _BESIDE_SHARE else ()
                warnings += (_CONTESTED,) if found.plate.contested > _CONTESTED_SHARE else ()
        if unseen.any():
            report(Progress(0.85, "Filling what was never seen"))
            pixels = _completed(pixels, unseen, request.seed, cancel)
        report(Progress(1.0, "Background laid in"))
        made = reply(request, pixels)
        return RegionEditReply(made.pixels, warnings=warnings)


def _completed(pixels: Rgb01, unseen: Bools, seed: int, cancel: CancelToken) -> Rgb01:
    """What was never seen, continued from what is near it."""
    rows, columns = mask_box(unseen.astype(np.float32))
    margin = max(_RING_PX, max(rows.stop - rows.start, columns.stop - columns.start) // 2)
    near = np.s_[max(0, rows.start - margin):rows.stop + margin, max(0, columns.start - margin):columns.stop + margin]
    texture = textured(pixels[near], unseen[near], seed, cancel)
    result = pixels.copy()
    result[near] = membrane(pixels[near], unseen[near]) if texture is None else texture
    return result


def _partly(unseen: Bools, hole: Bools) -> str:
    share = 100 * unseen.sum() / hole.sum()
    return f"No other frame shows {share:.0f} % of what is behind the region; that part was filled from what is around it."


def _frames(
    request: RegionEditRequest, hole: Bools, context: FrameContext | None, cancel: CancelToken, report: Report
) -> list[Aligned]:
    """The frames in order of time."""
    if context is None:
        return []
    count = round(number(request.params, _FRAMES))
    reach = Fraction(number(request.params, _REACH)).limit_denominator(1000)
    frames = []
    for frame in aligned_frames(request.crop, ~hole, context, count, reach, cancel):
        frames.append(frame)
        report(Progress(min(1.0, len(frames) / count), "Looking at other frames"))
    return sorted(frames, key=lambda frame: frame.crop.time)


def _area(hole: Bools) -> Area:
    """The hole's box with some surroundings, inside the crop."""
    rows, columns = mask_box(hole.astype(np.float32))
    ring = max(_RING_PX, (max(rows.stop - rows.start, columns.stop - columns.start)) // 8)
    left, top = max(0, columns.start - ring), max(0, rows.start - ring)
    right, bottom = min(hole.shape[1], columns.stop + ring), min(hole.shape[0], rows.stop + ring)
    return left, top, right - left, bottom - top


def _filled(
    request: RegionEditRequest, behind: Behind, hole: Bools, area: Area, cancel: CancelToken
) -> tuple[Rgb01, Bools]:
    """The crop with the background laid in, and what of the hole is still open."""
    pixels = as_float(request.crop)
    part_of = np.s_[area[1]:area[1] + area[3], area[0]:area[0] + area[2]]
    inside, size = hole[part_of], (area[2], area[3])
    small = behind.plate
    colour = np.asarray(cv2.resize(small.colour / np.float32(255), size, interpolation=cv2.INTER_CUBIC), np.float32)
    covered = (_raised(small.is_seen, size) > 0.5) & inside
    if not covered.any():
        return pixels, hole
    target = np.where(covered[..., None], colour, pixels[part_of]).astype(np.float32)
    known = covered | ~inside
    total, mass = np.zeros_like(target), np.zeros(size[::-1], np.float32)
    sources = _sources(behind)

    def layer(index: int) -> Rgb01:
        cancel.check()
        agrees = np.asarray(_raised(small.agrees[index], size) > 0.5)
        return _levelled(_laid(behind, index, area, target, known), colour, agrees)

    with ThreadPoolExecutor(_AT_ONCE, "laying in") as pool:
        for (_, share), laid in zip(sources, pool.map(layer, [index for index, _ in sources]), strict=True):
            soft = cv2.GaussianBlur(_raised(share, size), (0, 0), 1.5)
            total += soft[..., None] * laid
            mass += soft
    covered &= mass > 0.02
    joined = np.asarray(total / np.maximum(mass, 1e-6)[..., None], np.float32)
    filled = joined + _seam(joined, pixels[part_of], covered, ~inside & (mass > 0.02), small.tolerance)
    result = pixels.copy()
    result[part_of] = np.where(covered[..., None], filled, result[part_of])
    open_ = hole.copy()
    open_[part_of] &= ~covered
    return result, open_


def _sources(behind: Behind) -> list[tuple[int, Bools]]:
    """(frame, where it is used) at the small size, over the region's edge too: there it is fitted to the surroundings."""
    chosen = _greedy(behind.plate.agrees, behind.residuals)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    return [
        (index, share | ((cv2.dilate(share.astype(np.uint8), kernel) > 0) & ~behind.region)) for index, share in chosen
    ]


def _greedy(agrees: Bools, residuals: Levels) -> list[tuple[int, Bools]]:
    """Frames that show most of what is still wanted, better fitting ones first."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    inner = np.stack([cv2.erode(mask.astype(np.uint8), kernel, borderValue=1) > 0 for mask in agrees])
    left = agrees.any(axis=0)
    enough = 0.002 * left.sum()
    quality = 1 / (1 + residuals / max(1e-3, float(np.median(residuals))))
    chosen: dict[int, Bools] = {}
    for masks in (inner, agrees):
        while left.sum() > enough and len(chosen) < _MOST_SOURCES:
            gain = (masks & left).sum(axis=(1, 2)) * quality
            best = int(np.argmax(gain))
            if gain[best] <= 0:
                break
            chosen[best] = chosen.get(best, np.zeros_like(left)) | (masks[best] & left)
            left = left & ~masks[best]
    return sorted(chosen.items())


def _laid(behind: Behind, index: int, area: Area, target: Rgb01, known: Bools) -> Rgb01:
    """A frame over the area at full size, in the edited frame's light, moved by what flow still finds."""
    frame = behind.frames[index]
    flags = cv2.INTER_CUBIC
    laid = as_float(sampled(frame.crop.pixels, frame.matrix, area, 1.0, flags)) * behind.factors[index]
    flow = _flow(_grey(target), _grey(laid))
    size = cv2.magnitude(flow[..., 0], flow[..., 1])
    trusted = (known & (size < _FLOW_LIMIT_PX)).astype(np.float32)
    sigma = max(4.0, max(area[2:]) / 40)
    smooth = _softened(flow * trusted[..., None], sigma) / np.maximum(_softened(trusted, sigma), 1e-2)[..., None]
    box = Box(0, 0, area[2], area[3])
    moved = sample(laid, np.asarray(box.grid() + smooth, np.float32), box, cv2.INTER_CUBIC)
    kept = known[..., None]
    return moved if np.abs(moved - target)[known].mean() < 0.97 * np.abs(laid - target)[known].mean() and kept.any() else laid


def _flow(one: Gray, other: Gray) -> npt.NDArray[np.float32]:
    """(h, w, 2) pixels, found at half the size: only what is smooth over many pixels is used of it."""
    size = one.shape[1::-1]
    half = (-(-size[0] // 2), -(-size[1] // 2))
    small = (np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8) for image in (one, other))
    flow = cv2.resize(DenseFlow()(*small), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(flow * np.array([size[0] / half[0], size[1] / half[1]], np.float32), np.float32)


def _grey(image: Rgb01) -> Gray:
    mean = np.clip(image.mean(axis=2), 0, 1)
    return np.asarray(np.rint(mean * 255), np.uint8)


def _levelled(laid: Rgb01, colour: Rgb01, agrees: Bools) -> Rgb01:
    """A frame with the light of the plate and its own detail, so that neighbours from different frames meet without a step."""
    weight = agrees.astype(np.float32)
    lack = _softened((colour - laid) * weight[..., None], _LIGHT_PX)
    return np.asarray(laid + lack / (_softened(weight, _LIGHT_PX) + 1e-2)[..., None], np.float32)


def _softened(image: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """A wide Gaussian blur, on a small copy: many times cheaper and as smooth."""
    height, width = image.shape[:2]
    step = max(1.0, sigma / 2)
    small = cv2.resize(image, (max(1, round(width / step)), max(1, round(height / step))), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _seam(laid: Rgb01, pixels: Rgb01, covered: Bools, around: Bools, tolerance: float) -> Rgb01:
    """What must be added so that the background meets the picture round the region (Pérez et al. 2003).

    Only where both show the same thing: a shadow that was not drawn in must not be spread over the hole.
    """
    step = np.asarray(pixels - laid, np.float32)
    limit = max(tolerance, _SEAM_LEVELS) / 255
    like = (around & (np.abs(step).max(axis=2) < limit)).astype(np.float32)
    ring = (cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~covered & (like > 0)
    if ring.sum() < 8:
        return np.zeros_like(pixels)
    near = cv2.blur(like, (7, 7))[..., None] + np.float32(1e-3)
    smooth = cv2.blur(step * like[..., None], (7, 7)) / near
    return membrane(np.where(ring[..., None], smooth, 0).astype(np.float32), ~ring)


def _raised(mask: Bools, size: tuple[int, int]) -> Levels:
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)
