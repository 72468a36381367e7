"""A reply is found in its crop to a fraction of a pixel, by what lies outside the region.

Where that says nothing, nothing is claimed.
"""


import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.compositing.alignment import Matrix
from engine.compositing.registration import Registration, register, size_fits
from engine.compositing.resampling import resampled
from tests.engine.jobs.services import encoded, textured

WHOLE = (0.0, 0.0, 1.0, 1.0)
Rgb01 = npt.NDArray[np.float32]


def surroundings(width: int, height: int) -> npt.NDArray[np.float32]:
    """1 but for a region in the middle, a quarter of the area."""
    outside = np.ones((height, width), np.float32)
    outside[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 0
    return outside


def moved_fit(crop: tuple[int, int], reply: tuple[int, int], shift: tuple[float, float], zoom: float) -> Matrix:
    """Where the crop lies in a reply that was shifted (pixels of the crop) and zoomed about the middle."""
    fit = size_fits(crop, reply, WHOLE)[0]
    middle = np.array(crop) / 2
    return np.column_stack([fit[:, :2] * zoom, fit[:, :2] @ (middle * (1 - zoom) + shift)])


def answered(seed: int, crop: tuple[int, int], reply: tuple[int, int], matrix: Matrix) -> tuple[Rgb01, Rgb01]:
    """(crop, reply): the reply shows the same world at `matrix`, with something else in the region."""
    width, height = crop
    edge = 60
    world = textured(width + 2 * edge, height + 2 * edge, seed)
    own = world[edge:-edge, edge:-edge]
    edited = world.copy()
    new = textured(width, height, seed + 1000)
    inside = surroundings(width, height) == 0
    edited[edge:-edge, edge:-edge][inside] = new[inside]
    from_world = matrix.copy()
    from_world[:, 2] -= matrix[:, :2] @ (edge, edge)
    laid, _ = resampled(edited, np.asarray(cv2.invertAffineTransform(from_world), np.float64), reply)
    return own, np.clip(laid, 0, 1)


def miss(found: Registration, true: Matrix, crop: tuple[int, int]) -> float:
    """The largest error over the region, in pixels of the crop."""
    width, height = crop
    corners = np.array([(x, y, 1) for x in (width / 4, width * 3 / 4) for y in (height / 4, height * 3 / 4)]).T
    return float(np.hypot(*((found.matrix - true) @ corners)).max() / np.sqrt(abs(np.linalg.det(true[:, :2]))))


def spoiled(reply: Rgb01, seed: int) -> Rgb01:
    """Recoloured, noisy, and a JPEG."""
    random = np.random.default_rng(seed)
    other = reply * np.array([1.12, 0.9, 1.04]) + np.array([-0.03, 0.05, 0.02])
    noisy = np.clip(other + random.normal(0, 0.015, reply.shape), 0, 1).astype(np.float32)
    decoded = cv2.imdecode(np.frombuffer(encoded(noisy, "JPEG", 75), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1].astype(np.float32) / np.float32(255)


CASES = [
    # crop, reply as factors of it, shift, zoom
    ((240, 180), (1.0, 1.0), (0.25, -0.6), 1.0), ((240, 180), (1.0, 1.0), (-4.4, 5.3), 1.0),
    ((231, 167), (1.0, 1.0), (0.0, 0.0), 1.005), ((231, 167), (1.0, 1.0), (1.3, 0.4), 1.01),
    ((300, 150), (1.7, 1.7), (-2.2, 0.8), 1.02), ((300, 150), (2.4, 2.3), (3.7, -1.5), 0.97),
    ((150, 260), (0.7, 0.7), (0.6, 2.1), 1.03), ((150, 260), (0.6, 0.8), (-1.7, 0.3), 0.985),
    ((90, 80), (1.0, 1.0), (1.8, -2.6), 1.0), ((90, 80), (4.0, 3.6), (-0.4, 0.7), 1.02),
    ((420, 330), (2.5, 2.5), (7.5, -9.0), 1.1),
]


@pytest.mark.parametrize("is_spoiled", [False, True])
def test_shift_and_zoom_are_found_to_a_fraction_of_a_pixel(is_spoiled: bool) -> None:
    misses = []
    for seed, (crop, factors, shift, zoom) in enumerate(CASES):
        size = round(crop[0] * factors[0]), round(crop[1] * factors[1])
        true = moved_fit(crop, size, shift, zoom)
        own, reply = answered(seed, crop, size, true)
        found = register(spoiled(reply, seed) if is_spoiled else reply, own, surroundings(*crop), size_fits(crop, size, WHOLE))
        assert found.is_reliable
        assert found.scale == pytest.approx(zoom, abs=0.003) and found.shift_px == pytest.approx(np.hypot(*shift), abs=0.3)
        misses.append(miss(found, true, crop))
    assert np.median(misses) <= 0.1 and max(misses) <= 0.25


def test_what_lies_inside_the_region_does_not_pull() -> None:
    crop = (200, 160)
    true = moved_fit(crop, crop, (0.0, 0.0), 1.0)
    own, reply = answered(3, crop, crop, true)
    reply[40:120, 50:150] = np.roll(own, (0, 5), axis=(0, 1))[40:120, 50:150]  # the edit moves, the surroundings do not
    found = register(reply, own, surroundings(*crop), size_fits(crop, crop, WHOLE))
    assert found.is_reliable and miss(found, true, crop) < 0.05


def test_a_stray_change_outside_does_not_pull() -> None:
    crop = (240, 200)
    true = moved_fit(crop, crop, (1.4, -0.7), 1.01)
    own, reply = answered(5, crop, crop, true)
    reply[:50, :90] = textured(90, 50, 77)
    reply[170:, 150:] = 0.2
    found = register(reply, own, surroundings(*crop), size_fits(crop, crop, WHOLE))
    assert found.is_reliable and miss(found, true, crop) < 0.15


@pytest.mark.parametrize("which", [1, 2], ids=["borders added", "sides cut off"])
def test_other_proportions_are_recognised(which: int) -> None:
    crop, size = (320, 190), (512, 512)
    fits = size_fits(crop, size, WHOLE)
    own, reply = answered(8, crop, size, fits[which])
    if which == 1:
        top = round(float(fits[1][1, 2]))
        reply[:top] = reply[-top:] = 0
    found = register(reply, own, surroundings(*crop), fits)
    assert found.is_reliable and found.fit == which and miss(found, fits[which], crop) < 0.1


def test_padding_that_was_sent_along_is_cut_off() -> None:
    crop, size, shown = (160, 90), (1024, 1024), (0.0, 0.21875, 1.0, 0.78125)
    (fit,) = size_fits(crop, size, shown)
    own, reply = answered(9, crop, size, fit)
    found = register(reply, own, surroundings(*crop), [fit])
    assert found.is_reliable and miss(found, fit, crop) < 0.05 and found.shift_px < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_another_picture_is_not_lined_up(seed: int) -> None:
    crop = (200, 150)
    fits = size_fits(crop, crop, WHOLE)
    found = register(textured(*crop, seed), textured(*crop, seed + 50), surroundings(*crop), fits)
    assert not found.is_reliable and np.array_equal(found.matrix, fits[0]) and found.shift_px == 0


def test_noise_on_a_plain_wall_is_not_lined_up() -> None:
    random, crop = np.random.default_rng(0), (200, 150)
    one, other = (np.clip(0.5 + random.normal(0, 0.01, (150, 200, 3)), 0, 1).astype(np.float32) for _ in range(2))
    assert not register(one, other, surroundings(*crop), size_fits(crop, crop, WHOLE)).is_reliable


@pytest.mark.parametrize("size", [(8, 8), (9, 40), (64, 3), (33, 17)])
def test_tiny_crops_and_regions_without_surroundings_are_survived(size: tuple[int, int]) -> None:
    own = textured(*size, 1)
    for outside in (np.zeros(size[::-1], np.float32), surroundings(*size), np.ones(size[::-1], np.float32)):
        found = register(textured(37, 21, 2), own, outside, size_fits(size, (37, 21), WHOLE))
        assert np.isfinite(found.matrix).all()
