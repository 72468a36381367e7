"""Which words start what: a command of the contract, or the window with the files that were named.

Commands never need a display and import Qt only when text must be drawn. Exit code 0 done, 1 failed, 2 wrong use or bad input.
"""

import argparse
import gc
import importlib
import os
import sys
from typing import NoReturn

COMMANDS = (
    "demo", "probe", "frame", "new", "show", "patch", "slow", "review", "diff", "plan", "export", "verify", "generate",
    "captions", "keys", "ledger",
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage of everything.

    Words that are wrong are quoted, except after `keys`, where they may be one.
    """

    may_hold_keys = False

    def error(self, message: str) -> NoReturn:
        if self.may_hold_keys:
            message = "keys takes list, set NAME or remove NAME, and reads a key from standard input only"
        print(f"{message[:1].upper()}{message[1:]}. See: python {self.prog} --help", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser with one command filled in; the others are only named, since each brings its imports."""
    parser = _Parser(prog="main.py", description="Change a part of the picture for a while. Without a command the editor opens.")
    parser.may_hold_keys = command == "keys"
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS if command not in COMMANDS else (command,):
        module = importlib.import_module(f"editor.commands.{name}")
        child = subparsers.add_parser(name, help=(module.__doc__ or name).splitlines()[0], description=module.__doc__)
        child.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else there")
        module.add_arguments(child)
        child.may_hold_keys = name == "keys"
        child.set_defaults(run=module.run)
    return parser


def main(arguments: list[str]) -> int:
    """Run a command or the editor; returns the exit code."""
    # NumPy's BLAS would start a thread per core, and no product of matrices here is large enough for two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    first = next((a for a in arguments if not a.startswith("-")), "")
    if first in COMMANDS or "--help" in arguments or "-h" in arguments:
        return _run_command(first, arguments)
    from editor.application import run_editor  # the window brings Qt, which a command must not wait for

    return run_editor(arguments)


def _run_command(command: str, arguments: list[str]) -> int:
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from editor.commands.running import run_guarded

    try:
        return run_guarded(lambda: _read(command, arguments))
    except SystemExit as end:
        return int(end.code or 0)


def _read(command: str, arguments: list[str]) -> argparse.Namespace:
    """The arguments, with what the command needs imported: without collections of garbage, of which imports make none."""
    gc.disable()
    try:
        return _parser(command).parse_args(arguments)
    finally:
        gc.freeze()  # modules stay to the end: never look through them again
        gc.enable()
