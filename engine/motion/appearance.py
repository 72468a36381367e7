"""How the patch looks on another frame: which pixels really change, how light changed, what lies in front, how to carry
shading over.

All pictures are float32 R'G'B' 0..1. Levels in names are 8-bit levels (1/255). Knows no flow and no frame numbers.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.flow import Field
from engine.motion.view import Rgb01

LEVEL = 1 / 255

_CHANGE_LEVELS = (2.0, 6.0)
_EVIDENCE = (1.8, 2.8)
_GAIN_RANGE = (0.4, 2.5)
_GAIN_SIGMA = 0.08
"""Of the longer side: a shadow's soft edge must fit, the patch's own texture must not."""
_DARK = np.float32(0.04)
_DARKER = (0.3, 0.55)
"""Share of the patch's brightness below which what it replaces is too dark to tell."""
_REGRESSION_RADIUS = 6
_REGRESSION_EPS = 2e-3


def smoothstep(value: Field, low: float, high: float) -> Field:
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def largest(image: Rgb01) -> Field:
    """Maximum of the three channels; several times faster than reducing the short axis."""
    return np.asarray(np.maximum(np.maximum(image[..., 0], image[..., 1]), image[..., 2]), np.float32)


def mean(image: Rgb01) -> Field:
    """Mean of the three channels."""
    return np.asarray((image[..., 0] + image[..., 1] + image[..., 2]) / 3, np.float32)


def box_mean(image: npt.NDArray[np.float32], radius: int) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.blur(image, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT_101), np.float32)


def effective_mask(original: Rgb01, patched: Rgb01, alpha: Field) -> Field:
    """(h, w) 0..1: where the patch really changes the anchor frame, softly, closed over small holes.

    A box drawn around an object also holds background that moves on its own; what is not changed need not be carried.
    """
    change = largest(np.abs(patched - original)) / np.float32(LEVEL)
    soft = smoothstep(change, *_CHANGE_LEVELS)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, kernel)
    grown = cv2.dilate(closed, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    return np.asarray(np.minimum(cv2.GaussianBlur(grown, (0, 0), 1.0), alpha > 0), np.float32)


@dataclass(frozen=True, slots=True)
class Regression:
    """P ≈ A·O + b around each pixel of the anchor: how the patch follows what it covers. `matrix` is (h, w, 9), row by row."""

    matrix: npt.NDArray[np.float32]

    @property
    def is_empty(self) -> bool:
        """True for an opaque patch that owes nothing to what it covers."""
        return float(np.abs(self.matrix).max(initial=0)) < 0.02


def regression(original: Rgb01, patched: Rgb01) -> Regression:
    """Local linear regression of patch on original with a 3×3 colour matrix (the colour guided filter of He et al. 2013).

    Where it explains the patch badly (an opaque edit) the matrix is faded out: nothing of the original may shine through.
    """
    r = _REGRESSION_RADIUS
    mean_o, mean_p = box_mean(original, r), box_mean(patched, r)
    cov_oo = _products(original, original, r) - mean_o[..., :, None] * mean_o[..., None, :]
    cov_po = _products(patched, original, r) - mean_p[..., :, None] * mean_o[..., None, :]
    matrix = np.linalg.solve(cov_oo + _REGRESSION_EPS * np.eye(3, dtype=np.float32), np.swapaxes(cov_po, -1, -2))
    matrix = np.swapaxes(matrix, -1, -2)
    explained = np.einsum("hwij,hwij->hw", matrix, cov_po)
    variance = box_mean((patched * patched).sum(axis=2), r) - (mean_p * mean_p).sum(axis=2)
    quality = smoothstep(np.asarray(explained / np.maximum(variance, 1e-6), np.float32), 0.35, 0.8)
    flat = matrix.reshape(*original.shape[:2], 9) * quality[..., None]
    return Regression(np.ascontiguousarray(box_mean(flat, r // 2), np.float32))


def _products(a: Rgb01, b: Rgb01, radius: int) -> npt.NDArray[np.float32]:
    """(h, w, 3, 3) local means of a_i · b_j."""
    outer = (a[..., :, None] * b[..., None, :]).reshape(*a.shape[:2], 9)
    return box_mean(outer, radius).reshape(*a.shape[:2], 3, 3)


def local_gain(frame: Rgb01, warped: Rgb01, weight: Field) -> Rgb01:
    """(h, w, 3) smooth factor per channel from the warped anchor to the frame, from pixels that `weight` trusts.

    Computed on a small copy: a wide blur of a large float picture costs more than the flow.
    """
    height, width = weight.shape
    scale = min(1.0, 48 / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    sigma = _GAIN_SIGMA * max(size)
    small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    shrink = [cv2.resize(image * weight[..., None], size, interpolation=cv2.INTER_AREA) for image in (frame, warped)]
    blurred = [cv2.GaussianBlur(image, (0, 0), sigma) for image in shrink]
    # The constant pulls the factor to 1 where there is little light or little to trust.
    steady = np.float32(0.01) * (1.02 - cv2.GaussianBlur(small_weight, (0, 0), sigma))[..., None] + np.float32(2e-3)
    gain = np.clip((blurred[0] + steady) / (blurred[1] + steady), *_GAIN_RANGE)
    return np.asarray(cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def tolerance(warped: Rgb01, frame: Rgb01, noise_levels: float) -> Field:
    """(h, w) levels by which a rightly tracked pixel may differ: noise, and texture that half a pixel of error moves."""
    kernel = np.ones((3, 3), np.uint8)
    texture = [cv2.morphologyEx(mean(image) / np.float32(LEVEL), cv2.MORPH_GRADIENT, kernel) for image in (warped, frame)]
    return np.asarray(8 + 2.5 * noise_levels + 0.35 * cv2.blur(np.maximum(*texture), (5, 5)), np.float32)


def occlusion(difference: Rgb01, allowed: Field) -> Field:
    """(h, w) 0..1: what lies in front of the patch. `difference` is frame minus the gain-corrected original, `allowed` in levels.

    Single pixels prove nothing: the evidence is averaged and must cover an area.
    """
    error = largest(np.abs(difference)) / np.float32(LEVEL)
    evidence = cv2.GaussianBlur(error / allowed, (0, 0), 2.0)
    covered = smoothstep(np.asarray(evidence, np.float32), *_EVIDENCE)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.morphologyEx(covered, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.GaussianBlur(cv2.dilate(opened, kernel), (0, 0), 1.0), np.float32)


def steepness(grey: Field, weight: Field) -> float:
    """Mean change per pixel, in the unit of `grey`, over what `weight` (h, w) covers."""
    steep = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8))
    return float((steep * weight).sum() / (weight.sum() + 1e-6))


def light_worth(original: Rgb01, patched: Rgb01) -> Field:
    """(h, w) 0..1: what a measurement of light on the original is worth for the patch.

    A level too much on something dark becomes many on something bright laid over it: the light there had better come from around.
    """
    below, above = (cv2.GaussianBlur(mean(image), (0, 0), 2.0) + _DARK for image in (original, patched))
    return smoothstep(np.asarray(below / above, np.float32), *_DARKER)


def grain_share(innovation: Rgb01, visible: Field, noise_levels: float) -> Field:
    """(h, w) 0..1: how much of `innovation` (frame minus what was expected) is this frame's grain, to be laid on the patch too.

    Only what is no larger than the noise of a rightly placed picture: an edge that is half a pixel off must not shine through.
    """
    power = mean(innovation * innovation)
    seen = power[visible > 0.5]
    if not len(seen):
        return np.zeros_like(visible)
    noise = min(1.5 * noise_levels, 1.5 * float(np.sqrt(np.median(seen))) / LEVEL)
    local = np.sqrt(cv2.blur(power, (5, 5))) / np.float32(LEVEL)
    # Noise keeps no direction and no place: where the picture is sharper or softer than the anchor, differences are larger.
    return 1 - smoothstep(np.asarray(local, np.float32), 1.4 * noise + 0.2, 2.4 * noise + 0.5)


def grain_levels(picture: Rgb01, mask: Field) -> float:
    """Standard deviation of the noise in levels, from the plainest tenth of what `mask` (h, w) shows."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / (6 * np.float32(LEVEL))
    response = cv2.blur(np.abs(cv2.filter2D(mean(picture), -1, kernel)), (7, 7))
    seen = response[cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0.5]
    return float(np.quantile(seen, 0.1)) * 1.2533 if len(seen) else 0.0
