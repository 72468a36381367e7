"""A differential export beside everything else that could do the job, in one run: `make bench`, or a part of it by

    .venv/bin/python -m tests.bench.export_speed --clip 120 --gop 60 --skip medium,moviepy

24 frames in the middle of 1080p30 are changed by a patch, made before. Every program is timed as a whole process; a round runs
each once, the first round is not counted. The cache of encoded segments is emptied before each export. Programs that would
take too long get a part of the clip and are scaled by frames, and some run once: the table says which; --full runs all in full.

Needs the ffmpeg program. Competitors live outside the repository, in --rivals: `python3 -m venv RIVALS/smartcut`, there
`pip install smartcut==1.7`; the same with moviepy==2.2.1; melt is a package of the system. What is not there is left out.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from tests.bench.export_clips import Clip, ready
from tests.bench.export_jobs import CHANGED_FRAMES, Job, jobs
from tests.bench.export_table import Measured, table
from tests.bench.measuring import REPOSITORY, Ran, peak_of_all, run

_PYTHON = sys.executable
_MAIN = [_PYTHON, str(REPOSITORY / "main.py")]
_CHILD = [_PYTHON, "-m", "tests.bench.export_child"]


@dataclass(slots=True)
class _Bench:
    """One clip: its project with a patch, and the runs so far."""

    clip: Clip
    folder: Path
    others: list[Job]
    is_full: bool
    env: dict[str, str] = field(init=False)
    runs: list[str] = field(default_factory=list)
    measured: Measured = field(init=False)

    def __post_init__(self) -> None:
        self.env = {**os.environ, "PATCHREEL_HOME": str(self.folder / "home")}
        self.env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
        self.measured = Measured(self.clip, defaultdict(list), {job.name: job for job in self.others}, self.is_full)

    @property
    def _export(self) -> list[str]:
        return ["export", str(self.folder / "p.patchreel"), str(self.folder / "ours.mp4"), "--json"]

    @property
    def _notes(self) -> str:
        return str(self.folder / "notes")

    def prepare(self) -> None:
        """The project, and a first export that is not timed: with which settings, which frames, how much memory, which bytes."""
        project, middle = str(self.folder / "p.patchreel"), self.clip.frames // 2
        run([*_MAIN, "new", project, str(self.clip.path)], self.env)
        before = CHANGED_FRAMES // 2
        patch = ["--at", f"f:{middle + before}", "--before", str(before), "--after", str(CHANGED_FRAMES - before - 1)]
        run([*_MAIN, "patch", project, *patch, "--box", "0.4,0.3,0.15,0.2", "--provider", "local.blur"], self.env)
        self._empty_cache()
        result = _last_json(run([*_CHILD, "note", self._notes, *self._export], self.env))
        encoded = [s for s in result["segments"] if s["mode"] != "copy"]
        self.runs = [f"{s['first_frame']}:{s['first_frame'] + s['frames']}" for s in encoded]
        sizes = _last_json(run([*_CHILD, "bytes", str(self.clip.path), str(self.folder / "ours.mp4"), *self.runs], self.env))
        self.measured.bytes_ratio = sizes["output"] / sizes["source"]
        _say(f"{self.clip.path.name}: frames {', '.join(self.runs)} are encoded")
        self._empty_cache()
        self.measured.peak_of_all_mb = peak_of_all([*_MAIN, *self._export], self.env)

    def round(self, number: int) -> None:
        """Every program once. Round 0 warms up: only what takes seconds runs, and nothing is kept."""
        for job in self.others:
            is_long = job.is_once or job.name == "veryfast"
            if job.missing or (number == 0 and is_long) or (number > 1 and job.is_once and not self.is_full):
                continue
            out = self.folder / f"{job.name}.mp4"
            ran = run(job.words(self.clip, str(out), job.seconds_of(self.clip, self.is_full)), self.env)
            self._keep(number, job.name, ran)
            out.unlink()
        self._keep(number, "bare", run([*_CHILD, "bare", self._notes, str(self.clip.path), *self.runs], self.env))
        self._empty_cache()
        (self.folder / "ours.mp4").unlink(missing_ok=True)
        self._keep(number, "export", run([*_MAIN, *self._export], self.env))

    def _keep(self, number: int, name: str, ran: Ran) -> None:
        values = _last_json(ran) if name in {"bare", "export"} else {}
        if name == "export" and not (values["verified"] and values["encoded_frames"] == self._encoded_frames()):
            raise RuntimeError("The export was not verified, or did not encode what it had planned.")
        _say(f"{self.clip.path.name} round {number}: {name} {ran.seconds:.2f} s")
        if number:
            self.measured.runs[name].append((ran, values))

    def _encoded_frames(self) -> int:
        return sum(int(stop) - int(first) for first, stop in (run.split(":") for run in self.runs))

    def _empty_cache(self) -> None:
        shutil.rmtree(self.folder / "home" / "cache" / "segments", ignore_errors=True)


def _last_json(ran: Ran) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    return values


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.export_speed", description=__doc__.splitlines()[0])
    parser.add_argument("--clip", type=int, nargs="+", default=[120, 1200], choices=[120, 1200], help="seconds")
    parser.add_argument("--gop", type=int, nargs="+", default=[60, 600], choices=[60, 600], help="frames per keyframe")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip", type=lambda text: text.split(","), default=[], metavar="JOB,…")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], metavar="JOB,…", help="besides export and bare")
    parser.add_argument("--once", type=lambda text: text.split(","), default=[], metavar="JOB,…", help="in the first round alone")
    parser.add_argument("--full", action="store_true", help="no parts, every program in every round: hours")
    cache = os.environ.get("PATCHREEL_BENCH") or platformdirs.user_cache_path("patchreel-bench")
    parser.add_argument("--folder", type=Path, default=Path(cache), help="keeps clips, takes outputs (PATCHREEL_BENCH)")
    parser.add_argument("--rivals", type=Path, help="environments of smartcut and MoviePy; rivals/ in the folder if not given")
    return parser.parse_args()


def main() -> int:
    """Measures and prints a table in Markdown for each clip."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is being measured ends too
    arguments = _arguments()
    folder: Path = arguments.folder.resolve()
    rivals: Path = (arguments.rivals or folder / "rivals").absolute()
    known = jobs(rivals)
    wanted = [job for job in known if job.name not in arguments.skip and (not arguments.only or job.name in arguments.only)]
    wanted = [replace(job, is_once=job.is_once or job.name in arguments.once) for job in wanted]
    for seconds in arguments.clip:
        for gop in arguments.gop:
            clip = ready(folder, seconds, gop)
            with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as work:
                bench = _Bench(clip, Path(work), wanted, arguments.full)
                bench.prepare()
                for number in range(arguments.rounds + 1):
                    bench.round(number)
            sys.stdout.write(table(bench.measured) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
