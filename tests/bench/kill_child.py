"""The program that is killed: it edits, accepts, generates, looks and fetches over real HTTP without end, or (`settle`) takes up
only what was left and ends when nothing is open any more.

    python -m tests.bench.kill_child work|settle PROJECT PICTURE BEGAN

`BEGAN` is the wall time at which the whole run began: since then time runs ten times as fast for all of them, so that looks which
are seconds apart do not take seconds.
"""

import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from engine.jobs.generations import ENDED, Generations
from engine.providers.generation import GenerateKind, GenerateRequest
from engine.providers.online.attempts import Clock
from engine.running import ThreadCancelToken, ignore
from engine.store.opening import program_store
from engine.vault import KeyStore

FASTER = 10
_SETTLE_S = 120.0


def fast_clock(began_s: float) -> Clock:
    def now() -> datetime:
        return datetime.fromtimestamp(began_s + (time.time() - began_s) * FASTER, UTC)

    return Clock(now, lambda seconds: time.sleep(seconds / FASTER), lambda: 0.5)


def main(words: list[str]) -> None:
    mode, project, picture, began = words[0], words[1], Path(words[2]), float(words[3])
    store = program_store()
    generations = Generations(store, "film", KeyStore().keys_for, lambda *_: None, clock=fast_clock(began))
    generations.resume()
    if mode == "settle":
        _settle(generations)
    else:
        threading.Thread(target=_generate, args=(generations, picture.read_bytes()), daemon=True).start()
        _edit(project)
    generations.close()
    store.close()


def _settle(generations: Generations) -> None:
    end = time.monotonic() + _SETTLE_S
    while any(one.state not in ENDED for one in generations.listed()):
        if time.monotonic() > end:
            raise SystemExit("something does not end")
        time.sleep(0.05)


def _generate(generations: Generations, picture: bytes) -> None:
    first = generations.keep_picture(picture)
    _say("ready")
    while True:
        number = uuid.uuid4().hex
        asked = [
            GenerateRequest("veo", GenerateKind.TEXT_TO_VIDEO, number),
            GenerateRequest("kling", GenerateKind.IMAGE_TO_VIDEO, number, first_image=first, duration_s=5),
            GenerateRequest("gemini", GenerateKind.TEXT_TO_IMAGE, number, resolution="1K"),
        ]
        begun = [generations.submit(one, cancel=ThreadCancelToken(), report=ignore) for one in asked]
        while any(generations.get(one).state not in ENDED for one in begun):
            time.sleep(0.02)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _edit(project: str) -> None:
    """Patches by a service, accepted and saved, one after another; each that was saved is said."""
    from editor.command_line import main as command

    while True:
        number = uuid.uuid4().hex
        code = command([
            "patch", project, "--at", "0.2", "--box", "0.4,0.3,0.2,0.3", "--provider", "gemini", "--prompt", number,
            "--before", "1", "--after", "1", "--send",
        ])  # fmt: skip
        if code == 0:
            _say(f"saved {number}")


if __name__ == "__main__":
    main(sys.argv[1:])
