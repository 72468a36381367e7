"""`generate` on the command line: what leaves, what is written, what it costs, and how it ends when something breaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from engine.jobs import generations
from tests.engine.jobs.generating import FastClock, picture
from tests.engine.providers.online import gemini_service, kling_service, pictures, veo_service
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.films import film
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import FaithfulServer, serving
from tests.engine.providers.online.veo_service import VeoService

pytestmark = pytest.mark.integration
SERVICES = {"veo": VeoService, "kling": KlingService, "gemini": GeminiService}


@pytest.fixture(params=["veo"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(provider: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    monkeypatch.setattr(generations, "Clock", lambda: FastClock().clock)
    monkeypatch.setenv("GEMINI_API_KEY", gemini_service.KEY)
    monkeypatch.setenv("KLING_ACCESS_KEY", kling_service.ACCESS)
    monkeypatch.setenv("KLING_SECRET_KEY", kling_service.SECRET)
    service: Any = SERVICES[provider]()
    with serving(service) as one:
        service.base_url = one.base_url
        monkeypatch.setenv(f"PATCHREEL_{provider.upper()}_BASE_URL", one.base_url)
        yield one


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "Very Private Name.png"
    path.write_bytes(picture())
    return path


def posts(server: FaithfulServer) -> int:
    return sum(one.method == "POST" for one in server.received)


def test_a_video_after_words(run: Any, server: FaithfulServer, tmp_path: Path) -> None:
    out = tmp_path / "rain.mp4"
    made = run("generate", "--provider", "veo", "--prompt", "rain", "--aspect", "9:16", "--resolution", "1080p", "--send", "-o",
               out, "--json").data  # fmt: skip
    assert out.read_bytes() == film() and made["output"] == str(out) and made["state"] == "done"
    assert (made["kind"], made["model"], made["duration"]) == ("text to video", "veo-3.1-generate-preview", 1.0)
    assert made["badges"] == ["AI generated", "SynthID", "Audio"] and made["cost_usd"] == pytest.approx(3.2) and made["has_audio"]
    service: Any = server.service
    assert (service.asked[0].aspect, service.asked[0].resolution, service.asked[0].seconds) == ("9:16", "1080p", 8)
    (row,) = run("ledger", "--json").data["rows"]
    assert row["state"] == "settled" and row["actual_usd"] == pytest.approx(service.bill_usd) and row["result"]


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_video_between_two_pictures(run: Any, server: FaithfulServer, first: Path, tmp_path: Path) -> None:
    last, out = tmp_path / "last.jpg", tmp_path / "between.mp4"
    cv2.imwrite(str(last), np.full((400, 600, 3), 200, np.uint8))
    made = run("generate", "--provider", "kling", "--prompt", "go", "--image", first, "--last-image", last, "--send", "-o", out,
               "--json").data  # fmt: skip
    assert made["kind"] == "first and last frame" and out.exists() and made["cost_usd"] == pytest.approx(0.35)
    service: Any = server.service
    assert pictures.decoded(service.asked[0].raw[1]).mean() == pytest.approx(200, abs=2)
    everything = b"".join(one.everything() for one in server.received)
    assert b"Private" not in everything and str(tmp_path).encode() not in everything


@pytest.mark.parametrize("provider", ["veo", "kling"], indirect=True)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_a_picture_says_of_itself_stays_here(
    run: Any, server: FaithfulServer, tmp_path: Path, provider: str, kind: str
) -> None:
    file = tmp_path / f"holiday.{kind.lower()}"
    _saved_with_secrets(file, kind)
    assert file.read_bytes().count(b"Planted") >= 2
    out = tmp_path / "made.mp4"
    assert run("generate", "--provider", provider, "--prompt", "go", "--image", file, "--send", "-o", out).code == 0
    service: Any = server.service
    (raw,) = service.asked[0].raw
    assert set(pictures.chunks(raw)) <= {"IHDR", "IDAT", "IEND"} and abs(pictures.decoded(raw).mean() - 120) < 3
    left = b"".join(one.everything() for one in server.received)
    for word in (b"Planted", b"holiday", str(tmp_path).encode()):
        assert word not in left and word not in raw


def _saved_with_secrets(file: Path, kind: str) -> None:
    """A grey picture with a camera's name, a comment, a text and a profile in it, all of which say “Planted”."""
    grey, exif, text = Image.new("RGB", (640, 360), (120, 120, 120)), Image.Exif(), PngImagePlugin.PngInfo()
    exif[0x0110], exif[0x9286] = "Planted Camera", b"ASCII\0\0\0Planted place"
    text.add_text("Author", "Planted Author")
    text.add_itxt("Comment", "Planted comment")
    more: dict[str, Any] = {"comment": b"Planted comment"} if kind == "JPEG" else {"pnginfo": text}
    grey.save(file, kind, exif=exif, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), **more)


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_a_picture_is_written_as_png_whatever_came(run: Any, server: FaithfulServer, tmp_path: Path) -> None:
    out = tmp_path / "rain.png"
    made = run("generate", "--provider", "gemini", "--prompt", "rain", "--send", "-o", out, "--json").data
    assert out.read_bytes().startswith(b"\x89PNG") and (made["width"], made["height"]) == (1376, 768)
    assert pictures.decoded(out.read_bytes()).shape == (768, 1376, 3)


def test_without_leave_it_says_what_would_be_sent(run: Any, server: FaithfulServer, first: Path, tmp_path: Path) -> None:
    refused = run("generate", "--provider", "veo", "--prompt", "rain", "--image", first, "-o", tmp_path / "a.mp4")
    assert refused.code == 2 and refused.out == b"" and server.received == []
    for said in ("a picture of 320 × 180 px", "“rain”", "127.0.0.1", "$3.20", "--send", "Nothing was sent"):
        assert said in refused.sentence, said
    assert run("ledger", "--json").data["rows"] == [] and not (tmp_path / "a.mp4").exists()


WRONG = [
    (["--provider", "local.blur", "--prompt", "x"], "makes no pictures"), (["--provider", "veo"], "Say what"),
    (["--provider", "veo", "--prompt", "x", "--duration", "5"], "4, 6 and 8 s"),
    (["--provider", "veo", "--prompt", "x", "--resolution", "8k"], "720p"),
    (["--provider", "veo", "--prompt", "x", "--last-image", "none.png"], "needs a first"),
    (["--provider", "veo", "--prompt", "x", "--image", "none.png"], "no file"),
    (["--provider", "veo", "--prompt", "x", "--image", "."], "no file"),
    (["--provider", "kling", "--prompt", "x"], "does not do"), (["--provider", "veo", "--prompt", "x", "-o", "a.png"], ".mp4"),
    (["--provider", "gemini", "--prompt", "x", "--image", "a.png"], "make a patch"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_use_is_one_sentence(run: Any, server: FaithfulServer, tmp_path: Path, words: list[str], says: str) -> None:
    out = [] if "-o" in words else ["-o", tmp_path / "a.mp4"]
    refused = run("generate", *words, *out, "--send", "--json")
    assert refused.code == 2 and refused.out == b"" and says in refused.sentence and server.received == []


def test_what_was_made_and_not_handed_out_is_not_paid_again(run: Any, server: FaithfulServer, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    words = ("generate", "--provider", "veo", "--prompt", "rain", "--send", "-o")
    assert run(*words, blocked / "rain.mp4").code == 1
    assert run(*words, tmp_path / "rain.mp4").code == 0 and posts(server) == 1
    assert run(*words, tmp_path / "another take.mp4").code == 0 and posts(server) == 2


FAULTS = [
    ("refused", (faults.instead(gemini_service.bad_key()),), "refused the key", "failed_free"),
    ("lost", (faults.reset_mid_body,), "may have been carried out", "unknown"),
    ("tomorrow", (faults.instead(gemini_service.quota("3000s")),), "takes no more requests", "failed_free"),
]


@pytest.mark.parametrize(("name", "broken", "says", "state"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_a_failure_is_one_sentence(
    run: Any, server: FaithfulServer, tmp_path: Path, name: str, broken: tuple[Any, ...], says: str, state: str
) -> None:
    server.then(*broken)
    failed = run("generate", "--provider", "veo", "--prompt", "rain", "--send", "-o", tmp_path / "a.mp4", "--json")
    assert failed.code == 1 and failed.out == b"" and says in failed.sentence and posts(server) == 1
    assert gemini_service.KEY[-6:].encode() not in failed.err and b"Traceback" not in failed.err
    assert [row["state"] for row in run("ledger", "--json").data["rows"]] == [state]
    if name == "lost":
        again = run("generate", "--provider", "veo", "--prompt", "rain", "-o", tmp_path / "a.mp4")
        assert again.code == 2 and "charged twice" in again.sentence


def test_a_blocked_prompt_is_said_to_be_free(run: Any, server: FaithfulServer, tmp_path: Path) -> None:
    service: Any = server.service
    service.ends = [veo_service.filtered()]
    failed = run("generate", "--provider", "veo", "--prompt", "rain", "--send", "-o", tmp_path / "a.mp4")
    assert failed.code == 1 and "policy" in failed.sentence and "not charged" in failed.sentence
    assert [row["state"] for row in run("ledger", "--json").data["rows"]] == ["refused"]


@pytest.mark.parametrize("provider", ["kling"], indirect=True)
def test_a_patch_whose_anchors_a_service_moves_between(run: Any, server: FaithfulServer, clip: Path, tmp_path: Path) -> None:
    film_file = tmp_path / "film.patchreel"
    assert run("new", film_file, clip).code == 0
    words = ("patch", film_file, "--at", "f:45", "--box", "0.45,0.4,0.08,0.1", "--provider", "local.inpaint", "--before", "0",
             "--after", "3", "--prompt", "nothing", "--between", "kling", "--send", "--json")  # fmt: skip
    bare = run(*words)
    assert bare.code == 2 and "--key" in bare.sentence and server.received == []
    made = run(*words, "--key", "f:47 box 0.445,0.4,0.08,0.1").data
    assert made["state"] == "published" and made["version"] == 2 and made["cost_usd"] == pytest.approx(0.35)
    assert any("moved by Kling" in warning for warning in made["warnings"])
    service: Any = server.service
    (asked,) = service.asked
    width, height = asked.first.shape[1::-1]
    assert asked.first.shape == asked.last.shape and width / height < 1.5, "more than the region's surroundings left"
