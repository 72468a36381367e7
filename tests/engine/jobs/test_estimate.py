"""An estimate grows with the work, learns from what was measured, and never trusts what the settings file says blindly."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.estimate import Amount, Learned, estimate, learn

SPLICED = Amount(1280 * 720, 300, 76, 12.0, "h264", source_bytes=3_000_000, share_copied=0.75)
WHOLE = Amount(1280 * 720, 300, 300, 12.0, "h264")


def test_copying_most_is_quicker_than_encoding_all() -> None:
    found = estimate(SPLICED, Learned())
    assert found.seconds < found.full_seconds
    assert not found.is_measured


@given(seconds=st.floats(0.5, 60), size=st.integers(400_000, 9_000_000))
def test_after_one_export_the_same_one_is_known(seconds: float, size: int) -> None:
    learned = learn(SPLICED, seconds, size, Learned())
    found = estimate(SPLICED, learned)
    assert found.is_measured
    assert found.seconds == pytest.approx(seconds, rel=0.01)
    assert found.size_bytes == pytest.approx(size, rel=0.01)


def test_a_slow_machine_is_slow_for_every_kind() -> None:
    """The full encode was never timed: the splice's factor stands in, so that the comparison stays fair."""
    before = estimate(SPLICED, Learned())
    learned = learn(SPLICED, before.seconds * 3, 3_000_000, Learned())
    assert estimate(SPLICED, learned).full_seconds == pytest.approx(before.full_seconds * 3)


def test_more_frames_take_longer() -> None:
    more = replace(SPLICED, encoded_frames=200, share_copied=0.33)
    assert estimate(more, Learned()).seconds > estimate(SPLICED, Learned()).seconds


def test_the_best_seam_takes_longer_and_learns_by_itself() -> None:
    """Until it was timed itself, the quick seam's factor stands in for it."""
    best = replace(SPLICED, is_best=True)
    assert estimate(best, Learned()).seconds > estimate(SPLICED, Learned()).seconds
    guess = estimate(best, Learned()).seconds
    learned = learn(WHOLE, 100.0, 9_000_000, learn(SPLICED, estimate(SPLICED, Learned()).seconds * 2, 3_000_000, Learned()))
    assert estimate(best, learned).seconds == pytest.approx(guess * 2)
    assert not estimate(best, learned).is_measured
    learned = learn(best, 9.0, 3_000_000, learned)
    assert estimate(best, learned).seconds == pytest.approx(9.0) and estimate(best, learned).is_measured
    assert estimate(SPLICED, learned).seconds != pytest.approx(9.0)


@given(st.text())
def test_any_text_in_the_settings_is_read_or_ignored(text: str) -> None:
    estimate(WHOLE, Learned.from_text(text))


def test_what_was_learned_survives_the_settings_file() -> None:
    learned = learn(WHOLE, 20.0, 5_000_000, learn(SPLICED, 4.0, 3_000_000, Learned()))
    assert Learned.from_text(learned.to_text()) == learned


def test_a_nonsense_factor_is_bounded() -> None:
    learned = Learned.from_text('{"time": {"splice": 1e300}, "size": {"splice": -4}}')
    assert 0 < estimate(SPLICED, learned).seconds < 10_000
    assert estimate(SPLICED, learned).size_bytes > 0
