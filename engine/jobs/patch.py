"""Makes a version of a patch: what its provider makes of the anchor frame's region, and what it shows on the frames of its keys.

The same request is never computed, sent or paid twice: its answer is found by hash.
"""

from dataclasses import dataclass, replace

from engine.jobs.answer import Question
from engine.jobs.fallback import Answered, Providers, answered
from engine.jobs.further_anchors import Further, further_anchors
from engine.jobs.track import refuse_remote_track
from engine.jobs.workspace import ProjectSources, Workspace
from engine.project.model import Media, Patch, PatchVersion
from engine.providers.registry import Registry
from engine.running import CancelToken, Progress, Report, part


@dataclass(frozen=True, slots=True)
class PatchRequest:
    """Run `patch.recipe` on the patch's anchor frame."""

    media: Media
    patch: Patch
    is_correction: bool = False
    """Only its keys changed: the shown version's pixels stay, no remote provider is asked, nothing is paid."""

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
    request: PatchRequest, workspace: Workspace, registry: Registry, *, cancel: CancelToken, report: Report,
    providers: Providers | None = None,
) -> PatchResult:
    """`providers` says who else may be asked where the patch's own provider cannot answer; nobody where it is left out.

    Raises: EditError, BadInputError, MediaError, ProviderError, StorageError; Cancelled.
    """
    providers = providers or Providers(registry, registry)
    media, patch = request.media, request.patch
    refuse_remote_track(patch, patch.recipe, registry)
    share = 0.95 / (1 + len(patch.keys))
    with workspace.sources() as sources:
        own, is_cached = _own(request, workspace, providers, sources, cancel, part(report, 0.0, share))
        further = tuple(further_anchors(
            media, patch, own, workspace, registry, sources, cancel=cancel, report=part(report, share, 0.95)
        ))  # fmt: skip
    report(Progress(1.0, "Patch made"))
    return PatchResult(patch.id, _together(patch, own, further), is_cached and all(one.is_cached for one in further))


def _together(patch: Patch, own: PatchVersion, further: tuple[Further, ...]) -> PatchVersion:
    """The version with its further anchors: one that the patch has already, else a new one that cost what was paid this time."""
    others = tuple(one.pixels for one in further)
    same = (v for v in patch.versions if (v.request_hash, v.pixels, v.others) == (own.request_hash, own.pixels, others))
    paid_before = own.number != 0
    cost = (0.0 if paid_before else own.cost_usd) + sum(one.cost_usd for one in further)
    warnings = dict.fromkeys((*own.warnings, *(warning for one in further for warning in one.warnings)))
    return next(same, replace(own, number=0, others=others, warnings=tuple(warnings), cost_usd=cost))


def _own(
    request: PatchRequest, workspace: Workspace, providers: Providers, sources: ProjectSources, cancel: CancelToken,
    report: Report,
) -> tuple[PatchVersion, bool]:
    """The anchor's version without further anchors, and whether it was known: with its number where the patch has it already."""
    shown = request.patch.version
    if request.is_correction and shown is not None:
        return replace(shown, others=()), True
    key = request.question.key(providers.registry)
    known = next((v for v in request.patch.versions if v.request_hash == key and workspace.assets.has(v.pixels)), None)
    if known is not None:
        return replace(known, others=()), True
    reached = answered(request.question, providers, workspace, sources, cancel=cancel, report=report)
    return _version(request.patch, reached), reached.answer.is_cached


def _version(patch: Patch, reached: Answered) -> PatchVersion:
    made = reached.answer
    return PatchVersion(
        number=0, recipe=reached.recipe, region=patch.region, anchor=patch.anchor, pixels=made.pixels, crop=made.crop,
        raw_reply=made.raw_reply, request_hash=made.key, cost_usd=made.cost_usd, seconds=made.seconds, created=made.created,
        model=made.model, warnings=made.warnings,
    )
