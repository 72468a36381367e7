"""The self-check finds what an export could get wrong."""

from dataclasses import replace
from pathlib import Path

import av
import pytest

from engine.encoding.checking.verify import verify
from engine.encoding.result import Check, Seam
from engine.project.model import Project
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip

pytestmark = pytest.mark.integration


def failed(bench: Bench, output: Path, project: Project) -> list[str]:
    return [check.name for check in check_all(bench, output, project) if not check.ok]


def check_all(bench: Bench, output: Path, project: Project) -> tuple[Check, ...]:
    with bench.sources() as sources:
        return verify(output, project, sources, cancel=ThreadCancelToken(), full_decode=True)


def test_a_sound_export_passes_from_the_file_alone(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    names = [check.name for check in check_all(bench, output, project)]
    assert failed(bench, output, project) == []
    assert {"Frames", "Frame times", "Copied packets", "Encoded outside the plan"} <= set(names)
    assert {"Audio packets", "Seams", "Decodes"} <= set(names)


def test_a_file_of_another_kind_is_checked_as_one_that_copies_nothing(bench: Bench) -> None:
    project = bench.project(make_clip(bench.folder / "short.mp4", frames=20), (4, 9))
    for preset, name in (("HEVC MP4", "a.mp4"), ("Same as the source", "a.mkv")):
        assert failed(bench, bench.export(project, name, preset=preset).output, project) == []


def test_the_untouched_source_is_no_export_of_a_patch_on_other_frames(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    elsewhere = bench.project(plain_clip, (44, 49))
    assert {"Copied packets", "Encoded outside the plan"} <= set(failed(bench, output, elsewhere))


def test_one_changed_byte_in_a_copied_packet_is_found(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    with av.open(str(output)) as container:
        packets = [p for p in container.demux(container.streams.video[0]) if p.size]
        place = (packets[10].pos or 0) + packets[10].size // 2
    data = bytearray(output.read_bytes())
    data[place] ^= 0x40
    output.write_bytes(data)
    assert "Copied packets" in failed(bench, output, project)


def test_damage_inside_an_encoded_run_is_found(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    with av.open(str(output)) as container:
        packets = [p for p in container.demux(container.streams.video[0]) if p.size]
        first = (packets[26].pos or 0) + 8
        size = packets[26].size - 8
    data = bytearray(output.read_bytes())
    data[first : first + size] = bytes(size)
    output.write_bytes(data)
    assert failed(bench, output, project) != []


def test_a_full_encode_of_fewer_frames_is_found(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip)
    shorter = make_clip(bench.folder / "short.mp4", frames=50)
    assert "Streams" in failed(bench, shorter, project)
    track = project.tracks[0]
    trimmed = replace(track.clips[0], source_range=replace(track.clips[0].source_range, duration=project.duration / 2))
    assert "Frames" in failed(bench, shorter, replace(project, tracks=(replace(track, clips=(trimmed,)),)))


def test_a_file_that_was_encoded_in_full_is_checked_as_one(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project, seam=Seam.FULL).output
    checks = check_all(bench, output, project)
    assert checks[0].name == "Every frame was encoded"
    assert all(check.ok for check in checks), checks


def test_bytes_of_a_replaced_packet_anywhere_in_the_file_are_found(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    with av.open(str(plain_clip)) as container:
        packets = [p for p in container.demux(container.streams.video[0]) if p.size]
        replaced, kept = bytes(packets[24]), bytes(packets[2])
    sound = output.read_bytes()
    for content, expected in ((replaced[37:101], ["Replaced bytes"]), (replaced[37:100], []), (kept[:200], [])):
        output.write_bytes(sound + (len(content) + 8).to_bytes(4, "big") + b"free" + content)
        assert failed(bench, output, project) == expected


def test_a_mean_below_the_bound_fails(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = bench.project(plain_clip, (24, 29))
    output = bench.export(project).output
    monkeypatch.setattr("engine.encoding.checking.verify.SEAM_PSNR_MEAN_DB", 98.9)
    assert failed(bench, output, project) == ["Unchanged frames beside a change"]
