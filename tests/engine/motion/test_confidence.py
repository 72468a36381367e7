"""A frame's light: only ever worse with more evidence against it, right about scenes that hold and about one that cannot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.confidence import WEIGHTS, Reason, confidence, held_confidence, level, reasons
from engine.motion.evidence import NAMES, Evidence, as_row
from engine.motion.propagation import CarriedFrame, propagate
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import Scene, pan, scene, texture


def carried(what: Scene) -> dict[int, CarriedFrame]:
    run = propagate(what.picture, what.anchor, what.patch, range(len(what.frames)), cancel=ThreadCancelToken())
    return {frame.frame: frame for frame in run}


@given(st.lists(st.floats(0, 5), min_size=len(NAMES), max_size=len(NAMES)), st.sampled_from(NAMES), st.floats(0.01, 3))
def test_confidence_is_a_share_that_only_falls(row: list[float], name: str, more: float) -> None:
    evidence = Evidence(*row)
    value = confidence(evidence)
    assert 0 <= value <= 1
    assert confidence(replace(evidence, **{name: getattr(evidence, name) + more})) <= value


def test_the_weights_name_evidence_and_only_ever_add_doubt() -> None:
    assert set(WEIGHTS) <= set(NAMES) and all(weight > 0 for weight in WEIGHTS.values())
    assert level(confidence(Evidence())) == "green"


def test_the_lights_cover_the_scale() -> None:
    assert [level(v) for v in (1.0, 0.75, 0.74, 0.4, 0.39, 0.0)] == ["green", "green", "amber", "amber", "red", "red"]
    assert level(held_confidence(1.0)) == "green" and level(held_confidence(30.0)) == "red"


def test_reasons_come_strongest_first_and_not_at_all_where_all_is_well() -> None:
    assert reasons(Evidence(), 3.0) == ()
    both = Evidence(covered_share=0.5, outside_share=0.2)
    assert reasons(both, 0.0) == (Reason.COVERED, Reason.LEFT)


@pytest.mark.parametrize("seed", [3, 4])
def test_what_holds_is_green_and_what_fades_away_under_the_patch_is_not(seed: int) -> None:
    holding = scene(pan(1.2, 0.5), 9, seed)
    assert {level(frame.confidence) for frame in carried(holding).values()} == {"green"}
    other = texture(180, 320, seed + 60)
    for number, frame in enumerate(holding.frames):
        share = min(1.0, 0.25 * abs(number - holding.anchor))
        holding.frames[number] = np.rint(frame * (1 - share) + other * share).astype(np.uint8)
    lost = carried(holding)
    assert level(lost[0].confidence) != "green" and level(lost[8].confidence) != "green"


def test_evidence_grows_along_the_way_and_is_finite() -> None:
    frames = carried(scene(pan(2.0), 9))
    assert [frames[n].evidence.distance for n in (3, 4, 5, 8)] == [1, 0, 1, 4]
    assert all(np.isfinite(as_row(frame.evidence)).all() and (as_row(frame.evidence) >= 0).all() for frame in frames.values())


def test_what_was_doubtful_on_the_way_says_so_only_where_nothing_else_does() -> None:
    assert reasons(Evidence(doubted=4.0), 0.0) == (Reason.BEFORE,)
    assert reasons(Evidence(doubted=4.0, covered_share=0.5), 0.0) == (Reason.COVERED,)


@given(st.lists(st.floats(0, 5), min_size=len(NAMES), max_size=len(NAMES)))
def test_no_light_but_green_is_without_a_reason(row: list[float]) -> None:
    evidence = Evidence(*row)
    assert level(confidence(evidence)) == "green" or reasons(evidence, 0.0)


def test_many_small_doubts_name_the_largest() -> None:
    small = Evidence(implied=1.7, misplaced=0.8, unlike=1.6, relit=1.4, left_over=1.7, doubted=1.8, strayed=0.4)
    assert level(confidence(small)) == "red" and reasons(small, 0.0) == (Reason.DIFFERS,)
