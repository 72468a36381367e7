"""Captions as a track of the file: they are at their times, and not one packet of the rest is another."""

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import pytest

from engine.encoding.checking.verify import verify
from engine.encoding.soft_captions.check import held_captions
from engine.encoding.soft_captions.mp4 import Place, append_captions
from engine.encoding.soft_captions.spans import SoftCaptions
from engine.errors import BadInputError, ExportError
from engine.project.caption_edits import CueDraft, add_cues
from engine.project.model import Project
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench, make_clip, packets_of

WORDS = ("Spring starts small.", "Then it opens.\nTwo lines & <signs>", "Über ›Umlaute‹, 春")


def span(start: str | int, end: str | int) -> TimeRange:
    return TimeRange.between(Fraction(start), Fraction(end))


SPANS = (span("1/5", "3/5"), span("3/5", 1), span("7/5", 2))


def captioned(project: Project) -> Project:
    drafts = [CueDraft(place, text) for place, text in zip(SPANS, WORDS, strict=True)]
    return add_cues(project, drafts, language="de")


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_captions_are_at_their_times_and_all_else_is_as_without(bench: Bench, tmp_path: Path, suffix: str) -> None:
    clip = make_clip(tmp_path / f"in.{suffix}")
    project = captioned(bench.project(clip, (25, 30)))
    plain = bench.export(project, f"plain.{suffix}")
    result = bench.export(project, f"soft.{suffix}", soft_captions=True)
    assert result.verified and result.checks[-1].name == "Captions" and result.checks[-1].detail == "3 of 3 at their times"
    soft, other = packets_of(result.output), packets_of(plain.output)
    assert soft.pop("subtitle") and soft == other and set(soft) == {"video", "audio"}
    assert result.copied_packets == plain.copied_packets and result.encoded_frames in {0, plain.encoded_frames}
    held = held_captions(result.output)
    assert held is not None and [text for _, text in held.spans] == list(WORDS)
    assert all(abs(found.start - wanted.start) <= Fraction(1, 1000) for (found, _), wanted in zip(held.spans, SPANS, strict=True))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_other_programs_read_the_track_and_verify_knows_it(bench: Bench, tmp_path: Path, suffix: str) -> None:
    clip = make_clip(tmp_path / f"in.{suffix}")
    project = captioned(bench.project(clip, (25, 30)))
    out = bench.export(project, f"soft.{suffix}", soft_captions=True).output
    srt = tmp_path / "read.srt"
    command = ["ffmpeg", "-v", "error", "-xerror", "-copyts", "-i", str(out), "-map", "0:s", "-f", "srt", str(srt)]
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.returncode == 0 and not run.stderr, run.stderr
    text = srt.read_text(encoding="utf-8")
    with av.open(str(out)) as container:
        (stream,), (video,) = container.streams.subtitles, container.streams.video
        late_ms = round(Fraction(video.start_time or 0) * Fraction(video.time_base or 1) * 1000)
        assert stream.metadata["language"] == "deu"
    assert f"00:00:00,{200 + late_ms} --> 00:00:00,{600 + late_ms}\nSpring starts small." in text
    assert f"00:00:01,{400 + late_ms} --> 00:00:02,{late_ms:03d}\nÜber" in text
    strict = ["ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(out), "-f", "null", "-"]
    decoded = subprocess.run(strict, capture_output=True, check=False)
    assert decoded.returncode == 0 and not decoded.stderr
    with bench.sources() as sources:
        checks = verify(out, project, sources, cancel=ThreadCancelToken())
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]


def test_a_source_with_captions_of_its_own_keeps_them(bench: Bench, tmp_path: Path) -> None:
    srt = tmp_path / "own.srt"
    srt.write_text("1\n00:00:00,100 --> 00:00:00,900\nThe source's own\n", encoding="utf-8")
    clip, both = make_clip(tmp_path / "in.mp4"), tmp_path / "both.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(clip), "-i", str(srt), "-map", "0", "-map", "1", "-c", "copy"]
    subprocess.run([*command, "-c:s", "mov_text", str(both)], check=True)
    project = captioned(bench.project(both, (25, 30)))
    out = bench.export(project, "soft.mp4", soft_captions=True).output
    with av.open(str(out)) as container:
        assert len(container.streams.subtitles) == 2
    held = held_captions(out)
    assert held is not None and [text for _, text in held.spans] == list(WORDS)
    with bench.sources() as sources:
        assert all(check.ok for check in verify(out, project, sources, cancel=ThreadCancelToken()))
        plain = bench.export(project, "plain.mp4").output
        lost = bench.export(bench.project(make_clip(tmp_path / "without.mp4"), (25, 30)), "without-own.mp4").output
        assert all(check.ok for check in verify(plain, project, sources, cancel=ThreadCancelToken()))
        assert not all(check.ok for check in verify(lost, project, sources, cancel=ThreadCancelToken())), "a lost track is found"


def test_varying_frame_times_and_a_late_start_move_nothing(bench: Bench, tmp_path: Path) -> None:
    pts = [number + number // 7 + 5 for number in range(60)]
    clip = make_clip(tmp_path / "late.mp4", pts=pts, options={"avoid_negative_ts": "disabled", "use_editlist": "1"})
    project = captioned(bench.project(clip, (25, 30)))
    for suffix in ("mp4",):
        result = bench.export(project, f"soft.{suffix}", soft_captions=True)
        held = held_captions(result.output)
        assert result.verified and held is not None and [text for _, text in held.spans] == list(WORDS)
        assert all(abs(f.start - w.start) <= Fraction(1, 1000) for (f, _), w in zip(held.spans, SPANS, strict=True))


def test_full_encodes_and_parts_have_them_too(bench: Bench, plain_clip: Path) -> None:
    project = captioned(bench.project(plain_clip))
    for name in ("part.mp4", "part.mkv"):
        result = bench.export(project, name, soft_captions=True, range=span("2/5", "8/5"))
        held = held_captions(result.output)
        assert result.verified and held is not None
        assert [(float(place.start), text) for place, text in held.spans] == [
            (0.0, WORDS[0]), (pytest.approx(0.2, abs=0.001), WORDS[1]), (pytest.approx(1.0, abs=0.001), WORDS[2]),
        ]
        assert float(held.spans[-1][0].end) == pytest.approx(1.2, abs=0.001)


def test_what_cannot_be_is_refused_before_anything_is_written(bench: Bench, plain_clip: Path) -> None:
    project = bench.project(plain_clip)
    with pytest.raises(BadInputError, match="no captions with words"):
        bench.export(project, "a.mp4", soft_captions=True)
    for name in ("a.webm", "a.ts"):
        with pytest.raises(BadInputError, match="cannot hold captions"):
            bench.export(captioned(project), name, soft_captions=True)
    assert not list(bench.folder.glob("a.*"))


def test_a_last_box_without_a_size_gets_one(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mp4", frames=20, audio=False, options={"movflags": "+faststart"})
    data = bytearray(clip.read_bytes())
    place = data.rindex(b"mdat") - 4
    assert place + int.from_bytes(data[place : place + 4], "big") == len(data)
    data[place : place + 4] = bytes(4)
    clip.write_bytes(data)
    before = packets_of(clip)
    append_captions(clip, SoftCaptions(((span("1/5", "3/5"), "Here"),)), Place(Fraction(0), Fraction(4, 5), 320, 180))
    after = packets_of(clip)
    assert after.pop("subtitle") and after == before
    held = held_captions(clip)
    assert held is not None and [text for _, text in held.spans] == ["Here"]


def test_a_file_in_fragments_is_refused_and_stays(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mp4", frames=20, audio=False, options={"movflags": "frag_keyframe+empty_moov"})
    before = clip.read_bytes()
    with pytest.raises(ExportError, match="fragments"):
        append_captions(clip, SoftCaptions(((span("1/5", "3/5"), "Here"),)), Place(Fraction(0), Fraction(4, 5), 320, 180))
    assert clip.read_bytes() == before
