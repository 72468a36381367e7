"""Make a project with the files one after another on the timeline."""

import argparse
import re
from fractions import Fraction
from typing import Any

from editor.commands.opening import existing_file, open_cache, project_path
from editor.commands.running import Answer
from engine.cache.store import Cache
from engine.errors import BadInputError
from engine.media.cut_off import cut_off
from engine.media.importing import import_media
from engine.media.indexing import frame_index
from engine.project import file
from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media, media_with_fingerprint
from engine.project.model import Media, MediaKind, Project
from engine.project.track_edits import new_project, set_canvas
from engine.rational_time import clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", help="the project file to write; .patchreel is added where missing")
    parser.add_argument("files", nargs="+", metavar="FILE", help="videos, pictures and sounds")
    parser.add_argument("--size", metavar="WxH", help="size of the output; that of the first clip where left out")
    parser.add_argument("--rate", metavar="R", help="frames per second: 25, 30000/1001")


def run(arguments: argparse.Namespace) -> Answer:
    path = project_path(arguments.project)
    size, rate = _size(arguments.size), _rate(arguments.rate)
    if path.exists():
        raise BadInputError(f"“{path.name}” exists already.", "Choose another name.")
    project, cache = new_project(), open_cache()
    for name in arguments.files:
        media = import_media(existing_file(name), cache)
        project = add_media(project, media)
        project = append_clip(project, (media_with_fingerprint(project, media.fingerprint) or media).id)
    project = _with_canvas(project, size, rate)
    file.save(project, path)
    said = [f"{path}: {len(arguments.files)} on the timeline, {clock(project.duration)}"]
    lost = [sentence for media in project.media if (sentence := _cut_off(media, cache))]
    return Answer(_data(project, str(path)) | {"warnings": lost}, "\n".join([*said, *(f"  ! {sentence}" for sentence in lost)]))


def _cut_off(media: Media, cache: Cache) -> str:
    is_video = media.kind is MediaKind.VIDEO
    return cut_off(media.name, frame_index(media.path, media.fingerprint, cache)) if is_video else ""


def _with_canvas(project: Project, size: tuple[int, int] | None, rate: Fraction | None) -> Project:
    canvas = project.canvas
    if size is None and rate is None:
        return project
    width, height = size or (canvas.width, canvas.height)
    return set_canvas(project, width, height, rate or canvas.rate)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    if not (match := re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)):
        raise BadInputError(f"“{text}” is no size.", "Write it as 1920x1080.")
    return int(match[1]), int(match[2])


def _rate(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise BadInputError(f"“{text}” is no frame rate.", "Write it as 25 or 30000/1001.") from None


def _data(project: Project, path: str) -> dict[str, Any]:
    return {
        "project": path, "duration": time_json(project.duration),
        "canvas": {"width": project.canvas.width, "height": project.canvas.height, "rate": time_json(project.canvas.rate)},
        "media": [{"id": m.id, "name": m.name, "kind": m.kind.value} for m in project.media],
        "clips": [{"id": c.id, "track": t.id, "media": c.media_id} for t in project.tracks for c in t.clips],
    }
