"""A region is named by everything that decides its pixels, and a plain one as it was named before."""

from dataclasses import replace

import pytest

from engine.cache.store import Cache
from engine.project.model import Region, RegionKind, Shape
from engine.project.regions import region_values

BOX = Region(RegionKind.BOX, ((0.25, 0.25), (0.5, 0.5)))
HOLE = Shape(RegionKind.ELLIPSE, ((0.3, 0.3), (0.4, 0.4)), is_subtracted=True)

OTHER = (
    replace(BOX, kind=RegionKind.ELLIPSE), replace(BOX, points=((0.2, 0.25), (0.5, 0.5))), replace(BOX, feather_px=7.0),
    replace(BOX, radius=0.1), replace(BOX, grow_px=1.0), replace(BOX, grow_px=-1.0), replace(BOX, is_inverted=True),
    replace(BOX, more=(HOLE,)), replace(BOX, more=(HOLE, HOLE)), replace(BOX, more=(replace(HOLE, is_subtracted=False),)),
    replace(BOX, more=(replace(HOLE, radius=0.2),)), replace(BOX, more=(replace(HOLE, kind=RegionKind.BOX),)),
    replace(BOX, more=(replace(HOLE, points=((0.3, 0.3), (0.4, 0.41))),)),
)


def test_every_field_of_a_region_changes_its_name() -> None:
    names = {Cache.key(*region_values(region)) for region in (BOX, *OTHER)}
    assert len(names) == 1 + len(OTHER)


@pytest.mark.parametrize("kind", [RegionKind.BOX, RegionKind.LASSO])
def test_a_plain_region_keeps_its_name(kind: RegionKind) -> None:
    region = replace(BOX, kind=kind)
    assert region_values(region) == (kind.value, region.points, region.feather_px)
