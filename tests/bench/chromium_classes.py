"""Every class of difficult H.264 file in Chromium: what `classes.py --keep FOLDER` left there, source beside export.

Run: python tests/bench/chromium_classes.py FOLDER [NAME …]. Prints a table in Markdown, each row when its case is done; the exit
code is 1 where an export is shown otherwise than `chromium_check.py` wants. A source that Chromium does not play is named with
the browser's own reason, and judged no further.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.chromium_check import checked, refusal
from tests.bench.h264.sources import ALL

_HEAD = "| file | window | Chromium | untouched frames equal | changed ones that differ | presented over the seams |"


@dataclass(frozen=True, slots=True)
class _Case:
    source: Path
    output: Path
    window: str


def main() -> int:
    arguments = _arguments()
    sys.stdout.write("\n".join([_HEAD, "|---" * 6 + "|"]) + "\n")
    refused: dict[Path, str] = {}
    bad = count = 0
    for case in _cases(arguments.folder, arguments.only, arguments.window or list(ALL)):
        if case.source not in refused:
            refused[case.source] = refusal(case.source)
        text, is_bad = _row(case, refused[case.source])
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        bad, count = bad + is_bad, count + 1
    sys.stdout.write(f"\n{count} cases, {bad} not shown as they should be\n")
    return 1 if bad or not count else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what classes.py was told to keep its files in")
    parser.add_argument("only", nargs="*", metavar="NAME", help="beginnings of file names; all where left out")
    parser.add_argument("--window", action="append", choices=ALL, help="these windows alone")
    return parser.parse_args()


def _cases(folder: Path, only: list[str], windows: list[str]) -> Iterator[_Case]:
    for place in sorted((folder / "results").iterdir()):
        name, _, window = place.name.rpartition("-")
        output = place / f"out{Path(name).suffix}"
        if window in windows and output.is_file() and (not only or any(name.startswith(one) for one in only)):
            yield _Case(folder / "sources" / name, output, window)


def _row(case: _Case, refused: str) -> tuple[str, bool]:
    if refused:
        return f"| {case.source.name} | {case.window} | does not play the source: {_plain(refused)} | | | |", False
    report = checked(case.source, case.output, [])
    problems = "; ".join(report["problems"])
    if "plays" not in report:
        return f"| {case.source.name} | {case.window} | **{_plain(problems)}** | | | |", True
    plays = [play for play in report["plays"] if "fails_in_the_source" not in play]
    presented, wanted = sum(play["presented"] for play in plays), sum(play["last"] - play["first"] - 1 for play in plays)
    skipped = report["seeks_that_fail_in_the_source"], len(report["plays"]) - len(plays)
    remark = f"; {skipped[0]} seeks and {skipped[1]} stretches fail in the source already" if any(skipped) else ""
    cells = [
        case.source.name, case.window, f"**{_plain(problems)}**" if problems else f"as the source{remark}",
        f"{report['untouched_equal']} of {report['untouched']}", str(report["changed_that_differ"]), f"{presented} (≥ {wanted})",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |", bool(problems)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "/")[:200]


if __name__ == "__main__":
    sys.exit(main())
