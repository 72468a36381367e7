"""Healing takes the place that was picked, or finds one that fits, and joins its light."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import ProviderError
from engine.providers.local.poisson import cloned, mixed
from engine.providers.protocol import Crop, RegionEditRequest
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore
from tests.engine.providers.makers import ArrayShot, wall


def picture() -> npt.NDArray[np.uint8]:
    return np.rint(wall(5, 120, 200) * 255).astype(np.uint8)


def heal(
    frame: npt.NDArray[np.uint8], box: tuple[int, int, int, int], region: tuple[slice, slice], **params: float | str
) -> Crop:
    x, y, width, height = box
    mask = np.zeros((height, width), np.float32)
    mask[region] = 1
    request = RegionEditRequest(frame[y:y + height, x:x + width].copy(), mask, params=params)
    shot = ArrayShot([frame], 0, box)
    return local_registry().get("local.heal").edit(request, shot, cancel=ThreadCancelToken(), report=ignore).pixels


@pytest.mark.parametrize("blend", ["plain", "seamless"])
def test_a_picked_source_outside_the_crop_is_taken(blend: str) -> None:
    """The picture repeats every 90 pixels: healed from there it is whole again, though the crop does not reach there."""
    frame = np.tile(picture()[:, :90], (1, 2, 1))
    broken = frame.copy()
    broken[50:70, 30:50] = 255
    made = heal(broken, (20, 40, 40, 40), np.s_[10:30, 10:30], dx=90 / 180, dy=0.0, blend=blend)
    assert np.abs(made.astype(int) - frame[40:80, 20:60]).max() <= (0 if blend == "plain" else 3)


def test_light_is_joined() -> None:
    """The source is 40 levels darker; its texture comes, its darkness does not."""
    base = (np.random.default_rng(0).normal(0, 6, (100, 60, 3)) + 150).clip(0, 255)
    frame = np.hstack([base, base - 40]).clip(0, 255).astype(np.uint8)
    broken = frame.copy()
    broken[40:60, 20:40] = 0
    made = heal(broken, (0, 20, 60, 60), np.s_[20:40, 20:40], dx=0.5, dy=0.0)
    assert abs(float(made[20:40, 20:40].mean()) - float(frame[40:60, 20:40].mean())) < 4
    assert made[20:40, 20:40].std() > 3


def test_a_source_is_found_where_none_was_picked() -> None:
    stripes = (np.sin(np.arange(200) / 200 * 2 * np.pi * 10) * 80 + 128).astype(np.uint8)
    frame = np.repeat(np.repeat(stripes[None, :, None], 120, axis=0), 3, axis=2)
    broken = frame.copy()
    broken[50:72, 90:112] = 255
    made = heal(broken, (60, 20, 82, 82), np.s_[30:52, 30:52])
    assert np.abs(made.astype(int) - frame[20:102, 60:142]).max() <= 12


def test_a_source_outside_the_picture_is_refused() -> None:
    with pytest.raises(ProviderError, match="outside the picture"):
        heal(picture(), (40, 40, 60, 60), np.s_[20:40, 20:40], dx=0.9, dy=0.0)


def test_no_room_for_a_source_is_said() -> None:
    frame = picture()[:40, :40]
    with pytest.raises(ProviderError, match="no place beside"):
        heal(frame, (0, 0, 40, 40), np.s_[5:36, 5:36])


def test_a_clone_meets_its_border_and_mixing_keeps_the_stronger_texture() -> None:
    inside = np.zeros((50, 60), np.bool_)
    inside[10:40, 10:50] = True
    flat, rough = np.full((50, 60, 3), 0.5, np.float32), wall(9, 50, 60)
    clone = cloned(rough, flat, inside)
    assert np.array_equal(clone[~inside], flat[~inside])
    edge = np.abs(np.diff(clone - rough, axis=1))[12:38, 12:46]
    assert edge.max() < 0.05
    assert np.abs(mixed(flat, rough, inside) - rough).max() < 0.03
