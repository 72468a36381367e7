"""Kills a program with SIGKILL at random moments while it edits, generates, looks, fetches and accepts over real HTTP, and looks
after each restart whether anything is missing, was sent twice, or costs other than the ledger says.

    python -m tests.bench.kills [--kills 100] [--seed 1]
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from engine.project import file
from engine.project.assets import AssetStore, assets_folder
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow, LedgerState
from engine.store.operation_values import OPEN, OperationState
from engine.store.operations import Operations
from tests.engine.providers.online import gemini_service, kling_service, pictures
from tests.engine.providers.online.films import film
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import Answer, FaithfulServer, Fault, Received
from tests.engine.providers.online.veo_service import VeoService

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_S = 6.0
"""The kill comes at most this long after the program is at work."""
AT_ONCE = 4
"""Requests that may be in flight at one moment: an edit, and one of each service that generates."""
_LIMITS = "".join(
    f'[[{name}.limits]]\nkind = "{kind}"\nvalue = {value}\nmark = "ours"\n'
    for name in ("gemini", "veo", "kling")
    for kind, value in (("requests_per_minute", 100_000), ("concurrent", 50), ("poll_seconds", 2))
)


class SlowServer(FaithfulServer):
    """Answers after a moment and in pieces, so that a kill may come anywhere."""

    def __init__(self, service: Any, chance: random.Random) -> None:
        self._chance, self._guard = chance, threading.Lock()
        super().__init__(service)

    def take(self, request: Received) -> Fault:
        super().take(request)
        with self._guard:
            before, between = self._chance.random() * 0.25, self._chance.random() * 0.02
        return lambda handler, made: self._slowly(handler, made, before, between)

    @staticmethod
    def _slowly(handler: Any, made: Callable[[], Answer], before: float, between: float) -> None:
        time.sleep(before)
        answer = made()
        handler.head(answer, len(answer.body))
        size = max(1, len(answer.body) // 12 + 1)
        for start in range(0, len(answer.body), size):
            handler.wfile.write(answer.body[start : start + size])
            handler.wfile.flush()
            time.sleep(between)


@dataclass
class Tally:
    """What was seen over all kills."""

    kills: int = 0
    in_flight: int = 0
    unknown: int = 0
    found: int = 0
    """Requests in flight at a kill whose answer was found again: by our name at the service, or kept already."""
    recovered: int = 0
    """Long operations that were under way at a kill and are done after it."""
    saved: int = 0
    """Patches that were saved, all still there."""
    settled_usd: float = 0.0
    unknown_usd: float = 0.0
    bill_usd: float = 0.0
    states: dict[str, int] = field(default_factory=dict)
    """What operations were doing when a kill came."""


class Arena:
    """One home, one project, three services; killed again and again."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._chance, self.tally = folder, random.Random(seed), Tally()
        self._home, self._project, self._picture = folder / "home", folder / "film.patchreel", folder / "first.png"
        self._gemini, self._veo, self._kling = GeminiService(), VeoService(), KlingService()
        small = pictures.encoded(np.full((72, 128, 3), 120, np.uint8))
        self._gemini.parts = lambda _asked: [gemini_service.raw_part(small)]
        self._veo.made, self._kling.made = (lambda _asked: film(48, 320, 180)), (lambda _asked: film(48, 320, 180))
        self._servers = [SlowServer(one, self._chance) for one in (self._gemini, self._veo, self._kling)]
        self._veo.base_url, self._kling.base_url = self._servers[1].base_url, self._servers[2].base_url
        self._began, self._saved, self._seen_unknown = time.time(), set[str](), set[int]()
        self._prepare()

    def close(self) -> None:
        for server in self._servers:
            server.close()

    def kill_once(self) -> None:
        """Raises: AssertionError: something is not as it was promised."""
        self._worked_and_killed()
        store = Store(self._home / "data" / "patchreel.sqlite")
        in_flight, under_way = self._at_the_kill(store)
        store.close()
        posts = self._posts()
        self._run("settle").wait_for_end()
        assert self._posts() == posts, "a paid request was repeated by itself"
        store = Store(self._home / "data" / "patchreel.sqlite")
        try:
            self._judge(store, in_flight, under_way)
        finally:
            store.close()
        self.tally.kills += 1

    # --- one life ----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        (self._home / "config").mkdir(parents=True)
        (self._home / "config" / "providers.toml").write_text(_LIMITS, encoding="utf-8")
        self._picture.write_bytes(pictures.encoded(np.full((320, 480, 3), 90, np.uint8)))
        clip = self._folder / "film.mp4"
        with av.open(str(clip), "w") as out:
            stream = out.add_stream("libx264", rate=25, options={"g": "6", "preset": "ultrafast"})
            stream.width, stream.height, stream.time_base = 160, 90, Fraction(1, 25)
            for number in range(12):
                pixels = np.full((90, 160, 3), 90, np.uint8)
                pixels[30:50, 60 + number : 90 + number] = 240
                out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
            out.mux(stream.encode(None))
        command = [sys.executable, "main.py", "new", str(self._project), str(clip)]
        subprocess.run(command, cwd=REPOSITORY, env=self._environ(), check=True, capture_output=True)

    def _environ(self) -> dict[str, str]:
        names = ("GEMINI", "VEO", "KLING")
        named = {f"PATCHREEL_{name}_BASE_URL": one.base_url for name, one in zip(names, self._servers, strict=True)}
        return {
            **os.environ, **named, "PATCHREEL_HOME": str(self._home), "GEMINI_API_KEY": gemini_service.KEY,
            "KLING_ACCESS_KEY": kling_service.ACCESS, "KLING_SECRET_KEY": kling_service.SECRET,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def _run(self, mode: str) -> "_Life":
        return _Life([
            sys.executable, "-m", "tests.bench.kill_child", mode, str(self._project), str(self._picture), str(self._began),
        ], self._environ())  # fmt: skip

    def _worked_and_killed(self) -> None:
        life = self._run("work")
        life.wait_for_ready()
        time.sleep(self._chance.random() * LONGEST_S)
        self._saved |= life.killed()

    # --- what is looked at -------------------------------------------------------------------------------------------

    def _posts(self) -> int:
        return sum(one.method == "POST" for server in self._servers for one in server.received)

    def _at_the_kill(self, store: Store) -> tuple[list[LedgerRow], list[str]]:
        """Rows of requests in flight, and long operations that have a name at their service."""
        operations = [one for one in Operations(store).of_project("film") if one.state in OPEN]
        followed = {one.ledger_row for one in operations if one.remote_id}
        for one in operations:
            self.tally.states[one.state.value] = self.tally.states.get(one.state.value, 0) + 1
        rows = [row for row in Ledger(store).rows() if row.state is LedgerState.STARTED and row.id not in followed]
        assert len(rows) <= AT_ONCE, "more rows are open than requests can be in flight"
        return rows, [one.id for one in operations if one.remote_id]

    def _judge(self, store: Store, in_flight: list[LedgerRow], under_way: list[str]) -> None:
        rows = Ledger(store).rows()
        unknown = {row.id: row for row in rows if row.state is LedgerState.UNKNOWN}
        new = set(unknown) - self._seen_unknown
        assert new <= {row.id for row in in_flight}, "something is unknown that was not in flight"
        assert all(row.request_hash and row.upper_usd > 0 for row in unknown.values())
        assert not any(row.state is LedgerState.STARTED for row in rows)
        self._all_is_there(store, rows, under_way)
        bill = sum(server.bill_usd for server in self._servers)
        settled, doubtful = sum(row.actual_usd for row in rows), sum(row.upper_usd for row in unknown.values())
        gemini_slack = self._dearer_than_billed(rows)
        assert settled - gemini_slack <= bill + 1e-6, f"settled {settled}, billed {bill}"
        assert bill <= settled + doubtful + 1e-6, f"billed {bill}, settled {settled}, unknown {doubtful}"
        self._seen_unknown = set(unknown)
        self.tally.in_flight += len(in_flight)
        self.tally.unknown, self.tally.found = len(unknown), self.tally.found + len(in_flight) - len(new)
        self.tally.recovered += len(under_way)
        self.tally.saved = len(self._saved)
        self.tally.settled_usd, self.tally.unknown_usd, self.tally.bill_usd = settled - gemini_slack, doubtful, bill

    @staticmethod
    def _dearer_than_billed(rows: tuple[LedgerRow, ...]) -> float:
        """Words and thinking are in what the answer says it used, and not in the test server's bill of pictures."""
        settled = [row for row in rows if row.provider == "gemini" and row.state is LedgerState.SETTLED]
        return sum(row.actual_usd for row in settled) - gemini_service.PRICE_USD * len(settled)

    def _all_is_there(self, store: Store, rows: tuple[LedgerRow, ...], under_way: list[str]) -> None:
        """Every answer that came: as an asset of its row, as a finished operation, in the saved project."""
        generated, edited = AssetStore(self._home / "data" / "generated"), AssetStore(assets_folder(self._project))
        for row in rows:
            if row.state is LedgerState.SETTLED:
                assert row.result and (generated.has(row.result) or edited.has(row.result)), f"what row {row.id} paid for is gone"
        operations = {one.id: one for one in Operations(store).of_project("film")}
        assert all(operations[name].state is OperationState.DONE for name in under_way), "a long operation was not recovered"
        by_name = {one.remote_id for one in operations.values()}
        for asked in self._kling.asked:
            assert operations[asked.external].state is OperationState.DONE, "Kling knows a task that was not recovered"
        lost = sum(asked.name not in by_name for asked in self._veo.asked)
        assert lost <= sum(row.provider == "veo" and row.state is LedgerState.UNKNOWN for row in rows)
        for one in operations.values():
            assert one.state in {OperationState.DONE, OperationState.UNKNOWN, OperationState.FAILED}, one
            if one.state is OperationState.DONE:
                generated.get(one.result_hash)
        project = file.load(self._project).project
        there = {patch.recipe.prompt: patch for patch in project.patches}
        assert set(there) >= self._saved, "a saved patch is gone"
        for patch in there.values():
            for version in patch.versions:
                edited.get(version.pixels)
                edited.get(version.raw_reply)


class _Life:
    """One process of the program; what it says is read as it comes."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._saved: set[str] = set()
        self._ready, self._errors = threading.Event(), [""]
        self._readers = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._listen_to_errors)]
        for reader in self._readers:
            reader.start()

    def wait_for_ready(self) -> None:
        assert self._ready.wait(120), self._errors[0]

    def killed(self) -> set[str]:
        assert self._process.poll() is None, self._errors[0]
        self._process.kill()
        self._ended()
        assert "Traceback" not in self._errors[0], self._errors[0]
        return self._saved

    def wait_for_end(self) -> None:
        self._process.wait(180)
        self._ended()
        assert self._process.returncode == 0, self._errors[0]

    def _ended(self) -> None:
        self._process.wait()
        for reader in self._readers:
            reader.join(10)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready"):
                self._ready.set()
            if line.startswith("saved ") and line.endswith("\n"):
                self._saved.add(line.split()[1])

    def _listen_to_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if " % " not in line:  # progress
                self._errors[0] += line


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        arena = Arena(Path(folder), arguments.seed)
        try:
            for number in range(arguments.kills):
                arena.kill_once()
                print(f"{number + 1:3d} {arena.tally}", flush=True)  # noqa: T201
        finally:
            arena.close()


if __name__ == "__main__":
    main()
