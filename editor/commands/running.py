"""How every command ends: its answer as text or JSON, its errors as one sentence, its exit code; Ctrl+C cancels it cleanly."""

import argparse
import json
import logging
import signal
import sys
from dataclasses import dataclass
from typing import Any

from engine.errors import Cancelled, Category, PatchreelError
from engine.running import Progress, Report, ThreadCancelToken, Throttled

_LOG = logging.getLogger(__name__)
CANCEL = ThreadCancelToken()
"""The token of the one command that a process runs; Ctrl+C and SIGTERM cancel it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: `data` for --json, `text` for people."""

    data: dict[str, Any]
    text: str
    exit_code: int = 0


def run_guarded(arguments: argparse.Namespace) -> int:
    """Run the chosen command and print its answer; returns the exit code."""
    before = {name: signal.signal(name, lambda *_: CANCEL.cancel()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        return _run(arguments)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _run(arguments: argparse.Namespace) -> int:
    try:
        answer: Answer = arguments.run(arguments)
    except PatchreelError as error:
        return _fail(str(error), 2 if error.category is Category.BAD_INPUT else 1)
    except Cancelled:
        return _fail("Cancelled. Nothing was written.", 1)
    except OSError as error:
        return _fail(f"{error.strerror or error}: {printable(str(error.filename or ''))}.", 1)
    except Exception as error:
        _LOG.debug("unexpected error", exc_info=True)
        return _fail(f"Something inside Patchreel failed ({type(error).__name__}: {printable(str(error))}). PR-1000", 1)
    _write(json.dumps(answer.data) if arguments.json else printable(answer.text))
    return answer.exit_code


def printable(text: str) -> str:
    """Text with the bytes of odd file names shown as escapes, so that it can be written anywhere."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    sys.stdout.flush()


def _fail(sentence: str, exit_code: int) -> int:
    sys.stderr.buffer.write(printable(sentence).encode("utf-8") + b"\n")
    sys.stderr.flush()
    return exit_code


def progress_report() -> Report:
    """Progress on standard error: one changing line on a terminal, nothing elsewhere but every tenth."""
    is_terminal, last = sys.stderr.isatty(), [-1]

    def show(progress: Progress) -> None:
        percent = int(progress.fraction * 100)
        if is_terminal:
            sys.stderr.write(f"\r{percent:3d} % {progress.text[:60]:60s}" + ("\n" if progress.fraction >= 1 else ""))
        elif percent // 10 != last[0]:
            last[0] = percent // 10
            sys.stderr.write(f"{percent} % {progress.text}\n")
        sys.stderr.flush()

    return Throttled(show)
