"""What is said about a patch: counts, ranges that need a look, sizes, in words that are true."""

from dataclasses import replace
from fractions import Fraction

import pytest

from editor.patch_facts import Extent, TrustSummary, crop_size, figures_of, summary_of
from engine.jobs.carried import FrameTrust
from engine.jobs.review import FrameReview, Review
from engine.project.model import Media, MediaKind, Region, RegionKind, Shape
from engine.rational_time import TimeRange

GOOD, CHECK, BAD = 0.9, 0.5, 0.1


def _trusts(*confidences: float) -> list[FrameTrust]:
    return [FrameTrust(Fraction(n, 25), c, ("fast motion",) if c < GOOD else ()) for n, c in enumerate(confidences)]


def test_neighbouring_frames_are_one_range_named_by_the_worst() -> None:
    summary = summary_of(_trusts(BAD, CHECK, GOOD, GOOD, GOOD, CHECK), None, 6)
    assert (summary.hold, summary.check, summary.doubtful) == (3, 2, 1)
    first, second = summary.ranges
    assert (first.first, first.last, first.level, first.worst, first.reason) == (0, 1, "red", 0, "Fast motion")
    assert (second.first, second.last, second.frames, second.level) == (5, 5, 1, "amber")
    assert summary.sentence == "3 of 6 frames need a look"


@pytest.mark.parametrize(("summary", "words"), [
    (TrustSummary(), ""), (TrustSummary(hold=1), "The frame holds"), (TrustSummary(hold=91), "All 91 frames hold"),
    (TrustSummary(hold=8, check=1), "1 of 9 frames needs a look"), (TrustSummary(hold=25, wanted=47), "25 of 47 frames carried"),
])  # fmt: skip
def test_the_sentence_says_what_is_known(summary: TrustSummary, words: str) -> None:
    assert summary.sentence == words


def test_frames_are_counted_from_one() -> None:
    assert Extent(29, 69, 119).words == "Frames 30 to 120, anchor 70" and Extent(29, 69, 119).frames == 91
    assert Extent(4, 4, 4).words == "Frame 5"


def test_the_crop_is_the_region_with_its_surroundings_inside_the_picture() -> None:
    media = Media("m", MediaKind.VIDEO, "m", "/m", "f", 1, 1, TimeRange(Fraction(0), Fraction(1)), 1000, 500)
    whole = Region(RegionKind.BOX, ((0.0, 0.0), (1.0, 1.0)))
    part = Region(RegionKind.BOX, ((0.4, 0.4), (0.6, 0.6)), feather_px=0)
    assert crop_size(whole, media) == (1000, 500)
    assert crop_size(part, media) == (202 + 2 * 101, 102 + 2 * 101)
    stroke = Shape(RegionKind.BRUSH, ((0.65, 0.5),), radius=0.1)
    taken = Shape(RegionKind.BOX, ((0.0, 0.0), (0.5, 1.0)), is_subtracted=True)
    assert crop_size(replace(part, more=(stroke, taken)), media) == (302 + 2 * 151, 102 + 2 * 151)
    assert crop_size(replace(part, is_inverted=True), media) == (1000, 500)


def test_figures_of_a_review() -> None:
    frames = (FrameReview(Fraction(0), 0.02, 100, 0, 0.0), FrameReview(Fraction(1, 25), 0.054, 162, 0, 2.0))
    figures = figures_of(Review("p", 1, frames))
    assert figures is not None
    assert (figures.claim, figures.changed_area, figures.largest, figures.flicker) == (
        "Outside: 0 px changed", "5.4 % of the picture", "162 of 255", "2.0"
    )  # fmt: skip
    assert figures_of(None) is None and figures_of(Review("p", 1, ())) is None
