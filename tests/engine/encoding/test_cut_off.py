"""A download whose end is missing although its tables stand in front: what is there is a film, and the plan says so."""

import re
from pathlib import Path

import av
import pytest

from engine.bitstream.boxes import read_at
from engine.bitstream.mp4 import read_movie
from engine.bitstream.sample_tables import SampleTable
from engine.encoding.checking.verify import verify
from engine.encoding.export import export_plan
from engine.encoding.result import Seam
from engine.errors import MediaError
from engine.media.probe import probe
from engine.planning.copying import TORN
from engine.planning.plan import RenderPlan
from engine.project.model import Project
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip, packets_of

pytestmark = pytest.mark.integration

FRAMES, GOP = 60, 20
THERE = 50
"""In decode order; the rest lies behind the end of the file."""
SAID = rf"“in\.mp4” was cut off at 00:00:0[12]\.\d+: {FRAMES - THERE} frames that it lists are not there\. Copy the file again"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("whole") / "whole.mp4", frames=FRAMES, options={"movflags": "faststart"})


def table_of(path: Path, handler: str = "vide") -> SampleTable:
    with path.open("rb") as file:
        return next(t for t in read_movie(*read_at(file)).tracks if t.handler == handler).samples()


def cut_inside(whole: Path, folder: Path, sample: int, share: float) -> Path:
    """The file up to somewhere in a sample of the video: 0 is its first byte."""
    table = table_of(whole)
    path = folder / "in.mp4"
    path.write_bytes(whole.read_bytes()[: int(table.offsets[sample] + share * table.sizes[sample])])
    return path


def planned(bench: Bench, project: Project) -> RenderPlan:
    return export_plan(bench.request(project))


@pytest.mark.parametrize("share", [0.0, 0.002, 0.5, 0.99])
def test_every_frame_that_is_there_can_be_shown_and_no_other_is_promised(share: float, whole: Path, bench: Bench) -> None:
    clip = cut_inside(whole, bench.folder, THERE, share)
    media = bench.project(clip).media[0]
    index = bench.index(media)
    assert (len(index), index.missing, index.torn) == (THERE, FRAMES - THERE, int(share > 0))
    with bench.sources() as sources:
        assert not any(sources.picture(media, index.time_of(n)).is_damaged for n in range(len(index)))


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_patch_copies_all_that_is_there_and_the_plan_says_what_is_not(share: float, whole: Path, bench: Bench) -> None:
    clip = cut_inside(whole, bench.folder, THERE, share)
    project = bench.project(clip, (24, 29))
    made = planned(bench, project)
    assert made.frames == THERE and 0 < made.encoded_frames < GOP
    assert len(made.warnings) == 1
    assert re.match(SAID, made.warnings[0])
    result = bench.export(project)
    assert result.verified and result.encoded_frames == made.encoded_frames and made.warnings[0] in result.warnings
    source, output = (packets_of(path) for path in (clip, result.output))
    assert output["audio"] == source["audio"] and len(output["video"]) == len(source["video"]) == THERE + (share > 0)
    assert output["video"][40:] == source["video"][40:]
    with bench.sources() as sources:
        checks = verify(result.output, project, sources, cancel=ThreadCancelToken(), full_decode=True)
    assert all(check.ok for check in checks), checks


def test_what_refers_to_changed_frames_and_is_torn_cannot_stay(whole: Path, bench: Bench) -> None:
    project = bench.project(cut_inside(whole, bench.folder, THERE, 0.5), (42, 44))
    assert planned(bench, project).reason == TORN
    result = bench.export(project)
    assert result.verified and result.encoded_frames == result.frames == THERE


def test_a_clean_cut_needs_the_last_frames_alone(whole: Path, bench: Bench) -> None:
    result = bench.export(bench.project(cut_inside(whole, bench.folder, THERE, 0.0), (42, 44)))
    assert result.verified and result.encoded_frames <= THERE - 40


def test_the_last_frame_that_is_there_can_be_patched(whole: Path, bench: Bench) -> None:
    result = bench.export(bench.project(cut_inside(whole, bench.folder, THERE, 0.5), (THERE - 2, THERE)), seam=Seam.FULL)
    assert result.verified and result.frames == THERE


@pytest.mark.parametrize("share", [-0.5, 0.0, 0.01])
def test_a_file_without_a_single_frame_says_that_it_was_cut_off(share: float, whole: Path, bench: Bench) -> None:
    clip = cut_inside(whole, bench.folder, 0, share)
    with pytest.raises(MediaError, match=r"“in\.mp4” was cut off before the end of its first frame\. Copy or record it again\."):
        probe(clip)


def test_a_recording_in_fragments_that_stopped_inside_a_frame(whole: Path, bench: Bench) -> None:
    clip = bench.folder / "fragments.mp4"
    make_clip(clip, frames=FRAMES, options={"movflags": "frag_keyframe+empty_moov"}, audio=False)
    with av.open(str(clip)) as container:
        last = [packet for packet in container.demux(video=0) if packet.size][THERE]
        assert last.pos is not None
        end = last.pos + last.size // 2
    clip.write_bytes(clip.read_bytes()[:end])
    project = bench.project(clip, (24, 29))
    assert len(bench.index(project.media[0])) == THERE
    assert "was cut off" in planned(bench, project).warnings[0]
    result = bench.export(project)
    assert result.verified and result.encoded_frames < GOP and len(packets_of(result.output)["video"]) == THERE + 1


def test_where_only_sound_is_missing_the_picture_is_whole(whole: Path, bench: Bench) -> None:
    end = int(table_of(whole, "soun").offsets.max())
    assert end > int(table_of(whole).offsets.max())
    clip = bench.folder / "in.mp4"
    clip.write_bytes(whole.read_bytes()[: end + 10])
    result = bench.export(bench.project(clip, (24, 29)))
    assert result.verified and result.frames == FRAMES and result.encoded_frames < GOP
    assert packets_of(result.output)["audio"] == packets_of(clip)["audio"]
