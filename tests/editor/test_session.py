"""The session: values with signals, and nothing chosen that is gone."""

from fractions import Fraction

import pytest

from editor.session import ZOOM_MAX_PX_PER_S, Session, Tool, ViewMode
from engine.project.clip_edits import remove_clip
from engine.rational_time import TimeRange
from tests.engine.project.samples import with_clips

F = Fraction


@pytest.fixture
def session(qapp: object) -> Session:
    return Session()


def test_equal_values_are_not_told_again(session: Session) -> None:
    told: list[object] = []
    for signal in (session.playhead_changed, session.zoom_changed, session.tool_changed, session.view_mode_changed):
        signal.connect(told.append)
    for _ in range(2):
        session.set_playhead(F(5))
        session.set_zoom(1e9)
        session.set_tool(Tool.LASSO)
        session.set_view_mode(ViewMode.HEATMAP)
    assert told == [F(5), ZOOM_MAX_PX_PER_S, Tool.LASSO, ViewMode.HEATMAP]
    session.set_playhead(F(-1))
    assert session.playhead == 0


def test_points_never_cross(session: Session) -> None:
    session.set_in_point(F(2))
    session.set_out_point(F(5))
    assert session.marked_range == TimeRange(F(2), F(3))
    session.set_in_point(F(5))
    assert (session.in_point, session.out_point) == (F(5), None)
    session.set_out_point(F(4))
    assert (session.in_point, session.out_point) == (None, F(4))
    session.clear_points()
    assert session.out_point is None


def test_what_is_gone_is_not_chosen(session: Session) -> None:
    before = with_clips()
    session.select("a", "b", "one")
    session.toggle("b")
    session.toggle("two")
    assert session.selection == {"a", "one", "two"}
    session.follow_project(before, remove_clip(before, "a"))
    assert session.selection == {"one", "two"}
