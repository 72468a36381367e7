"""Show what an export would copy and what it would encode, and why."""

import argparse
from fractions import Fraction
from pathlib import Path

from editor.commands.captions_as import add_captions_as, captioned
from editor.commands.export import add_seam
from editor.commands.opening import open_project
from editor.commands.running import Answer
from editor.export_proposals import source_suffix
from editor.plan_words import joined_runs, long_runs, plan_sentence
from engine.encoding.result import Seam
from engine.jobs import export as export_job
from engine.planning.plan import Mode, RenderPlan
from engine.rational_time import clock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    add_seam(parser)
    add_captions_as(parser)


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project)
    output = Path("plan").with_suffix(source_suffix(opened.project))
    request = export_job.request_for(captioned(opened, arguments), output, opened.workspace, seam=Seam(arguments.seam))
    made = export_job.plan(request)
    data = export_job.plan_json(made) | {"seam": request.seam.value, "notes": list(long_runs(made))}
    data["warnings"] = [*opened.warnings, *data["warnings"]]
    return Answer(data, plan_text(made, data["warnings"]))


def plan_text(made: RenderPlan, warnings: list[str]) -> str:
    """The plan for people: the figures, then a line per segment."""
    seconds = float(Fraction(made.encoded_seconds))
    lines = [
        f"{made.share_copied:.1%} copied, {seconds:.2f} s encoded ({made.encoded_frames} frames), audio {made.audio.value}",
        plan_sentence(made),
    ]
    words = {Mode.COPY: "copy", Mode.CACHED: "cached", Mode.ENCODE: "encode"}
    for run in joined_runs(made):
        lines.append(f"  {clock(run.start)} to {clock(run.end)}  {run.frames:6} frames  {words[run.mode]:6}  {run.reason}")
    lines += [f"  {note}" for note in long_runs(made)]
    if made.reason:
        lines.append(f"  {made.reason}")
    return "\n".join([*lines, *(f"  ! {warning}" for warning in warnings)])
