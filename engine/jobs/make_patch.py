"""The whole way of one patch without a window: its version, the window carried, and the edits that the results are.

Returns a project; nothing is saved here. What a provider made is an asset before the project names it.
"""

from dataclasses import dataclass, replace

from engine.jobs import continuing
from engine.jobs import patch as patch_job
from engine.jobs import propagate as propagate_job
from engine.jobs.fallback import Providers
from engine.jobs.workspace import Workspace
from engine.project.model import PatchState, Project
from engine.project.patch_edits import set_patch_recipe, set_window
from engine.project.version_edits import attach_version, set_patch_state
from engine.providers.generation import MotionContinuer
from engine.providers.registry import Registry
from engine.running import CancelToken, Report, part


@dataclass(frozen=True, slots=True)
class MadePatch:
    """`project` holds the new version, ready to review, with its window as far as it could be carried."""

    project: Project
    version_number: int
    is_cached: bool
    cost_usd: float
    carried: propagate_job.Propagated
    found: tuple[str, ...] = ()
    """What was found wrong with the provider's replies and put right."""

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.found, *self.carried.warnings)


def filled(
    made: MadePatch, patch_id: str, service: MotionContinuer, workspace: Workspace, registry: Registry, *, prompt: str = "",
    cancel: CancelToken, report: Report,
) -> MadePatch:
    """The patch with a version in which a motion service moves what lies between its anchors. Raises what `continuing` raises;
    `made` is as good as before then.
    """
    patch = made.project.patch_by_id(patch_id)
    media = made.project.media_by_id(patch.media_id)
    request = continuing.ContinueRequest(media, patch, prompt)
    continued = continuing.run(request, service, workspace, cancel=cancel, report=part(report, 0.0, 0.9))
    project = attach_version(made.project, patch_id, continued.version)
    again = propagate_job.PropagateRequest(media, project.patch_by_id(patch_id))
    carried = propagate_job.run(again, workspace, cancel=cancel, report=part(report, 0.9, 1.0), registry=registry)
    cost, found = made.cost_usd + continued.cost_usd, tuple(dict.fromkeys((*made.found, *continued.warnings)))
    return replace(
        made, project=project, version_number=carried.version_number, cost_usd=cost, carried=carried, found=found
    )


def run(
    project: Project, patch_id: str, workspace: Workspace, registry: Registry, *, cancel: CancelToken, report: Report,
    providers: Providers | None = None,
) -> MadePatch:
    """Run a queued patch and carry it. Raises what the two jobs raise."""
    project = set_patch_state(project, patch_id, PatchState.PROCESSING)
    patch = project.patch_by_id(patch_id)
    media = project.media_by_id(patch.media_id)
    made = patch_job.run(
        patch_job.PatchRequest(media, patch), workspace, registry, cancel=cancel, report=part(report, 0.0, 0.3),
        providers=providers,
    )
    project = attach_version(project, patch_id, made.version)
    if made.version.recipe != patch.recipe:  # another provider has stood in, and is the one that is asked from now on
        project = set_patch_recipe(project, patch_id, made.version.recipe)
    request = propagate_job.PropagateRequest(media, project.patch_by_id(patch_id))
    carried = propagate_job.run(
        request, workspace, cancel=cancel, report=part(report, 0.3, 1.0), registry=registry
    )
    project = set_window(project, patch_id, carried.reached)
    return MadePatch(project, carried.version_number, made.is_cached, made.version.cost_usd, carried, made.version.warnings)
