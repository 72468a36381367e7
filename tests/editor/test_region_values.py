"""Regions go from the project to the canvas and back unchanged, and a number typed in keeps them inside the picture."""

from hypothesis import given
from hypothesis import strategies as st

from editor.controllers.region_numbers import numbered
from editor.region_values import to_canvas, to_model
from engine.project.model import Media, MediaKind, Region, RegionKind, Shape

unit = st.floats(0, 1)
points = st.tuples(unit, unit)
pairs = st.tuples(points, points).map(
    lambda p: ((min(p[0][0], p[1][0]), min(p[0][1], p[1][1])), (max(p[0][0], p[1][0]), max(p[0][1], p[1][1])))
)
by_bounds = st.tuples(st.sampled_from([RegionKind.BOX, RegionKind.ELLIPSE]), pairs, st.just(0.0))
lassos = st.tuples(st.just(RegionKind.LASSO), st.lists(points, min_size=3, max_size=6).map(tuple), st.just(0.0))
strokes = st.tuples(st.just(RegionKind.BRUSH), st.lists(points, min_size=1, max_size=5).map(tuple), st.floats(0.001, 0.5))
outlines = st.one_of(by_bounds, lassos, strokes)
regions = st.builds(
    lambda first, more, feather, grow, inverted: Region(
        first[0], first[1], feather, first[2], tuple(Shape(o[0], o[1], o[2], sub) for o, sub in more), grow, inverted
    ),
    outlines, st.lists(st.tuples(outlines, st.booleans()), max_size=4), st.floats(0, 200), st.floats(-60, 60), st.booleans(),
)  # fmt: skip
fields = st.one_of(
    st.tuples(st.sampled_from(["x", "y", "width", "height"]), unit),
    st.tuples(st.sampled_from(["feather", "pen"]), st.floats(0, 400)),
    st.tuples(st.just("grow"), st.floats(-60, 60)),
)
MEDIA = Media("m", MediaKind.VIDEO, "m.mp4", "/m.mp4", "f", 1, 1, None, 1920, 1080)


@given(regions)
def test_there_and_back_is_the_same_region(region: Region) -> None:
    assert to_model(to_canvas(region)) == region


@given(regions, st.lists(fields, max_size=6), st.integers(-1, 4))
def test_whatever_is_typed_the_region_stays_one_and_inside(region: Region, typed: list[tuple[str, float]], active: int) -> None:
    made, active = to_canvas(region), min(active, len(region.shapes) - 1)
    for field, value in typed:
        made = numbered(made, active, field, value, MEDIA)
    after = to_model(made)
    assert [s.kind for s in after.shapes] == [s.kind for s in region.shapes]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for shape in after.shapes for x, y in shape.points)
    assert all((shape.radius > 0) == (shape.kind is RegionKind.BRUSH) for shape in after.shapes)
