"""The name of an answer changes with every part that decides it, and with nothing else."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from engine.cache import patch_key as module
from engine.cache.patch_key import patch_key
from engine.project.model import Recipe, Region, RegionKind, Shape

REGION = Region(RegionKind.BOX, ((0.25, 0.25), (0.5, 0.5)))
RECIPE = Recipe("gemini", "a red door", "", (("size", "1K"),), 7)
PARTS: dict[str, Any] = {
    "fingerprint": "f" * 40, "time": Fraction(10, 25), "region": REGION, "recipe": RECIPE, "model": "image-3",
    "params": {"size": "1K", "strength": 0.5},
}
SHAPE = Shape(RegionKind.ELLIPSE, ((0.3, 0.3), (0.4, 0.4)))


def name(**other: Any) -> str:
    return patch_key(**{**PARTS, **other})


OTHERS: dict[str, dict[str, Any]] = {
    "source": {"fingerprint": "e" * 40}, "frame": {"time": Fraction(11, 25)}, "a near frame": {"time": Fraction(10001, 25000)},
    "model": {"model": "image-4"},
    "provider": {"recipe": replace(RECIPE, provider="openai")}, "prompt": {"recipe": replace(RECIPE, prompt="a blue door")},
    "picture": {"recipe": replace(RECIPE, image="a" * 40)}, "seed": {"recipe": replace(RECIPE, seed=8)},
    "value of a parameter": {"params": {"size": "2K", "strength": 0.5}},
    "one more": {"params": {"size": "1K", "strength": 0.5, "x": 1.0}}, "one fewer": {"params": {"size": "1K"}},
    "type of a parameter": {"params": {"size": "1K", "strength": "0.5"}},
    "outline": {"region": replace(REGION, points=((0.25, 0.25), (0.5, 0.6)))},
    "kind": {"region": replace(REGION, kind=RegionKind.ELLIPSE)}, "feather": {"region": replace(REGION, feather_px=7.0)},
    "pen": {"region": replace(REGION, radius=0.1)}, "grown": {"region": replace(REGION, grow_px=2.0)},
    "inverted": {"region": replace(REGION, is_inverted=True)}, "one more shape": {"region": replace(REGION, more=(SHAPE,))},
    "taken away": {"region": replace(REGION, more=(replace(SHAPE, is_subtracted=True),))},
}


def test_every_part_changes_the_key() -> None:
    keys = {"as it is": name(), **{part: name(**other) for part, other in OTHERS.items()}}
    assert len(set(keys.values())) == len(keys)


def test_the_pipeline_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = name()
    monkeypatch.setattr(module, "PIPELINE", "region-edit-next")
    assert name() != before


def test_equal_requests_have_one_name() -> None:
    again = {"strength": 0.5, "size": "1K"}  # another order
    assert name() == name(params=again) and len(name()) == 64
    # What the recipe says of parameters is in `params`, with the defaults; it is not counted twice.
    assert name() == name(recipe=replace(RECIPE, params=()))
