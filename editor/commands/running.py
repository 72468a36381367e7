"""How every command ends: its answer as text or JSON, its errors as one sentence, its exit code; signals end it cleanly.

Before the first job nothing is being written, and Ctrl+C and SIGTERM end the command at once. From `cancel_token()` on they
cancel that token, and the job leaves things as they were; after the last job they come too late. The exit code is the one
that a shell gives to a program which a signal ended.
"""

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

from engine.errors import Cancelled, Category, PatchreelError
from engine.running import Progress, Report, ThreadCancelToken, Throttled

_LOG = logging.getLogger(__name__)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LINE = 68
"""Characters of the line of progress on a terminal."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: `data` for --json, `text` for people."""

    data: dict[str, Any]
    text: str
    exit_code: int = 0


class _Ended(BaseException):
    """A signal came before any job ran."""


class _Ends:
    """What the signals do to the one command that a process runs: end it, or cancel the token of its jobs."""

    def __init__(self) -> None:
        self.token: ThreadCancelToken | None = None
        self.came: int | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        is_first, self.came = self.came is None, self.came or number
        if self.token is not None:
            self.token.cancel()
        elif is_first:
            raise _Ended

    def check(self) -> None:
        """End the command where it was to end and went on: modules written in C lose what is raised while they are imported."""
        if self.came is not None:
            raise _Ended


_ENDS = _Ends()


def cancel_token() -> ThreadCancelToken:
    """The token of the command's jobs: from now on Ctrl+C and SIGTERM cancel it instead of ending the command."""
    if _ENDS.token is None:
        _ENDS.check()
        _ENDS.token = ThreadCancelToken()
        _ENDS.check()
    return _ENDS.token


def run_guarded(read: Callable[[], argparse.Namespace]) -> int:
    """Read the words, run the command they choose and print its answer; returns the exit code. Raises what `read` raises."""
    _ENDS.token, _ENDS.came = None, None
    _open_streams()
    before = {name: signal.signal(name, _ENDS) for name in _SIGNALS}
    try:
        arguments = read()
        _ENDS.check()
        return _run(arguments)
    except (Cancelled, _Ended):
        return _fail("Cancelled, nothing was written.", 128 + (_ENDS.came or signal.SIGINT))
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _run(arguments: argparse.Namespace) -> int:
    try:
        answer: Answer = arguments.run(arguments)
    except PatchreelError as error:
        return _fail(str(error), 2 if error.category is Category.BAD_INPUT else 1)
    except Cancelled:
        raise
    except OSError as error:
        return _fail(f"{error.strerror or error}: {printable(str(error.filename or ''))}.", 1)
    except Exception as error:
        _LOG.debug("unexpected error", exc_info=True)
        return _fail(f"Something inside Patchreel failed ({type(error).__name__}: {printable(str(error))}). PR-1000", 1)
    try:
        _write(json.dumps(answer.data) if arguments.json else printable(answer.text))
    except OSError as error:
        _silence(sys.stdout)
        return _fail(f"The answer could not be written ({error.strerror}); what the command made is there.", 1)
    return answer.exit_code


def printable(text: str) -> str:
    """Text with the bytes of odd file names shown as escapes, so that it can be written anywhere."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _open_streams() -> None:
    """A command may be started with its output closed: what it says then goes nowhere, and it does its work."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _silence(stream: TextIO) -> None:
    """What could not be written is not tried again when the program ends."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    sys.stdout.flush()


def _fail(sentence: str, exit_code: int) -> int:
    line = printable(sentence).ljust(_LINE if sys.stderr.isatty() else 0)  # over the line of progress, if there is one
    try:
        sys.stderr.buffer.write(line.encode("utf-8") + b"\n")
        sys.stderr.flush()
    except OSError:  # nobody reads it any more
        _silence(sys.stderr)
    return exit_code


def progress_report() -> Report:
    """Progress on standard error: one changing line on a terminal, nothing elsewhere but every tenth."""
    is_terminal, last = sys.stderr.isatty(), [-1]

    def show(progress: Progress) -> None:
        try:
            say(progress)
        except OSError:  # nobody reads it any more, which is no reason to stop
            _silence(sys.stderr)

    def say(progress: Progress) -> None:
        percent = int(progress.fraction * 100)
        if is_terminal:
            line = f"{percent:3d} % {progress.text}"[:_LINE]
            sys.stderr.write(f"{line:{_LINE}s}" + ("\n" if progress.fraction >= 1 else "\r"))
        elif percent // 10 != last[0]:
            last[0] = percent // 10
            sys.stderr.write(f"{percent} % {progress.text}\n")
        sys.stderr.flush()

    return Throttled(show)
