"""Make captions from the timeline's sound or from a file, and write them as SubRip or WebVTT."""

import argparse
import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from editor.commands.opening import Opened, existing_file, open_project
from editor.commands.running import Answer, cancel_token, progress_report
from editor.commands.sending import add_fallback_argument, chain_of, services_of
from engine.captions.reading import faults
from engine.captions.subtitles import FILE_MAX_BYTES, format_of, read_subtitles, write_subtitles
from engine.errors import BadInputError
from engine.jobs.captions import LOCAL_SPEECH, detect_speech, transcribe, with_found
from engine.project.atomic import write_atomically
from engine.project.caption_edits import CueDraft, add_cues
from engine.project.cue_places import ShownCue, hidden_cues, shown_cues
from engine.project.model import Project
from engine.providers.online.fallbacks import TRANSCRIPTION
from engine.providers.online.offered_transcribers import TRANSCRIBERS, transcriber, transcriber_info
from engine.providers.registry import checked_parameters
from engine.rational_time import clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--provider", metavar="ID", help=f"who hears the words: {', '.join(TRANSCRIBERS)}")
    source.add_argument("--import", dest="file", metavar="SRT", help="a SubRip (.srt) or WebVTT (.vtt) file")
    source.add_argument("--detect", action="store_true", help="times at which somebody speaks, without words, found offline")
    parser.add_argument("-o", "--output", metavar="SRT", help="write the captions: .srt or .vtt")
    parser.add_argument("--add", action="store_true", help="keep the captions that are there (--detect always does)")
    parser.add_argument("--param", action="append", default=[], metavar="k=v", help="a parameter; may be repeated")
    parser.add_argument("--send", action="store_true", help="allow this command to send the sound to a service")
    add_fallback_argument(parser, more=f"{LOCAL_SPEECH} (times without words), ")


def run(arguments: argparse.Namespace) -> Answer:
    if not (arguments.provider or arguments.file or arguments.detect or arguments.output):
        raise BadInputError("captions wants --provider ID, --import SRT or --detect, or -o to write those that are there.")
    form = format_of(arguments.output) if arguments.output else ""
    opened = open_project(arguments.project, to_change=bool(arguments.provider or arguments.file or arguments.detect))
    made = _made(arguments, opened)
    project, data = made.project, made.data
    if project is not opened.project:
        opened.save(project)
    shown = shown_cues(project)
    if arguments.output:
        text = write_subtitles((_draft(cue) for cue in shown), form)
        write_atomically(Path(os.path.realpath(arguments.output)), text.encode("utf-8"))
    answer = _data(project, shown, arguments) | data
    answer["warnings"] = [*opened.warnings, *data["warnings"], *_notes(project)]
    return Answer(answer, _text(answer))


class _Made:
    """A project with its new captions, and what is said about them."""

    def __init__(self, project: Project, **data: Any) -> None:
        self.project = project
        self.data = {"provider": None, "cost_usd": 0.0, "cached": False, "replaced": 0, "warnings": [], **data}


def _made(arguments: argparse.Namespace, opened: Opened) -> _Made:
    before = opened.project
    if arguments.provider:
        return _transcribed(arguments, opened)
    if arguments.detect:
        found = detect_speech(before, cancel=cancel_token(), report=progress_report())
        return _Made(with_found(before, found, replace_all=False))
    if arguments.file:
        read = read_subtitles(_bytes_of(arguments.file), Path(arguments.file).name)
        project = add_cues(before, read.cues, replace_all=not arguments.add)
        return _Made(project, replaced=_replaced(arguments, before), warnings=list(read.warnings))
    return _Made(before)


def _bytes_of(name: str) -> bytes:
    with Path(existing_file(name)).open("rb") as file:
        return file.read(FILE_MAX_BYTES + 1)


def _transcribed(arguments: argparse.Namespace, opened: Opened) -> _Made:
    info = transcriber_info(arguments.provider)
    params = checked_parameters(info, _pairs(arguments.param))
    chain = chain_of(arguments.fallback, (*TRANSCRIBERS, LOCAL_SPEECH), TRANSCRIPTION)
    with services_of(opened, arguments) as services:
        means = services.hasty_means if chain.after(info.id) else services.means
        found = transcribe(
            opened.project, transcriber(info.id, means), params, opened.workspace, cancel=cancel_token(),
            report=progress_report(), chain=chain,
        )
        warnings = [*services.warnings, *found.notes]
    if not found.cues:
        warnings.append("Nobody was heard to speak.")
    has_words = any(cue.text for cue in found.cues)
    project = with_found(opened.project, found, replace_all=not arguments.add and has_words)
    replaced = _replaced(arguments, opened.project) if has_words else 0
    provider = info.id if has_words or not found.cues else LOCAL_SPEECH
    return _Made(
        project, provider=provider, cost_usd=found.cost_usd, cached=found.is_cached, replaced=replaced, warnings=warnings
    )


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadInputError(f"--param wants name=value, but got “{item}”.")
        pairs[name] = value
    return pairs


def _replaced(arguments: argparse.Namespace, before: Project) -> int:
    return 0 if arguments.add else len(before.captions.cues)


def _notes(project: Project) -> list[str]:
    hidden = len(hidden_cues(project))
    what = "1 caption does" if hidden == 1 else f"{hidden} captions do"
    return [f"{what} not show: what was said is not on the timeline."] if hidden else []


def _draft(shown: ShownCue) -> CueDraft:
    return CueDraft(shown.range, shown.cue.text, shown.cue.speaker, shown.cue.settings)


def _data(project: Project, shown: tuple[ShownCue, ...], arguments: argparse.Namespace) -> dict[str, Any]:
    following = [later.range.start for _, later in pairwise(shown)]
    cues = [
        {
            "id": cue.cue.id, "start": time_json(cue.range.start), "end": time_json(cue.range.end), "text": cue.cue.text,
            "speaker": cue.cue.speaker, "warnings": list(faults(cue.cue.text, cue.range, after)),
        }
        for cue, after in zip(shown, [*following, None][: len(shown)], strict=True)
    ]
    output = os.path.realpath(arguments.output) if arguments.output else None
    return {"project": arguments.project, "cues": cues, "language": project.captions.language, "output": output}


def _text(data: dict[str, Any]) -> str:
    paid = f", ${data['cost_usd']:.4f}" if data["cost_usd"] else ", heard before" if data["cached"] else ""
    number = len(data["cues"])
    lines = [f"{data['project']}: {number} caption{'s' * (number != 1)}{paid}"]
    for cue in data["cues"]:
        words = " / ".join(cue["text"].split("\n")) or "(no words yet)"
        lines.append(f"  {_clock(cue['start'])} to {_clock(cue['end'])}  {words}")
        lines += [f"      ! {warning}" for warning in cue["warnings"] if cue["text"]]
    lines += [f"  written to {data['output']}"] if data["output"] else []
    return "\n".join([*lines, *(f"  ! {warning}" for warning in data["warnings"])])


def _clock(time: dict[str, int]) -> str:
    return clock(Fraction(time["num"], time["den"]))
