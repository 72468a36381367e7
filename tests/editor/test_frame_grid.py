"""The playhead rests on frames: of the video under it, else of the project's rate."""

from contextlib import suppress
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.frame_grid import before, edit_after, edit_before, frame_start, last_frame, nearest_frame, step
from editor.placing import Place, free_from, placed
from engine.errors import EditError
from engine.media.index import FrameIndex
from engine.project.clip_edits import Edge, append_clip, move_clip, trim_clip
from engine.project.media_edits import add_media
from engine.project.model import Media, MediaKind, Project
from engine.project.track_edits import new_project
from engine.rational_time import ZERO, TimeRange
from tests.engine.project.edit_scripts import EDITS, TIMES, Edit, beginning

F = Fraction
STEPS_MS = (40, 30, 50, 40, 33, 47, 100, 20, 40, 40)


def index(steps_ms: tuple[int, ...] = STEPS_MS) -> FrameIndex:
    """Frames of various lengths, in milliseconds."""
    pts = np.cumsum((0, *steps_ms[:-1])).astype(np.int64)
    flags = np.ones(len(pts), np.bool_)
    durations = np.array(steps_ms, np.int64)
    order = np.arange(len(pts), dtype=np.int64)
    return FrameIndex(F(1, 1000), pts, durations, order, pts, order, flags, flags)


KNOWN = index()
LENGTH = F(sum(STEPS_MS), 1000)


def film(media_id: str = "m", seconds: Fraction = LENGTH) -> Media:
    return Media(media_id, MediaKind.VIDEO, "a.mp4", "/a", media_id, 1, 1, TimeRange(F(0), seconds), 64, 36, F(25))


def project(start: Fraction = ZERO) -> Project:
    made = append_clip(add_media(new_project(), film()), "m", clip_id="c")
    return move_clip(made, "c", start)


def known(_media: Media) -> FrameIndex:
    return KNOWN


@given(st.fractions(0, LENGTH, max_denominator=10_000), st.sampled_from([F(0), F(1, 3), F(7)]))
def test_a_frame_start_is_a_source_frame_shown_at_that_time(time: Fraction, start: Fraction) -> None:
    time = min(time, LENGTH - F(1, 10_000))
    found = frame_start(project(start), known, start + time)
    frame = KNOWN.frame_at(time)
    assert found == start + KNOWN.time_of(frame) and KNOWN.time_of(frame) <= time < KNOWN.end_of(frame)


@given(st.integers(0, 9), st.integers(-12, 12))
def test_steps_go_by_frames_and_stop_at_the_ends(frame: int, by: int) -> None:
    made = project()
    reached = step(made, known, KNOWN.time_of(frame), by)
    assert reached == KNOWN.time_of(min(max(frame + by, 0), 9))


def test_nearest_takes_the_closer_edge() -> None:
    made = project()
    assert nearest_frame(made, known, F(1, 1000)) == 0
    assert nearest_frame(made, known, F(39, 1000)) == F(40, 1000)


def test_ends() -> None:
    made = project()
    assert last_frame(made, known) == KNOWN.time_of(9) and last_frame(new_project(), known) == 0
    assert before(made, known, F(0)) == 0
    assert edit_after(made, F(0)) == LENGTH and edit_after(made, LENGTH) is None
    assert edit_before(made, LENGTH) == 0 and edit_before(made, F(0)) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, min_size=4, max_size=20), st.lists(TIMES, min_size=4, max_size=4))
def test_the_edits_beside_a_time_are_those_that_looking_at_all_finds(script: list[Edit], times: list[F]) -> None:
    made = beginning()
    for edit in script:
        with suppress(EditError):
            made = edit(made)
    points = {ZERO} | {time for track in made.tracks for clip in track.clips for time in (clip.start, clip.end)}
    for time in (*map(abs, times), *list(points)[:6]):
        assert edit_after(made, time) == min((p for p in points if p > time), default=None)
        assert edit_before(made, time) == max((p for p in points if p < time), default=None)


def test_steps_cross_a_gap_at_the_projects_rate_and_enter_the_next_clip_at_its_start() -> None:
    made = append_clip(add_media(project(F(0)), film("n")), "n", clip_id="d")
    made = move_clip(made, "d", LENGTH + F(1, 10))
    times = [LENGTH - F(40, 1000)]
    while times[-1] < LENGTH + F(1, 10):
        times.append(step(made, known, times[-1], 1))
    assert times[1] == LENGTH and times[-1] == LENGTH + F(1, 10)


def test_a_trimmed_clip_begins_at_its_cut() -> None:
    made = trim_clip(project(), "c", Edge.START, F(55, 1000))
    assert frame_start(made, known, F(60, 1000)) == F(55, 1000)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), max_size=6), st.integers(0, 50), st.integers(1, 10))
def test_a_free_place_is_free_and_the_earliest(wishes: list[tuple[int, int]], start: int, length: int) -> None:
    made = new_project()
    for number, (at, seconds) in enumerate(wishes):
        made = add_media(made, film(f"x{number}", F(seconds)))
        made = placed(made, [f"x{number}"], Place(F(at)))
    track = made.track_by_id("V1")
    found = free_from(track, F(start), F(length))
    assert found >= start
    assert not any(clip.timeline_range.intersection(TimeRange(found, F(length))) for clip in track.clips)
    ends = [clip.end for clip in track.clips]
    assert found == start or found in ends
