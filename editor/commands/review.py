"""Accept, reject or run a patch again, or show another of its versions."""

import argparse
from dataclasses import replace
from typing import Any

from editor.commands.opening import open_project
from editor.commands.patch import answer_data
from editor.commands.running import Answer, cancel_token, progress_report
from editor.commands.sending import add_fallback_argument, add_send_argument, chain_of, services_of
from engine.jobs import make_patch
from engine.project.lookup import get_patch
from engine.project.model import PatchState
from engine.project.patch_edits import set_patch_recipe
from engine.project.version_edits import choose_version, set_patch_state


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project")
    parser.add_argument("--patch", required=True, metavar="ID")
    add_send_argument(parser)
    add_fallback_argument(parser)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--accept", action="store_true", help="exports contain it")
    choice.add_argument("--reject", action="store_true", help="it is kept, but shown and exported nowhere")
    choice.add_argument("--retry", action="store_true", help="run its provider again, for another variation")
    choice.add_argument("--choose", type=int, metavar="N", help="show version N; it is to be reviewed then")


def run(arguments: argparse.Namespace) -> Answer:
    opened = open_project(arguments.project, to_change=True)
    patch = get_patch(opened.project, arguments.patch)
    if arguments.retry:
        variation = patch.recipe if patch.version is None else replace(patch.recipe, seed=patch.recipe.seed + 1)
        project = set_patch_state(set_patch_recipe(opened.project, patch.id, variation), patch.id, PatchState.QUEUED)
        with services_of(opened, arguments) as services:
            chain = chain_of(arguments.fallback, [info.id for info in services.registry.infos()])
            made = make_patch.run(
                project, patch.id, opened.workspace, services.registry, cancel=cancel_token(), report=progress_report(),
                providers=services.providers(chain),
            )
        opened.save(made.project)
        data = answer_data(made.project, patch.id, None, made, [*services.warnings, *made.warnings])
        return Answer(data, f"{patch.id}: {data['state']}, version {data['version']}")
    if arguments.choose is not None:
        project, said = choose_version(opened.project, patch.id, arguments.choose), f"shows version {arguments.choose}"
    else:
        state, said = (PatchState.PUBLISHED, "accepted") if arguments.accept else (PatchState.REJECTED, "rejected")
        project = set_patch_state(opened.project, patch.id, state)
    opened.save(project)
    patch = get_patch(project, patch.id)
    decided: dict[str, Any] = {"patch_id": patch.id, "state": patch.state.value, "version": patch.current_version}
    return Answer(decided, f"{patch.id}: {said}")
