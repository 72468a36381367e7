"""A patch is carried as is usual for its provider until somebody chooses otherwise."""

from dataclasses import replace

from engine.project.carrying_edits import set_carrying
from engine.project.model import Carrying, Method, PatchState, Project, Recipe
from engine.project.version_edits import attach_version, set_patch_state
from engine.providers.registry import local_registry
from engine.providers.usual_method import ask_for, follow_provider, show_version, usual_carrying, usual_method
from tests.engine.project.samples import version, with_patch

REGISTRY = local_registry()
BLUR, INPAINT = Recipe("local.blur"), Recipe("local.inpaint")


def method(project: Project) -> Method:
    return project.patch_by_id("logo").carrying.method


def run(project: Project, recipe: Recipe, pixels: str) -> Project:
    """The provider's result came in."""
    state = project.patch_by_id("logo").state
    if state is not PatchState.QUEUED:
        project = set_patch_state(project, "logo", PatchState.QUEUED)
    project = set_patch_state(project, "logo", PatchState.PROCESSING)
    return attach_version(project, "logo", replace(version(pixels), recipe=recipe))


def test_blurs_and_colours_are_tracked_and_new_pixels_are_carried() -> None:
    tracked = {info.id for info in REGISTRY.infos() if usual_method(REGISTRY, info.id) is Method.TRACK}
    assert tracked == {"local.blur", "local.pixelate", "local.colour"}
    assert usual_carrying(REGISTRY, "gone.away") == Carrying()


def test_before_the_first_run_the_method_goes_with_what_is_asked_for() -> None:
    assert method(ask_for(with_patch(), "logo", BLUR, REGISTRY)) is Method.TRACK
    held = set_carrying(with_patch(), "logo", Carrying(Method.HOLD))
    assert method(ask_for(held, "logo", BLUR, REGISTRY)) is Method.HOLD


def test_a_result_keeps_its_method_until_the_next_is_there_and_versions_bring_theirs_back() -> None:
    first = run(with_patch(), INPAINT, "a" * 40)
    asked = ask_for(first, "logo", BLUR, REGISTRY)
    assert method(asked) is Method.FLOW
    second = follow_provider(run(asked, BLUR, "b" * 40), "logo", "local.inpaint", REGISTRY)
    assert method(second) is Method.TRACK
    assert method(show_version(second, "logo", 1, REGISTRY)) is Method.FLOW
    held = set_carrying(second, "logo", Carrying(Method.HOLD))
    assert method(show_version(held, "logo", 1, REGISTRY)) is Method.HOLD
