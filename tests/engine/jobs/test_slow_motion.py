"""A slowed clip has its frames at their times, made ones between, its depth and colours, its accepted patches, and no sound."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.cache.store import Cache
from engine.errors import Cancelled, EditError
from engine.jobs import slow_motion
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.clip_edits import Edge, append_clip, insert_clip, split_clip, trim_clip
from engine.project.media_edits import add_media
from engine.project.model import Clip, LayerKind, Media, PatchState, Project
from engine.project.slow_edits import put_slowed
from engine.project.track_edits import new_project, set_track_locked
from engine.project.version_edits import set_patch_state
from engine.rational_time import TimeRange
from engine.running import Progress, ThreadCancelToken, ignore
from tests.engine.jobs.makers import HEIGHT, RATE, WIDTH, Painter, Scene, at, make_clip, panning

VARYING = (0, 40, 80, 200, 240, 280, 300, 340)
"""Milliseconds at which the frames of a varying rate begin."""


def write(path: Path, frames: int = 8, form: str = "yuv420p", times_ms: tuple[int, ...] = (), cut_after: int = 99) -> Path:
    with av.open(str(path), "w", options={"video_track_timescale": "1000"} if times_ms else {}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "4", "bf": "0", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, form
        sound = out.add_stream("aac", rate=48000, layout="mono")
        video.time_base = Fraction(1, 1000) if times_ms else Fraction(1, RATE)
        for number in range(frames):
            shown = panning(number)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown if number <= cut_after else 255 - shown[::-1]), "rgb24")
            frame.pts, frame.time_base = (times_ms or range(frames))[number], video.time_base
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        block.sample_rate, block.pts, block.time_base = 48000, 0, Fraction(1, 48000)
        out.mux([*sound.encode(block), *sound.encode(None)])
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(AssetStore(tmp_path / "assets"), Cache(tmp_path / "cache", 1 << 28))


def opened(path: Path, workspace: Workspace) -> tuple[Project, Clip, Media]:
    media = import_media(path, workspace.cache)
    project = append_clip(add_media(new_project(), media), media.id)
    return project, next(clip for track in project.tracks for clip in track.clips), media


def slow(project: Project, clip: Clip, workspace: Workspace, times: int = 2) -> slow_motion.Slowed:
    request = slow_motion.SlowRequest(project, clip.id, times, workspace.assets)
    return slow_motion.run(request, workspace, cancel=ThreadCancelToken(), report=ignore)


def luma(sources: ProjectSources, media: Media, number: int) -> np.ndarray:
    return sources.picture(media, sources.index(media).time_of(number)).planes[0].astype(int)


def test_times_are_exact_where_the_rate_varies(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, media = opened(write(tmp_path / "phone.mp4", times_ms=VARYING), workspace)
    made = slow(project, clip, workspace, 4)
    with workspace.sources() as sources:
        before, after = sources.index(media), sources.index(made.media)
        assert len(after) == 4 * len(before) == made.frames
        for number in range(len(before)):
            start, end = before.time_of(number), before.end_of(number)
            steps = [4 * start + step * (end - start) for step in range(4)]
            assert [after.time_of(4 * number + step) for step in range(4)] == steps
        assert made.source_range == TimeRange(Fraction(0), 4 * clip.source_range.duration)
    assert made.made == 4 * 8 - 8 - 3, "none after the last frame"
    assert not made.media.has_audio and made.media.derived_from and made.warnings == ("Its sound is left out.",)


def test_a_made_frame_lies_between_and_the_others_are_the_clip_s(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, media = opened(write(tmp_path / "pan.mp4"), workspace)
    made = slow(trim_clip(project, clip.id, Edge.END, at(4)), clip, workspace)
    with workspace.sources() as sources:
        for number in range(4):
            assert np.abs(luma(sources, made.media, 2 * number) - luma(sources, media, number)).mean() < 1.5
        here, there = luma(sources, media, 2), luma(sources, media, 3)
        half = (here[:, 1:-1] * 5 + here[:, 2:] * 5 - here[:, :-2] - here[:, 2:]) / 8  # half a pixel on, roughly
        found = luma(sources, made.media, 5)[:, 1:-1]
        assert np.abs(found - half)[8:-8, 8:-8].mean() < 0.6 * np.abs(here - there)[8:-8, 9:-9].mean()
        after_end = luma(sources, made.media, 7)
        assert np.abs(after_end - luma(sources, media, 3)).mean() > 1.5, "the frame behind the clip's end is looked at too"
    assert made.frames == 8 and made.made == 4


@pytest.mark.parametrize("form", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_depth_and_chroma_stay(form: str, workspace: Workspace, tmp_path: Path) -> None:
    project, clip, _ = opened(write(tmp_path / "deep.mp4", 3, form), workspace)
    made = slow(project, clip, workspace)
    with workspace.sources() as sources:
        assert sources.video(made.media).pixel_format.name == form


def test_over_a_cut_nothing_is_made(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, media = opened(write(tmp_path / "cut.mp4", cut_after=3), workspace)
    made = slow(project, clip, workspace)
    assert made.cuts == (8 * Fraction(1, RATE),)
    with workspace.sources() as sources:
        assert np.abs(luma(sources, made.media, 7) - luma(sources, media, 3)).mean() < 1.5


def test_accepted_patches_are_in_it_and_others_are_named(tmp_path: Path) -> None:
    scene = Scene.of(make_clip(tmp_path / "pan.mp4", panning), tmp_path, Painter(level=255))
    short = TimeRange.between(at(11), at(14))
    scene.project = replace(scene.project, patches=(replace(scene.patch, window=short),))
    scene.make()
    clip = next(clip for track in scene.project.tracks for clip in track.clips)
    scene.project = trim_clip(trim_clip(scene.project, clip.id, Edge.END, at(14)), clip.id, Edge.START, at(11))
    waiting = slow(scene.project, clip, scene.workspace)
    assert waiting.patches == 0 and any("is not accepted" in sentence for sentence in waiting.warnings)
    made = slow(set_patch_state(scene.project, "one", PatchState.PUBLISHED), clip, scene.workspace)
    assert made.patches == 1 and not any("accepted" in sentence for sentence in made.warnings)
    with scene.workspace.sources() as sources:
        inner = np.s_[HEIGHT // 2 - 8:HEIGHT // 2 + 8, WIDTH // 2 - 8:WIDTH // 2 - 4]
        assert luma(sources, made.media, 2)[inner].mean() > 225, "on the anchor"
        assert luma(sources, made.media, 3)[inner].mean() > 225, "and half a frame after it"
        assert luma(sources, waiting.media, 2)[inner].mean() < 225


def test_cancelled_or_failed_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, _ = opened(write(tmp_path / "pan.mp4"), workspace)
    token = ThreadCancelToken()

    def stop(progress: Progress) -> None:
        if progress.fraction > 0.3:
            token.cancel()

    request = slow_motion.SlowRequest(project, clip.id, 2, workspace.assets)
    with pytest.raises(Cancelled):
        slow_motion.run(request, workspace, cancel=token, report=stop)
    assert not list(workspace.assets.folder.iterdir())


def test_what_follows_on_the_track_moves_on_and_nothing_else(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, media = opened(write(tmp_path / "pan.mp4"), workspace)
    project = split_clip(project, clip.id, at(4), new_clip_id="rest")
    overlay = next(track for track in project.tracks if track.kind is LayerKind.OVERLAY)
    project = insert_clip(project, media.id, at(6), track_id=overlay.id, clip_id="over")
    made = slow(project, clip, workspace)
    after = put_slowed(project, clip.id, made.media, made.source_range, new_clip_id="slow")
    places = {item.id: (item.start, item.end) for track in after.tracks for item in track.clips}
    assert places == {"slow": (0, at(8)), "rest": (at(8), at(12)), "over": (at(6), at(14))}


def test_what_cannot_be_slowed_is_refused_before_anything_is_done(workspace: Workspace, tmp_path: Path) -> None:
    project, clip, _ = opened(write(tmp_path / "pan.mp4", 2), workspace)
    with pytest.raises(EditError, match="9 times"):
        slow(project, clip, workspace, 9)
    track = next(track for track in project.tracks if clip in track.clips)
    with pytest.raises(EditError, match="locked"):
        slow(set_track_locked(project, track.id, True), clip, workspace)
    still = replace(project.media[0], path=str(tmp_path / "gone.mp4"))
    with pytest.raises(Exception, match="gone"):
        slow(replace(project, media=(still,)), clip, workspace)
