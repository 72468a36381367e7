"""Whether Chromium shows an exported file as it shows the source: seeks on both sides of every seam, and plays through it.

Run: python tests/bench/chromium_check.py SOURCE OUTPUT [--run FIRST LAST …]. Needs the program chromium with H.264. A run is the
first and last number of frames that were encoded again; where none is given they are found by comparing packets. Every frame
outside the runs must give the same pixels as the source's on a canvas, and of the played stretches every frame must be presented,
none dropped, none corrupted. What the browser cannot do in the source either (it seeks no open GOPs) is counted and not judged.
Prints JSON; the exit code is 1 where something is wrong. `chromium_classes.py` does it for all classes.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.h264.film_server import serving
from tests.bench.h264.packets import Stream, read_stream, replaced

_PAGE = Path(__file__).with_suffix(".html")
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-extensions", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
_FAR, _JOIN = 8, 40
_RATES = (0.25, 0.1)
"""A busy machine may miss callbacks at the first one: then it is played again, slower."""


@dataclass(frozen=True, slots=True)
class Film:
    """Times of the visible frames as the file has them, which the browser keeps; frames to look at round a seam."""

    times: list[Fraction]
    around: int

    def middle(self, number: int) -> float:
        """A time inside a frame that no rounding brings out of it."""
        following = self.times[number + 1] if number + 1 < len(self.times) else self.times[number] * 2 - self.times[number - 1]
        return float((self.times[number] + following) / 2)

    def nearest(self, time: float) -> int:
        return min(range(len(self.times)), key=lambda number: abs(float(self.times[number]) - time))


def main() -> int:
    arguments = _arguments()
    runs = [range(a, b + 1) for a, b in arguments.run]
    report = checked(arguments.source, arguments.output, runs, around=arguments.around, limit=arguments.limit)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 1 if report["problems"] else 0


def checked(source: Path, output: Path, runs: list[range], *, around: int = 5, limit: float = 300.0) -> dict[str, Any]:
    """What Chromium shows of an output beside its source; without runs those whose packets differ. No `problems`: all is well."""
    stream = read_stream(source)
    runs = runs or _found_runs(stream, read_stream(output))
    film = Film([stream.time_of(number) for number in stream.visible], around)
    report: dict[str, Any] = {"runs": [[run.start, run.stop - 1] for run in runs], "problems": ["not played"]}
    for rate in _RATES:
        job = _job(film, runs, rate)
        report |= {"rate": rate, **_judged(film, runs, job, _browsed(source, output, job, limit))}
        if not report["problems"]:
            break
    return report


def refusal(source: Path) -> str:
    """Why Chromium does not play a file at all, in its own words; empty where it does."""
    answer = _browsed(source, source, {"rate": 1, "frames": [{"number": 0, "middle": 0.0}], "plays": []}, 60.0)
    return str(answer.get("error", ""))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--run", nargs=2, type=int, action="append", default=[], metavar=("FIRST", "LAST"))
    parser.add_argument("--around", type=int, default=5, metavar="N", help="frames to either side of a seam")
    parser.add_argument("--limit", type=float, default=300.0, metavar="S", help="seconds the browser may take")
    return parser.parse_args()


def _found_runs(source: Stream, output: Stream) -> list[range]:
    """Runs of visible frames whose packets are not the source's."""
    gone = {sample.time for sample in replaced(source, output)}
    changed = [at for at, number in enumerate(source.visible) if source.time_of(number) in gone]
    starts = [at for at in changed if at - 1 not in set(changed)]
    stops = [at + 1 for at in changed if at + 1 not in set(changed)]
    return [range(start, stop) for start, stop in zip(starts, stops, strict=True)]


def _job(film: Film, runs: list[range], rate: float) -> dict[str, Any]:
    """The frames to seek to, not in order, and the stretches to play."""
    count = len(film.times)
    seams = sorted({seam for run in runs for seam in (run.start, run.stop)})
    near = {seam + step for seam in seams for step in range(-film.around, film.around)}
    wanted = {number for number in near if 0 <= number < count} | set(range(0, count, max(1, count // _FAR)))
    mixed = sorted(wanted, key=lambda number: (number * 7919) % 101)
    stretches: list[list[int]] = []
    for seam in seams:
        begin, end = max(0, seam - 2 * film.around), min(count - 1, seam + 2 * film.around)
        if stretches and begin - stretches[-1][1] < _JOIN:
            stretches[-1][1] = end
        else:
            stretches.append([begin, end])
    return {
        "rate": rate, "frames": [{"number": number, "middle": film.middle(number)} for number in mixed],
        "plays": [{"first": a, "last": b, "from": film.middle(a), "to": film.middle(b)} for a, b in stretches if a < b],
    }  # fmt: skip


def _browsed(source: Path, output: Path, job: dict[str, Any], limit: float) -> dict[str, Any]:
    """Let the browser do a job; what it posts back, or its error."""
    program = next((path for path in map(shutil.which, _PROGRAMS) if path), None)
    if program is None:
        return {"error": "chromium is not installed"}
    films = {"source": source, "output": output}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, serving(_PAGE, films, job) as server:
        words = [program, *_SWITCHES, f"--user-data-dir={profile}", server.address]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            answer = server.answer(limit)
            browser.terminate()
    return answer or {"error": f"no answer in {limit:g} s"}


def _judged(film: Film, runs: list[range], job: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        return {"problems": [answer["error"]]}
    both = list(zip(answer["source"]["frames"], answer["output"]["frames"], strict=True))
    pairs = [(a, b) for a, b in both if not a["error"] and not b["error"]]
    changed = {number for run in runs for number in run}
    untouched = [(a, b) for a, b in pairs if a["number"] not in changed]
    other = [a["number"] for a, b in untouched if a["hash"] != b["hash"]]
    moved = [a["number"] for a, b in pairs if b["shown"] is not None and film.nearest(b["shown"]) != a["number"]]
    wanted = zip(job["plays"], answer["plays"], answer["of_source"], strict=True)
    plays = [_played(film, stretch, play, of_source) for stretch, play, of_source in wanted]
    problems = [f"a seek to frame {b['number']} fails: {b['error']}" for a, b in both if b["error"] and not a["error"]]
    problems += [f"untouched frame {number} looks different" for number in other]
    problems += [f"a seek to frame {number} shows another one" for number in moved]
    problems += [problem for play in plays for problem in play["problems"]]
    if any(answer["source"][key] != answer["output"][key] for key in ("width", "height", "duration")):
        problems.append("size or duration differ")
    differ = sum(a["hash"] != b["hash"] for a, b in pairs if a["number"] in changed)
    return {
        "seeks": len(pairs), "untouched_equal": len(untouched) - len(other), "untouched": len(untouched),
        "changed_that_differ": differ, "plays": plays, "problems": problems,
        "seeks_that_fail_in_the_source": sum(bool(a["error"]) for a, _ in both),
    }  # fmt: skip


def _played(film: Film, wanted: dict[str, Any], play: dict[str, Any], of_source: str) -> dict[str, Any]:
    """A stretch that the browser cannot play in the source either is no fault of the output's."""
    if of_source:
        ends = {"first": wanted["first"], "last": wanted["last"]}
        return {**ends, "fails_in_the_source": of_source, "presented": 0, "problems": []}
    seen = sorted({film.nearest(time) for time in play["times"]})
    missing = sorted(set(range(wanted["first"] + 1, wanted["last"])) - set(seen))
    problems = [f"frames {missing} were not presented"] if missing else []
    problems += [f"{play[key]} frames {key}" for key in ("dropped", "corrupted") if play[key]]
    problems += [play["error"]] if play["error"] else []
    return {
        "first": wanted["first"], "last": wanted["last"], "presented": len(seen), "callbacks_missed": play["missed"],
        "problems": problems,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
