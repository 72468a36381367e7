"""Patches made by services, on the command line: what leaves the machine, what it costs, how it ends when something breaks."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine.providers.online.table import provider_table
from engine.store.ledger import Charge, Ledger
from tests.engine.providers.online import gemini_service, openai_service, pictures
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import FaithfulServer, Fault, serving

pytestmark = pytest.mark.integration
WIDTH, HEIGHT = 320, 180
BOX = (0.4, 0.3, 0.2, 0.3)
KEYS = {"gemini": gemini_service.KEY, "openai": openai_service.KEY}
Patch = Callable[..., Any]


@pytest.fixture(params=["gemini", "openai"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(provider: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    with serving(GeminiService() if provider == "gemini" else OpenAiService()) as one:
        monkeypatch.setenv(f"PATCHREEL_{provider.upper()}_BASE_URL", one.base_url)
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", KEYS[provider])
        yield one


@pytest.fixture
def project(run: Any, clip: Path, tmp_path: Path) -> Path:
    secret = tmp_path / "Very Private Folder"
    secret.mkdir()
    film = secret / "unreleased film.patchreel"
    assert run("new", film, clip).code == 0
    return film


@pytest.fixture
def patch(run: Any, provider: str, project: Path, server: FaithfulServer) -> Patch:
    def call(*more: str) -> Any:
        return run("patch", project, "--at", "1.5", "--box", ",".join(map(str, BOX)), "--provider", provider,
                   "--feather", "0", "--before", "1", "--after", "1", "--prompt", "remove the white square", *more)  # fmt: skip

    return call


def ledger(run: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run("ledger", "--json").data["rows"]
    return rows


def region_of(picture: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The part of a whole frame that may be seen at most, and where it begins: the region with half its larger side around it,
    at least 32 px, and a few pixels for the soft edge."""
    left, top, wide, high = BOX[0] * WIDTH, BOX[1] * HEIGHT, BOX[2] * WIDTH, BOX[3] * HEIGHT
    margin = max(32.0, max(wide, high) * 0.5) + 4
    x, y = int(left - margin), int(top - margin)
    return picture[y : int(top + high + margin), x : int(left + wide + margin)].astype(int), x, y


def place_in(whole: np.ndarray, part: np.ndarray) -> tuple[int, int]:
    """Where a part lies best in a picture."""
    found = cv2.matchTemplate(whole.astype(np.uint8), part.astype(np.uint8), cv2.TM_SQDIFF)
    x, y = cv2.minMaxLoc(found)[2]
    return int(x), int(y)


def pictures_in(server: FaithfulServer, provider: str) -> list[bytes]:
    """All pictures of the one request."""
    (received,) = server.received
    if provider == "gemini":
        parts = received.json()["contents"][0]["parts"]
        return [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    boundary = received.headers["content-type"].partition("boundary=")[2].encode()
    pieces = (piece.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for piece in received.body.split(b"--" + boundary))
    return [piece for piece in pieces if piece.startswith(b"\x89PNG")]


def test_without_leave_it_says_what_would_be_sent_and_sends_nothing(
    run: Any, patch: Patch, project: Path, server: FaithfulServer
) -> None:
    before = project.read_bytes()
    refused = patch()
    assert refused.code == 2 and refused.out == b""
    said = refused.sentence
    assert re.search(r"13\d × 12\d px", said) and "remove the white square" in said
    assert "127.0.0.1" in said and "$0.1" in said and "Nothing was sent" in said and "--send" in said
    assert server.received == [] and project.read_bytes() == before and ledger(run) == []


def test_with_leave_the_patch_is_made_counted_and_kept(
    run: Any, patch: Patch, project: Path, server: FaithfulServer, provider: str
) -> None:
    made = patch("--send", "--json").data
    assert made["state"] == "published" and made["provider"] == provider and len(made["frames"]) == 3
    assert made["cost_usd"] > 0 and len(server.received) == 1
    (row,) = ledger(run)
    assert row["state"] == "settled" and row["provider"] == provider and row["tokens"] > 0 and row["request_id"]
    assert server.bill_usd <= row["upper_usd"] and row["actual_usd"] <= row["upper_usd"]
    assert row["actual_usd"] == pytest.approx(made["cost_usd"]) and row["actual_usd"] >= server.bill_usd - 1e-6
    (version,) = json.loads(project.read_text(encoding="utf-8"))["patches"][0]["versions"]
    assert row["result"] == version["raw_reply"], "it is not known what was paid for"
    raw = next(project.parent.glob(f"*.data/assets/{version['raw_reply']}*")).read_bytes()
    assert pictures.decoded(raw).size, "the reply is kept as it came"
    again = patch("--json").data
    assert again["cached"] and again["cost_usd"] == 0 and len(server.received) == 1, "what is known is not asked for"


def test_the_reply_is_on_the_disk_before_its_row_says_that_it_was_paid(
    patch: Patch, project: Path, server: FaithfulServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, seen = Ledger.settle, []

    def settled(ledger: Ledger, row: int, charge: Charge, result: str = "") -> None:
        seen.append(len(list(project.parent.glob(f"*.data/assets/{result}*"))) if result else 0)
        settle(ledger, row, charge, result)

    monkeypatch.setattr(Ledger, "settle", settled)
    assert patch("--send").code == 0
    assert seen == [1]


def test_only_the_crop_leaves(
    run: Any, patch: Patch, project: Path, clip: Path, server: FaithfulServer, provider: str, tmp_path: Path
) -> None:
    assert patch("--send").code == 0
    assert run("frame", clip, "--at", "f:45", "-o", tmp_path / "frame.png").code == 0
    allowed, _, _ = region_of(pictures.decoded((tmp_path / "frame.png").read_bytes()))
    picture, *masks = pictures_in(server, provider)
    sent = pictures.decoded(picture)
    if provider == "openai":  # it is told a size of its own
        sent = pictures.resized(sent, (136, 136))
    inside = without_padding(sent)
    x, y = place_in(allowed, inside)
    seen = allowed[y : y + inside.shape[0], x : x + inside.shape[1]]
    assert inside.shape[0] > 100 and np.abs(inside - seen).mean() < (4 if provider == "gemini" else 12), "it is not the region"
    assert not any(pictures.decoded(mask).any() for mask in masks), "the mask shows pixels"
    assert all(set(pictures.chunks(one)) <= {"IHDR", "IDAT", "IEND"} for one in [picture, *masks]), "the PNG says more"
    (received,) = server.received
    known = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-type", "content-length",
             "x-goog-api-key", "authorization"}  # fmt: skip
    assert set(received.headers) <= known
    left_machine = received.everything().lower()
    for told in (clip.name, "clip", project.stem, project.parent.name, "unreleased", "private", str(tmp_path), "/tmp", "/home"):
        assert told.lower().encode() not in left_machine, told


def without_padding(picture: np.ndarray) -> np.ndarray:
    """The picture without lines at its edges that repeat the next one: those hold nothing new."""
    rows, columns = picture.astype(int), picture.astype(int).transpose(1, 0, 2)

    def inner(lines: np.ndarray) -> slice:
        moves = np.nonzero(np.abs(np.diff(lines, axis=0)).mean(axis=(1, 2)) > 0.6)[0]
        return slice(int(moves[0]), int(moves[-1]) + 2)

    return picture[inner(rows), inner(columns)]


FAULTS: list[tuple[str, tuple[Fault, ...], str]] = [
    ("bad key", (faults.status(401, b'{"error":{"code":401,"message":"bad","status":"UNAUTHENTICATED"}}'),), "refused the key"),
    ("web page", (faults.html_page,), "web page"),
    ("lost", (faults.reset_mid_body,), "may have been carried out"),
    ("gone", (faults.status(404, b'{"error":{"message":"no"}}'),), "has no model"),
    ("elsewhere", (faults.redirect("http://192.0.2.7/"),), "not followed"),
]


@pytest.mark.parametrize(("name", "broken", "says"), FAULTS, ids=[name for name, _, _ in FAULTS])
def test_a_failure_is_one_sentence_and_changes_nothing(
    run: Any, patch: Patch, project: Path, server: FaithfulServer, provider: str, name: str, broken: tuple[Fault, ...], says: str
) -> None:
    before = project.read_bytes()
    server.then(*broken)
    failed = patch("--send", "--json")
    assert failed.code == 1 and failed.out == b"" and says in failed.sentence
    assert KEYS[provider][-6:].encode() not in failed.err and b"Traceback" not in failed.err
    assert project.read_bytes() == before and len(server.received) == 1
    (row,) = ledger(run)
    assert row["state"] == ("unknown" if name in {"lost", "web page"} else "failed_free")
    if name == "gone":
        assert patch("--send").code == 0, "it goes on where it stopped"


def test_a_busy_service_is_asked_again_by_itself(run: Any, patch: Patch, server: FaithfulServer) -> None:
    server.then(faults.status(503, b'{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}'))
    assert patch("--send").code == 0 and len(server.received) == 2
    assert [row["state"] for row in ledger(run)] == ["failed_free", "settled"]


def test_a_request_whose_answer_was_lost_is_offered_again_with_a_warning(
    run: Any, patch: Patch, server: FaithfulServer
) -> None:
    server.then(faults.reset_mid_body)
    assert patch("--send").code == 1
    assert "charged twice" in patch().sentence and len(server.received) == 1
    made = patch("--send", "--json").data
    assert any("charged twice" in warning for warning in made["warnings"])
    states = [row["state"] for row in ledger(run)]
    assert states == ["unknown", "settled"]


def test_a_service_is_waited_for_as_long_as_the_table_says(
    run: Any, patch: Patch, server: FaithfulServer, provider: str, patchreel_home: Path
) -> None:
    (patchreel_home / "config").mkdir(parents=True, exist_ok=True)
    own = f'[[{provider}.limits]]\nkind = "answer_seconds"\nvalue = 0.4\nmark = "ours"\n'
    (patchreel_home / "config" / "providers.toml").write_text(own, encoding="utf-8")
    provider_table.cache_clear()
    try:
        server.then(faults.endless_wait)
        assert "may have been" in patch("--send").sentence
        assert [row["state"] for row in ledger(run)] == ["unknown"]
    finally:
        provider_table.cache_clear()


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_a_model_whose_price_nobody_knows_counts_up_to_the_dearest_there_is(
    run: Any, patch: Patch, server: FaithfulServer
) -> None:
    made = patch("--send", "--json", "--param", "model=gemini-nano-banana-2.1").data
    assert any("not known here" in warning for warning in made["warnings"])
    (row,) = ledger(run)
    assert row["state"] == "unknown" and row["result"] and row["tokens"] > 0 and "price of this model" in row["note"]
    assert row["actual_usd"] <= server.bill_usd <= row["actual_usd"] + row["upper_usd"]


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_what_a_refusal_used_is_written_down_and_costs_nothing(run: Any, patch: Patch, server: FaithfulServer) -> None:
    server.then(gemini_service.blocked_output())
    assert "withheld" in patch("--send").sentence
    (row,) = ledger(run)
    assert (row["state"], row["actual_usd"]) == ("refused", 0) and row["tokens"] > 0 and row["request_id"] == "resp-1"


WRONG: list[tuple[str, bytes, str]] = [
    ("bomb", pictures.bomb(), "million pixels"),
    ("page", b"<html>busy</html>", "web page"),
    ("half", pictures.encoded(np.full((64, 64, 3), 200, np.uint8))[:60], "cannot be"),
]


@pytest.mark.parametrize(("name", "raw", "says"), WRONG, ids=[name for name, _, _ in WRONG])
def test_a_picture_that_is_none_was_paid_is_kept_and_said(
    run: Any, patch: Patch, project: Path, server: FaithfulServer, name: str, raw: bytes, says: str
) -> None:
    answer_with(server, lambda _asked: raw)
    failed = patch("--send")
    assert failed.code == 1 and says in failed.sentence and "kept with the project" in failed.sentence
    assert any(asset.read_bytes() == raw for asset in project.parent.glob("*.data/assets/*") if asset.is_file())
    assert [row["state"] for row in ledger(run)] == ["settled"]


def answer_with(server: FaithfulServer, make: Callable[[Any], bytes]) -> None:
    """Let the service answer with bytes that its label does not tell the truth about."""
    service = server.service
    if isinstance(service, GeminiService):
        service.parts = lambda asked: [gemini_service.raw_part(make(asked), "image/png")]
    else:
        assert isinstance(service, OpenAiService)
        service.made = make


def test_a_reply_of_the_wrong_size_and_label_is_fitted(patch: Patch, server: FaithfulServer) -> None:
    answer_with(server, lambda asked: pictures.encoded(pictures.painted(asked.picture, (640, 400)), "JPEG"))
    made = patch("--send", "--json").data
    assert made["state"] == "published"


def test_the_key_is_nowhere_afterwards(
    run: Any, patch: Patch, project: Path, server: FaithfulServer, provider: str, tmp_path: Path
) -> None:
    refusal = gemini_service.bad_key() if provider == "gemini" else openai_service.bad_key(KEYS[provider])
    server.then(faults.instead(refusal), faults.reset_mid_body, faults.html_page)
    said = b"".join(outcome.out + outcome.err for outcome in (patch("--send"), patch("--send"), patch("--send"), patch("--send")))
    said += run("ledger", "--json").out
    key = KEYS[provider].encode()
    assert key not in said and key[-8:] not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" for path in files)
    for path in files:
        data = path.read_bytes()
        assert key not in data and base64.b64encode(key)[:24] not in data, path


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_words_are_needed_and_a_missing_key_is_said(
    run: Any, patch: Patch, project: Path, server: FaithfulServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "gemini", "--send")
    assert bare.code == 2 and "--prompt" in bare.sentence
    monkeypatch.delenv("GEMINI_API_KEY")
    missing = patch("--send")
    assert missing.code == 1 and "GEMINI_API_KEY" in missing.sentence and server.received == [] and ledger(run) == []


@pytest.mark.parametrize("provider", ["gemini"], indirect=True)
def test_another_address_that_is_not_safe_is_refused(patch: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHREEL_GEMINI_BASE_URL", "http://example.org")
    refused = patch("--send")
    assert refused.code == 2 and "PATCHREEL_GEMINI_BASE_URL" in refused.sentence


def test_offering_services_loads_no_http() -> None:
    program = (
        "import sys; from engine.jobs.services import Services; s = Services('p'); s.registry.get('gemini').info; s.close(); "
        "print([name for name in ('requests', 'urllib3', 'keyring', 'cryptography', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
