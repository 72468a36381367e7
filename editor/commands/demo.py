"""Do the whole job on the bundled sample: patch the sign away, carry it, map the change, export, verify."""

import argparse
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from editor.commands.opening import Opened, open_cache, open_project
from editor.commands.running import Answer, cancel_token, progress_report
from engine.errors import BadInputError, ExportError
from engine.jobs import diff as diff_job
from engine.jobs import export as export_job
from engine.jobs import make_patch
from engine.jobs.patch_place import place_at, window_around
from engine.media.importing import import_media
from engine.project import file
from engine.project.atomic import write_atomically
from engine.project.clip_edits import append_clip
from engine.project.lookup import new_id
from engine.project.media_edits import add_media
from engine.project.model import PatchState, Project, Recipe, Region, RegionKind
from engine.project.patch_edits import add_patch, rename_patch
from engine.project.track_edits import new_project
from engine.project.version_edits import set_patch_state
from engine.providers.registry import local_registry
from engine.running import Report, part
from resources import path as resource_path

WINDOW_FRAMES = 24
"""On each side of the anchor: about two seconds without the sign."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", default="demo", metavar="DIR", help="where the four files go; ./demo where left out")


def run(arguments: argparse.Namespace) -> Answer:
    folder = Path(arguments.out)
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"“{folder}” is no folder.", "Choose another.")
    folder.mkdir(parents=True, exist_ok=True)
    report = progress_report()
    opened = _sample_project(folder / "project.patchreel")
    project, patch_id, carried = _patched(opened, part(report, 0.0, 0.6))
    opened.save(project)
    patch = project.patch_by_id(patch_id)
    media = project.media_by_id(patch.media_id)
    heatmap, stats = diff_job.anchor_heatmap(media, patch, opened.workspace, cancel=cancel_token(), report=lambda _p: None)
    write_atomically(folder / "heatmap.png", heatmap)
    request = export_job.request_for(project, folder / "patched.mp4", opened.workspace, project_path=opened.path)
    result = export_job.run(request, opened.workspace, cancel=cancel_token(), report=part(report, 0.6, 1.0))
    if not result.verified:
        raise ExportError("The exported demo did not pass its own check.")
    data: dict[str, Any] = {
        "folder": str(folder), "patch_id": patch_id, "outside_changed": stats.outside_changed_count,
        "changed_share": stats.changed_share, "frames_carried": len(carried.carried.frames),
        "frames_that_hold": sum(f.level == "green" for f in carried.carried.frames), "export": export_job.result_json(result),
    }
    write_atomically(folder / "report.json", json.dumps(data, indent=1).encode() + b"\n")
    return Answer(data, _text(folder, data))


def _sample_project(path: Path) -> Opened:
    """A project with the bundled clip; one that an earlier demo left is replaced."""
    media = import_media(str(resource_path("sample/lake.mp4")), open_cache())
    project = append_clip(add_media(new_project(), media), media.id)
    file.save(project, path)
    return open_project(str(path), to_change=True)


def _patched(opened: Opened, report: Report) -> tuple[Project, str, make_patch.MadePatch]:
    facts = json.loads(resource_path("sample/sample.json").read_text(encoding="utf-8"))
    x, y, width, height = facts["logo"]["box"]
    region = Region(RegionKind.BOX, ((x, y), (x + width, y + height)), feather_px=6.0)
    with opened.workspace.sources() as sources:
        index_of: Callable[..., Any] = sources.index
        place = place_at(opened.project, Fraction(facts["logo"]["frame"], facts["fps"]), index_of)
        window = window_around(place, sources.index(place.media), WINDOW_FRAMES, WINDOW_FRAMES)
    patch_id = new_id(opened.project, "patch")
    recipe = Recipe("local.inpaint")
    project = add_patch(opened.project, place.media.id, region, place.anchor, window.range, recipe, patch_id=patch_id)
    project = rename_patch(project, patch_id, "Remove the sign")
    made = make_patch.run(project, patch_id, opened.workspace, local_registry(), cancel=cancel_token(), report=report)
    return set_patch_state(made.project, patch_id, PatchState.PUBLISHED), patch_id, made


def _text(folder: Path, data: dict[str, Any]) -> str:
    export = data["export"]
    lines = [
        f"Patched the sign on {data['frames_carried']} frames, {data['frames_that_hold']} hold; "
        f"outside the region {data['outside_changed']} px changed.",
        f"Copied {export['copied_packets']} of {export['frames']} frames byte for byte, encoded {export['encoded_frames']}, "
        f"audio {export['audio']}.",
        f"Verified: {sum(c['ok'] for c in export['checks'])} of {len(export['checks'])} checks hold "
        f"({export['seconds_write']:.1f} s to write, {export['seconds_verify']:.1f} s to check).",
    ]
    names = ("project.patchreel", "patched.mp4", "heatmap.png", "report.json")
    return "\n".join([*lines, *(f"  {folder / name}" for name in names)])
