"""What cannot be copied is encoded in the source's own kind, with its own frame times and depth."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.encoding.full.output_codec import nearest_format
from engine.encoding.mix import Mixer
from engine.encoding.result import Seam
from engine.encoding.trimming import cut_to
from engine.errors import BadInputError, ExportError
from engine.media.container import codec_name
from engine.media.fields import is_top_field_first
from engine.media.picture import PixelFormat
from engine.media.probe import probe
from engine.planning.plan import AudioMode
from engine.project.model import Clip, Project
from engine.rational_time import TimeRange
from tests.engine.encoding.makers import Bench, make_clip, packets_of, pattern

pytestmark = pytest.mark.integration


def trimmed(project: Project, first: int, frames: int) -> Project:
    track = project.tracks[0]
    part = TimeRange(Fraction(first, 25), Fraction(frames, 25))
    clip = replace(track.clips[0], source_range=part)
    return replace(project, tracks=(replace(track, clips=(clip,)),))


@pytest.mark.parametrize(
    ("preset", "name", "codec"),
    [
        ("Same as the source", "a.mp4", "h264"),
        ("Same as the source", "a.mkv", "h264"),
        ("Same as the source", "a.webm", "vp9"),
        ("HEVC MP4", "a.mp4", "hevc"),
        ("AV1 MP4", "a.mp4", "av1"),
        ("ProRes MOV", "a.mov", "prores"),
        ("FFV1 MKV", "a.mkv", "ffv1"),
    ],
)
def test_presets(preset: str, name: str, codec: str, bench: Bench, plain_clip: Path) -> None:
    result = bench.export(trimmed(bench.project(plain_clip), 10, 12), name, preset=preset)
    assert result.verified, result.checks
    assert (result.encoded_frames, result.copied_packets, result.audio) == (12, 0, AudioMode.MIXED)
    with av.open(str(result.output)) as container:
        assert codec_name(container.streams.video[0].codec_context) == codec
        assert sum(1 for _ in container.decode(video=0)) == 12


def test_av1_stays_av1_although_its_decoder_has_another_name(bench: Bench, plain_clip: Path) -> None:
    made = bench.export(trimmed(bench.project(plain_clip), 10, 12), "in.mp4", preset="AV1 MP4")
    project = bench.project(made.output)
    result = bench.export(project)
    assert probe(str(result.output)).streams[0].codec == "av1"
    assert result.verified and result.warnings == () and result.plan.reason.startswith("AV1 cannot be copied in parts")


def test_variable_frame_times_are_kept(bench: Bench) -> None:
    times = [n + n // 3 + 2 * (n // 7) for n in range(30)]
    project = bench.project(make_clip(bench.folder / "in.mp4", frames=30, pts=times))
    result = bench.export(project, preset="H.264 MP4")
    shown = sorted(row[0] for row in packets_of(result.output)["video"] if row[0] is not None)
    assert shown == [Fraction(time, 25) for time in times]


def test_a_range_is_cut_exactly(bench: Bench, plain_clip: Path) -> None:
    result = bench.export(bench.project(plain_clip, (24, 29)), range=TimeRange(Fraction(20, 25), Fraction(15, 25)))
    assert (result.frames, result.duration) == (15, Fraction(15, 25))
    assert "part of the timeline" in result.plan.reason


def test_two_full_exports_are_equal(bench: Bench, plain_clip: Path) -> None:
    project = trimmed(bench.project(plain_clip), 10, 12)
    for suffix in ("mp4", "mkv"):
        first, second = (bench.export(project, f"{n}.{suffix}").output.read_bytes() for n in (1, 2))
        assert first == second


def test_ten_bits_are_kept(bench: Bench) -> None:
    project = bench.project(make_clip(bench.folder / "in.mp4", frames=10, pix_fmt="yuv420p10le"))
    result = bench.export(project, preset="HEVC MP4")
    with av.open(str(result.output)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p10le"


def test_a_loss_is_refused_unless_accepted(bench: Bench) -> None:
    clip = bench.folder / "in.mov"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "rgba"
        for number in range(5):
            out.mux(stream.encode(pattern(number).reformat(format="rgba")))
        out.mux(stream.encode(None))
    project = bench.project(clip)
    assert bench.export(project, "a.mov").warnings == ()
    with pytest.raises(ExportError, match="transparency"):
        bench.export(project, "a.mp4")
    result = bench.export(project, "a.mp4", accept_losses=True)
    assert "Transparency of the source is not kept." in result.warnings


def test_an_unknown_preset_is_named(bench: Bench, plain_clip: Path) -> None:
    with pytest.raises(BadInputError, match="Nonsense"):
        bench.export(bench.project(plain_clip), preset="Nonsense")


def test_an_empty_timeline_is_refused(bench: Bench) -> None:
    with pytest.raises(BadInputError, match="nothing"):
        bench.export(Project())


def test_the_nearest_format_loses_least() -> None:
    eight, ten = PixelFormat("yuv420p", 8, 1, 1), PixelFormat("yuv420p10le", 10, 1, 1)
    full, alpha = PixelFormat("yuv444p", 8, 0, 0), PixelFormat("yuva420p", 8, 1, 1, has_alpha=True)
    assert nearest_format(ten, (eight, ten, full)) == ten
    assert nearest_format(ten, (eight, full)) == eight
    assert nearest_format(PixelFormat("yuv422p", 8, 1, 0), (eight, ten, full)) == full
    assert nearest_format(alpha, (eight, full, alpha)) == alpha
    assert nearest_format(eight, (alpha, eight)) == eight


def test_a_range_moves_clips_to_zero() -> None:
    project = Project()
    clip = Clip("c", Fraction(2), TimeRange(Fraction(5), Fraction(4)), "m")
    from engine.project.model import LayerKind, Track

    project = replace(project, tracks=(Track("V1", LayerKind.SUBJECT, "Subject", clips=(clip,)),))
    cut = cut_to(project, TimeRange(Fraction(3), Fraction(2))).tracks[0].clips[0]
    assert (cut.start, cut.source_range) == (Fraction(0), TimeRange(Fraction(6), Fraction(2)))
    with pytest.raises(BadInputError):
        cut_to(project, TimeRange(Fraction(7), Fraction(2)))


def test_the_mix_places_and_scales_sound(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip)
    track = project.tracks[0]
    late = replace(track.clips[0], start=Fraction(1), source_range=TimeRange(Fraction(0), Fraction(1)), gain_db=-6.0)
    mixer = Mixer(replace(project, tracks=(replace(track, clips=(late,)),)))
    before, inside, after = mixer.read(0, 48_000), mixer.read(48_000, 48_000), mixer.read(96_000, 4_000)
    mixer.close()
    assert not before.any() and not after.any()
    original = Mixer(project)
    louder = original.read(0, 48_000)
    original.close()
    assert np.abs(louder).max() > 0.2
    np.testing.assert_allclose(inside, louder * np.float32(10 ** (-6 / 20)), atol=1e-4)


@pytest.mark.parametrize("is_top_first", [True, False], ids=["top", "bottom"])
@pytest.mark.parametrize(("preset", "suffix"), [("Same as the source", "mp4"), ("ProRes MOV", "mov"), ("FFV1 MKV", "mkv")])
def test_the_field_that_comes_first_stays_the_first(preset: str, suffix: str, is_top_first: bool, bench: Bench) -> None:
    clip = make_clip(bench.folder / "in.mp4", frames=12, audio=False, is_top_field_first=is_top_first)
    result = bench.export(bench.project(clip), f"out.{suffix}", preset=preset, seam=Seam.FULL)
    with av.open(str(clip)) as before, av.open(str(result.output)) as after:
        source, shown = ([*container.decode(video=0)] for container in (before, after))
    assert {(frame.interlaced_frame, is_top_field_first(frame)) for frame in source} == {(True, is_top_first)}
    assert {(frame.interlaced_frame, is_top_field_first(frame)) for frame in shown} == {(True, is_top_first)}
    assert len(shown) == 12


def test_a_preset_that_the_file_cannot_hold_is_named_and_not_the_source(bench: Bench, plain_clip: Path) -> None:
    result = bench.export(trimmed(bench.project(plain_clip), 10, 4), "out.mp4", preset="ProRes MOV")
    assert result.verified and result.warnings[0] == "prores cannot be written to a .mp4 file: h264 was used."
