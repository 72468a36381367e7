"""Captions on the command line: heard by a service, found offline, out of a file, into a file; what leaves and what it costs."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from engine.project import file
from engine.project.caption_edits import CueDraft, add_cues
from engine.project.clip_edits import Edge, trim_clip
from engine.rational_time import TimeRange
from tests.engine.providers.online import elevenlabs_service as service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.elevenlabs_service import ElevenLabsService
from tests.engine.providers.online.server import FaithfulServer, serving

pytestmark = pytest.mark.integration
BEEPS = ((0.5, 0.9), (1.0, 1.3), (2.5, 2.9), (3.0, 3.4))
SRT = "1\n00:00:00,500 --> 00:00:01,250\nSpring starts small.\n\n2\n00:00:02,000 --> 00:00:03,000\nThen it opens.\n"


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a still picture with beeps at known times."""
    path = tmp_path_factory.mktemp("speech") / "unreleased interview.mp4"
    time = np.arange(4 * 48_000) / 48_000
    sound = np.zeros(len(time), np.float32)
    for start, end in BEEPS:
        inside = (time >= start) & (time < end)
        sound[inside] = 0.3 * np.sin(2 * np.pi * 900 * time[inside])
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo")
        for number in range(100):
            frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 60 + number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for start in range(0, len(sound) - 1023, 1024):
            block = av.AudioFrame.from_ndarray(np.stack([sound[start : start + 1024]] * 2), "fltp", "stereo")
            block.sample_rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
            out.mux(audio.encode(block))
        out.mux(audio.encode(None))
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    with serving(ElevenLabsService()) as one:
        monkeypatch.setenv("PATCHREEL_ELEVENLABS_BASE_URL", one.base_url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", service.KEY)
        yield one


@pytest.fixture
def project(run: Any, speech: Path, tmp_path: Path) -> Path:
    film = tmp_path / "secret film.patchreel"
    assert run("new", film, speech).code == 0
    return film


def times(data: dict[str, Any]) -> list[tuple[str, float, float]]:
    return [(cue["text"], round(cue["start"]["seconds"], 3), round(cue["end"]["seconds"], 3)) for cue in data["cues"]]


def test_what_is_said_becomes_captions_at_its_price(run: Any, project: Path, server: FaithfulServer, tmp_path: Path) -> None:
    out = tmp_path / "film.srt"
    made = run("captions", project, "--provider", "elevenlabs", "--send", "-o", out, "--json").data
    assert [cue["text"] for cue in made["cues"]] == ["One two", "three four."]
    for cue, (start, end) in zip(made["cues"], ((0.5, 1.5), (2.5, 3.5)), strict=True):
        assert cue["start"]["seconds"] == pytest.approx(start, abs=0.05) and cue["end"]["seconds"] == pytest.approx(end, abs=0.05)
    assert made["provider"] == "elevenlabs" and made["language"] == "eng" and not made["cached"] and made["warnings"] == []
    assert made["cost_usd"] == pytest.approx(server.bill_usd, abs=1e-6) and made["output"] == str(out)
    assert out.read_text(encoding="utf-8").startswith("1\n00:00:00,") and "three four." in out.read_text(encoding="utf-8")
    shown = run("show", project, "--json").data["captions"]
    assert [cue["text"] for cue in shown] == ["One two", "three four."]
    (row,) = run("ledger", "--json").data["rows"]
    assert row["state"] == "settled" and row["operation"] == "transcription"


def test_only_the_sound_leaves(run: Any, project: Path, server: FaithfulServer) -> None:
    assert run("captions", project, "--provider", "elevenlabs", "--send").code == 0
    (received,) = server.received
    assert isinstance(server.service, ElevenLabsService)
    (asked,) = server.service.asked
    assert asked.seconds == pytest.approx(4, abs=0.05) and asked.sound.dtype == np.dtype("<i2")
    loud = service.heard(asked.sound)
    assert all(abs(a - start) < 0.05 and abs(b - end) < 0.05 for (a, b), (start, end) in zip(loud, BEEPS, strict=True))
    for word in ("secret", "film", "unreleased", "interview", "mp4", str(project.parent)):
        assert word.encode() not in received.everything()


def test_the_same_sound_is_not_paid_for_twice(run: Any, project: Path, server: FaithfulServer, patchreel_home: Path) -> None:
    first = run("captions", project, "--provider", "elevenlabs", "--send", "--json").data
    again = run("captions", project, "--provider", "elevenlabs", "--json").data
    assert again["cached"] and again["cost_usd"] == 0 and again["replaced"] == 2 and times(again) == times(first)
    for path in sorted((patchreel_home / "cache").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert run("captions", project, "--provider", "elevenlabs", "--json").data["cached"], "the project keeps what was paid for"
    assert len(server.received) == 1
    other = run("captions", project, "--provider", "elevenlabs", "--send", "--param", "diarize=off", "--json").data
    assert not other["cached"] and len(server.received) == 2


def test_without_leave_nothing_is_sent_and_it_is_said_what_would_be(run: Any, project: Path, server: FaithfulServer) -> None:
    before = project.read_bytes()
    refused = run("captions", project, "--provider", "elevenlabs")
    assert refused.code == 2 and "a sound of 4 s would go to ElevenLabs at 127.0.0.1" in refused.sentence
    assert "--send" in refused.sentence and "$0.0002" in refused.sentence
    assert server.received == [] and project.read_bytes() == before


@pytest.mark.parametrize(("fault", "code", "says", "state"), [
    (faults.instead(service.out_of_credit()), 1, "no credit left", "failed_free"),
    (faults.instead(service.bad_key()), 1, "refused the key", "failed_free"),
    (faults.truncated_json, 1, "may have been charged", "unknown"),
])  # fmt: skip
def test_a_fault_is_one_sentence_and_leaves_the_project(
    run: Any, project: Path, server: FaithfulServer, fault: faults.Fault, code: int, says: str, state: str
) -> None:
    before = project.read_bytes()
    server.then(fault)
    ended = run("captions", project, "--provider", "elevenlabs", "--send")
    assert ended.code == code and says in ended.sentence and project.read_bytes() == before
    assert [row["state"] for row in run("ledger", "--json").data["rows"]] == [state] and len(server.received) == 1


def test_where_the_service_is_full_what_it_heard_before_or_the_times_alone_stand_in(
    run: Any, project: Path, server: FaithfulServer
) -> None:
    words = ("captions", project, "--provider", "elevenlabs", "--send")
    full = faults.instead(service.rate_limited(retry_after="600"))
    server.then(full)
    refused = run(*words, "--fallback", "made before")
    assert refused.code == 1 and "no more requests for now" in refused.sentence
    times = run(*words, "--fallback", "local.speech", "--json").data
    assert times["provider"] == "local.speech" and times["cues"] and not any(cue["text"] for cue in times["cues"])
    assert any("without the words" in warning for warning in times["warnings"]) and times["cost_usd"] == 0
    assert len(server.received) == 1, "the pause of the service holds"


def test_the_same_sound_with_other_settings_stands_in_and_says_so(run: Any, project: Path, server: FaithfulServer) -> None:
    words = ("captions", project, "--provider", "elevenlabs", "--send")
    assert run(*words).code == 0
    server.then(faults.instead(service.out_of_credit()))
    made = run(*words, "--param", "diarize=off", "--fallback", "made before", "--json").data
    assert [cue["text"] for cue in made["cues"]] == ["One two", "three four."] and made["cost_usd"] == 0 and made["cached"]
    assert any("no credit" in one for one in made["warnings"]) and any("other settings" in one for one in made["warnings"])
    assert run(*words, "--param", "diarize=off", "--json").data["cached"] is False, "it is asked again as soon as it can"


def test_speech_is_found_offline_where_no_caption_is(run: Any, project: Path, no_network: None) -> None:
    found = run("captions", project, "--detect", "--json").data
    assert [text for text, _, _ in times(found)] == ["", ""] and found["cues"][0]["warnings"] == ["No words yet"]
    assert found["cues"][0]["start"]["seconds"] == pytest.approx(0.45, abs=0.1)
    assert run("captions", project, "--detect", "--json").data["cues"] == found["cues"], "nothing is found twice"


def test_a_file_goes_in_and_out_as_it_was(run: Any, project: Path, tmp_path: Path, no_network: None) -> None:
    given, out, vtt = tmp_path / "in.srt", tmp_path / "out.srt", tmp_path / "out.vtt"
    given.write_bytes(b"\xef\xbb\xbf" + SRT.replace("\n", "\r\n").encode())
    made = run("captions", project, "--import", given, "-o", out, "--json").data
    assert times(made) == [("Spring starts small.", 0.5, 1.25), ("Then it opens.", 2.0, 3.0)] and made["replaced"] == 0
    assert made["cues"][0]["warnings"] == ["Too fast to read: 27 characters a second", "Short: 0.8 s"]
    assert out.read_text(encoding="utf-8").strip() == SRT.strip()
    assert run("captions", project, "-o", vtt).code == 0 and vtt.read_text(encoding="utf-8").startswith("WEBVTT\n")
    assert run("captions", project, "--import", vtt, "--json").data["replaced"] == 2
    assert len(run("captions", project, "--import", vtt, "--add", "--json").data["cues"]) == 4


def test_captions_follow_a_cut_into_the_file(run: Any, project: Path, tmp_path: Path) -> None:
    loaded = file.load(project).project
    cues = [CueDraft(TimeRange(Fraction(1, 2), Fraction(1)), "Gone"), CueDraft(TimeRange(Fraction(5, 2), Fraction(1)), "Stays")]
    (clip,) = loaded.track_by_id("V1").clips
    cut = trim_clip(add_cues(loaded, cues), clip.id, Edge.START, Fraction(2), ripple=True)
    file.save(cut, project)
    out = tmp_path / "cut.srt"
    made = run("captions", project, "-o", out, "--json").data
    assert times(made) == [("Stays", 0.5, 1.5)] and "1 caption does not show" in made["warnings"][0]
    assert "Gone" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("words", "says"), [
    ((), "wants --provider"), (("--provider", "gemini"), "no transcriber"), (("-o", "film.txt"), "ends in neither"),
    (("--import", "nowhere.srt"), "no file"), (("--provider", "elevenlabs", "--param", "x=1"), "no parameter"),
    (("--provider", "elevenlabs", "--detect"), "not allowed with"),
])  # fmt: skip
def test_wrong_use_is_said(run: Any, project: Path, words: tuple[str, ...], says: str) -> None:
    ended = run("captions", project, *words)
    assert ended.code == 2 and says in ended.sentence


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[: frame.height].astype(int) for frame in container.decode(video=0)]


def test_burnt_captions_touch_the_frames_they_show_on_and_no_other(run: Any, clip: Path, tmp_path: Path) -> None:
    film, srt, out = tmp_path / "film.patchreel", tmp_path / "in.srt", tmp_path / "out.mp4"
    srt.write_text("1\n00:00:01,000 --> 00:00:01,500\nHHHHHHHH\n", encoding="utf-8")
    assert run("new", film, clip).code == 0 and run("captions", film, "--import", srt).code == 0
    plan = run("plan", film, "--captions", "burn", "--json").data
    assert [(s["mode"], s["first_frame"], s["frames"]) for s in plan["segments"]] == [
        ("copy", 0, 30), ("encode", 30, 30), ("copy", 60, 30),
    ] and plan["segments"][1]["reason"].startswith("Captions")  # fmt: skip
    made = run("export", film, out, "--captions", "burn", "--json").data
    assert made["verified"] and made["encoded_frames"] == 30 and made["copied_packets"] == 60 and made["captions"] == "burn"
    for number, (before, after) in enumerate(zip(luma(clip), luma(out), strict=True)):
        changed = np.abs(before - after).max()
        if not 30 <= number < 60:
            assert changed == 0, number
        elif number < 45:
            assert np.abs(before - after)[150:].max() > 60, number
        else:
            assert changed < 40, number
    assert run("verify", out, "--project", film, "--captions", "burn").code == 0
    assert run("verify", out, "--project", film).code == 1


def test_a_soft_track_touches_nothing_and_is_verified(run: Any, project: Path, tmp_path: Path) -> None:
    srt, out = tmp_path / "in.srt", tmp_path / "out.mp4"
    srt.write_text(SRT, encoding="utf-8")
    assert run("captions", project, "--import", srt).code == 0
    bare = run("export", project, tmp_path / "bare.mp4", "--json").data
    assert "2 captions are not in the file" in bare["warnings"][0]
    made = run("export", project, out, "--captions", "soft", "--json").data
    assert made["encoded_frames"] == 0
    assert made["checks"][-1] == {"name": "Captions", "ok": True, "detail": "2 of 2 at their times"}
    assert made["warnings"] == []
    assert run("verify", out, "--project", project, "--captions", "soft").code == 0
    assert run("verify", tmp_path / "bare.mp4", "--project", project, "--captions", "soft").code == 1


@pytest.mark.security
def test_the_key_is_found_nowhere_after_errors(run: Any, project: Path, server: FaithfulServer, patchreel_home: Path) -> None:
    quoted = f"Key {service.KEY} is wrong, {service.KEY[4:30]} too"
    quoting = service.error(401, "invalid_api_key", quoted, request_id=service.KEY)
    said = []
    elsewhere = faults.redirect("http://192.0.2.7/v1")
    server.then(faults.instead(quoting), faults.truncated_json, faults.reset_mid_body, elsewhere, None)
    for _ in range(5):
        ended = run("captions", project, "--provider", "elevenlabs", "--send", "--json")
        said += [ended.out, ended.err]
    assert ended.code == 0 and len(server.received) == 5
    files = [path for folder in (patchreel_home, project.parent) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    pieces = {service.KEY[at : at + 10].encode() for at in range(3, len(service.KEY) - 10)}
    for data in (*said, *(path.read_bytes() for path in files)):
        assert not any(piece in data for piece in pieces)
    for received in server.received:
        assert received.headers["xi-api-key"] == service.KEY and service.KEY not in received.target
