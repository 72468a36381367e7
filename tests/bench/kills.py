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
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from engine.jobs.generation_finding import FIND_FOR_S
from engine.project import file
from engine.project.assets import AssetStore, assets_folder
from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerRow, LedgerState
from engine.store.operation_values import OPEN, OperationState
from engine.store.operations import Operations
from tests.bench import flights
from tests.bench.flights import Flight, Post, When
from tests.bench.kill_child import FASTER
from tests.engine.providers.online import gemini_service, kling_service, pictures
from tests.engine.providers.online.films import film
from tests.engine.providers.online.gemini_service import GeminiService
from tests.engine.providers.online.kling_service import KlingService
from tests.engine.providers.online.server import Answer, FaithfulServer, Fault, Received
from tests.engine.providers.online.veo_service import VeoService

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_S = 6.0
"""The kill comes at most this long after the program is at work."""
_LIMITS = "".join(
    f'[[{name}.limits]]\nkind = "{kind}"\nvalue = {value}\nmark = "ours"\n'
    for name in ("gemini", "veo", "kling")
    for kind, value in (("requests_per_minute", 100_000), ("concurrent", 50), ("poll_seconds", 2))
)


class SlowServer(FaithfulServer):
    """Answers after a moment and in pieces, so that a kill may come anywhere. `posts` are the paid requests that came."""

    def __init__(self, provider: str, service: Any, chance: random.Random) -> None:
        self._provider, self._chance, self._guard = provider, chance, threading.Lock()
        self.posts: list[Post] = []
        super().__init__(service)

    def take(self, request: Received) -> Fault:
        super().take(request)
        post = flights.post_of(self._provider, request) if request.method == "POST" else None
        with self._guard:
            before, between = self._chance.random() * 0.25, self._chance.random() * 0.02
            if post is not None:
                self.posts.append(post)
        return lambda handler, made: self._slowly(handler, made, before, between, post)

    @staticmethod
    def _slowly(handler: Any, made: Callable[[], Answer], before: float, between: float, post: Post | None) -> None:
        time.sleep(before)
        answer = made()
        handler.head(answer, len(answer.body))
        size = max(1, len(answer.body) // 12 + 1)
        for start in range(0, len(answer.body), size):
            if post is not None and start + size >= len(answer.body):
                post.answered_s = time.monotonic()
            handler.wfile.write(answer.body[start : start + size])
            handler.wfile.flush()
            time.sleep(between)


@dataclass
class Tally:
    """What was seen over all kills."""

    kills: int = 0
    flights: dict[int, Flight] = field(default_factory=dict, repr=False)
    """What was on its way at a kill, by row of the ledger."""
    fates: Counter[str] = field(default_factory=Counter, repr=False)
    """What became of it."""
    unknown: int = 0
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
        self._store_path = self._home / "data" / "patchreel.sqlite"
        self._gemini, self._veo, self._kling = GeminiService(), VeoService(), KlingService()
        small = pictures.encoded(np.full((72, 128, 3), 120, np.uint8))
        self._gemini.parts = lambda _asked: [gemini_service.raw_part(small)]
        self._veo.made, self._kling.made = (lambda _asked: film(48, 320, 180)), (lambda _asked: film(48, 320, 180))
        services = {"gemini": self._gemini, "veo": self._veo, "kling": self._kling}
        self._servers = [SlowServer(name, one, self._chance) for name, one in services.items()]
        self._veo.base_url, self._kling.base_url = self._servers[1].base_url, self._servers[2].base_url
        self._began, self._saved = time.time(), set[str]()
        self._prepare()

    def close(self) -> None:
        for server in self._servers:
            server.close()

    def kill_once(self) -> None:
        """Raises: AssertionError: something is not as it was promised."""
        rows_before, posts_before = self._rows(), [len(server.posts) for server in self._servers]
        killed_s = self._worked_and_killed()
        rows_then = self._rows()[len(rows_before) :]
        followed, under_way = self._under_way()
        self._run("settle").wait_for_end()
        posts = [post for server, seen in zip(self._servers, posts_before, strict=True) for post in server.posts[seen:]]
        self.tally.flights |= flights.flights(rows_then, followed, posts, killed_s)
        self._judged(under_way, len(rows_before) + len(rows_then))
        self.tally.kills += 1

    def settled_at_last(self) -> None:
        """What a service was asked for by our name long enough is known by now; what is unknown stays so."""
        time.sleep(FIND_FOR_S / FASTER)
        self._run("settle").wait_for_end()
        self._judged([], len(self._rows()))
        named = {row for row, flight in self.tally.flights.items() if flight.lane[0] == "kling"}
        assert not named & self._unknown(), "Kling was asked for these by name, and said"

    def summary(self) -> str:
        tally = self.tally
        whens = Counter(flight.when for row, flight in tally.flights.items() if row in self._unknown())
        lines = [f"{when.value}: {whens[when]}" for when in When]
        fates = [f"  {fate}: {number}" for fate, number in sorted(tally.fates.items())]
        return "\n".join([str(tally), f"unknown {tally.unknown}, of which", *lines, f"in flight {len(tally.flights)}:", *fates])

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

    def _worked_and_killed(self) -> float:
        """When it was."""
        life = self._run("work")
        life.wait_for_ready()
        time.sleep(self._chance.random() * LONGEST_S)
        saved, killed_s = life.killed()
        self._saved |= saved
        return killed_s

    # --- what is looked at -------------------------------------------------------------------------------------------

    def _unknown(self) -> set[int]:
        return {row.id for row in self._rows() if row.state is LedgerState.UNKNOWN}

    def _rows(self) -> tuple[LedgerRow, ...]:
        if not self._store_path.exists():
            return ()
        with closing(Store(self._store_path)) as store:
            return Ledger(store).rows()

    def _under_way(self) -> tuple[set[int], list[str]]:
        """Long operations that have a name at their service: their rows and their ids."""
        with closing(Store(self._store_path)) as store:
            operations = [one for one in Operations(store).of_project("film") if one.state in OPEN]
        for one in operations:
            self.tally.states[one.state.value] = self.tally.states.get(one.state.value, 0) + 1
        named = [one for one in operations if one.remote_id]
        return {one.ledger_row for one in named if one.ledger_row is not None}, [one.id for one in named]

    def _judged(self, under_way: list[str], row_count: int) -> None:
        with closing(Store(self._store_path)) as store:
            rows = Ledger(store).rows()
            assert len(rows) == row_count, "what was taken up was paid for once more"
            self._judge(store, rows, under_way)

    def _judge(self, store: Store, rows: tuple[LedgerRow, ...], under_way: list[str]) -> None:
        unknown = {row.id: row for row in rows if row.state is LedgerState.UNKNOWN}
        stay = {row for row, flight in self.tally.flights.items() if flight.stays_unknown}
        assert stay <= set(unknown), f"rows {stay - set(unknown)}: nobody can know what became of them"
        assert set(unknown) <= set(self.tally.flights), "something is unknown that was not in flight"
        assert all(row.request_hash and row.upper_usd > 0 for row in unknown.values())
        asked = [(post.lane, post.prompt) for server in self._servers for post in server.posts]
        assert len(asked) == len(set(asked)), "a paid request was repeated by itself"
        assert not any(row.state is LedgerState.STARTED for row in rows)
        self._all_is_there(store, rows, under_way)
        bill = sum(server.bill_usd for server in self._servers)
        settled, doubtful = sum(row.actual_usd for row in rows), sum(row.upper_usd for row in unknown.values())
        gemini_slack = self._dearer_than_billed(rows)
        assert settled - gemini_slack <= bill + 1e-6, f"settled {settled}, billed {bill}"
        assert bill <= settled + doubtful + 1e-6, f"billed {bill}, settled {settled}, unknown {doubtful}"
        self.tally.unknown, self.tally.fates = len(unknown), flights.counted(self.tally.flights, rows)
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

    def killed(self) -> tuple[set[str], float]:
        """What it had saved, and when it was killed."""
        assert self._process.poll() is None, self._errors[0]
        self._process.kill()
        self._process.wait()
        killed_s = time.monotonic()
        self._ended()
        assert "Traceback" not in self._errors[0], self._errors[0]
        return self._saved, killed_s

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
            arena.settled_at_last()
            print(arena.summary(), flush=True)  # noqa: T201
        finally:
            arena.close()


if __name__ == "__main__":
    main()
