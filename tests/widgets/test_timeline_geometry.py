"""Time to pixels, ticks, rows and snapping: the timeline's arithmetic, without a window."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from engine.rational_time import timecode
from widgets.timeline.confidence import ends_of
from widgets.timeline.example import at, example_view
from widgets.timeline.metrics import item_rect
from widgets.timeline.painting.waves import wave_image
from widgets.timeline.rows import LANES_MAX, Spans, lay_out
from widgets.timeline.ruler import LABEL_PX, ticks_for
from widgets.timeline.scale import MOST_PX_PER_S, TimeScale, to_frame
from widgets.timeline.snapping import SnapPoints
from widgets.timeline.values import ClipView, PatchView, TimelineView, TrackView

RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(60)])
TIMES = st.fractions(0, 36_000, max_denominator=90_000)
ZOOMS = st.floats(0.02, MOST_PX_PER_S)


@given(ZOOMS, st.floats(0, 1e6), st.floats(176, 3000))
def test_time_and_x_agree(px_per_s: float, offset: float, x: float) -> None:
    scale = TimeScale(px_per_s, offset, 176)
    assert scale.x_at(scale.time_at(x)) == pytest.approx(x, abs=max(0.01, px_per_s * 2e-6))


@given(ZOOMS, st.floats(0, 1e5), st.floats(176, 3000), st.floats(0.2, 5.0))
def test_zoom_keeps_the_time_under_the_pointer(px_per_s: float, offset: float, x: float, factor: float) -> None:
    before = TimeScale(px_per_s, offset, 176)
    after = before.zoomed(factor, x, 0.01)
    if after.offset_px > 0:
        assert after.seconds_at(x) == pytest.approx(before.seconds_at(x), abs=1e-6)
    assert 0.01 <= after.px_per_s <= MOST_PX_PER_S


@given(TIMES, RATES)
def test_frames_are_exact_and_near(time: Fraction, rate: Fraction) -> None:
    frame = to_frame(time, rate)
    assert (frame * rate).denominator == 1
    assert abs(frame - time) <= 1 / (2 * rate)


@given(ZOOMS, RATES)
def test_ticks_keep_their_distance(px_per_s: float, rate: Fraction) -> None:
    ticks = ticks_for(px_per_s, rate)
    assert (ticks.label / ticks.tick).denominator == 1
    if ticks.label < 36_000:
        assert float(ticks.label) * px_per_s >= LABEL_PX
    assert float(ticks.tick) * px_per_s >= 18 or ticks.tick == ticks.label


@given(ZOOMS, RATES, TIMES)
def test_every_label_is_a_tick_in_range(px_per_s: float, rate: Fraction, start: Fraction) -> None:
    ticks = ticks_for(px_per_s, rate)
    end = start + Fraction(round(2000 / px_per_s * 1000), 1000)
    found = list(ticks.between(start, end))
    assert all(start <= time <= end for time, _ in found)
    assert len(found) <= 2000 / 18 + 2
    assert all((time / ticks.label).denominator == 1 for time, weight in found if weight == 2)


def test_labels_read_as_round_timecodes() -> None:
    ticks = ticks_for(99.0, Fraction(25))
    labels = [timecode(time, Fraction(25)) for time, weight in ticks.between(Fraction(0), Fraction(5)) if weight == 2]
    assert labels == ["00:00:00:00", "00:00:02:00", "00:00:04:00"]


SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=40)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=40), st.floats(0.05, 40), st.floats(0, 300),
    st.integers(0, 400), st.integers(1, 200), st.integers(1, 15),
)  # fmt: skip
def test_only_what_no_pixel_shows_is_left_unpainted(
    places: list[tuple[int, int]], px_per_s: float, offset_px: float, start: int, length: int, thin_px: int
) -> None:
    clips = [ClipView(f"c{n}", "", "video", Fraction(at, 7), Fraction(long, 7)) for n, (at, long) in enumerate(places)]
    scale, covered, wanted = TimeScale(px_per_s, offset_px, 90), -1 << 30, list[str]()
    for clip, first, last in Spans(clips).touching(start / 7, (start + length) / 7):
        rect = item_rect(scale.x_of(first), scale.x_of(last), (0, 20))
        if rect.width() > thin_px or rect.right() > covered:
            wanted.append(clip.id)
            covered = rect.right() if rect.width() <= thin_px else covered
    assert [clip.id for clip, _, _ in Spans(clips).seen(start / 7, (start + length) / 7, scale, thin_px)] == wanted


@given(SPANS, st.integers(0, 500), st.integers(1, 100))
def test_search_finds_exactly_what_touches(spans: list[tuple[int, int]], start: int, length: int) -> None:
    clips = [ClipView(str(i), "", "video", Fraction(a), Fraction(d)) for i, (a, d) in enumerate(spans)]
    found = {clip.id for clip, _, _ in Spans(clips).touching(start, start + length)}
    assert found == {clip.id for clip in clips if clip.start < start + length and clip.end > start}


def test_rows_lie_below_each_other() -> None:
    rows = lay_out(example_view(), 1.0, compact=False)
    assert [row.kind for row in rows.rows] == ["caption", "overlay", "patch", "video", "audio", "audio"]
    assert all(a.bottom == b.top for a, b in zip(rows.rows, rows.rows[1:], strict=False))
    assert rows.height == rows.rows[-1].bottom
    assert rows.at(rows.rows[3].top) is rows.rows[3]
    assert rows.at(rows.height) is None
    assert lay_out(example_view(), 1.0, compact=True).height < rows.height


def test_patches_of_a_video_track_get_the_lane_above_it() -> None:
    patch = PatchView("p", "P", Fraction(1), Fraction(1), Fraction(1))
    view = TimelineView((TrackView("v1", "video", "V1", patches=(patch,)),))
    assert [(row.track.id, row.kind) for row in lay_out(view, 1.0, False).rows] == [("v1", "patch"), ("v1", "video")]


@given(st.lists(TIMES, min_size=1, max_size=20), TIMES, st.fractions(0, 10))
def test_snapping_takes_the_nearest_point_in_reach(times: list[Fraction], time: Fraction, reach: Fraction) -> None:
    found = SnapPoints.at(times).nearest(time, reach)
    distance = min(abs(point - time) for point in times)
    assert (found is not None) == (distance <= reach)
    assert found is None or abs(found - time) == distance


def test_what_moves_does_not_attract_itself() -> None:
    points = SnapPoints.of(example_view(), Fraction(100), frozenset({"v1"}))
    assert at(104) in points.times  # the neighbours' edges are still there
    assert Fraction(100) in points.times  # the playhead
    alone = SnapPoints.of(TimelineView((TrackView("t", "video", "V", clips=(
        ClipView("x", "", "video", Fraction(3), Fraction(4)),)),)), Fraction(0), frozenset({"x"}))  # fmt: skip
    assert set(alone.times) == {Fraction(0)}


def test_wave_is_high_where_it_is_loud() -> None:
    values = np.array([[0.0, 0.0], [1.0, 0.5]])
    image = wave_image(values, 41, QColor("#3f7467"), QColor("#74ab9d"))
    assert (image.width(), image.height()) == (2, 41)
    assert image.pixelColor(0, 2).alpha() == 0
    assert image.pixelColor(1, 2).name() == "#3f7467"
    assert image.pixelColor(1, 20).name() == "#74ab9d"


def test_frames_of_which_nothing_is_known_have_no_bar() -> None:
    """A window that has just grown: the last known frame is as long as the others, not as long as all that is missing."""
    seconds = np.array([0.0, 1.0, 2.0, 3.5, 9.0, 10.0])
    assert ends_of(seconds, 11.0).tolist() == [1.0, 2.0, 3.5, 4.5, 10.0, 11.0]
    assert ends_of(seconds[:3], 20.0).tolist() == [1.0, 2.0, 3.0]
    assert ends_of(seconds[:1], 0.04).tolist() == [0.04] and ends_of(seconds[:0], 5.0).tolist() == []


@given(SPANS)
def test_patches_hide_each_other_only_where_there_are_too_many(spans: list[tuple[int, int]]) -> None:
    patches = tuple(PatchView(str(i), "", Fraction(a), Fraction(d), Fraction(a)) for i, (a, d) in enumerate(spans))
    view = TimelineView((TrackView("p", "patch", "P1", patches=patches),), duration=Fraction(600))
    (row,) = lay_out(view, 1.0, False).rows
    for one, other in combinations(patches, 2):
        together = one.start < other.end and other.start < one.end
        if together and row.lane_top(one.id) == row.lane_top(other.id):
            assert row.lane_top(one.id) == (LANES_MAX - 1) * row.lane_height
    assert row.height == row.lane_height * (1 + max(row.lanes.values(), default=0))
    if not any(a.start < b.end and b.start < a.end for a, b in combinations(patches, 2)):
        assert not row.lanes, "what shares no time stays in one lane"
