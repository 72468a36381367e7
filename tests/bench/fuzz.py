"""Damaged MP4 files through the parsers of `engine.bitstream`: no crash, no hang, bounded memory. By hand:

    .venv/bin/python -m tests.bench.fuzz [--count 20000] [--seed 1] [--media FOLDER]

File n of a seed is always the same: what a failure names is repeated with `--seed … --first n --count 1`. Any exception but
BitstreamError ends the run, and so do a file that takes longer than --seconds and one that needs more than --megabytes: the
system enforces the memory (RLIMIT_AS) and a stack is printed for a hang, inside C too.
"""

import argparse
import faulthandler
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.fuzz_files import cut_down, small_files
from tests.bench.fuzz_mutations import mutated
from tests.bench.fuzz_readers import Reader

_HANG_S = 20.0
_TRIES = 3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--media", type=Path, help="a folder with real .mp4 and .mov files to damage too")
    parser.add_argument("--seconds", type=float, default=0.25, help="of CPU, the most for one file")
    parser.add_argument("--megabytes", type=int, default=64, help="the most for all that is allocated beside the program")
    return parser.parse_args()


def sound_files(media: Path | None) -> list[bytes]:
    """The small files, and the real ones of a folder, cut down."""
    real = sorted(path for path in media.iterdir() if path.suffix in {".mp4", ".mov"}) if media else []
    return [*small_files().values(), *(cut_down(path.read_bytes()) for path in real)]


def seconds_for(reader: Reader, data: bytes) -> float:
    """CPU seconds that a file takes; the least of three tries where the first is slow for a reason outside."""
    least = float("inf")
    for _ in range(_TRIES):
        started = time.thread_time()
        reader.file(data)
        least = min(least, time.thread_time() - started)
        if least < 0.05:
            break
    return least


def run(files: Sequence[bytes], seed: int, numbers: range, most_s: float) -> tuple[Reader, float]:
    """Reads the files with these numbers. Returns the counts and the longest time; raises what came out of a parser."""
    reader, longest = Reader(files), 0.0
    for number in numbers:
        data = mutated(files, seed * 1_000_003 + number)
        faulthandler.dump_traceback_later(_HANG_S, exit=True)
        try:
            taken = seconds_for(reader, data)
        except Exception as error:
            error.add_note(f"seed {seed}, file {number}")
            raise
        faulthandler.cancel_dump_traceback_later()
        longest = max(longest, taken)
        if taken > most_s:
            raise TimeoutError(f"Seed {seed}, file {number}: {taken:.2f} s.")
    return reader, longest


def main() -> int:
    """Prints what each parser took and refused."""
    arguments = _arguments()
    files = sound_files(arguments.media)
    _limit_memory(arguments.megabytes << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    numbers = range(arguments.first, arguments.first + arguments.count)
    started = time.perf_counter()
    reader, longest = run(files, arguments.seed, numbers, arguments.seconds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    sys.stdout.write(
        f"{arguments.count:,} files of {len(files)} in {time.perf_counter() - started:.0f} s: only BitstreamError came out; "
        f"{1000 * longest:.1f} ms for the longest, {grown:.1f} MiB more memory\n"
    )
    for name in sorted({name for name, _ in reader.counts}):
        sys.stdout.write(f"  {name}: {reader.counts[name, True]:,} read, {reader.counts[name, False]:,} refused\n")
    return 0


def _limit_memory(extra: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
