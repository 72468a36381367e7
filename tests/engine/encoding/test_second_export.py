"""The cost of a second export is what became different since the first one."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.encoding.result import ExportResult, Seam
from engine.encoding.splice.segment_cache import KIND
from engine.planning.plan import Mode
from engine.project.model import Project
from tests.engine.encoding.makers import Bench, make_clip, make_patch

pytestmark = pytest.mark.integration

PATCHES = ((5, 8), (65, 70), (125, 130))
MOVED = (88, 93)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 frames in GOPs of 20."""
    return make_clip(tmp_path_factory.mktemp("clip") / "long.mp4", frames=150)


def moved(bench: Bench, project: Project) -> Project:
    """The second of three patches is somewhere else."""
    other = make_patch(project.media[0], bench.index(project.media[0]), *MOVED)
    return replace(project, patches=(project.patches[0], other, project.patches[2]))


def modes(result: ExportResult) -> list[tuple[Mode, int, int]]:
    return [(s.mode, s.first_frame, s.frames) for s in result.plan.segments if s.mode is not Mode.COPY]


@pytest.mark.parametrize("seam", [Seam.FAST, Seam.BEST])
def test_after_moving_a_patch_only_the_new_range_is_encoded_and_after_undoing_nothing(
    seam: Seam, bench: Bench, clip: Path
) -> None:
    project = bench.project(clip, *PATCHES)
    first = bench.export(project, "1.mp4", cache=bench.cache, seam=seam)
    assert first.encoded_frames == sum(frames for _, _, frames in modes(first))

    second = bench.export(moved(bench, project), "2.mp4", cache=bench.cache, seam=seam)
    new = [item for item in modes(second) if item[0] is Mode.ENCODE]
    assert len(new) == 1 and new[0][1] <= MOVED[0] and MOVED[1] <= new[0][1] + new[0][2] == 100
    assert second.encoded_frames == new[0][2] < 20
    kept = {item[1:] for item in modes(second) if item[0] is Mode.CACHED}
    assert kept == {item[1:] for item in modes(first)} - {modes(first)[1][1:]}

    undone = bench.export(project, "3.mp4", cache=bench.cache, seam=seam)
    assert undone.encoded_frames == 0 and {mode for mode, _, _ in modes(undone)} == {Mode.CACHED}
    assert undone.output.read_bytes() == first.output.read_bytes()

    removed = bench.export(replace(project, patches=project.patches[:2]), "4.mp4", cache=bench.cache, seam=seam)
    assert removed.encoded_frames == 0 and removed.verified


def test_in_one_long_gop_a_moved_patch_costs_the_parts_that_it_touches(bench: Bench, tmp_path: Path) -> None:
    """All from the first patch on must be encoded once; after that the parts that show the same come back."""
    clip = make_clip(tmp_path / "one.mp4", frames=230, x264="keyint=1000:min-keyint=1000:scenecut=0")
    project = bench.project(clip, (10, 14), (110, 115))
    first = bench.export(project, "1.mp4", cache=bench.cache)
    assert first.encoded_frames > 210 and len(modes(first)) > 2

    moved = replace(project, patches=(project.patches[0], bench.project(clip, (120, 125)).patches[0]))
    second = bench.export(moved, "2.mp4", cache=bench.cache)
    new = [item for item in modes(second) if item[0] is Mode.ENCODE]
    assert len(new) == 1 and new[0][1] <= 110 and new[0][1] + new[0][2] >= 125
    assert second.encoded_frames == new[0][2] < 120 and second.verified

    undone = bench.export(project, "3.mp4", cache=bench.cache)
    assert undone.encoded_frames == 0
    assert undone.output.read_bytes() == first.output.read_bytes()


def test_each_way_of_fitting_has_segments_of_its_own(bench: Bench, clip: Path) -> None:
    project = bench.project(clip, PATCHES[0])
    fast = bench.export(project, "fast.mp4", cache=bench.cache, seam=Seam.FAST)
    best = bench.export(project, "best.mp4", cache=bench.cache, seam=Seam.BEST)
    assert best.encoded_frames == fast.encoded_frames > 0
    assert [s.key for s in best.plan.segments if s.key] != [s.key for s in fast.plan.segments if s.key]
    for seam in Seam.FAST, Seam.BEST:
        assert bench.export(project, cache=bench.cache, seam=seam).encoded_frames == 0


def segments_of(bench: Bench) -> list[Path]:
    return [path for path in (bench.folder / "cache" / KIND).rglob("*") if path.is_file()]


def test_damaged_segments_are_encoded_again(bench: Bench, clip: Path) -> None:
    project = bench.project(clip, *PATCHES)
    first = bench.export(project, "1.mp4", cache=bench.cache)
    torn, gone, _ = segments_of(bench)
    torn.write_bytes(torn.read_bytes()[:-5])
    gone.unlink()
    again = bench.export(project, "2.mp4", cache=Bench.at(bench.folder).cache)
    assert 0 < again.encoded_frames < first.encoded_frames
    assert again.output.read_bytes() == first.output.read_bytes()


def test_a_cache_that_is_emptied_while_an_export_runs_is_no_loss(bench: Bench, clip: Path) -> None:
    project = bench.project(clip, *PATCHES)
    first = bench.export(project, "1.mp4", cache=bench.cache)
    segments_of(bench)[0].unlink()

    def empty(_: object) -> None:
        for path in segments_of(bench):
            path.unlink()

    again = bench.export(project, "2.mp4", cache=Bench.at(bench.folder).cache, report=empty)
    assert again.verified and again.output.read_bytes() == first.output.read_bytes()


def test_a_cache_that_cannot_be_written_is_no_loss(bench: Bench, clip: Path) -> None:
    project = bench.project(clip, *PATCHES)
    (bench.folder / "cache" / KIND).write_bytes(b"a file where a folder should be")
    result = bench.export(project, cache=bench.cache)
    assert result.verified and result.encoded_frames > 0
    assert bench.export(project, "2.mp4", cache=Bench.at(bench.folder).cache).encoded_frames == result.encoded_frames
