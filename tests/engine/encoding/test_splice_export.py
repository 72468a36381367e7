"""A patched file differs from its source in the patched GOP only, decodes strictly, and keeps every time."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.planning.plan import AudioMode, Mode
from engine.project.model import Clip, LayerKind, Track
from engine.rational_time import TimeRange
from tests.engine.encoding.makers import Bench, lumas_of, make_clip, packets_of

pytestmark = pytest.mark.integration

KINDS: dict[str, dict[str, object]] = {
    "B-frames": {},
    "no B-frames": {"x264": "keyint=20:bframes=0"},
    "baseline": {"x264": "keyint=20", "profile": "baseline"},
    "pyramid, deep reorder": {"x264": "keyint=30:bframes=8:b-pyramid=normal:ref=6"},
    "open GOP": {"x264": "keyint=15:open-gop=1:bframes=3"},
    "one GOP": {"x264": "keyint=600:scenecut=0"},
    "all intra": {"x264": "keyint=1"},
    "10 bit": {"pix_fmt": "yuv420p10le"},
    "4:2:2": {"pix_fmt": "yuv422p"},
    "4:4:4": {"pix_fmt": "yuv444p"},
    "interlaced": {"x264": "keyint=20:tff=1"},
    "four slices": {"x264": "keyint=20:slices=4"},
    "variable rate": {"pts": [n + n // 3 + 2 * (n // 7) for n in range(60)]},
    "moov first": {"options": {"movflags": "+faststart"}},
    "fragmented": {"options": {"movflags": "frag_keyframe+empty_moov"}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_touched_packets_change(kind: str, bench: Bench) -> None:
    clip = make_clip(bench.folder / "in.mp4", **KINDS[kind])  # type: ignore[arg-type]
    project = bench.project(clip, (24, 29))
    result = bench.export(project)
    assert result.verified and not result.plan.reason, result.checks

    encoded = next(s for s in result.plan.segments if s.mode is Mode.ENCODE)
    run = range(encoded.first_frame, encoded.first_frame + encoded.frames)
    index = bench.index(project.media[0])
    start = int(index.pts[0]) * index.time_base
    replaced = {index.time_of(frame) + start for frame in run}
    before, after = packets_of(clip), packets_of(result.output)
    assert after["audio"] == before["audio"]
    assert [p[1:3] for p in after["video"]] == [p[1:3] for p in before["video"]], "decode times or durations moved"
    assert sorted(p[0] or 0 for p in after["video"]) == sorted(p[0] or 0 for p in before["video"])
    assert [p for p in after["video"] if p[0] not in replaced] == [p for p in before["video"] if p[0] not in replaced]

    old, new = lumas_of(clip), lumas_of(result.output)
    assert len(new) == len(old) == 60
    same = [np.array_equal(a, b) for a, b in zip(old, new, strict=True)]
    assert all(same[frame] for frame in range(60) if frame not in run)
    assert not any(same[frame] for frame in range(24, 29))
    quality = [psnr(old[frame], new[frame]) for frame in run if frame not in range(24, 29)]
    assert not quality or min(quality) >= 42
    assert result.encoded_frames == len(run)
    assert result.copied_packets == 60 - len(run)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    peak = 1023 if a.dtype == np.uint16 else 255
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return float(99 if error == 0 else 10 * np.log10(peak**2 / error))


@pytest.mark.parametrize("windows", [[(0, 1)], [(59, 60)], [(18, 23)], [(5, 7), (12, 13)], [(2, 4), (45, 47)], [(0, 60)]])
def test_windows_anywhere(windows: list[tuple[int, int]], bench: Bench, plain_clip: Path) -> None:
    result = bench.export(bench.project(plain_clip, *windows))
    assert result.verified, result.checks
    old, new = lumas_of(plain_clip), lumas_of(result.output)
    changed = {frame for window in windows for frame in range(*window)}
    assert len(new) == 60
    assert all(not np.array_equal(old[frame], new[frame]) for frame in changed)


def test_nothing_changed_is_a_copy(bench: Bench, plain_clip: Path) -> None:
    result = bench.export(bench.project(plain_clip))
    assert result.plan.share_copied == 1
    assert packets_of(result.output) == packets_of(plain_clip)


def test_two_exports_are_equal_and_the_second_uses_the_cache(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (3, 6), (44, 50))
    first = bench.export(project, "a.mp4", cache=bench.cache)
    second = bench.export(project, "b.mp4", cache=bench.cache)
    assert first.encoded_frames > 0
    assert second.encoded_frames == 0
    assert [s.mode for s in second.plan.segments if s.mode is not Mode.COPY] == [Mode.CACHED, Mode.CACHED]
    third = bench.export(project, "c.mp4")
    assert (bench.folder / "a.mp4").read_bytes() == (bench.folder / "b.mp4").read_bytes() == third.output.read_bytes()


def test_after_a_change_only_the_dirty_gop_is_encoded(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (3, 6), (44, 50))
    bench.export(project, cache=bench.cache)
    moved = replace(project.patches[1], visible=False)
    result = bench.export(replace(project, patches=(project.patches[0], moved)), cache=bench.cache)
    assert result.encoded_frames == 0
    assert result.verified


def test_louder_sound_is_mixed_and_the_video_still_copied(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    track = project.tracks[0]
    project = replace(project, tracks=(replace(track, clips=(replace(track.clips[0], gain_db=6.0),)),))
    result = bench.export(project)
    assert (result.audio, result.verified) == (AudioMode.MIXED, True)
    assert result.copied_packets > 0
    after = packets_of(result.output)
    first, last = after["audio"][0], after["audio"][-1]
    assert (last[0] or 0) + last[2] == Fraction(60, 25)
    assert (first[0] or 0) <= 0


def test_muted_sound_is_left_out(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip)
    mute = Track("A1", LayerKind.AUDIO_ORIGINAL, "Original audio", visible=False)
    result = bench.export(replace(project, tracks=(*project.tracks, mute)))
    assert (result.audio, result.verified) == (AudioMode.NONE, True)
    assert "audio" not in packets_of(result.output)


def test_a_split_clip_is_still_copied(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    track, cut = project.tracks[0], Fraction(30, 25)
    end = track.clips[0].end
    halves = (
        replace(track.clips[0], id="a", source_range=TimeRange(Fraction(0), cut)),
        Clip("b", cut, TimeRange.between(cut, end), project.media[0].id),
    )
    result = bench.export(replace(project, tracks=(replace(track, clips=halves),)))
    assert result.plan.share_copied > 0.5
    assert result.audio is AudioMode.COPIED
