"""What the window says of a plan and of checks adds up with the plan and the checks."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editor.dialogs.export_choices import name_problem, with_suffix
from editor.dialogs.export_words import MOST_ROWS, about, check_rows, figures, plan_rows, size_words, took
from engine.encoding.result import Check
from engine.jobs.estimate import Amount, Estimate
from engine.jobs.forecast import Forecast, OutputForm
from engine.planning.plan import AudioMode, Mode, RenderPlan, Segment

RATE = Fraction(25)


def plan_of(pieces: list[tuple[Mode, int, str]]) -> RenderPlan:
    segments, done = [], 0
    for mode, frames, reason in pieces:
        segments.append(Segment(done / RATE, (done + frames) / RATE, done, frames, mode, reason))
        done += frames
    return RenderPlan(done / RATE, tuple(segments), AudioMode.COPIED, "m")


@given(st.lists(st.tuples(st.sampled_from(Mode), st.integers(1, 500), st.just("Patch A")), min_size=1, max_size=300))
def test_the_rows_account_for_every_frame(pieces: list[tuple[Mode, int, str]]) -> None:
    plan = plan_of(pieces)
    rows = plan_rows(plan, RATE)
    assert sum(int(row.frames.replace(",", "")) for row in rows if row.frames) == plan.frames
    assert len(rows) <= MOST_ROWS + 3
    assert rows[-1].range == "Audio"


def test_the_cause_stands_before_what_was_added_to_it() -> None:
    row = plan_rows(plan_of([(Mode.ENCODE, 100, "Patch Boulders, + 9 to the next keyframe")]), RATE)[0]
    assert (row.why, row.detail) == ("Patch Boulders", "+ 9 to the next keyframe")
    cached = plan_rows(plan_of([(Mode.CACHED, 75, "Overlay logo.png, made earlier")]), RATE)[0]
    assert (cached.happens, cached.why, cached.detail) == ("Cached", "Overlay logo.png", "made earlier")


def test_checks_keep_their_figures_and_their_verdict() -> None:
    rows = check_rows((
        Check("Copied packets", True, "687 of 859 byte for byte"),
        Check("Unchanged frames beside a change", True, "44.1 dB at worst, 48.0 dB on average, 12 frames"),
        Check("Frames", False, "858 of 859"),
    ))  # fmt: skip
    assert [row.figure for row in rows] == ["687 of 859", "44.1 dB", "858 of 859"]
    assert [row.is_ok for row in rows] == [True, True, False]
    assert rows[1].detail == "at worst; 48.0 dB on average, 12 frames"


def test_a_check_that_says_a_sentence_has_no_figure() -> None:
    rows = check_rows((
        Check("Replaced bytes", True, "none of 482,461 found"),
        Check("Replaced bytes", False, "64 bytes of a replaced packet at byte 12,345"),
        Check("Every frame was encoded", True, "The source is of another kind, so every frame was encoded."),
        Check("Changed frames", True, "12 of 12 decoded"),
        Check("Audio", True, "none, as planned"),
        Check("Frames", True, "1,296,000 of 1,296,000"),
    ))  # fmt: skip
    assert [row.figure for row in rows] == ["none", "64", "", "12 of 12", "none", "1,296,000 of 1,296,000"]
    assert [row.detail for row in rows] == [
        "of 482,461 found", "bytes of a replaced packet at byte 12,345",
        "The source is of another kind, so every frame was encoded.", "", "as planned", "",
    ]  # fmt: skip


def test_lengths_and_sizes_are_said_in_their_unit() -> None:
    assert (about(0.2), about(41.4), about(200), about(9000)) == ("About 1 s", "About 41 s", "About 3 min", "About 2.5 h")
    assert (size_words(640_000), size_words(18_400_000), size_words(2_310_000_000)) == ("640 kB", "18.4 MB", "2.31 GB")
    assert (took(5.34), took(124)) == ("5.3 s", "2 min 4 s")


def test_the_time_of_a_full_encode_stands_beside_the_time() -> None:
    """The best seam may take longer than encoding every frame quickly; then nothing is said to be saved."""
    plan, form = plan_of([(Mode.COPY, 900, ""), (Mode.ENCODE, 60, "Patch A")]), OutputForm("h264", "High", 1280, 720, RATE)
    amount = Amount(1280 * 720, 960, 60, 38.4, "h264", 9_000_000, 0.9)

    def words(seconds: float) -> str:
        return figures(Forecast(plan, amount, Estimate(seconds, 8.0, 9_000_000, True), form, False))[2].words

    assert (words(3.0), words(12.0)) == ("instead of about 8 s", "full encode: about 8 s")


def test_a_typed_name_gets_the_ending_it_needs() -> None:
    assert with_suffix("film", ".mp4") == "film.mp4"
    assert with_suffix("film v1.2", ".mp4") == "film v1.2.mp4"
    assert with_suffix("film.MOV", ".mp4") == "film.MOV"
    assert name_problem("") and name_problem("a/b.mp4") and not name_problem("a.mp4")
