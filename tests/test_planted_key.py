"""A key that was planted is found nowhere after a session full of errors: no file, log, text, URL or process argument holds it.

The programs run as a person runs them, each in a process of its own, against a service that quotes the key in its refusals.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.engine.providers.online import kling_service, pictures
from tests.engine.providers.online import server as faults
from tests.engine.providers.online.elevenlabs_service import ElevenLabsService
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.openai_service import OpenAiService
from tests.engine.providers.online.server import Answer, FaithfulServer, Received, serving
from tests.engine.providers.online.veo_service import VeoService

pytestmark = [pytest.mark.security, pytest.mark.integration]
REPOSITORY = Path(__file__).resolve().parent.parent
PLANTED = {
    "gemini": "AIzaSyPLANTEDkq7Zt5Wv8Xb2Nc4Md6Lf9Jh1Gs", "openai": "sk-proj-PLANTEDrw3Ym8Kd5Tz9Qp2Vx6Bn4Hc7Jf1Lg",
    "kling access": "FakeAccPLANTEDq8Zt5Wv7Xb3Nc4M", "kling secret": "FakeSecPLANTEDm2Yr6Kd9Tz4Qp5V",
    "elevenlabs": "sk_7e3b91c5d20f48a6b7e39c15d842f0a6173b5e9c20d4f8a6",
}
PIECE = 10
"""The last four characters are shown on purpose, and a service's prefix is no secret; ten characters in a row are."""


def _forms(secret: str) -> set[bytes]:
    """Every way in which a secret may stand in a file: in pieces, as base64 at any offset, as hex, backwards, in UTF-16."""
    pieces = [secret[at : at + PIECE] for at in range(7, len(secret) - PIECE + 1)]
    forms = {piece.encode(code) for piece in pieces for code in ("ascii", "utf-16-le", "utf-16-be")}
    forms |= {piece.encode().hex().encode() for piece in pieces} | {piece[::-1].encode() for piece in pieces}
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + secret.encode())[8:-4]
        forms |= {text, text.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms | {urllib.parse.quote(secret).encode()[7:-4]}


FORMS = {form for secret in PLANTED.values() for form in _forms(secret)}


def assert_clean(what: str, data: bytes) -> None:
    found = [form for form in FORMS if form in data]
    assert not found, f"{what} holds {found[0]!r}"


class Session:
    """Runs commands in processes of their own. `said` is all they wrote; `arguments` and `environs` are how the system lists them
    and every process that they started, as long as they ran."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.environ = {**os.environ, **environ, "PATCHREEL_HOME": str(home), "PYTHONFAULTHANDLER": "1"}
        self.said: list[bytes] = []
        self.arguments: set[bytes] = set()
        self.environs: set[bytes] = set()

    def run(self, *words: object, text: str = "", code: int | None = 0, **environ: str) -> bytes:
        process = self._begun(words, environ)
        return self._ended(process, text, code, is_given=any(map(_is_planted, environ.values())))

    def crashed(self, *words: object, crash: "Callable[[subprocess.Popen[bytes]], None]", code: int) -> bytes:
        """`crash` does something to the process while it runs."""
        process = self._begun(words, {})
        crash(process)
        return self._ended(process, "", code)

    def _begun(self, words: tuple[object, ...], environ: dict[str, str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "main.py", *map(str, words)], cwd=REPOSITORY, env=self.environ | environ,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def _ended(self, process: "subprocess.Popen[bytes]", text: str, code: int | None, *, is_given: bool = False) -> bytes:
        is_over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(process.pid, is_over, is_given))
        watch.start()
        out, err = process.communicate(text.encode(), timeout=60)
        is_over.set()
        watch.join()
        self.said += [out, err]
        assert code is None or process.returncode == code, err.decode()
        return out


    def _watch(self, process: int, is_over: threading.Event, is_given: bool) -> None:
        while not is_over.wait(0.02):
            for number in _family(process):
                self.arguments.add(_listed(number, "cmdline"))
                if not is_given:
                    self.environs.add(_listed(number, "environ"))

    def assert_clean(self, *folders: Path) -> None:
        """All that is left and all that was seen."""
        for file in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
            assert_clean(str(file), file.read_bytes())
        for what, seen in (
            ("what a command wrote", self.said), ("the arguments of a process", self.arguments),
            ("the environment of a process to which it was not given", self.environs),
        ):
            for one in seen:
                assert_clean(what, one)


def _is_planted(value: str) -> bool:
    return any(secret[:-1] in value for secret in PLANTED.values())


def _family(process: int) -> list[int]:
    """A process and all that came of it."""
    found = [process]
    for one in found:
        tasks: list[Path] = []
        with suppress(OSError):  # it may end while it is looked at
            tasks = list(Path(f"/proc/{one}/task").glob("*/children"))
        for task in tasks:
            with suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def _listed(process: int, what: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/{what}").read_bytes()
    return b""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twelve grey frames with a square, and a beep."""
    path = tmp_path / "project" / "film.mp4"
    path.parent.mkdir()
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"g": "6", "preset": "ultrafast"})
        stream.width, stream.height, stream.time_base = 320, 180, Fraction(1, 25)
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        for number in range(12):
            pixels = np.full((180, 320, 3), 90, np.uint8)
            pixels[60:100, 120 + number : 180 + number] = 240
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
        for start in range(0, 23 * 1024, 1024):
            tone = 0.3 * np.sin(np.arange(start, start + 1024, dtype=np.float32) * 0.1)
            block = av.AudioFrame.from_ndarray(tone[None], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
            out.mux(sound.encode(block))
        out.mux(sound.encode(None))
    return path


def _quoting(request: Received) -> Answer:
    """A refusal that repeats the key it was given, as one of the services does."""
    key = "".join(request.headers.get(name, "") for name in ("x-goog-api-key", "authorization", "xi-api-key"))
    said = {"code": 400, "message": f"Incorrect key provided: {key}", "status": key, "type": key}
    body = {"error": said, "detail": {**said, "code": key}}
    return faults.json_answer(body, 401, x_request_id=key)


@pytest.fixture
def gemini() -> Iterator[FaithfulServer]:
    service = GeminiService()
    service.key = PLANTED["gemini"]
    with serving(service) as one:
        yield one


@pytest.fixture
def openai() -> Iterator[FaithfulServer]:
    service = OpenAiService()
    service.key = PLANTED["openai"]
    with serving(service) as one:
        yield one


@pytest.fixture
def elevenlabs() -> Iterator[FaithfulServer]:
    service = ElevenLabsService()
    service.key = PLANTED["elevenlabs"]
    with serving(service) as one:
        yield one


@pytest.fixture
def veo() -> Iterator[FaithfulServer]:
    service = VeoService()
    service.key, service.looks = PLANTED["gemini"], 0
    with serving(service) as one:
        service.base_url = one.base_url
        yield one


@pytest.fixture
def kling(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaithfulServer]:
    monkeypatch.setattr(kling_service, "ACCESS", PLANTED["kling access"])
    monkeypatch.setattr(kling_service, "SECRET", PLANTED["kling secret"])
    service = KlingService()
    service.looks = 0
    with serving(service) as one:
        service.base_url = one.base_url
        yield one


@pytest.mark.timeout(280)
def test_a_planted_key_is_found_nowhere_after_videos(
    tmp_path: Path, patchreel_home: Path, veo: FaithfulServer, kling: FaithfulServer
) -> None:
    session = Session(patchreel_home, {
        "KEY_VAULT_MASTER_KEY": "ab" * 32, "PATCHREEL_VEO_BASE_URL": veo.base_url, "PATCHREEL_KLING_BASE_URL": kling.base_url,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    })  # fmt: skip
    (patchreel_home / "config").mkdir(parents=True)
    often = "".join(f'[[{name}.limits]]\nkind = "poll_seconds"\nvalue = 2\nmark = "ours"\n' for name in ("veo", "kling"))
    free = "".join(f'[[{name}.limits]]\nkind = "requests_per_minute"\nvalue = 99\nmark = "ours"\n' for name in ("veo", "kling"))
    (patchreel_home / "config" / "providers.toml").write_text(often + free, encoding="utf-8")
    picture = tmp_path / "first.png"
    picture.write_bytes(pictures.encoded(np.full((320, 480, 3), 90, np.uint8)))
    session.run("keys", "set", "gemini", text=f"{PLANTED['gemini']}\n")
    session.run("keys", "set", "kling", text=f"{PLANTED['kling access']}\n{PLANTED['kling secret']}\n")
    for name, server, more in (("veo", veo, []), ("kling", kling, ["--image", picture])):
        words = ["generate", "--provider", name, "--prompt", "rain", *more, "-o", tmp_path / f"{name}.mp4"]
        honest, server.service = server.service, _quoting
        session.run(*words, "--send", code=1)
        server.service = honest
        server.then(None, None, faults.short_body)
        session.run(*words, "--send", code=0)
        assert server.received and all(secret not in one.target for one in server.received for secret in PLANTED.values())
    session.run("keys", "list")
    session.run("ledger", "--json")
    assert (tmp_path / "kling.mp4").exists(), "one was made"
    session.assert_clean(tmp_path)


CRASH = """
import http.client
honest = http.client.HTTPConnection.putheader
def putheader(self, name, *values):
    if name == "xi-api-key":
        raise RuntimeError(f"{name}: {values}")
    return honest(self, name, *values)
http.client.HTTPConnection.putheader = putheader
"""
"""A fault inside a library, deep under the program, that quotes the header which it was given."""


@pytest.mark.timeout(280)
def test_a_planted_key_is_found_nowhere_after_captions_and_crashes(
    film: Path, tmp_path: Path, patchreel_home: Path, elevenlabs: FaithfulServer
) -> None:
    session = Session(patchreel_home, {
        "KEY_VAULT_MASTER_KEY": "ab" * 32, "PATCHREEL_ELEVENLABS_BASE_URL": elevenlabs.base_url,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    })  # fmt: skip
    project = film.with_suffix(".patchreel")
    session.run("new", project, film)
    session.run("keys", "set", "elevenlabs", text=f"xi-api-key: {PLANTED['elevenlabs']}\n")
    words = ("captions", project, "--provider", "elevenlabs", "--send")

    honest, elevenlabs.service = elevenlabs.service, _quoting
    session.run(*words, code=1)
    elevenlabs.service = honest
    with serving(_quoting) as other:
        elevenlabs.then(faults.redirect(f"{other.base_url}/v1/speech-to-text"))
        session.run(*words, code=1)
        assert other.received == [], "what was meant for the service is not sent on"

    def crash(process: "subprocess.Popen[bytes]") -> None:
        elevenlabs.came.clear()
        assert elevenlabs.came.wait(30)
        process.send_signal(signal.SIGABRT)

    elevenlabs.then(faults.endless_wait)
    session.crashed(*words, code=-signal.SIGABRT, crash=crash)
    assert b"elevenlabs.py" in session.said[-1] and b"most recent call first" in session.said[-1], "no report of the crash"
    broken = tmp_path / "broken library"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(CRASH, encoding="utf-8")
    before = len(elevenlabs.received)
    session.run(*words, code=1, PYTHONPATH=str(broken))
    assert len(elevenlabs.received) == before and b"RuntimeError" in session.said[-1]
    elevenlabs.then(faults.reset_mid_body)
    session.run(*words, code=1)
    session.run(*words, code=0, ELEVENLABS_API_KEY=PLANTED["elevenlabs"])
    session.run("ledger", "--json")
    session.assert_clean(tmp_path)
    assert session.environs and len(session.arguments) >= 4, "nothing was watched"
    assert all(PLANTED["elevenlabs"] not in one.target for one in elevenlabs.received)


@pytest.mark.timeout(280)
def test_a_planted_key_is_found_nowhere(
    film: Path, tmp_path: Path, patchreel_home: Path, gemini: FaithfulServer, openai: FaithfulServer
) -> None:
    session = Session(patchreel_home, {
        "KEY_VAULT_MASTER_KEY": "ab" * 32, "PATCHREEL_GEMINI_BASE_URL": gemini.base_url,
        "PATCHREEL_OPENAI_BASE_URL": openai.base_url, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    })  # fmt: skip
    project = film.with_suffix(".patchreel")
    session.run("new", project, film)

    # Keys: kept, refused, with a wrong master key, with a damaged file.
    session.run("keys", "set", "gemini", text=f"Bearer {PLANTED['gemini']}\n")
    session.run("keys", "set", "openai", text=f"OPENAI_API_KEY='{PLANTED['openai']}'\n")
    session.run("keys", "set", "openai", text=f"{PLANTED['openai']} and more\n", code=2)
    session.run("keys", "set", "kling", text=f"{PLANTED['gemini']}\n{PLANTED['openai']}\nthird\n", code=2)
    session.run("keys", "set", "gemini", text=PLANTED["gemini"], code=1, KEY_VAULT_MASTER_KEY="cd" * 32)
    session.run("keys", "set", "gemini", text=PLANTED["gemini"], code=1, KEY_VAULT_MASTER_KEY=PLANTED["gemini"])

    # Requests: without leave, refused with the key in the answer, lost, broken, and one that is made.
    def patch(provider: str, *more: str, code: int | None = None, **environ: str) -> None:
        session.run("patch", project, "--at", "0.2", "--box", "0.4,0.3,0.2,0.3", "--provider", provider, "--before", "1",
                    "--after", "1", "--prompt", "remove the square", *more, code=code, **environ)  # fmt: skip

    patch("gemini", code=2)
    lost, broken = (faults.reset_mid_body,), (faults.truncated_json, faults.html_page)
    for server, name, troubles in ((gemini, "gemini", lost), (openai, "openai", broken)):
        honest, server.service = server.service, _quoting
        patch(name, "--send", code=1)
        server.service = honest
        for fault in troubles:
            server.then(fault)
            patch(name, "--send")
        patch(name, "--send", code=0)
    patch("gemini", "--send", code=None, GEMINI_API_KEY=PLANTED["gemini"][:-1] + "\u00e9")
    patch("gemini", "--send", code=None, PATCHREEL_GEMINI_BASE_URL=f"http://example.invalid/{PLANTED['gemini']}")
    assert gemini.received and openai.received, "the services were asked"
    assert all(PLANTED["gemini"] not in one.target for one in gemini.received), "a key stands in no address"

    # What is said at the end, and a key file that was damaged.
    rows = json.loads(session.run("ledger", "--json"))["rows"]
    assert {row["provider"] for row in rows} == {"gemini", "openai"}
    session.run("ledger", "--csv")
    session.run("show", project)
    listed = session.run("keys", "list")
    assert PLANTED["gemini"][-4:].encode() in listed, "its end is shown"
    vault = patchreel_home / "data" / "keys.vault"
    vault.write_bytes(vault.read_bytes()[:-9])
    session.run("keys", "set", "gemini", text=PLANTED["gemini"], code=1)

    session.assert_clean(tmp_path)


def test_the_search_would_find_it() -> None:
    secret = PLANTED["gemini"]
    for form in (
        secret.encode(), f"…{secret[7:20]}…".encode(), base64.b64encode(f"x{secret}".encode()), secret.encode("utf-16"),
        secret.encode().hex().encode(), json.dumps({"k": secret}).encode(),
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            assert_clean("it", b"before " + form + b" after")
    assert_clean("it", secret[:7].encode() + b" ... " + secret[-4:].encode())
