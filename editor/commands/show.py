"""List media, layers, clips, patches and captions of a project with their ids."""

import argparse
from pathlib import Path
from typing import Any

from editor.commands.opening import Opened, open_project
from editor.commands.running import Answer
from engine.project.anchors import anchors_of
from engine.project.cue_places import ShownCue, shown_cues
from engine.project.lookup import clip_name
from engine.project.model import Clip, Patch, PatchVersion, Project, Region
from engine.rational_time import TimeRange, clock, time_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project)
    data = describe(opened.project, opened)
    return Answer(data, _text(opened.project, data))


def describe(project: Project, opened: Opened) -> dict[str, Any]:
    """The project as JSON values."""
    return {
        "project": str(opened.path), "read_only": opened.loaded.read_only, "warnings": opened.warnings,
        "duration": time_json(project.duration),
        "canvas": {"width": project.canvas.width, "height": project.canvas.height, "rate": time_json(project.canvas.rate)},
        "media": [{"id": m.id, "name": m.name, "kind": m.kind.value, "path": m.path, "online": Path(m.path).is_file(),
                   "width": m.width, "height": m.height} for m in project.media],
        "layers": [{"id": t.id, "kind": t.kind.value, "name": t.name, "visible": t.visible, "locked": t.locked,
                    "version": t.version, "clips": [_clip(project, c) for c in t.clips]} for t in project.tracks],
        "patches": [_patch(p) for p in project.patches],
        "captions": [_cue(shown) for shown in shown_cues(project)],
    }


def _range(value: TimeRange) -> dict[str, Any]:
    return {"start": time_json(value.start), "end": time_json(value.end)}


def _clip(project: Project, clip: Clip) -> dict[str, Any]:
    return {"id": clip.id, "name": clip_name(project, clip), "media": clip.media_id, "range": _range(clip.timeline_range),
            "source_range": _range(clip.source_range)}


def _cue(shown: ShownCue) -> dict[str, Any]:
    return {"id": shown.cue.id, "range": _range(shown.range), "text": shown.cue.text, "speaker": shown.cue.speaker}


def _patch(patch: Patch) -> dict[str, Any]:
    return {
        "id": patch.id, "name": patch.name, "media": patch.media_id, "clip": patch.clip_id, "state": patch.state.value,
        "provider": patch.recipe.provider, "anchor": time_json(patch.anchor), "window": _range(patch.window),
        "region": _region(patch.region), "keys": [{"time": time_json(k.time), "region": _region(k.region)} for k in patch.keys],
        "version": patch.current_version, "visible": patch.visible, "locked": patch.locked,
        "carrying": {"method": patch.carrying.method.value, "falloff_frames": patch.carrying.falloff_frames,
                     "matches_grain": patch.carrying.matches_grain,
                     "in_front": [{"time": time_json(k.time), "region": _region(k.region)} for k in patch.carrying.in_front]},
        "versions": [_version(v) for v in patch.versions],
    }


def _version(version: PatchVersion) -> dict[str, Any]:
    recipe = version.recipe
    return {
        "number": version.number, "provider": recipe.provider, "model": version.model, "prompt": recipe.prompt,
        "params": dict(recipe.params), "seed": recipe.seed, "cost_usd": version.cost_usd, "seconds": version.seconds,
        "created": version.created, "anchors": [time_json(anchor.anchor) for anchor in anchors_of(version)],
        "warnings": version.warnings,
    }


def _region(region: Region) -> dict[str, Any]:
    return {
        "kind": region.kind.value, "points": region.points, "radius": region.radius, "feather_px": region.feather_px,
        "more": [{"kind": s.kind.value, "points": s.points, "radius": s.radius, "is_subtracted": s.is_subtracted}
                 for s in region.more],
        "grow_px": region.grow_px, "is_inverted": region.is_inverted,
    }


def _text(project: Project, data: dict[str, Any]) -> str:
    canvas = project.canvas
    lines = [f"{data['project']}: {canvas.width} × {canvas.height}, {float(canvas.rate):g} fps, {clock(project.duration)}"]
    lines += [f"  ! {warning}" for warning in data["warnings"]]
    lines += [f"  media  {m.id[:12]:12}  {m.name}" + ("" if Path(m.path).is_file() else "  (offline)") for m in project.media]
    for track in project.tracks:
        flags = "".join([" hidden" * (not track.visible), " locked" * track.locked])
        lines.append(f"  {track.id:5}  {track.kind.value}{flags}")
        lines += [f"         {c.id}  {clock(c.start)} to {clock(c.end)}  {clip_name(project, c)}" for c in track.clips]
    lines += [f"  patch  {p.id}  {p.name}: {p.state.value}, {p.recipe.provider}, source {clock(p.window.start)} to "
              f"{clock(p.window.end)}, v{p.current_version}" for p in project.patches]
    lines += [f"  caption  {c.cue.id}  {clock(c.range.start)} to {clock(c.range.end)}  {' / '.join(c.cue.text.splitlines())}"
              for c in shown_cues(project)]
    return "\n".join(lines)
