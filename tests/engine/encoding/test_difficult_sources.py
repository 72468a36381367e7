"""Sources that are not what they say: each is exported all the same, and the reason or a warning says what was met."""

from pathlib import Path

import av
import pytest

from engine.bitstream.avc import NalType
from engine.bitstream.nal import join_length_prefixed
from engine.encoding.checking.verify import verify
from engine.encoding.export import export_plan
from engine.encoding.result import ExportResult
from engine.encoding.splice import source as splice_room
from engine.encoding.splice.source import SpliceSource, splice_source
from engine.planning.plan import Mode
from engine.project.model import Project
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip, packets_of, pattern, rewritten

pytestmark = pytest.mark.integration


def without_ctts(clip: Path, target: Path) -> Path:
    data = clip.read_bytes()
    assert data.count(b"ctts") == 1
    target.write_bytes(data.replace(b"ctts", b"free"))
    return target


def test_times_that_contradict_the_pictures_are_a_reason(bench: Bench, plain_clip: Path) -> None:
    clip = without_ctts(plain_clip, bench.folder / "in.mp4")
    assert "times contradict the order" in str(splice_source(str(clip)))
    result = bench.export(bench.project(clip, (24, 29)))
    assert result.verified and "times contradict the order" in result.plan.reason


@pytest.mark.parametrize("x264", ["bframes=0", "b-pyramid=normal:bframes=8", "open-gop=1:bframes=3"])
def test_times_in_order_are_none(x264: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mp4", x264=f"keyint=20:{x264}", audio=False)
    assert isinstance(splice_source(str(clip)), SpliceSource)


def test_the_check_of_a_copy_sees_them_too(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splice_room, "contradicts_times", lambda _samples, _sets: False)
    clip = without_ctts(plain_clip, bench.folder / "in.mp4")
    result = bench.export(bench.project(clip, (24, 29)))
    assert "another order than their times say" in result.warnings[0] and result.verified


def test_rgb_is_coded_as_rgb(bench: Bench) -> None:
    """As screen recorders write it: H.264 takes green for luma, which nobody may convert."""
    clip = bench.folder / "in.mp4"
    with av.open(str(clip), "w") as out:
        video = out.add_stream("libx264rgb", rate=25, options={"preset": "veryfast", "x264-params": "keyint=20:scenecut=0"})
        video.width, video.height, video.pix_fmt = 320, 180, "rgb24"
        for number in range(60):
            out.mux(video.encode(pattern(number)))
        out.mux(video.encode(None))
    result = bench.export(bench.project(clip, (24, 29)))
    assert result.verified and result.warnings == () and 5 <= result.encoded_frames <= 20
    with av.open(str(clip)) as source, av.open(str(result.output)) as output:
        for number, pair in enumerate(zip(source.decode(video=0), output.decode(video=0), strict=True)):
            one, other = (frame.to_ndarray().astype(int) for frame in pair)
            assert one.shape == other.shape == (180, 320, 3) and pair[1].format.name == "gbrp"
            if number not in range(24, 29):
                assert ((one - other) ** 2).mean((0, 1)).max() < 65_025 / 10**4, number  # each of the three above 40 dB


def with_noise(clip: Path, target: Path, noisy: int) -> Path:
    """The middle of one packet is noise."""

    def change(number: int, data: bytes) -> bytes:
        middle = len(data) // 2
        noise = bytes((byte * 31 + at) % 251 + 1 for at, byte in enumerate(data[middle:]))
        return data[:middle] + noise if number == noisy else data

    return rewritten(clip, target, change)


def failed(bench: Bench, project: Project, result: ExportResult) -> list[str]:
    with bench.sources() as sources:
        checks = verify(result.output, project, sources, cancel=ThreadCancelToken(), full_decode=True)
    return [f"{check.name}: {check.detail}" for check in checks if not check.ok]


@pytest.mark.parametrize(("noisy", "is_met"), [(50, False), (40, True)], ids=["far", "behind the seam"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_damage_of_the_source_is_the_sources(noisy: int, is_met: bool, suffix: str, bench: Bench, plain_clip: Path) -> None:
    project = bench.project(with_noise(plain_clip, bench.folder / f"in{suffix}", noisy), (24, 29))
    result = bench.export(project, f"out{suffix}")
    assert {segment.mode for segment in result.plan.segments} == {Mode.COPY, Mode.ENCODE}, result.warnings
    assert any("source, which is damaged there" in warning for warning in result.warnings) == is_met
    assert failed(bench, project, result) == []


def test_damage_that_the_source_has_not_is_found(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    result = bench.export(project)
    with_noise(result.output, bench.folder / "noisy.mp4", 50).replace(result.output)
    assert any("Decodes" in text for text in failed(bench, project, result))


def with_doubled_time(clip: Path, target: Path, number: int) -> Path:
    """The n-th packet is shown at the time of the one that is decoded before it."""
    with av.open(str(clip)) as inside, av.open(str(target), "w") as out:
        streams = {stream.index: out.add_stream_from_template(stream, opaque=True) for stream in inside.streams}
        video = [packet for packet in inside.demux(video=0) if packet.size]
        time, start = video[number - 1].pts, video[number].dts
        assert time is not None and start is not None and time >= start
        video[number].pts = time
        for packet in video:
            packet.stream = streams[packet.stream.index]  # type: ignore[assignment]
            out.mux(packet)
    return target


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_a_doubled_time_far_from_the_changes_stays(suffix: str, bench: Bench) -> None:
    plain = make_clip(bench.folder / f"plain{suffix}", audio=False)
    project = bench.project(with_doubled_time(plain, bench.folder / f"in{suffix}", 47), (24, 29))
    result = bench.export(project, f"out{suffix}")
    assert result.frames == 59 and result.encoded_frames <= 20 and not result.warnings
    assert failed(bench, project, result) == []
    assert len(packets_of(result.output)["video"]) == 60


def test_a_doubled_time_among_the_changes_is_a_reason(bench: Bench) -> None:
    plain = make_clip(bench.folder / "plain.mp4", audio=False)
    project = bench.project(with_doubled_time(plain, bench.folder / "in.mp4", 31), (24, 29))
    result = bench.export(project)
    assert result.frames == 59 and "the time of another one" in result.plan.reason
    assert failed(bench, project, result) == []


def test_sound_that_goes_back_in_time_is_named(bench: Bench) -> None:
    """Two recordings were joined: the sound of the first one ends behind the beginning of the second one's."""
    plain = make_clip(bench.folder / "plain.ts")
    cut = bench.folder / "in.ts"
    with av.open(str(plain)) as inside:
        sound = [packet for packet in inside.demux(audio=0) if packet.size]
        assert sound[30].pts is not None and sound[28].pts is not None
        moved = (sound[30].pts, sound[28].pts + 5)
    data = plain.read_bytes()
    old, new = (_pes_time(time) for time in moved)
    assert data.count(old) == 1
    cut.write_bytes(data.replace(old, new))
    result = bench.export(bench.project(cut, (24, 29)), "out.ts")
    assert result.verified and "goes back in time" in result.warnings[0] and len(result.warnings) == 1


def _pes_time(time: int) -> bytes:
    """A time as MPEG-TS stores it where no other follows (ISO/IEC 13818-1, 2.4.3.7)."""
    parts = (0x21 | time >> 29 & 0x0E, time >> 22 & 0xFF, 0x01 | time >> 14 & 0xFE, time >> 7 & 0xFF, 0x01 | time << 1 & 0xFE)
    return bytes(parts)


CLOCKED = bytes([NalType.SEI, 1, 4, 0x0F, 0x10, 0x20, 0x30, 0x80])
"""A timing message of a whole frame (`pic_struct` 0) with a clock: its fifth bit."""


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (b"\x7c\x19\x08\x09", "Dolby Vision data"),
        (b"\x78\x11\x22\x33", "data of an unknown kind"),
        (CLOCKED, "time code in the pictures"),
    ],
)
def test_what_encoded_frames_cannot_keep_is_said(unit: bytes, name: str, bench: Bench) -> None:
    plain = make_clip(bench.folder / "plain.mp4", audio=False, x264="keyint=20:bframes=0:pic-struct=1")
    clip = rewritten(plain, bench.folder / "in.mp4", lambda _, data: join_length_prefixed([unit], 4) + data)
    project = bench.project(clip, (24, 29))
    expected = (f"The {name} of 16 frames is not kept.",)
    assert export_plan(bench.request(project)).warnings == expected
    result = bench.export(project)
    assert result.encoded_frames == 16 and result.warnings == expected
    assert export_plan(bench.request(bench.project(plain, (24, 29)))).warnings == ()
