"""Bytes of replaced pictures are found in MKV and MPEG-TS too: between packets, in them, and cut by the container."""

from pathlib import Path

import av
import pytest

from engine.encoding.checking.verify import verify
from engine.encoding.result import Check
from engine.project.model import Project
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip

pytestmark = pytest.mark.integration

NAME = "Replaced bytes"
Exported = tuple[Bench, Project, Path, list[bytes]]


def exported(folder: Path, suffix: str) -> Exported:
    """A sound export, and the packets of its source."""
    bench = Bench.at(folder)
    clip = make_clip(folder / f"in{suffix}")
    project = bench.project(clip, (24, 29))
    output = bench.export(project, f"out{suffix}").output
    with av.open(str(clip)) as container:
        return bench, project, output, [bytes(packet) for packet in container.demux(video=0) if packet.size]


def found(made: Exported) -> Check:
    bench, project, output, _ = made
    with bench.sources() as sources:
        return next(check for check in verify(output, project, sources, cancel=ThreadCancelToken()) if check.name == NAME)


def void(content: bytes) -> bytes:
    """An MKV element that says nothing."""
    return b"\xec" + (len(content) | 0x4000).to_bytes(2, "big") + content


def null_packet(content: bytes) -> bytes:
    return b"\x47\x1f\xff\x10" + content.ljust(184, b"\xff")


def field_packet(content: bytes) -> bytes:
    """A packet of the video that has an adaptation field only."""
    return b"\x47\x01\x00\x20" + bytes([183, 0]) + content.ljust(182, b"\xff")


@pytest.mark.parametrize(("suffix", "wrap"), [(".mkv", void), (".ts", null_packet), (".ts", field_packet)])
def test_bytes_outside_packets(suffix: str, wrap: object, tmp_path: Path) -> None:
    made = exported(tmp_path, suffix)
    output, packets = made[2:]
    sound = output.read_bytes()
    assert found(made).ok and found(made).detail.startswith("none of ")
    for content, is_ok in ((packets[24][-80:-16], False), (packets[24][-80:-17], True), (packets[2][-150:], True)):
        output.write_bytes(sound + wrap(content))  # type: ignore[operator]
        assert found(made).ok is is_ok


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".m2ts"])
def test_bytes_in_a_new_packet(suffix: str, tmp_path: Path) -> None:
    """Hidden in a filler unit, and in a transport stream cut in two by a packet's header."""
    bench, project, output, packets = exported(tmp_path, suffix)
    run = packets[24][-80:-16]
    for pad in range(0, 184, 30):
        changed = output.with_stem(f"{pad}")
        with_filler(output, changed, run.rjust(64 + pad, b"\xff"))
        assert not found((bench, project, changed, packets)).ok
        if suffix != ".mkv" and run not in changed.read_bytes():
            return
    assert suffix == ".mkv"


def with_filler(file: Path, target: Path, content: bytes) -> None:
    """The file with a filler unit at the end of the 27th video packet."""
    size = len(content) + 1
    with av.open(str(file)) as inside, av.open(str(target), "w", options={"mpegts_copyts": "1"}) as out:
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in inside.streams}
        is_ts, number = "mpegts" in inside.format.name, 0
        for packet in inside.demux():
            if packet.size == 0:
                continue
            number += packet.stream.type == "video"
            if packet.stream.type == "video" and number == 27:
                unit = (b"\0\0\0\1" if is_ts else size.to_bytes(4, "big")) + b"\x0c" + content
                new = av.Packet(bytes(packet) + unit)
                new.pts, new.dts, new.duration, new.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
                new.stream = packet.stream
                packet = new
            if packet.dts is None:
                packet.dts = (packet.pts or 0) - 1000
            packet.stream = streams[packet.stream.index]
            out.mux(packet)
