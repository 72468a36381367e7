"""The parts that propagation is made of: flow, maps, the plane, the effective mask."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import coverage, light, planar
from engine.motion.appearance import effective_mask, grain_share, light_worth, local_gain, regression, steepness
from engine.motion.flow import Box, DenseFlow, Gray, disagreement, inside, sample, texture_share
from engine.motion.reacquire import Reacquirer
from engine.motion.view import View
from tests.engine.motion.scenes import picture, texture


def grey(seed: int, height: int = 96, width: int = 128) -> Gray:
    return np.asarray(texture(height, width, seed).mean(axis=2), np.uint8)


@given(st.integers(-50, 400), st.integers(-50, 400), st.integers(1, 120), st.integers(1, 120), st.integers(0, 90))
def test_a_grown_box_lies_in_the_frame_and_holds_what_was_in_it(x: int, y: int, width: int, height: int, by: int) -> None:
    grown = Box(x, y, width, height).grown(by, 320, 180)
    assert grown.x >= 0 and grown.x + grown.width <= 320 and grown.y >= 0 and grown.y + grown.height <= 180
    assert grown.width >= 48 and grown.height >= 48
    assert grown.x <= max(0, min(x, 320 - 48)) and grown.x + grown.width >= min(320, max(x + width, 48))


@pytest.mark.parametrize("shift", [(0.0, 0.0), (3.0, -2.0), (1.5, 0.5)])
def test_flow_finds_a_shift_both_ways(shift: tuple[float, float]) -> None:
    source = grey(1)
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
    moved = cv2.warpAffine(source, matrix, (128, 96), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    target = np.asarray(moved, np.uint8)
    flow = DenseFlow()
    forward, backward = flow(source, target), flow(target, source)
    middle = np.s_[20:-20, 20:-20]
    assert np.abs(forward[middle] - shift).max() < 0.5
    assert disagreement(forward, backward)[middle].mean() < 0.2


def test_tiny_crops_are_no_problem() -> None:
    flow = DenseFlow()
    assert flow(grey(1)[:9, :5], grey(1)[:9, :5]).shape == (9, 5, 2)


def test_sampling_by_the_identity_changes_nothing() -> None:
    box = Box(7, 9, 60, 50)
    image = texture(50, 60, 3)
    assert np.array_equal(sample(image, box.grid(), box), image)
    assert (inside(box.grid(), box) == 1).all()
    assert (inside(box.grid() + 200, box) == 0).all()


def test_the_plane_is_found_among_a_third_of_wrong_vectors() -> None:
    box = Box(40, 30, 100, 80)
    truth = np.array([[1.02, 0.03, 4.0], [-0.02, 0.99, -3.0], [1e-4, -5e-5, 1.0]])
    at = planar.as_map(truth, box)
    at[:, :33] += np.random.default_rng(0).uniform(-30, 30, (80, 33, 2)).astype(np.float32)
    found = planar.fit(at, box, np.ones((80, 100), np.float32))
    assert found is not None
    matrix, share = found
    assert 0.6 < share < 0.72
    corners = np.array([(40.0, 30.0), (139.0, 30.0), (139.0, 109.0), (40.0, 109.0)])
    assert np.abs(planar.project(matrix, corners) - planar.project(truth, corners)).max() < 0.05


def test_no_plane_where_nothing_may_vote_or_the_map_is_mirrored() -> None:
    box = Box(0, 0, 60, 60)
    assert planar.fit(box.grid(), box, np.zeros((60, 60), np.float32)) is None
    mirrored = box.grid() * np.array([-1, 1], np.float32)
    assert planar.fit(mirrored, box, np.ones((60, 60), np.float32)) is None


def test_light_is_not_told_from_what_is_far_darker_than_the_patch() -> None:
    dark, bright = np.full((40, 40, 3), 0.1, np.float32), np.full((40, 40, 3), 0.8, np.float32)
    assert light_worth(dark, bright).max() == 0
    assert light_worth(bright, dark).min() == 1 and light_worth(dark, dark).min() == 1


def test_steepness_is_the_change_per_pixel_of_what_counts() -> None:
    ramp = np.tile(np.arange(40, dtype=np.float32) * 3, (40, 1))
    left = np.zeros((40, 40), np.float32)
    left[:, 5:15] = 1
    assert steepness(ramp, left) == pytest.approx(3, abs=0.01) and steepness(ramp * 0, left) == 0


def test_only_what_the_patch_changes_is_carried() -> None:
    original = texture(80, 80, 4) / 255
    patched = original.copy()
    patched[30:50, 30:50] = 0.9
    alpha = np.zeros((80, 80), np.float32)
    alpha[10:70, 10:70] = 1
    mask = effective_mask(original.astype(np.float32), patched.astype(np.float32), alpha)
    assert (mask[32:48, 32:48] > 0.99).all() and mask[15:20].max() == 0


def test_a_recolour_follows_the_picture_and_an_opaque_patch_does_not() -> None:
    original = (texture(80, 80, 4) / 255).astype(np.float32)
    swapped = np.ascontiguousarray(original[..., ::-1])
    matrix = regression(original, swapped).matrix[20:60, 20:60].reshape(-1, 3, 3).mean(axis=0)
    assert np.abs(matrix - np.eye(3)[::-1]).max() < 0.35
    opaque = regression(original, (texture(80, 80, 9) / 255).astype(np.float32)).matrix
    assert np.abs(opaque).mean() < 0.12


def test_a_thing_in_front_is_told_from_light() -> None:
    expected = (texture(90, 120, 4) / 255 * 0.6 + 0.1).astype(np.float32)
    rows, columns = np.mgrid[:90, :120]
    ball = np.hypot(columns - 60, rows - 45) < 18
    shine = 0.3 * np.exp(-((columns - 60) ** 2 + (rows - 45) ** 2) / 300)
    hidden, lit = expected.copy(), expected + shine[..., None]
    hidden[ball] = (texture(90, 120, 9) / 255 * 0.5 + 0.4)[ball]
    shares = []
    for frame in (hidden, lit.astype(np.float32)):
        allowed = coverage.tight_tolerance(expected, frame, 1.0)
        found = [coverage.evidence(frame - expected, allowed, sigma) for sigma in (1.3, coverage.RIM_SIGMA)]
        shares.append(coverage.only_light(coverage.areas(found[0], found[1]), frame, expected, 1.0))
    beside = cv2.dilate(ball.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    assert shares[0][ball].mean() > 0.9 and shares[0][beside].max() < 0.1
    assert shares[1].max() < 0.2


def test_fine_light_tells_a_reflection_from_a_lamp() -> None:
    warped = (texture(90, 120, 4) / 255 * 0.4 + 0.1).astype(np.float32)
    weight = np.ones((90, 120), np.float32)
    middle = np.s_[20:70, 20:100]
    added = light.fine(warped + np.float32(0.25), warped, weight)
    assert np.abs(added.on(warped * np.float32(0.5)) - (warped * 0.5 + 0.25))[middle].mean() < 0.06
    scaled = light.fine(warped * np.float32(1.6), warped, weight)
    assert np.abs(scaled.on(warped * np.float32(0.5)) - warped * 0.8)[middle].mean() < 0.03


def test_the_patch_is_found_again_anywhere_in_the_picture() -> None:
    world = texture(180, 320, 12).astype(np.uint8)
    anchor = View(picture(world))
    matrix = np.array([[0.9, 0.1, 60.0], [-0.1, 0.9, 25.0]])
    moved = cv2.warpAffine(world, matrix, (320, 180), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    frame = View(picture(np.asarray(moved, np.uint8)))
    found = Reacquirer(anchor, Box(60, 50, 80, 60)).find(frame, frame.whole)
    assert found is not None
    corners = np.array([(60.0, 50.0), (140.0, 50.0), (60.0, 110.0), (140.0, 110.0)])
    there = corners @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(planar.project(found, there) - corners).max() < 2
    other = View(picture(texture(180, 320, 99).astype(np.uint8)))
    assert Reacquirer(anchor, Box(60, 50, 80, 60)).find(other, other.whole) is None


def test_grain_is_taken_over_and_a_displaced_edge_is_not() -> None:
    random = np.random.default_rng(3)
    innovation = (random.normal(0, 2 / 255, (80, 80, 1)) + np.zeros((1, 1, 3))).astype(np.float32)
    innovation[:, 40:43] += np.float32(0.2)
    share = grain_share(innovation, np.ones((80, 80), np.float32), 2.0)
    assert share[:, :30].mean() > 0.8 and share[:, 39:44].max() < 0.05


def test_texture_is_seen_where_a_shift_would_be() -> None:
    image = np.full((80, 120), 90, np.uint8)
    image[:, 60:] = 160  # a straight edge says nothing about motion along it
    busy = np.random.default_rng(1).integers(40, 220, (10, 12)).astype(np.uint8)
    image[10:40, 4:40] = cv2.resize(busy, (36, 30), interpolation=cv2.INTER_CUBIC)
    share = texture_share(image, 1.0)
    assert share[15:35, 10:35].mean() > 0.8 and share[55:70].max() < 0.1


def test_gain_follows_light_and_ignores_what_is_covered() -> None:
    warped = (texture(80, 100, 4) / 255 * 0.6 + 0.1).astype(np.float32)
    frame = warped * np.float32(0.7)
    weight = np.ones((80, 100), np.float32)
    frame[20:40, 20:40] = 1.0
    weight[15:45, 15:45] = 0
    gain = local_gain(frame, warped, weight)
    assert np.abs(gain[60:] - 0.7).max() < 0.05 and gain[30, 30].max() < 0.9
