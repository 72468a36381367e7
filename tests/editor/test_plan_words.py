"""What is said of a plan adds up with the plan, and a run that is much longer than its change is explained."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editor.plan_words import joined_runs, long_runs, plan_sentence, seam_words
from engine.encoding.result import Seam
from engine.planning.plan import AudioMode, Mode, RenderPlan, Segment

RATE = Fraction(30)


def plan_of(*pieces: tuple[Mode, int, int, int], source: str | None = "m") -> RenderPlan:
    """Pieces are (mode, frames, changed, frames after the last change)."""
    segments, done = [], 0
    for mode, frames, changed, after in pieces:
        times = done / RATE, (done + frames) / RATE
        segments.append(Segment(*times, done, frames, mode, "Patch A", "", changed, after))
        done += frames
    return RenderPlan(done / RATE, tuple(segments), AudioMode.COPIED, source)


def test_the_plan_in_a_sentence() -> None:
    copy, encode, cached = (Mode.COPY, 1000, 0, 0), (Mode.ENCODE, 60, 24, 20), (Mode.CACHED, 75, 75, 0)
    assert plan_sentence(plan_of(copy, encode, (Mode.COPY, 2540, 0, 0))) == (
        "60 of 3,600 frames are encoded again (2.0 s of 120 s), the rest is copied bit for bit."
    )
    assert plan_sentence(plan_of(copy)) == "Nothing changed: every frame is copied bit for bit."
    assert plan_sentence(plan_of(encode)) == "All 60 frames are encoded."
    assert plan_sentence(plan_of(copy, cached)) == (
        "Nothing is encoded: 75 of 1,075 frames were encoded earlier, the rest is copied bit for bit."
    )
    assert plan_sentence(plan_of(encode, cached)) == (
        "60 of 135 frames are encoded again (2.0 s of 4.5 s), 75 were encoded earlier."
    )
    one = plan_sentence(plan_of(copy, (Mode.ENCODE, 1, 1, 0)))
    assert one.startswith("1 of 1,001 frames is encoded again (0.03 s of 33.4 s)")


@given(st.lists(st.tuples(st.sampled_from(Mode), st.integers(1, 90)), min_size=1, max_size=9))
def test_every_plan_has_one_sentence(pieces: list[tuple[Mode, int]]) -> None:
    plan = plan_of(*((mode, frames, 0, 0) for mode, frames in pieces))
    sentence = plan_sentence(plan)
    assert sentence.endswith(".") and ". " not in sentence
    assert f"{plan.encoded_frames:,}" in sentence or plan.encoded_frames in (0, 1)
    assert ("copied" in sentence) == (plan.share_copied > 0)


def test_a_far_keyframe_is_why() -> None:
    before = (Mode.COPY, 300, 0, 0)
    run, rest = (Mode.ENCODE, 624, 24, 600), (Mode.COPY, 100, 0, 0)
    assert long_runs(plan_of(before, run, rest)) == (
        "The next keyframe is 20.0 s after the change, so 624 frames are encoded for 24 changed ones.",
    )
    assert long_runs(plan_of(before, run)) == (
        "No keyframe comes after the change, so 624 frames are encoded for 24 changed ones.",
    )
    backward = (Mode.ENCODE, 624, 24, 0)
    assert long_runs(plan_of(before, backward, rest)) == (
        "No run can begin nearer to the change, so 624 frames are encoded for 24 changed ones.",
    )


def test_parts_of_a_run_count_together() -> None:
    """Long runs are parted for the cache; the change lies in the first part."""
    parts = [(Mode.ENCODE, 60, 1, 50), *[(Mode.ENCODE, 60, 0, 60)] * 4]
    assert long_runs(plan_of(*parts, (Mode.COPY, 9, 0, 0))) == (
        "The next keyframe is 9.7 s after the change, so 300 frames are encoded for 1 changed one.",
    )


def test_what_is_short_cached_or_full_needs_no_reason() -> None:
    copy = (Mode.COPY, 300, 0, 0)
    assert long_runs(plan_of(copy, (Mode.ENCODE, 100, 24, 76), copy)) == ()
    assert long_runs(plan_of(copy, (Mode.ENCODE, 20, 1, 19), copy)) == ()
    assert long_runs(plan_of(copy, (Mode.CACHED, 624, 24, 600), copy)) == ()
    assert long_runs(plan_of((Mode.ENCODE, 900, 0, 900), source=None)) == ()


def test_a_choice_says_what_it_costs() -> None:
    plan = plan_of((Mode.COPY, 900, 0, 0), (Mode.ENCODE, 60, 24, 20))
    said = {seam: seam_words(seam, plan, "about 5 s") for seam in (Seam.FAST, Seam.BEST)}
    assert all(words.startswith("60 frames to encode, about 5 s.") for words in said.values())
    assert said[Seam.FAST] != said[Seam.BEST]
    whole = plan_of((Mode.ENCODE, 960, 0, 960), source=None)
    assert "Nothing of the source" in seam_words(Seam.FULL, whole, "about 41 s")
    assert "every choice" in seam_words(Seam.FAST, whole, "about 41 s")
    assert "changes nothing" in seam_words(Seam.FAST, plan_of((Mode.COPY, 9, 0, 0)), "about 1 s")


def test_parts_of_a_run_are_one_row() -> None:
    parts = [(Mode.ENCODE, 60, 12, 50), (Mode.ENCODE, 60, 0, 60), (Mode.ENCODE, 40, 0, 40)]
    found = joined_runs(plan_of((Mode.COPY, 30, 0, 0), *parts, (Mode.COPY, 9, 0, 0)))
    assert [(s.mode, s.first_frame, s.frames) for s in found] == [(Mode.COPY, 0, 30), (Mode.ENCODE, 30, 160), (Mode.COPY, 190, 9)]
    assert found[1].reason.endswith("+ 148 to the next keyframe")
    assert found[1].end == found[2].start
