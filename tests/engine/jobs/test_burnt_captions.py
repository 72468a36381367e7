"""Captions burnt in change the frames they show on, by the frames' own times, and their lines stand together where two show."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.encoding.facts import SourceFacts
from engine.errors import BadInputError, Cancelled
from engine.jobs.burnt_captions import with_burnt
from engine.planning.planner import blueprint
from engine.project.caption_edits import CueDraft, add_cues, set_caption_style
from engine.project.caption_values import BURNT_TRACK, CaptionStyle
from engine.project.model import Canvas, Project
from engine.project.track_edits import set_track_visible
from engine.rational_time import TimeRange
from engine.running import Progress, ThreadCancelToken
from tests.engine.encoding.makers import RATE, Bench, make_clip
from tests.engine.project.samples import with_clips

VARYING = [number + number // 5 + (number % 3 == 0) for number in range(60)]


def drawn(text: str, style: CaptionStyle, canvas: Canvas) -> str:
    """In place of an asset's hash: what it was drawn from."""
    return f"{text}|{style.size}|{canvas.width}"


def drafts(*cues: tuple[Fraction, Fraction, str]) -> list[CueDraft]:
    return [CueDraft(TimeRange.between(start, end), text) for start, end, text in cues]


@pytest.fixture(scope="module")
def varying_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames at times that vary, a keyframe every 20."""
    pts = sorted(set(VARYING))
    return make_clip(tmp_path_factory.mktemp("vfr") / "vfr.mp4", pts=pts, frames=len(pts))


@pytest.mark.parametrize(("start", "end"), [("1/3", "2/3"), (0, "1/100"), ("7/5", "9/4")])
def test_exactly_the_frames_of_the_moment_change_however_long_they_are(
    varying_clip: Path, tmp_path: Path, start: str | int, end: str
) -> None:
    bench = Bench.at(tmp_path)
    project = bench.project(varying_clip)
    first = Fraction(start)
    last = Fraction(end)
    burnt = with_burnt(add_cues(project, drafts((first, last, "Said here"))), drawn)
    times = [Fraction(pts, RATE) for pts in sorted(set(VARYING))]
    begin = times[0]
    with bench.sources() as sources:
        made = blueprint(burnt, SourceFacts(sources), lambda _key: False)
    changed = {frame for run in made.changed for frame in run}
    assert made.source is not None
    assert changed == {number for number, time in enumerate(times) if first <= time - begin < last}
    outside = {frame for segment in made.plan.segments if segment.mode.value == "copy"
               for frame in range(segment.first_frame, segment.first_frame + segment.frames)}  # fmt: skip
    assert not outside & changed
    assert all(segment.reason.startswith("Captions") for segment in made.plan.segments if segment.changed_frames)


def _clips(project: Project) -> list[tuple[Any, Any, str]]:
    return [(c.start, c.end, c.text.text if c.text else "") for c in project.track_by_id(BURNT_TRACK).clips]


def test_overlapping_captions_stand_together_and_what_lies_behind_the_end_is_cut() -> None:
    cues = [(1, 3, "One"), (2, 4, "Two"), (13, 16, "Last"), (20, 21, "Beyond")]
    project = add_cues(with_clips(), drafts(*((Fraction(start), Fraction(end), text) for start, end, text in cues)))
    assert _clips(with_burnt(project, drawn)) == [(1, 2, "One"), (2, 3, "One\nTwo"), (3, 4, "Two"), (13, 14, "Last")]


def test_looks_and_empty_captions() -> None:
    project = add_cues(with_clips(), drafts((Fraction(1), Fraction(2), "One"), (Fraction(3), Fraction(4), "")), ids=["a", "b"])
    project = set_caption_style(project, CaptionStyle(size=0.1), ["a"])
    (clip,) = with_burnt(project, drawn).track_by_id(BURNT_TRACK).clips
    assert clip.text is not None and clip.text.bitmap == "One|0.1|640" and clip.text.font_size == 0.1
    with pytest.raises(BadInputError, match="hidden"):
        with_burnt(set_track_visible(project, "C1", False), drawn)
    with pytest.raises(BadInputError, match="no captions"):
        with_burnt(with_clips(), drawn)


def test_drawing_says_how_far_it_is_and_ends_between_two_captions() -> None:
    cues = [(Fraction(number), Fraction(number) + Fraction(1, 2), f"Line {number}") for number in range(8)]
    project, said, token = add_cues(with_clips(), drafts(*cues)), list[Progress](), ThreadCancelToken()
    with_burnt(project, drawn, cancel=token, report=said.append)
    assert [one.fraction for one in said] == [number / 8 for number in range(8)]
    assert said[2].text == "Drawing captions, 3 of 8"
    done: list[str] = []

    def draw(text: str, style: CaptionStyle, canvas: Canvas) -> str:
        done.append(text)
        if len(done) == 3:
            token.cancel()
        return drawn(text, style, canvas)

    with pytest.raises(Cancelled):
        with_burnt(project, draw, cancel=token)
    assert done == ["Line 0", "Line 1", "Line 2"]


TIMES = st.fractions(0, 14, max_denominator=30)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TIMES, TIMES, st.sampled_from("abc")).filter(lambda t: t[0] < t[1]), min_size=1, max_size=8))
def test_at_every_moment_the_picture_says_what_is_said(cues: list[tuple[Fraction, Fraction, str]]) -> None:
    clips = _clips(with_burnt(add_cues(with_clips(), drafts(*cues)), drawn))
    assert all(one[1] <= other[0] for one, other in pairwise(clips))
    for time in {edge + shift for cue in cues for edge in cue[:2] for shift in (Fraction(0), Fraction(1, 120))}:
        said = sorted(text for start, end, text in cues if start <= time < end and time < 14)
        shown = sorted(line for start, end, text in clips if start <= time < end for line in text.split("\n"))
        assert shown == said
