"""MKV and MPEG-TS are spliced as exactly as MP4: streams of every kind stay, and what stands beside the pictures does."""

import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from engine.bitstream.boxes import read_at
from engine.bitstream.ebml import INFO, TAGS, length_in, read_body, segment_head, with_duration, with_track_durations
from engine.bitstream.nal import insert_emulation_prevention
from engine.encoding.checking.verify import verify
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.rational_time import clock
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import RATE, Bench, make_clip, packets_of, pattern, rewritten

pytestmark = pytest.mark.integration

_X264_MARK = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")


def test_verify_knows_an_mkv_from_the_file_alone(bench: Bench) -> None:
    clip = make_clip(bench.folder / "in.mkv")
    project = bench.project(clip, (24, 29))
    result = bench.export(project, "out.mkv")
    with bench.sources() as sources:
        checks = verify(result.output, project, sources, cancel=ThreadCancelToken())
    assert "Copied packets" in [check.name for check in checks]
    assert all(check.ok for check in checks), checks


OTHERS = [("a.mkv", "b.mp4", "MKV"), ("a.mp4", "b.mkv", "MP4"), ("a.ts", "b.mp4", "MPEG-TS"), ("a.mp4", "b.ts", "MP4")]


@pytest.mark.parametrize(("source", "output", "names"), OTHERS)
def test_another_container_is_written_in_full_and_the_reason_names_both(
    source: str, output: str, names: str, bench: Bench
) -> None:
    clip = make_clip(bench.folder / source, frames=20)
    result = bench.export(bench.project(clip, (4, 6)), output)
    assert result.verified
    assert result.encoded_frames == 20
    assert f"The source is {names} and the output" in result.plan.reason


def test_an_mkv_keeps_attachments_chapters_and_tags(bench: Bench, plain_clip: Path) -> None:
    clip = bench.folder / "rich.mkv"
    chapters = [{"id": 1, "start": 0, "end": 1200, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}]
    with av.open(str(plain_clip)) as inside, av.open(str(clip), "w") as out:
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in inside.streams}
        streams[1].metadata["language"] = "deu"
        out.metadata["title"] = "Holiday"
        out.set_chapters(chapters)  # type: ignore[arg-type]
        out.add_attachment("font.ttf", "application/x-truetype-font", b"letters" * 9)
        out.add_attachment("cover.jpg", "image/jpeg", b"\xff\xd8\xff\xe0cover\xff\xd9")
        for packet in inside.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    result = bench.export(bench.project(clip, (24, 29)), "out.mkv")
    assert result.verified and not result.plan.reason, result.plan.reason
    assert described(result.output) == described(clip)
    assert b"letters" * 9 in result.output.read_bytes()
    assert packets_of(result.output)["audio"] == packets_of(clip)["audio"]


def described(path: Path) -> object:
    with av.open(str(path)) as file:
        streams = [(s.type, s.metadata.get("language"), s.metadata.get("filename"), s.disposition) for s in file.streams]
        return file.metadata.get("title"), streams, [(c["start"], c["end"], c["metadata"]) for c in file.chapters()]


def unit(nal: bytes) -> bytes:
    return struct.pack(">I", len(nal)) + nal


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_set_in_the_samples_keeps_its_id(suffix: str, bench: Bench, plain_clip: Path) -> None:
    found = splice_source(str(plain_clip))
    assert isinstance(found, SpliceSource) and found.parameter_set_id == 1
    other = make_clip(bench.folder / "other.mp4", x264="keyint=20:sps-id=1:ref=1", frames=4, audio=False)
    record = splice_source(str(other))
    assert isinstance(record, SpliceSource)
    extra = b"".join(map(unit, (*record.record.sps, *record.record.pps)))
    clip = rewritten(plain_clip, bench.folder / f"in{suffix}", lambda n, data: extra + data if n in {0, 20} else data)
    taken = splice_source(str(clip))
    assert isinstance(taken, SpliceSource)
    assert taken.parameter_set_id == 2
    assert taken.in_samples == (*record.record.sps, *record.record.pps)
    result = bench.export(bench.project(clip, (24, 29)), f"out{suffix}")
    assert result.verified and not result.plan.reason, result.plan.reason


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_export_of_an_export_uses_its_sets_again(suffix: str, bench: Bench) -> None:
    clip = make_clip(bench.folder / f"in{suffix}")
    for number, window in enumerate([(24, 29), (44, 46), (5, 7)]):
        result = bench.export(bench.project(clip, window), f"{number}{suffix}")
        assert result.verified and not result.plan.reason, result.plan.reason
        clip = result.output
    found = splice_source(str(clip))
    assert isinstance(found, SpliceSource)
    assert len(found.record.sps) == len(found.record.pps) == 2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_cameras_own_data_goes_over_and_x264s_note_does_not(suffix: str, bench: Bench, plain_clip: Path) -> None:
    def marked(number: int, data: bytes) -> bytes:
        message = bytes(range(100, 116)) + b"GPS %03d" % number
        notes = [message, _X264_MARK + b"settings"]
        body = b"".join(bytes([5, len(note)]) + note for note in notes) + b"\x80"
        return unit(b"\x06" + insert_emulation_prevention(body)) + data

    clip = rewritten(plain_clip, bench.folder / f"in{suffix}", marked)
    result = bench.export(bench.project(clip, (24, 29)), f"out{suffix}")
    assert result.verified and not result.plan.reason, result.plan.reason
    before, after = packets_of(clip)["video"], packets_of(result.output)["video"]
    by_time = {row[0]: row[4] for row in after}
    assert all(row[4][row[4].index(b"GPS ") :][:7] in by_time[row[0]] for row in before)
    replaced = [row for row in after if row not in before]
    assert replaced and not any(_X264_MARK in row[4] for row in replaced)


def hidden_start(clip: Path, target: Path, frames: int, shown: int = 0) -> Path:
    """The same MP4 with an edit list that begins so many frames later, and shows so many (0: all that follow)."""
    data = bytearray(clip.read_bytes())
    place = data.find(b"elst") + 16
    with av.open(str(clip)) as file:
        ticks = int(Fraction(frames, 25) / (file.streams.video[0].time_base or 1))
    media_time = struct.unpack_from(">i", data, place)[0]
    struct.pack_into(">i", data, place, media_time + ticks)
    if shown:
        struct.pack_into(">I", data, place - 4, 1000 * shown // 25)
    target.write_bytes(data)
    return target


def test_what_an_edit_list_hides_before_the_run_stays(bench: Bench) -> None:
    plain = make_clip(bench.folder / "plain.mp4", x264="keyint=20:bframes=0", audio=False)
    clip = hidden_start(plain, bench.folder / "in.mp4", 5)
    result = bench.export(bench.project(clip, (0, 3)))
    assert result.verified and not result.plan.reason, result.plan.reason
    assert result.encoded_frames == 15
    assert len(packets_of(result.output)["video"]) == len(packets_of(clip)["video"]) == 60


def test_hidden_pictures_that_refer_to_changed_ones_are_made_anew(bench: Bench) -> None:
    plain = make_clip(bench.folder / "plain.mp4", x264="keyint=20:bframes=3:b-adapt=0:b-pyramid=none", audio=False)
    clip = hidden_start(plain, bench.folder / "in.mp4", 3)
    project = bench.project(clip, (0, 1))
    index = bench.index(project.media[0])
    assert index.hidden.sum() == 3 and index.hidden_inside(range(17)) == 2
    result = bench.export(project, cache=bench.cache)
    assert result.verified and not result.plan.reason, result.plan.reason
    assert result.encoded_frames == 17
    assert any("2 pictures that the file hides" in warning for warning in result.warnings)
    before, after = packets_of(clip)["video"], packets_of(result.output)["video"]
    assert len(after) == len(before) == 60
    assert {row[0] for row in after} == {row[0] for row in before}
    assert {row[4] for row in before if row in after} == {row[4] for row in (before[0], *before[20:])}
    again = bench.export(project, "again.mp4", cache=bench.cache)
    assert again.encoded_frames == 0 and again.output.read_bytes() == result.output.read_bytes()


def test_hidden_pictures_behind_a_changed_end_are_made_anew(bench: Bench) -> None:
    plain = make_clip(bench.folder / "plain.mp4", x264="keyint=20:bframes=3:b-adapt=0:b-pyramid=none", audio=False)
    clip = hidden_start(plain, bench.folder / "in.mp4", 0, shown=30)
    project = bench.project(clip, (27, 28))
    index = bench.index(project.media[0])
    assert len(index) < 40 and index.hidden[-1] > 0
    result = bench.export(project)
    assert result.verified and not result.plan.reason, result.plan.reason
    assert result.encoded_frames == len(index) - 25  # a closed cut
    before, after = packets_of(clip)["video"], packets_of(result.output)["video"]
    assert len(after) == len(before) and {row[4] for row in before if row in after} == {row[4] for row in before[:25]}


def test_a_delimiter_and_the_sets_lead_each_new_key_picture_of_a_ts(bench: Bench) -> None:
    clip = make_clip(bench.folder / "in.ts")
    result = bench.export(bench.project(clip, (24, 29)), "out.ts")
    old = {row[4] for row in packets_of(clip)["video"]}
    new = [row for row in packets_of(result.output)["video"] if row[4] not in old]
    assert all(row[4].startswith(b"\0\0\0\x01\x09") for row in new)
    kinds = [nal[:1][0] & 31 for nal in new[0][4].split(b"\0\0\0\x01")[1:]]
    assert kinds[:4] in ([9, 7, 8, 5], [9, 7, 8, 6])


def test_an_mkv_stays_as_long_as_its_source_says(bench: Bench) -> None:
    """Its muxer counts the last block of sound otherwise than the one that wrote the source."""
    clip = make_clip(bench.folder / "in.mkv")
    stored = say_length(clip, 2_391.5, "00:00:02.391000000")
    result = bench.export(bench.project(clip, (24, 29)), "out.mkv")
    assert result.verified and result.encoded_frames < 60
    assert stored_lengths(result.output) == stored == (2_391.5, ["00:00:02.391000000"] * 2)


def test_an_mkv_that_was_cut_off_is_as_long_as_what_is_there(bench: Bench) -> None:
    clip = make_clip(bench.folder / "in.mkv", audio=False)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 3 // 4])
    project = bench.project(clip, (4, 9))
    assert project.duration < Fraction(60, RATE)
    result = bench.export(project, "out.mkv")
    assert result.verified and stored_lengths(result.output)[0] == 1000 * project.duration
    said = rf"“in\.mkv” was cut off at {clock(project.duration)}: what it announces behind that is not there\. Copy the"
    assert len(result.warnings) == 1 and re.match(said, result.warnings[0])


def test_a_track_without_a_single_packet_is_no_sound_that_was_lost(bench: Bench, plain_clip: Path) -> None:
    clip = bench.folder / "in.mkv"
    with av.open(str(plain_clip)) as inside, av.open(str(clip), "w") as out:
        streams = [out.add_stream_from_template(stream, opaque=True) for stream in inside.streams]
        for packet in inside.demux(video=0):
            if packet.size:
                packet.stream = out.streams.video[0]
                out.mux(packet)
    assert len(streams) == 2
    result = bench.export(bench.project(clip, (24, 29)), "out.mkv")
    assert result.verified and result.encoded_frames < 60, result.warnings
    assert set(packets_of(result.output)) == {"video"}


def test_frames_that_an_mkv_gives_no_duration_get_none(bench: Bench) -> None:
    """As recorders of screens write them: the clock of the coded stream is a thousandth, the container names no rate."""
    raw, clip = bench.folder / "raw.mkv", bench.folder / "in.mkv"
    with av.open(str(raw), "w") as out:
        video = out.add_stream("libx264", rate=1000, options={"x264-params": "keyint=20:bframes=0"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        for number in range(60):
            frame = pattern(number)
            frame.pts, frame.time_base = 40 * number, Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    with av.open(str(raw)) as inside, av.open(str(clip), "w") as out:
        copy = out.add_stream_from_template(inside.streams.video[0], opaque=True)
        copy.codec_context.framerate = Fraction(0)
        for packet in inside.demux(video=0):
            if packet.size:
                packet.stream, packet.duration = copy, 0
                out.mux(packet)
    assert {row[2] for row in packets_of(clip)["video"]} == {0}
    result = bench.export(bench.project(clip, (24, 29)), "out.mkv")
    assert result.verified and result.encoded_frames < 60, result.warnings
    assert {row[2] for row in packets_of(result.output)["video"]} == {0}


def say_length(clip: Path, duration_ms: float, text: str) -> tuple[float | None, list[str]]:
    with clip.open("r+b") as file:
        read, size = read_at(file)
        elements, _ = segment_head(read, size)
        info, tags = (read_body(read, elements[which]) for which in (INFO, TAGS))
        for which, body in ((INFO, with_duration(info, duration_ms)), (TAGS, with_track_durations(tags, [text, text]))):
            file.seek(elements[which].body)
            file.write(body)
    return stored_lengths(clip)


def stored_lengths(path: Path) -> tuple[float | None, list[str]]:
    with path.open("rb") as file:
        read, size = read_at(file)
        stored = length_in(read_body(read, segment_head(read, size)[0][INFO])).duration
    with av.open(str(path)) as container:
        return stored, [stream.metadata["DURATION"] for stream in container.streams]
