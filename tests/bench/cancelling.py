"""How long the export of twenty minutes takes to stop when it is cancelled, at random moments: interrupts, and kills.

    .venv/bin/python -m tests.bench.cancelling [--times 24] [--clip 1200] [--folder DIR]

Each time a whole process is started and interrupted (or, with --kill, killed) somewhere between its start and its usual end. The
old file must then be as it was, or the new one whole; nothing may lie beside it. Prints the seconds from the signal to the end.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import platformdirs

from tests.bench.export_clips import ready
from tests.bench.measuring import REPOSITORY, run

_MAIN = [sys.executable, str(REPOSITORY / "main.py")]
_OLD = b"what was there before"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cancelling", description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=24)
    parser.add_argument("--clip", type=int, default=1200, choices=[120, 1200], help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="SIGKILL instead of an interrupt")
    cache = os.environ.get("PATCHREEL_BENCH") or platformdirs.user_cache_path("patchreel-bench")
    parser.add_argument("--folder", type=Path, default=Path(cache), help="keeps clips, takes outputs (PATCHREEL_BENCH)")
    return parser.parse_args()


def main() -> int:
    """Prints every time and the worst; 1 where something was left behind."""
    arguments = _arguments()
    folder = arguments.folder.resolve()
    clip = ready(folder, arguments.clip, 60)
    moments, spent = random.Random(arguments.seed), []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as work:
        place = Path(work)
        env = {**os.environ, "PATCHREEL_HOME": str(place / "home")}
        project, out = place / "p.patchreel", place / "out" / "out.mp4"
        out.parent.mkdir()
        run([*_MAIN, "new", str(project), str(clip.path)], env)
        patch = ["--at", f"f:{clip.frames // 2 + 12}", "--before", "12", "--after", "11", "--box", "0.4,0.3,0.15,0.2"]
        run([*_MAIN, "patch", str(project), *patch, "--provider", "local.blur"], env)
        words = [*_MAIN, "export", str(project), str(out), "--json"]
        usual, whole = run(words, env).seconds, _digest(out)
        for _ in range(arguments.times):
            shutil.rmtree(place / "home" / "cache" / "segments", ignore_errors=True)
            out.write_bytes(_OLD)
            moment = moments.uniform(0.05, usual)
            seconds = _stopped(words, env, moment, signal.SIGKILL if arguments.kill else signal.SIGINT)
            state = _state(out, whole)
            sys.stdout.write(f"after {moment:.2f} s of {usual:.2f} s: {seconds:.2f} s, {state}\n")
            if state not in {"the old file", "the new file"}:
                return 1
            spent.append(seconds)
    sys.stdout.write(f"median {statistics.median(spent):.2f} s, worst {max(spent):.2f} s of {len(spent)}\n")
    return 0


def _stopped(words: list[str], env: dict[str, str], moment: float, how: signal.Signals) -> float:
    """Start, wait, send the signal; seconds from then to the end of the process."""
    with subprocess.Popen(words, cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(how)
        started = time.perf_counter()
        process.wait()
        return time.perf_counter() - started


def _state(out: Path, whole: str) -> str:
    names = [path.name for path in out.parent.iterdir()]
    if names != [out.name]:
        return f"left behind: {names}"
    return "the old file" if out.read_bytes() == _OLD else "the new file" if _digest(out) == whole else "a damaged file"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
