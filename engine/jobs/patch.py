"""Makes a version of a patch: what its provider makes of the anchor frame's region.

The same request is never computed, sent or paid twice: its answer is found by hash.
"""

from dataclasses import dataclass

from engine.jobs.answer import Answer, Question, answer
from engine.jobs.workspace import Workspace
from engine.project.model import Media, Patch, PatchVersion
from engine.providers.registry import Registry
from engine.running import CancelToken, Progress, Report, part


@dataclass(frozen=True, slots=True)
class PatchRequest:
    """Run `patch.recipe` on the patch's anchor frame."""

    media: Media
    patch: Patch

    @property
    def question(self) -> Question:
        return Question(self.media, self.patch.anchor, self.patch.region, self.patch.recipe)


@dataclass(frozen=True, slots=True)
class PatchResult:
    """A version for `version_edits.attach_version`, which gives it its number."""

    patch_id: str
    version: PatchVersion
    is_cached: bool


def run(
    request: PatchRequest, workspace: Workspace, registry: Registry, *, cancel: CancelToken, report: Report
) -> PatchResult:
    """Raises: EditError, BadInputError, MediaError, ProviderError, StorageError; Cancelled."""
    key = request.question.key(registry)
    own = next((v for v in request.patch.versions if v.request_hash == key and workspace.assets.has(v.pixels)), None)
    if own is not None:
        return PatchResult(request.patch.id, own, is_cached=True)
    with workspace.sources() as sources:
        made = answer(request.question, workspace, registry, sources, cancel=cancel, report=part(report, 0.0, 0.95))
    report(Progress(1.0, "Patch made"))
    return PatchResult(request.patch.id, _version(request.patch, made), made.is_cached)


def _version(patch: Patch, made: Answer) -> PatchVersion:
    return PatchVersion(
        number=0, recipe=patch.recipe, region=patch.region, anchor=patch.anchor, pixels=made.pixels, crop=made.crop,
        raw_reply=made.raw_reply, request_hash=made.key, cost_usd=made.cost_usd, seconds=made.seconds, created=made.created,
        model=made.model, warnings=made.warnings,
    )
