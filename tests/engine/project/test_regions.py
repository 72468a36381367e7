"""A region is named by everything that decides its pixels, a plain one as before; what is none is refused in a sentence."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cache.store import Cache
from engine.errors import EditError
from engine.project.consistency import InconsistentProject, check_consistency
from engine.project.file import from_json, to_json
from engine.project.model import Region, RegionKind, Shape
from engine.project.patch_edits import set_patch_region
from engine.project.regions import POINTS_MAX, SHAPES_MAX, checked_region, region_values
from tests.engine.project.samples import with_patch

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


LASSO = replace(BOX, kind=RegionKind.LASSO, points=((0.1, 0.1), (0.5, 0.1), (0.3, 0.4)))
STROKE = Region(RegionKind.BRUSH, ((0.2, 0.2),), radius=0.05)
PEN = Shape(RegionKind.BRUSH, ((0.2, 0.2), (0.3, 0.2)), 0.05)

unit = st.floats(0.0, 1.0)
points = st.tuples(unit, unit)
subtracted = st.booleans()
corners = st.tuples(points, points).filter(lambda two: two[0][0] != two[1][0] and two[0][1] != two[1][1])
outlines = st.lists(points, min_size=3, max_size=9).map(tuple).filter(
    lambda many: len({x for x, _ in many}) > 1 and len({y for _, y in many}) > 1
)
shapes = st.one_of(
    st.builds(Shape, st.sampled_from((RegionKind.BOX, RegionKind.ELLIPSE)), corners, st.just(0.0), subtracted),
    st.builds(Shape, st.just(RegionKind.LASSO), outlines, st.just(0.0), subtracted),
    st.builds(
        Shape, st.just(RegionKind.BRUSH), st.lists(points, min_size=1, max_size=9).map(tuple), st.floats(1e-3, 0.5), subtracted
    ),
)


def _region(first: Shape, feather: float, more: list[Shape], grow: float, inverted: bool) -> Region:
    return Region(first.kind, first.points, feather, first.radius, tuple(more), grow, inverted)


regions = st.builds(_region, shapes, st.floats(0, 200), st.lists(shapes, max_size=4), st.floats(-200, 200), st.booleans())


@given(regions)
def test_a_region_is_the_same_after_the_file_and_is_believed(region: Region) -> None:
    project = set_patch_region(with_patch(), "logo", region)
    again = from_json(to_json(project)).project
    assert again == project and again.patches[0].region == checked_region(region)
    assert region_values(again.patches[0].region) == region_values(checked_region(region))


@given(regions)
def test_checking_changes_nothing_but_the_order_of_corners(region: Region) -> None:
    once = checked_region(region)
    assert checked_region(once) == once and once.bounds == region.bounds
    assert [(s.kind, s.is_subtracted) for s in once.shapes] == [(s.kind, s.is_subtracted) for s in region.shapes]


FAULTS = [
    (replace(BOX, points=((0.1, 0.1), (1.2, 0.5))), "reaches outside the picture"),
    (replace(BOX, points=((0.1, float("nan")), (0.3, 0.5))), "reaches outside the picture"),
    (replace(BOX, points=((0.1, 0.1), (0.1, 0.5))), "has no area"),
    (replace(BOX, points=()), "has no area"),
    (replace(BOX, kind=RegionKind.ELLIPSE, points=LASSO.points), "has no area"),
    (replace(BOX, kind=RegionKind.LASSO), "has no area"),
    (replace(STROKE, points=()), "has no area"),
    (replace(STROKE, radius=0.0), "has a pen of 0 "),
    (replace(STROKE, radius=0.6), "has a pen of 0.6 "),
    (replace(STROKE, radius=float("nan")), "has a pen of nan "),
    (replace(BOX, radius=0.1), "has a box with a pen"),
    (replace(BOX, feather_px=1000.0), "has a feather of 1000 px"),
    (replace(BOX, feather_px=float("nan")), "has a feather of nan px"),
    (replace(BOX, grow_px=-201.0), "is grown by -201 px"),
    (replace(BOX, grow_px=float("inf")), "is grown by inf px"),
    (replace(BOX, more=(replace(HOLE, points=((0.3, 0.3), (0.4, -0.1))),)), "reaches outside the picture"),
    (replace(BOX, more=(replace(PEN, radius=7.0),)), "has a pen of 7 "),
    (replace(BOX, more=(HOLE,) * SHAPES_MAX), f"has {SHAPES_MAX + 1} shapes"),
    (replace(STROKE, points=((0.5, 0.5),) * (POINTS_MAX + 1)), f"has {POINTS_MAX + 1} points"),
]


@pytest.mark.parametrize(("region", "what"), FAULTS)
def test_what_is_no_region_is_said_in_a_sentence_by_edits_and_files(region: Region, what: str) -> None:
    with pytest.raises(EditError, match=rf"The region {what}.*\.$"):
        set_patch_region(with_patch(), "logo", region)
    broken = replace(with_patch(), patches=(replace(with_patch().patches[0], region=region),))
    with pytest.raises(InconsistentProject, match=f"the region of the patch “logo” {what}"):
        check_consistency(broken)


@pytest.mark.parametrize("region", [BOX, LASSO, STROKE, replace(BOX, kind=RegionKind.ELLIPSE), replace(BOX, more=(PEN, HOLE))])
def test_what_is_one_is_taken(region: Region) -> None:
    assert set_patch_region(with_patch(), "logo", region).patches[0].region == region


def test_a_file_of_the_first_version_has_plain_regions() -> None:
    data = json.loads(to_json(with_patch()))
    data["schema_version"] = 1
    patch = data["patches"][0]
    for name in ("keys", "carrying"):
        del patch[name]
    for name in ("radius", "more", "grow_px", "is_inverted"):
        del patch["region"][name]
    loaded = from_json(json.dumps(data).encode())
    assert loaded.project == with_patch() and not loaded.read_only
