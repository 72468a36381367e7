"""Change a region of the clip at a time and carry the change over the neighbouring frames."""

import argparse
from fractions import Fraction
from typing import Any

from editor.commands.carrying import add_carrying_arguments, carried_as
from editor.commands.opening import Opened, existing_file, frame_start, open_project, read_time, seconds_of
from editor.commands.regions import add_region_arguments, region_from
from editor.commands.running import Answer, cancel_token, progress_report
from editor.commands.sending import add_fallback_argument, add_send_argument, chain_of, services_of
from engine.errors import BadInputError
from engine.jobs import make_patch
from engine.jobs.patch_place import DEFAULT_AFTER, DEFAULT_BEFORE, PatchPlace, PatchWindow, place_at, window_around
from engine.jobs.pixels import rgba_png
from engine.jobs.services import Services
from engine.jobs.workspace import ProjectSources, Workspace
from engine.limits import PROMPT_MAX_CHARACTERS
from engine.media.stills import picture_to_rgba, read_still
from engine.project.lookup import new_id
from engine.project.model import MediaKind, PatchState, Project, Recipe, Region
from engine.project.patch_edits import add_patch
from engine.project.version_edits import set_patch_state
from engine.providers.online.fallbacks import VIDEO
from engine.providers.online.generator_rules import all_rules
from engine.providers.registry import Registry
from engine.providers.usual_method import usual_carrying
from engine.rational_time import clock, time_json

LONGEST_WAIT_S = 120.0
"""A command does not wait longer than this for a service that says when it may go on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    parser.add_argument("--at", required=True, metavar="TIME", help="timeline time of the anchor: 12.5, 00:00:12.500 or f:375")
    add_region_arguments(parser)
    parser.add_argument("--provider", required=True, metavar="ID", help="local.inpaint, local.blur …; services: gemini, openai")
    parser.add_argument("--clip", metavar="ID", help="the clip, where several lie over each other")
    parser.add_argument("--prompt", default="", metavar="TEXT")
    parser.add_argument("--image", metavar="FILE", help="a picture for the provider")
    parser.add_argument("--param", action="append", default=[], metavar="k=v", help="a parameter; may be repeated")
    parser.add_argument("--before", type=int, default=DEFAULT_BEFORE, metavar="N", help="source frames before the anchor")
    parser.add_argument("--after", type=int, default=DEFAULT_AFTER, metavar="N", help="source frames after the anchor")
    add_carrying_arguments(parser)
    parser.add_argument("--between", metavar="ID", help="veo or kling: moves what lies between the anchors (see --key); paid")
    add_send_argument(parser)
    add_fallback_argument(parser)
    parser.add_argument("--review", action="store_true", help="leave it ready to review instead of accepting it")


def run(arguments: argparse.Namespace) -> Answer:
    region = region_from(arguments)
    if arguments.before < 0 or arguments.after < 0:
        raise BadInputError("--before and --after count frames and cannot be negative.")
    if len(arguments.prompt) > PROMPT_MAX_CHARACTERS:
        raise BadInputError(f"The prompt is longer than {PROMPT_MAX_CHARACTERS} characters.", "Shorten it.")
    if arguments.between and not arguments.key:
        raise BadInputError("--between moves what lies between two anchors, and there is one.", "Put another in with --key.")
    opened = open_project(arguments.project, to_change=True)
    with services_of(opened, arguments) as services:
        return _run(arguments, region, opened, services)


def _run(arguments: argparse.Namespace, region: Region, opened: Opened, services: Services) -> Answer:
    registry = services.registry
    chain = chain_of(arguments.fallback, _stand_ins(registry))
    recipe = _recipe(arguments, registry, opened.workspace)
    with opened.workspace.sources() as sources:
        place = place_at(opened.project, _timeline_time(arguments.at, opened.project, sources), sources.index, arguments.clip)
        index = sources.index(place.media) if place.media.kind is MediaKind.VIDEO else None
        window = window_around(place, index, arguments.before, arguments.after)
    patch_id = new_id(opened.project, "patch")
    carrying = usual_carrying(registry, recipe.provider)
    project = add_patch(
        opened.project, place.media.id, region, place.anchor, window.range, recipe, patch_id=patch_id, carrying=carrying
    )
    project = _carried(project, patch_id, arguments, opened.workspace, place)
    made = make_patch.run(
        project, patch_id, opened.workspace, registry, cancel=cancel_token(), report=progress_report(),
        providers=services.providers(chain),
    )
    if arguments.between:
        opened.save(made.project)  # what was made and perhaps paid is there, however the next service does
        made = _between(arguments, made, patch_id, opened, services)
    project = made.project if arguments.review else set_patch_state(made.project, patch_id, PatchState.PUBLISHED)
    opened.save(project)
    warnings = [*opened.warnings, *_window_warnings(window), *services.warnings, *made.warnings]
    data = answer_data(project, patch_id, place, made, warnings)
    return Answer(data, _text(data))


def _between(
    arguments: argparse.Namespace, made: make_patch.MadePatch, patch_id: str, opened: Opened, services: Services
) -> make_patch.MadePatch:
    """What lies between the anchors, moved by a service."""
    from engine.jobs.motion_service import BackedMotion  # brings what fetches videos

    chain = chain_of(arguments.fallback, _stand_ins(services.registry), VIDEO)
    generations = services.generations(longest_wait_s=LONGEST_WAIT_S)
    try:
        return make_patch.filled(
            made, patch_id, BackedMotion(generations, arguments.between, chain), opened.workspace, services.registry,
            prompt=arguments.prompt, cancel=cancel_token(), report=progress_report(),
        )
    finally:
        generations.close()


def _stand_ins(registry: Registry) -> set[str]:
    """Who may stand in for the region's service, or for the one that moves what lies between."""
    return {info.id for info in registry.infos()} | {rules.info.id for rules in all_rules()}


def _carried(
    project: Project, patch_id: str, arguments: argparse.Namespace, workspace: Workspace, place: PatchPlace
) -> Project:
    with workspace.sources() as sources:
        return carried_as(
            project, project.patch_by_id(patch_id), arguments,
            lambda text: place_at(project, _timeline_time(text, project, sources), sources.index, place.clip.id).anchor,
        )


def _timeline_time(text: str, project: Project, sources: ProjectSources) -> Fraction:
    return seconds_of(read_time(text), frame_start(project, sources))


def _recipe(arguments: argparse.Namespace, registry: Registry, workspace: Workspace) -> Recipe:
    info = registry.get(arguments.provider).info
    params: dict[str, str] = {}
    for item in arguments.param:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadInputError(f"--param wants name=value, but got “{item}”.")
        params[name] = value
    registry.parameters(info.id, dict(params))
    if info.needs_image and not arguments.image:
        raise BadInputError(f"{info.id} places a picture.", "Name it with --image FILE.")
    image = image_asset(arguments.image, workspace) if arguments.image else ""
    if info.is_remote and not arguments.prompt.strip():
        raise BadInputError(f"{info.id} needs words that say what to change.", "Give them with --prompt TEXT.")
    return Recipe(info.id, arguments.prompt, image, tuple(sorted(params.items())))


def image_asset(path: str, workspace: Workspace) -> str:
    """Store a picture for a provider as an RGBA PNG asset; returns its hash."""
    return workspace.assets.put(rgba_png(picture_to_rgba(read_still(existing_file(path)))), ".png")


def _window_warnings(window: PatchWindow) -> list[str]:
    if not window.is_clamped:
        return []
    return [f"The clip ends there: the window has {window.before} frames before and {window.after} after the anchor."]


def answer_data(
    project: Project, patch_id: str, place: PatchPlace | None, made: make_patch.MadePatch, warnings: list[str]
) -> dict[str, Any]:
    """The JSON of the contract; times of the window and frames are on the timeline where the clip is known."""
    patch = project.patch_by_id(patch_id)
    shift = place.clip.timeline_time(Fraction(0)) if place is not None else Fraction(0)
    return {
        "patch_id": patch_id, "state": patch.state.value, "provider": patch.recipe.provider, "version": patch.current_version,
        "window": {"start": time_json(patch.window.start + shift), "end": time_json(patch.window.end + shift)},
        "frames": [{"time": time_json(f.time + shift), "confidence": round(f.confidence, 4), "level": f.level,
                    "reasons": list(f.reasons)} for f in made.carried.frames],
        "cost_usd": made.cost_usd, "cached": made.is_cached, "warnings": warnings,
    }


def _text(data: dict[str, Any]) -> str:
    window, frames = data["window"], data["frames"]
    start, end = (clock(Fraction(window[k]["num"], window[k]["den"])) for k in ("start", "end"))
    good = sum(f["level"] == "green" for f in frames)
    lines = [f"{data['patch_id']}: {data['state']}, {data['provider']}, {len(frames)} frames from {start} to {end}, {good} hold"]
    return "\n".join([*lines, *(f"  ! {warning}" for warning in data["warnings"])])
