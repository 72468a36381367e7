"""Every class of difficult H.264 file through the whole export, judged from outside. Needs the ffmpeg program.

Run: python tests/bench/classes.py [NAME …]. Prints a table in Markdown, each row when its case is done; the exit code is 1 where
one is not sound. A case is one file with one window: `new`, `patch`, `plan`, `export`, `verify`, a strict decode, a copy by
ffmpeg and its decode, the independent checker where it is there, a search for bytes of replaced samples in the whole file, and a
second export with empty caches that must give the same bytes.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.h264.judging import Verdict, emptied, judge
from tests.bench.h264.programs import REPOSITORY
from tests.bench.h264.sources import ALL, Source, Workshop, copy_in, sources
from tests.bench.h264.table import row, table

_ORACLE = REPOSITORY.parent / "shared" / "oracles" / "export_oracle.py"
_GIANT, _ROOM = "above-4-gib.mp4", 15 << 30
"""The huge file is a hole on the disk, but nobody promises that copies of it are."""

Case = tuple[Source, str]


def main() -> int:
    arguments = _arguments()
    oracle = arguments.oracle or (_ORACLE if _ORACLE.is_file() else None)
    sys.stderr.write("" if oracle else "The independent checker is not here: packets and quality are not judged.\n")
    with _folder(arguments.keep) as folder:
        shop = Workshop(_made(folder / "sources"))
        run = partial(_run, shop, folder, oracle, arguments.keep is not None)
        cases = [*_cases(arguments), *_own_cases(arguments, folder)]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            verdicts = [verdict for verdict in map(_shown, pool.map(run, cases)) if verdict is not None]
    text = table(verdicts)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")
    bad = sum(bool(verdict.problems) for verdict in verdicts)
    sys.stdout.write(f"\n{len(verdicts)} cases, {bad} not sound, {sum(v.word == 'refused' for v in verdicts)} refused\n")
    return 1 if bad else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="NAME", help="beginnings of file names; all where left out")
    parser.add_argument("--window", action="append", choices=ALL, help="these windows instead of those of the class")
    parser.add_argument("--file", action="append", type=Path, default=[], help="a file of yours, as a class of its own")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where sources and results stay; sources there are used again")
    parser.add_argument("--oracle", type=Path, metavar="PATH", help="the independent checker")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table here too")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cases at once")
    parser.add_argument("--without-giant", action="store_true", help="leave out the file above 4 GiB")
    return parser.parse_args()


def _cases(arguments: argparse.Namespace) -> Iterator[Case]:
    if arguments.file and not arguments.only:
        return
    for source in sources():
        if source.name == _GIANT and arguments.without_giant:
            continue
        if not arguments.only or any(source.name.startswith(name) for name in arguments.only):
            yield from ((source, window) for window in arguments.window or source.windows)


def _own_cases(arguments: argparse.Namespace, folder: Path) -> Iterator[Case]:
    for path in arguments.file:
        copy = copy_in(path.resolve(), folder / "sources")
        source = Source(copy.name, 0, lambda *_: None, may_be_refused=True)
        yield from ((source, window) for window in arguments.window or source.windows)


def _run(shop: Workshop, folder: Path, oracle: Path | None, keep: bool, case: Case) -> Verdict | None:
    source, window = case
    place = emptied(folder / "results" / f"{source.name}-{window}")
    if source.name == _GIANT and shutil.disk_usage(folder).free < _ROOM:
        return Verdict(source.name, source.section, window, problems=["no room on the disk for it: not run"])
    try:
        verdict = judge(source, shop.path(source.name), window, place, oracle)
    except RuntimeError as error:
        verdict = Verdict(source.name, source.section, window, problems=[f"the source cannot be made: {error}"])
    if not keep or source.name == _GIANT:
        shutil.rmtree(place, ignore_errors=True)
    return verdict


def _shown(verdict: Verdict | None) -> Verdict | None:
    if verdict is not None:
        sys.stdout.write(row(verdict) + "\n")
        sys.stdout.flush()
    return verdict


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="patchreel-classes-") as name:
        yield Path(name)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
