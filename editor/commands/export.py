"""Write the timeline to a file: unchanged packets copied, changed frames encoded, everything checked."""

import argparse
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from editor.commands.captions_as import add_captions_as, captioned, is_soft, left_out_words
from editor.commands.opening import Opened, frame_start, open_project, read_time, seconds_of
from editor.commands.running import Answer, cancel_token, progress_report
from engine.encoding.result import SAME_AS_SOURCE, ExportResult, Seam, usual_workers
from engine.errors import BadInputError, StorageError
from engine.folders import STORE_NAME, data_dir
from engine.jobs import export as export_job
from engine.rational_time import TimeRange, clock

MOST_WORKERS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    parser.add_argument("output", help="the file to write: .mp4, .mov …")
    parser.add_argument("--preset", default=SAME_AS_SOURCE, metavar="NAME", help=f"{SAME_AS_SOURCE} where left out")
    parser.add_argument("--from", dest="start", metavar="TIME", help="timeline time of the first frame")
    parser.add_argument("--to", dest="end", metavar="TIME", help="timeline time after the last frame")
    add_seam(parser)
    add_captions_as(parser)
    parser.add_argument("--workers", type=_workers, metavar="N", help="ranges encoded at once; the file is the same")
    parser.add_argument("--accept-losses", action="store_true", help="go on where no encoder keeps all that the source has")


def add_seam(parser: argparse.ArgumentParser) -> None:
    """The option that `export` and `plan` share."""
    words = "how changed ranges are fitted in: fast, best (slower, closer to the source), full (encode every frame)"
    parser.add_argument("--seam", choices=[seam.value for seam in Seam], default=Seam.FAST.value, help=words)


def _workers(text: str) -> int:
    try:
        found = int(text)
    except ValueError:
        found = 0
    if not 1 <= found <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 to {MOST_WORKERS}")
    return found


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project, to_change=True)
    request = export_job.request_for(
        captioned(opened, arguments), Path(arguments.output), opened.workspace, project_path=opened.path, preset=arguments.preset,
        span=_span(arguments, opened), accept_losses=arguments.accept_losses, seam=Seam(arguments.seam),
        workers=arguments.workers or usual_workers(), soft_captions=is_soft(arguments),
    )
    result = export_job.run(request, opened.workspace, cancel=cancel_token(), report=progress_report())
    _note_finished(opened, result.output)
    result = replace(result, warnings=(*result.warnings, *left_out_words(opened, arguments)))
    data = export_job.result_json(result) | {"seam": request.seam.value, "captions": arguments.captions}
    data["warnings"] = [*opened.warnings, *data["warnings"]]
    return Answer(data, result_text(result))


def _note_finished(opened: Opened, output: Path) -> None:
    """For what a finished video has cost; where nothing was ever paid there is nothing to note. It costs no export."""
    if not os.path.exists(data_dir() / STORE_NAME):  # noqa: PTH110 - one that may not be looked for is none
        return
    from engine.store.finished import note_finished  # with it comes what most exports do without
    from engine.store.opening import program_store

    store = program_store()
    try:
        note_finished(store, os.path.realpath(opened.path), output)
    except StorageError:
        pass
    finally:
        store.close()


def _span(arguments: argparse.Namespace, opened: Opened) -> TimeRange | None:
    if arguments.start is None and arguments.end is None:
        return None
    with opened.workspace.sources() as sources:
        project = opened.project
        start_of, end_of = frame_start(project, sources), frame_start(project, sources, is_end=True)
        start = seconds_of(read_time(arguments.start), start_of) if arguments.start else Fraction(0)
        end = seconds_of(read_time(arguments.end), end_of) if arguments.end else project.duration
    if end > project.duration or start >= project.duration:
        raise BadInputError(f"The range {clock(start)} to {clock(end)} does not lie on the timeline.",
                            f"It lasts {clock(project.duration)}.")
    if start >= end:
        raise BadInputError(f"The range {clock(start)} to {clock(end)} is empty.", "--to must be later than --from.")
    return TimeRange.between(start, end)


def result_text(result: ExportResult) -> str:
    """What was written, for people: the figures, then a line per check."""
    lines = [
        f"{result.output}: {result.frames} frames, {clock(result.duration)}",
        f"  {result.plan.share_copied:.1%} copied ({result.copied_packets} packets), {result.encoded_frames} frames encoded, "
        f"audio {result.audio.value}",
        f"  {result.seconds_write:.2f} s to write, {result.seconds_verify:.2f} s to check, {result.peak_rss_mb:.0f} MB",
    ]
    lines += [f"  {'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}" for check in result.checks]
    return "\n".join([*lines, *(f"  ! {warning}" for warning in result.warnings)])
