"""What a model bent round the region is straightened, and what it did not bend is left alone."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.compositing.local_shift import local_shift
from engine.compositing.registration import luma_of
from engine.compositing.resampling import resampled
from tests.engine.jobs.services import textured

WIDTH, HEIGHT = 220, 170
Floats = npt.NDArray[np.float32]


def outside() -> Floats:
    weights = np.ones((HEIGHT, WIDTH), np.float32)
    weights[45:125, 60:160] = 0
    return weights


def bent(seed: int, amplitude: float) -> tuple[Floats, Floats, Floats]:
    """(the source, the reply, the shift that puts it right). The reply is recoloured, noisy, and new in the region."""
    random = np.random.default_rng(seed)
    own = textured(WIDTH, HEIGHT, seed)
    field = np.dstack([
        cv2.resize(random.normal(0, amplitude, (3, 4)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    ])  # fmt: skip
    reply, _ = resampled(own, np.eye(3)[:2], (WIDTH, HEIGHT), shift=np.asarray(-field, np.float32))
    inside = outside() == 0
    reply[inside] = textured(WIDTH, HEIGHT, seed + 500)[inside]
    noisy = reply * np.array([1.08, 0.94, 1.02]) + 0.02 + random.normal(0, 0.01, reply.shape)
    return own, np.clip(noisy, 0, 1).astype(np.float32), np.asarray(field, np.float32)


def rim() -> npt.NDArray[np.bool_]:
    inside = (outside() == 0).astype(np.uint8)
    return np.asarray((cv2.dilate(inside, np.ones((13, 13), np.uint8)) > 0) & (inside == 0))


@pytest.mark.parametrize("seed", range(4))
def test_lines_meet_at_the_edge_of_the_region(seed: int) -> None:
    own, reply, field = bent(seed, 1.2)
    found = local_shift(luma_of(reply), luma_of(own), outside())
    assert found is not None
    off, left = np.hypot(field[..., 0], field[..., 1]), np.hypot(*np.moveaxis(found - field, 2, 0))
    assert left[rim()].mean() < 0.45 * off[rim()].mean()
    assert left[outside() == 0].mean() < 0.9 * off[outside() == 0].mean(), "the region itself is no worse off"


@pytest.mark.parametrize("seed", range(3))
def test_a_straight_reply_is_not_bent(seed: int) -> None:
    own, reply, _ = bent(seed, 0.0)
    assert local_shift(luma_of(reply), luma_of(own), outside()) is None
    assert local_shift(luma_of(own), luma_of(own), outside()) is None


def test_large_crops_are_measured_in_a_smaller_form() -> None:
    own, reply, field = bent(2, 1.2)
    size = (WIDTH * 3, HEIGHT * 3)
    large = [cv2.resize(part, size, interpolation=cv2.INTER_CUBIC) for part in (luma_of(reply), luma_of(own))]
    weights = cv2.resize(outside(), size, interpolation=cv2.INTER_NEAREST)
    found = local_shift(*(np.asarray(part, np.float32) for part in (*large, weights)))
    assert found is not None and found.shape == (HEIGHT * 3, WIDTH * 3, 2)
    wide = rim().repeat(3, axis=0).repeat(3, axis=1)
    meant = 3 * cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
    assert np.abs(found - meant)[wide].mean() < 0.6 * np.abs(meant)[wide].mean()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_a_rim_nothing_is_bent(value: float) -> None:
    own, reply, _ = bent(1, 1.0)
    assert local_shift(luma_of(reply), luma_of(own), np.full((HEIGHT, WIDTH), value, np.float32)) is None
