"""Tables and packets lead to the same verdict, and tables see what the demuxer hides."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from engine.bitstream.boxes import read_at
from engine.bitstream.mp4 import read_movie
from engine.bitstream.sample_tables import SampleTable
from engine.encoding.checking.compare import compare
from engine.encoding.checking.packet_compare import compare_packets
from engine.encoding.checking.report import Comparison
from engine.encoding.checking.table_compare import compare_tables
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip

pytestmark = pytest.mark.integration
TOKEN = ThreadCancelToken()
FRAME_TICKS = 512
CLIPS: dict[str, dict[str, object]] = {
    "B-frames": {},
    "open GOP": {"x264": "keyint=15:open-gop=1:bframes=3"},
    "variable rate": {"pts": [n + n // 3 + 2 * (n // 7) for n in range(60)]},
}


def exported(bench: Bench, clip: Path) -> Comparison:
    """A clip with frames 24 to 28 changed, and the runs by which it was made."""
    project = bench.project(clip, (24, 29))
    result = bench.export(project)
    runs = [range(s.first_frame, s.first_frame + s.frames) for s in result.plan.segments if s.mode.value != "copy"]
    return Comparison(str(clip), str(result.output), bench.index(project.media[0]), runs, True)


def video_table(path: str) -> SampleTable:
    with open(path, "rb") as file:  # noqa: PTH123
        return next(t for t in read_movie(*read_at(file)).tracks if t.handler == "vide").samples()


def damage(path: str, sample: int) -> None:
    table = video_table(path)
    data = bytearray(Path(path).read_bytes())
    data[int(table.offsets[sample] + table.sizes[sample]) - 1] ^= 1
    Path(path).write_bytes(data)


def hide_frames(clip: Path, count: int) -> Path:
    """Move the start of the video's edit by whole frames."""
    data = bytearray(clip.read_bytes())
    place = data.index(b"elst") + 16
    start = int.from_bytes(data[place : place + 4], "big") + count * FRAME_TICKS
    data[place : place + 4] = start.to_bytes(4, "big")
    clip.write_bytes(data)
    return clip


@pytest.mark.parametrize("kind", CLIPS)
def test_tables_say_what_packets_say(kind: str, bench: Bench) -> None:
    job = exported(bench, make_clip(bench.folder / "in.mp4", **CLIPS[kind]))  # type: ignore[arg-type]
    by_table, by_packet = compare_tables(job, cancel=TOKEN), compare_packets(job, cancel=TOKEN)
    assert by_table is not None
    for name in ("copied", "replaced", "strays", "bad_slots", "others_equal", "unpaired"):
        assert getattr(by_table, name) == getattr(by_packet, name), name
    for name in ("output_pts", "proven", "replaced_places"):
        a, b = (np.asarray(getattr(report, name)) for report in (by_table, by_packet))
        assert np.array_equal(np.sort(a, axis=0), np.sort(b, axis=0)), name
    elsewhere = replace(job, runs=[range(44, 60)])
    assert compare(elsewhere, cancel=TOKEN).strays == compare_packets(elsewhere, cancel=TOKEN).strays > 0


def test_a_byte_in_a_hidden_sample_is_found(bench: Bench) -> None:
    job = exported(bench, hide_frames(make_clip(bench.folder / "in.mp4"), 3))
    assert len(job.index) < 60
    report = compare_tables(job, cancel=TOKEN)
    assert report is not None
    assert report.strays == 0
    assert report.copied == len(job.index) - sum(map(len, job.runs))
    damage(job.output, 0)
    assert compare(job, cancel=TOKEN).strays == 1


def test_every_damaged_sample_is_counted(bench: Bench, plain_clip: Path) -> None:
    job = exported(bench, plain_clip)
    for sample in (0, 1, 19, 59):
        damage(job.output, sample)
    report = compare_tables(job, cancel=TOKEN)
    assert report is not None
    assert (report.strays, report.copied) == (4, 60 - len(job.runs[0]) - 4)


def test_another_timescale_is_the_same_time(bench: Bench, plain_clip: Path) -> None:
    finer = bench.folder / "finer.mp4"
    options = {"video_track_timescale": "25600"}
    with av.open(str(plain_clip)) as inside, av.open(str(finer), "w", options=options) as out:
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in inside.streams}
        for packet in inside.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    project = bench.project(plain_clip)
    report = compare_tables(Comparison(str(plain_clip), str(finer), bench.index(project.media[0]), [], True), cancel=TOKEN)
    assert report is not None
    assert (report.copied, report.strays) == (60, 0)
    assert np.array_equal(np.sort(report.output_pts), bench.index(project.media[0]).pts)


def test_a_sample_that_lasts_longer_is_found(bench: Bench, plain_clip: Path) -> None:
    job = exported(bench, plain_clip)
    data = bytearray(Path(job.output).read_bytes())
    place = data.index(b"stts") + 19
    assert int.from_bytes(data[place - 3 : place + 1], "big") == FRAME_TICKS
    data[place] += 1
    Path(job.output).write_bytes(data)
    report = compare(job, cancel=TOKEN)
    assert report.strays > 0 or not np.array_equal(np.sort(report.output_pts), job.index.pts)
