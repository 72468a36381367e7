"""A recording cut off in its last packet: who shows that frame guesses a part of it, who copies it keeps what is there."""

from pathlib import Path

import av
import pytest

from engine.encoding.result import Seam
from engine.errors import MediaError
from engine.jobs.whole_picture import whole_picture
from engine.jobs.workspace import Workspace
from engine.project.assets import AssetStore
from engine.project.model import Project
from tests.engine.encoding.makers import Bench, lumas_of, make_clip, packets_of

pytestmark = pytest.mark.integration

FRAMES, TORN = 60, 59


def shown(path: Path) -> list[bytes]:
    """Every frame as a player shows it, which is content with what is there."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


class ProjectOf:
    """A patched recording that ends inside the packet of its last frame."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        settings = "keyint=20:min-keyint=20:scenecut=0:bframes=0"
        whole = make_clip(bench.folder / "whole.ts", frames=FRAMES, x264=settings, audio=False)
        data = whole.read_bytes()
        self.clip = bench.folder / "in.ts"
        self.clip.write_bytes(data[: len(data) - 3 * 188])

    def __call__(self, *windows: tuple[int, int]) -> Project:
        return self._bench.project(self.clip, *windows)


@pytest.fixture
def project_of(bench: Bench) -> ProjectOf:
    return ProjectOf(bench)


def test_the_torn_frame_is_shown_but_never_changed(bench: Bench, project_of: ProjectOf) -> None:
    media = project_of().media[0]
    assert len(bench.index(media)) == FRAMES
    with Workspace(AssetStore(bench.folder / "assets"), bench.cache).sources() as sources:
        last, before = (sources.index(media).time_of(number) for number in (TORN, TORN - 1))
        assert sources.picture(media, last).is_damaged and not sources.picture(media, before).is_damaged
        assert whole_picture(sources, media, before) is sources.picture(media, before)
        with pytest.raises(MediaError, match=rf"Frame {TORN} at 00:00:02\.360 of “in\.ts” is damaged and cannot be changed"):
            whole_picture(sources, media, last)


def test_a_patch_elsewhere_copies_it_as_it_is(bench: Bench, project_of: ProjectOf) -> None:
    result = bench.export(project_of((24, 29)), "out.ts")
    assert result.verified and result.encoded_frames == 16, result.warnings
    source, output = (packets_of(path)["video"] for path in (project_of.clip, result.output))
    assert len(output) == FRAMES and output[40:] == source[40:]
    pictures = zip(shown(project_of.clip), shown(result.output), strict=True)
    assert [one == other for one, other in pictures] == [number not in range(24, 40) for number in range(FRAMES)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_export_that_would_make_it_whole_is_refused(
    workers: int, bench: Bench, project_of: ProjectOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.encoding.splice.segments.WORKER_PIXELS", 1)
    with pytest.raises(MediaError, match=f"Frame {TORN} .* is damaged and cannot be encoded again .*Full encode"):
        bench.export(project_of((4, 6), (44, 46)), "out.ts", workers=workers)
    assert {path.name for path in bench.folder.iterdir()} == {"cache", "whole.ts", "in.ts"}


def test_every_frame_encoded_shows_it_as_players_do(bench: Bench, project_of: ProjectOf) -> None:
    result = bench.export(project_of((44, 46)), "out.mp4", seam=Seam.FULL)
    assert result.verified and len(lumas_of(result.output)) == FRAMES
