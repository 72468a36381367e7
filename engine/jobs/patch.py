"""Makes a version of a patch: the anchor frame's region through its provider, stored as an asset before anything else happens.

The same request is never computed, sent or paid twice: its answer is found by hash.
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from engine.cache.store import Cache
from engine.jobs.pixels import png_of
from engine.jobs.region_edit import EditedRegion, Frame, ShotContext, edit_region
from engine.jobs.workspace import ProjectSources, Workspace
from engine.project.model import Media, MediaKind, Patch, PatchVersion
from engine.project.regions import region_values
from engine.providers.protocol import RegionEditor
from engine.providers.registry import Registry
from engine.running import CancelToken, Progress, Report, part

REPLIES = "patch-replies"
PIPELINE = "region-edit-1"
"""Changes when the same request would give other pixels."""


@dataclass(frozen=True, slots=True)
class PatchRequest:
    """Run `patch.recipe` on the patch's anchor frame."""

    media: Media
    patch: Patch


@dataclass(frozen=True, slots=True)
class PatchResult:
    """A version for `version_edits.attach_version`, which gives it its number."""

    patch_id: str
    version: PatchVersion
    is_cached: bool


def request_hash(request: PatchRequest) -> str:
    """Names a request by everything that decides its answer."""
    patch, recipe = request.patch, request.patch.recipe
    return Cache.key(
        PIPELINE, request.media.fingerprint, patch.anchor, *region_values(patch.region),
        recipe.provider, recipe.prompt, recipe.image, recipe.params, recipe.seed,
    )


def run(
    request: PatchRequest, workspace: Workspace, registry: Registry, *, cancel: CancelToken, report: Report
) -> PatchResult:
    """Raises: EditError, BadInputError, MediaError, ProviderError, StorageError; Cancelled."""
    key = request_hash(request)
    known = _from_cache(workspace, key, request)
    if known is not None:
        return PatchResult(request.patch.id, known, is_cached=True)
    started = time.monotonic()
    editor = registry.get(request.patch.recipe.provider)
    with workspace.sources() as sources:
        edited = _edit(request, editor, registry, workspace, sources, cancel, part(report, 0.0, 0.95))
    version = _stored(workspace, request, edited, key, time.monotonic() - started)
    _remember(workspace, key, version, workspace.assets.get(version.pixels))
    report(Progress(1.0, "Patch made"))
    return PatchResult(request.patch.id, version, is_cached=False)


def _edit(
    request: PatchRequest, editor: RegionEditor, registry: Registry, workspace: Workspace, sources: ProjectSources,
    cancel: CancelToken, report: Report,
) -> EditedRegion:
    media, patch = request.media, request.patch
    report(Progress(0.0, "Reading the anchor frame"))
    picture = sources.picture(media, patch.anchor)
    frame = Frame(picture, sources.rotation(media), sources.pixel_aspect(media))
    context = None
    if editor.info.needs_context and media.kind is MediaKind.VIDEO:
        index = sources.index(media)
        context = ShotContext(index, lambda n: sources.picture(media, index.time_of(n)), frame, cancel)
    image = sources.bitmap(patch.recipe.image) if patch.recipe.image else None
    params = registry.parameters(patch.recipe.provider, dict(patch.recipe.params))
    return edit_region(
        editor, frame, patch.region, prompt=patch.recipe.prompt, image=image, params=params, seed=patch.recipe.seed,
        context=context, cancel=cancel, report=part(report, 0.1, 1.0),
    )


def _stored(workspace: Workspace, request: PatchRequest, edited: EditedRegion, key: str, seconds: float) -> PatchVersion:
    raw = workspace.assets.put(edited.raw_reply) if edited.raw_reply else ""
    pixels = workspace.assets.put(png_of(edited.pixels), ".png")
    height, width = edited.pixels.shape[:2]
    return PatchVersion(
        number=0, recipe=request.patch.recipe, region=request.patch.region, anchor=request.patch.anchor, pixels=pixels,
        crop=(edited.x, edited.y, width, height), raw_reply=raw, request_hash=key, cost_usd=edited.cost_usd,
        seconds=round(seconds, 3), created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _remember(workspace: Workspace, key: str, version: PatchVersion, png: bytes) -> None:
    head = {k: v for k, v in asdict(version).items() if k in ("crop", "cost_usd", "seconds", "created")}
    workspace.cache.put(REPLIES, key, json.dumps(head).encode() + b"\n" + png)


def _from_cache(workspace: Workspace, key: str, request: PatchRequest) -> PatchVersion | None:
    """What an equal request gave: from this project's versions, else from the cache."""
    own = next((v for v in request.patch.versions if v.request_hash == key and workspace.assets.has(v.pixels)), None)
    if own is not None:
        return own
    data = workspace.cache.get(REPLIES, key)
    if data is None:
        return None
    head, _, png = data.partition(b"\n")
    facts = json.loads(head)
    return PatchVersion(
        number=0, recipe=request.patch.recipe, region=request.patch.region, anchor=request.patch.anchor,
        pixels=workspace.assets.put(png, ".png"), crop=tuple(facts["crop"]), request_hash=key, cost_usd=0.0,
        seconds=facts["seconds"], created=facts["created"],
    )
