"""Which quantiser a run is tried with, and what follows from what the encoder measured."""

from contextlib import nullcontext
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bitstream.avc import NalType, nal_type
from engine.bitstream.bits import BitReader
from engine.bitstream.nal import join_length_prefixed, split_length_prefixed
from engine.encoding.result import Seam
from engine.encoding.splice.errors import UnwritableError
from engine.encoding.splice.field_search import refuse_fields
from engine.encoding.splice.quality import FINEST, GOALS, PROBED, Judge, RunFacts, kept_apart
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.encoding.splice.source_quality import SourceQuality, source_qualities
from engine.media.indexing import build_frame_index
from tests.engine.encoding.makers import make_clip, rewritten

FAST, BEST = GOALS[Seam.FAST], GOALS[Seam.BEST]
qualities = st.builds(SourceQuality, st.floats(-12, 51), st.floats(0, 20))


def judge(values: list[float], quantiser: int = 20, coarsest: int = 28, **facts: object) -> Judge:
    run = RunFacts(len(values), **facts)  # type: ignore[arg-type]
    found = Judge(FAST, quantiser, coarsest, run)
    for frame, value in enumerate(values):
        if found.retry is None:
            found.see(value, frame)
    found.finish()
    return found


@given(qualities | st.none(), st.sampled_from([FAST, BEST]))
def test_the_first_quantiser_is_one_that_x264_has(source: SourceQuality | None, goal: object) -> None:
    assert isinstance(goal, type(FAST))
    assert FINEST <= goal.first(source) <= goal.coarsest(source) <= 28


@given(qualities, qualities)
def test_more_bits_at_one_quantiser_start_finer_and_best_is_finer(one: SourceQuality, other: SourceQuality) -> None:
    lean, rich = sorted((one.bits_per_pixel, other.bits_per_pixel))
    assert FAST.first(SourceQuality(one.qp, rich)) <= FAST.first(SourceQuality(one.qp, lean))
    assert BEST.first(one) <= FAST.first(one)


def test_best_is_never_coarser_than_a_source_that_is_fine() -> None:
    assert BEST.first(SourceQuality(14, 0.01)) <= 14


def test_a_run_that_reaches_both_limits_is_good() -> None:
    assert judge([47.5, *[46.8] * 10, *[45.2] * 40]).retry is None
    assert judge([45.2, 45.2]).retry is None
    assert judge([45.2]).retry is None


@pytest.mark.parametrize("values", [[44.9], [45.3, 44.5], [47, *[46.5] * 10, *[44.6] * 60], [46.6] * 20 + [41.9] + [46.6] * 9])
def test_a_mean_or_a_frame_below_the_limit_is_tried_again_finer(values: list[float]) -> None:
    found = judge(values)
    assert found.retry is not None
    assert found.retry < 20


def test_unmodified_frames_must_reach_the_mean_alone() -> None:
    assert judge([48.0] * 30 + [44.8] * 5).retry is None
    assert judge([48.0] * 30 + [44.8] * 5, modified=frozenset(range(30))).retry is not None


def test_the_first_frames_end_an_attempt_that_is_far_off() -> None:
    low = judge([43.0] * PROBED + [99.0] * 50)
    assert low.retry is not None and low.retry <= 20 - 3
    high = judge([52.0] * PROBED + [0.0] * 50)
    assert high.retry is not None and 24 <= high.retry <= 28
    assert judge([52.0] * PROBED + [50.0] * 50, coarsest=21).retry is None


def test_what_costs_more_than_the_source_is_made_coarser_sooner() -> None:
    values = [49.5] * 30
    assert judge(values).retry is None
    costly = judge(values, source=SourceQuality(30, 0.1))
    assert costly.retry is not None
    assert costly.retry > 20


@given(st.lists(st.floats(30, 60), min_size=1, max_size=60), st.integers(1, 28))
def test_what_is_accepted_holds(values: list[float], quantiser: int) -> None:
    found = judge(values, quantiser)
    if found.retry is None:
        assert min(values) >= 42
        assert sum(values) / len(values) >= 45
    else:
        assert found.retry != quantiser


@pytest.mark.parametrize(
    ("quantiser", "form"),
    [(24, {}), (36, {}), (24, {"profile": "baseline"}), (24, {"pix_fmt": "yuv420p10le"})],
    ids=["24", "36", "baseline", "10 bit"],
)
def test_the_sources_quantiser_is_read_for_each_run(quantiser: int, form: dict[str, str], tmp_path: Path) -> None:
    deeper = 12 if "10le" in form.get("pix_fmt", "") else 0
    x264 = f"keyint=20:min-keyint=20:scenecut=0:aq-mode=0:ipratio=1:qp={quantiser + deeper}"
    path = str(make_clip(tmp_path / "clip.mp4", audio=False, x264=x264, **form))  # type: ignore[arg-type]
    source, index = splice_source(path), build_frame_index(path)
    assert isinstance(source, SpliceSource)
    runs = [range(20), range(20, 40), range(55, 60)]
    found = source_qualities(source, index, runs)
    assert {run: quality.qp for run, quality in found.items()} == dict.fromkeys(runs, quantiser)
    assert all(0.01 < quality.bits_per_pixel < 5 for quality in found.values())


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sets_that_change_on_the_way_are_those_of_their_place(suffix: str, tmp_path: Path) -> None:
    """Two encoders gave the same number to sets of other contents: which one is meant must not depend on chance."""
    gop = "keyint=20:min-keyint=20:scenecut=0:aq-mode=0:ipratio=1"
    clips = [make_clip(tmp_path / f"{qp}.mp4", audio=False, x264=f"{gop}:qp={qp}") for qp in (30, 20)]
    samples, sets = [], []
    for clip in clips:
        found = splice_source(str(clip))
        assert isinstance(found, SpliceSource)
        sets.append(join_length_prefixed((*found.record.sps, *found.record.pps), 4))
        with av.open(str(clip)) as container:
            samples.append([bytes(packet) for packet in container.demux(video=0) if packet.size])

    def joined(number: int, _data: bytes) -> bytes:
        which = 1 if 20 <= number < 40 else 0
        return (sets[which] if number in {20, 40} else b"") + samples[which][number]

    path = str(rewritten(clips[0], tmp_path / f"joined{suffix}", joined))
    source, index = splice_source(path), build_frame_index(path)
    assert isinstance(source, SpliceSource)
    runs = [range(20), range(20, 40), range(25, 40), range(40, 60), range(50, 60)]
    assert [quality.qp for quality in source_qualities(source, index, runs).values()] == [30, 20, 20, 30, 30]


def with_field(path: Path, number: int) -> Path:
    """The first slice of the n-th sample is told to be one of a field: a single bit, behind four fields of its header."""
    before = splice_source(str(path))
    assert isinstance(before, SpliceSource)
    with av.open(str(path)) as container:
        sample = bytes([packet for packet in container.demux(video=0) if packet.size][number])
        slice_ = next(nal for nal in split_length_prefixed(sample, 4) if nal_type(nal) in {NalType.SLICE, NalType.IDR})
    data = bytearray(path.read_bytes())
    bits = BitReader(slice_[1:])
    for _ in range(3):
        bits.ue()
    bits.u(before.sps.max_frame_num_bits)
    place = data.index(slice_) * 8 + len(slice_) * 8 - bits.bits_left
    data[place // 8] |= 0x80 >> place % 8
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("number", [0, 21, 40], ids=["first", "among the first", "a later keyframe"])
def test_field_pictures_are_refused_by_name(number: int, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", audio=False, x264="keyint=20:fake-interlaced=1")
    assert "separate pictures (PAFF)" in str(splice_source(str(with_field(path, number))))


def test_field_pictures_near_a_change_are_found(tmp_path: Path) -> None:
    path = with_field(make_clip(tmp_path / "clip.mp4", audio=False, x264="keyint=20:fake-interlaced=1"), 45)
    source, index = splice_source(str(path)), build_frame_index(path)
    assert isinstance(source, SpliceSource)
    for run, is_met in ((range(5, 20), False), (range(24, 40), False), (range(42, 60), True), (range(55, 60), True)):
        with pytest.raises(UnwritableError, match="PAFF") if is_met else nullcontext():
            refuse_fields(source.path, source.sps, source.length_size, index, [run])



@given(st.integers(1, 28), st.frozensets(st.integers(0, 40), max_size=6))
def test_intra_frames_keep_apart_from_the_sources(quantiser: int, intra: frozenset[int]) -> None:
    """Equal quantisers give equal bytes for equal pictures, and replaced bytes must not come back."""
    found = kept_apart(quantiser, SourceQuality(24, 0.1, intra))
    assert max(FINEST, quantiser - 3) <= found <= quantiser
    if len(intra) < 3 and quantiser > 3:
        assert found - 3 not in intra
