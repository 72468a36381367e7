"""A run that is widened begins and ends at other IDRs of the source and still covers what it covered."""

from hypothesis import given
from hypothesis import strategies as st

from engine.planning.splice import encoded_runs, splice_points
from tests.engine.planning.makers import index_of, simple_index


def test_a_run_begins_an_idr_earlier_and_ends_an_idr_later() -> None:
    points = splice_points(simple_index(100, 20))
    assert encoded_runs(points, [range(45, 48)]) == [range(45, 60)]
    assert encoded_runs(points, [range(45, 48)], 1) == [range(40, 80)]
    assert encoded_runs(points, [range(40, 41)], 1) == [range(20, 80)]
    assert encoded_runs(points, [range(45, 48)], 2) == [range(20, 100)]
    assert encoded_runs(points, [range(3, 5), range(95, 97)], 1) == [range(40), range(80, 100)]
    assert encoded_runs(points, [range(30, 31), range(50, 51)], 1) == [range(20, 80)], "they join"


def test_a_keyframe_that_is_no_idr_is_no_place_to_begin() -> None:
    points = splice_points(index_of([[0, 1, 2]] * 5, open_at=[1, 3]))
    assert encoded_runs(points, [range(7, 8)]) == [range(7, 12)]
    assert encoded_runs(points, [range(7, 8)], 1) == [range(6, 15)]


@given(st.integers(1, 60), st.integers(1, 25), st.data())
def test_wider_is_never_less(count: int, gop: int, data: st.DataObject) -> None:
    points = splice_points(simple_index(count, gop))
    first = data.draw(st.integers(0, count - 1))
    changed = [range(first, data.draw(st.integers(first + 1, count)))]
    before: set[int] = set()
    for widen in range(4):
        runs = encoded_runs(points, changed, widen)
        covered = {frame for run in runs for frame in run}
        assert before <= covered and set(changed[0]) <= covered <= set(range(count))
        assert widen == 0 or all(run.start in {0, *points.idr} and run.stop in points.idr for run in runs)
        before = covered
