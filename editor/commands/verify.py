"""Check an exported file against its project, from the file alone."""

import argparse
from pathlib import Path

from editor.commands.captions_as import add_captions_as, captioned, is_soft
from editor.commands.opening import existing_file, open_project
from editor.commands.running import Answer, cancel_token
from engine.encoding.checking.verify import verify
from engine.encoding.soft_captions.check import captions_check
from engine.encoding.soft_captions.spans import soft_captions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("output", help="the exported file")
    parser.add_argument("--project", required=True)
    add_captions_as(parser)


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project)
    path = Path(existing_file(arguments.output))
    with opened.workspace.sources() as sources:
        checks = verify(path, captioned(opened, arguments), sources, cancel=cancel_token(), full_decode=True)
    if is_soft(arguments):
        checks = (*checks, captions_check(path, soft_captions(opened.project, None)))
    verified = all(check.ok for check in checks)
    rows = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks]
    data = {"output": str(path), "verified": verified, "checks": rows, "warnings": opened.warnings}
    lines = [f"{'ok  ' if c.ok else 'FAIL'} {c.name}: {c.detail}" for c in checks]
    verdict = "verified" if verified else "not what the project says"
    return Answer(data, "\n".join([f"{path}: {verdict}", *lines]), 0 if verified else 1)
