"""What is planned for one project after another is what is planned for each alone; and an edit works out little anew."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EditError
from engine.media.index import FrameIndex
from engine.planning import segments, spans, stretches
from engine.planning.facts import VideoFacts
from engine.planning.kept import Kept, Same
from engine.planning.keys import SegmentKeys
from engine.planning.planner import Blueprint, Planner, blueprint
from engine.planning.spans import spans_of
from engine.planning.stretches import Stretch
from engine.planning.sweep import spans_within
from engine.project import carrying_edits, clip_edits, content_edits, patch_edits, track_edits, version_edits
from engine.project.model import AnchorPixels, Carrying, Clip, LayerKind, PatchState, Project, Text, Transform
from engine.rational_time import TimeRange
from tests.engine.planning.makers import OUTPUT, RATE, Facts, facts_of, media_of, never_cached, patch_of, simple_index
from tests.engine.planning.whole_spans import whole_spans
from tests.engine.project.edit_scripts import EDITS, FLAGS, RANGES, TIMES, Edit, beginning, direct, on_clip, on_patch
from tests.engine.project.samples import BOX, RECIPE, seconds, version, with_media

LENGTHS = {"one": (10, Fraction(30000, 1001)), "two": (4, Fraction(25))}


@pytest.fixture(autouse=True, scope="module")
def _short_stretches() -> Iterator[None]:
    """So that small projects have borders too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stretches, "CLIPS_TOGETHER", 2)
        yield


def _facts() -> Facts:
    """Frames of both videos, each in a time base of its own."""
    found = {}
    for name, (length_s, rate) in LENGTHS.items():
        index = replace(simple_index(int(length_s * rate), 25), time_base=1 / rate)
        found[name] = VideoFacts(index, replace(OUTPUT, width=640, height=360), "h264")
    return Facts(found)


FACTS = _facts()


def _accepted(project: Project, patch_id: str) -> Project:
    attached = version_edits.attach_version(project, patch_id, version("a" * 40))
    return version_edits.set_patch_state(attached, patch_id, PatchState.PUBLISHED)


def _with_anchor(project: Project, patch_id: str, time: Fraction) -> Project:
    others = (AnchorPixels(time, BOX, "e" * 40, (0, 0, 8, 8)),)
    return version_edits.attach_version(project, patch_id, replace(version("d" * 40), others=others))


def _fading(project: Project, patch_id: str, frames: int) -> Project:
    return carrying_edits.set_carrying(project, patch_id, Carrying(falloff_frames=frames))


PATCH_EDITS = st.one_of(
    on_patch(_accepted),
    on_patch(_with_anchor, st.sampled_from([Fraction(9, 2), Fraction(6)])),
    on_patch(_fading, st.sampled_from([0, 3, 40])),
    on_patch(patch_edits.set_window, RANGES),
    on_patch(patch_edits.set_patch_visible, FLAGS),
    on_patch(patch_edits.rename_patch, st.sampled_from(["Logo", "Patch of grass"])),
    on_patch(patch_edits.remove_patch),
    on_patch(version_edits.set_patch_state, st.sampled_from(PatchState)),
    direct(patch_edits.add_patch, st.just("one"), st.just(BOX), TIMES, RANGES, st.just(RECIPE)),
)
WHOLE_CLIP_EDITS = st.one_of(
    PATCH_EDITS,
    on_clip(clip_edits.split_clip, st.fractions(0, 10, max_denominator=30)),
    direct(content_edits.add_text, st.just(Text("Hello")), TIMES, TIMES, overwrite=FLAGS),
    direct(content_edits.add_overlay, st.sampled_from(["two", "still"]), TIMES, TIMES),
    on_clip(content_edits.set_transform, st.sampled_from([Transform(), Transform(opacity=0.5)])),
    direct(track_edits.set_track_visible, st.sampled_from(["C1", "V2", "P1", "A1"]), FLAGS),
)
BACK = st.integers(1, 4)
"""Undo so many steps; an undo after it is the way forth."""


def _same(one: Blueprint, other: Blueprint) -> bool:
    is_equal = (one.plan, one.spans, one.changed, one.source) == (other.plan, other.spans, other.changed, other.source)
    clocks = [(clock.time_base, clock.end, clock.is_exact, clock.pts.tolist()) for clock in (one.clock, other.clock)]
    return is_equal and clocks[0] == clocks[1]


def _follow(project: Project, script: list[Edit | int]) -> None:
    """Each project of a script is planned by one planner, and by a new one."""
    planner, history = Planner(), [project]
    for step in script:
        if isinstance(step, int):
            project = history[max(0, len(history) - 1 - step)]
        else:
            try:
                project = step(history[-1])
            except EditError:
                continue
        history.append(project)
        kept = planner.blueprint(project, FACTS, never_cached)
        assert kept.spans == whole_spans(project)
        assert _same(kept, blueprint(project, FACTS, never_cached))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(EDITS, PATCH_EDITS, BACK), min_size=8, max_size=30))
def test_any_edits(script: list[Edit | int]) -> None:
    project = beginning()
    _follow(_accepted(project, project.patches[0].id), script)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(WHOLE_CLIP_EDITS, BACK), min_size=8, max_size=30))
def test_edits_that_leave_the_source_to_be_copied(script: list[Edit | int]) -> None:
    project = clip_edits.append_clip(with_media(), "one")
    project = patch_edits.add_patch(project, "one", BOX, Fraction(5), seconds(4, 7), RECIPE, patch_id="p")
    _follow(_accepted(project, "p"), script)


# What an edit costs: counted, not timed

CLIPS, EVERY = 400, 4
LENGTH = Fraction(12, RATE)


@pytest.fixture
def long_one() -> Project:
    """400 clips of one video in a row, every fourth with a patch."""
    index = simple_index(CLIPS * 12, 25)
    row = tuple(Clip(f"c{n}", n * LENGTH, TimeRange(n * LENGTH, LENGTH), "m") for n in range(CLIPS))
    project = replace(track_edits.new_project(), media=(media_of(index),))
    tracks = tuple(replace(track, clips=row) if track.kind is LayerKind.SUBJECT else track for track in project.tracks)
    third = LENGTH / 3
    patches = tuple(patch_of(n * LENGTH + third, n * LENGTH + 2 * third, f"p{n}") for n in range(0, CLIPS, EVERY))
    canvas = replace(project.canvas, width=320, height=180)
    return replace(project, tracks=tracks, patches=patches, canvas=canvas)


@pytest.mark.performance
@pytest.mark.parametrize(
    ("edit", "most_clips", "most_keys"),
    [
        (lambda p: patch_edits.set_window(p, "p200", TimeRange(p.patch_by_id("p200").window.start, Fraction(3, RATE))), 60, 4),
        (lambda p: patch_edits.set_patch_visible(p, "p200", False), 60, 4),
        (lambda p: clip_edits.split_clip(p, "c201", 201 * LENGTH + Fraction(6, RATE)), 60, 0),
        (lambda p: clip_edits.remove_clip(p, "c201"), 60, 0),
        (lambda p: clip_edits.move_clip(p, "c201", (CLIPS + 1) * LENGTH), 120, 0),
    ],
    ids=["window", "hidden", "split", "delete", "move"],
)
def test_an_edit_works_out_little_anew(
    long_one: Project, monkeypatch: pytest.MonkeyPatch, edit: Edit, most_clips: int, most_keys: int
) -> None:
    monkeypatch.setattr(stretches, "CLIPS_TOGETHER", 8)
    swept, keyed = list[int](), list[range]()

    def counted(stretch: Stretch) -> object:
        swept.append(sum(map(len, stretch.rows)))
        return spans_within(stretch)

    def counted_key(keys: SegmentKeys, run: range, index: FrameIndex) -> str:
        keyed.append(run)
        return make(keys, run, index)

    make = segments._key
    monkeypatch.setattr(spans, "spans_within", counted)
    monkeypatch.setattr(segments, "_key", counted_key)
    planner, facts = Planner(), facts_of(simple_index(CLIPS * 12, 25))
    planner.blueprint(long_one, facts, never_cached)
    assert sum(swept) >= CLIPS
    assert len(keyed) > 30, "every run has a key"
    for counts in (swept, keyed):
        counts.clear()
    edited = edit(long_one)
    found = planner.blueprint(edited, facts, never_cached)
    assert sum(swept) <= most_clips
    assert len(keyed) <= most_keys
    assert found.spans == spans_of(edited)
    for counts in (swept, keyed):
        counts.clear()
    planner.blueprint(long_one, facts, never_cached)
    assert swept == [], "undo finds what was there"


def test_what_is_kept_is_compared_and_not_believed() -> None:
    kept, made = Kept(), list[str]()

    def make(value: object) -> str:
        made.append(str(value))
        return made[-1]

    def ask(value: object) -> str:
        kept.turn()
        return kept.get("name", (value,), partial(make, value))

    assert [ask((1, 2)), ask((1, 2)), ask((1, 3)), ask((1, 4))] == ["(1, 2)", "(1, 2)", "(1, 3)", "(1, 4)"]
    assert ask((1, 3)) == "(1, 3)"
    assert made == ["(1, 2)", "(1, 3)", "(1, 4)"], "what the edit before made is found by an undo"
    assert ask((1, 2)) == "(1, 2)"
    assert made[3:] == ["(1, 2)"], "what neither of two questions asked for is forgotten"
    one, other = [0], [0]
    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
