"""How a patch is usually carried with its provider, kept up as the provider changes; a method that was chosen otherwise stays.

What works on a single frame as well as on another (`ProviderInfo.per_frame`) is tracked and done anew on every frame, whatever
makes new pixels is carried with the motion. Edits are pure, like those of `engine.project`.
"""

from dataclasses import replace

from engine.project.carrying_edits import set_carrying
from engine.project.lookup import get_patch
from engine.project.model import Carrying, Method, Project, Recipe
from engine.project.patch_edits import set_patch_recipe
from engine.project.version_edits import choose_version
from engine.providers.registry import Registry


def usual_method(registry: Registry, provider: str) -> Method:
    """`Method.TRACK` for what works frame by frame, else `Method.FLOW`; for a provider that is gone too."""
    info = next((info for info in registry.infos() if info.id == provider), None)
    return Method.TRACK if info is not None and info.per_frame and not info.is_remote else Method.FLOW


def usual_carrying(registry: Registry, provider: str) -> Carrying:
    """What a new patch begins with."""
    return Carrying(usual_method(registry, provider))


def ask_for(project: Project, patch_id: str, recipe: Recipe, registry: Registry) -> Project:
    """Set what the next run asks for. A patch without a result is carried as is usual for it from now on; one with a result
    keeps its method until the new result is there (see `follow_provider`). Raises: EditError: as the edits do.
    """
    patch = get_patch(project, patch_id)
    changed = set_patch_recipe(project, patch_id, recipe)
    return changed if patch.version is not None else follow_provider(changed, patch_id, patch.recipe.provider, registry)


def show_version(project: Project, patch_id: str, number: int, registry: Registry) -> Project:
    """Show another version, carried as is usual for what made it. Raises: EditError: as `choose_version`."""
    shown = get_patch(project, patch_id).version
    chosen = choose_version(project, patch_id, number)
    return chosen if shown is None else follow_provider(chosen, patch_id, shown.recipe.provider, registry)


def follow_provider(project: Project, patch_id: str, before: str, registry: Registry) -> Project:
    """The method of what the patch shows (or waits for), where it had the usual one of the provider `before`."""
    patch = get_patch(project, patch_id)
    provider = patch.version.recipe.provider if patch.version is not None else patch.recipe.provider
    wanted = usual_method(registry, provider)
    if patch.carrying.method is wanted or patch.carrying.method is not usual_method(registry, before):
        return project
    return set_carrying(project, patch_id, replace(patch.carrying, method=wanted))
