"""What a provider makes of one region on one frame, found by name or asked for once.

The order is the promise: a remote reply is an asset before anybody looks at it, so what was paid for survives whatever fails
afterwards; a finished answer is kept under its key, and a key is worked on by one thread at a time.
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from engine.cache.patch_key import patch_key
from engine.jobs.pixels import png_of
from engine.jobs.region_edit import Frame, ShotContext, edit_region
from engine.jobs.whole_picture import whole_picture
from engine.jobs.workspace import ProjectSources, Workspace
from engine.project.model import Media, MediaKind, Recipe, Region
from engine.providers.protocol import RegionEditReply
from engine.providers.registry import Registry
from engine.running import CancelToken, Progress, Report, part

ANSWERS = "patch-answers"
RAW_REPLIES = "patch-raw"


@dataclass(frozen=True, slots=True)
class Question:
    """`recipe` for `region` on the frame of `media` at source time `time`."""

    media: Media
    time: Fraction
    region: Region
    recipe: Recipe

    def key(self, registry: Registry) -> str:
        """Raises: BadInputError for a provider or a parameter that does not exist."""
        recipe = self.recipe
        params = registry.parameters(recipe.provider, dict(recipe.params))
        model = registry.get(recipe.provider).info.version
        return patch_key(self.media.fingerprint, self.time, self.region, recipe, model=model, params=params)


@dataclass(frozen=True, slots=True)
class Answer:
    """Assets and facts; fields as in `PatchVersion`. `cost_usd` is 0 where nothing was asked for this time."""

    key: str
    pixels: str
    crop: tuple[int, int, int, int]
    raw_reply: str
    cost_usd: float
    seconds: float
    created: str
    model: str
    warnings: tuple[str, ...]
    is_cached: bool = False


def answer(
    question: Question, workspace: Workspace, registry: Registry, sources: ProjectSources, *, cancel: CancelToken, report: Report
) -> Answer:
    """Raises: EditError, BadInputError, MediaError, ProviderError, StorageError; Cancelled."""
    key = question.key(registry)
    with workspace.cache.claims.held(key, cancel):
        return _known(workspace, key) or _made(question, key, workspace, registry, sources, cancel, report)


def is_answered(question: Question, workspace: Workspace, registry: Registry) -> bool:
    """Whether the answer is known, or the reply it is made of: nobody is asked and nothing is paid for it any more."""
    key = question.key(registry)
    return any(workspace.cache.get(kind, key) is not None for kind in (ANSWERS, RAW_REPLIES))


def known_answer(question: Question, workspace: Workspace, registry: Registry) -> Answer | None:
    """The answer where it was made before; nobody is asked. Raises: as `Question.key`; StorageError."""
    return _known(workspace, question.key(registry))


def _made(
    question: Question, key: str, workspace: Workspace, registry: Registry, sources: ProjectSources,
    cancel: CancelToken, report: Report,
) -> Answer:
    started = time.monotonic()
    recipe, media = question.recipe, question.media
    report(Progress(0.0, "Reading the anchor frame"))
    look = sources.picture if registry.get(recipe.provider).info.mends_damage else partial(whole_picture, sources)
    frame = Frame(look(media, question.time), sources.rotation(media), sources.pixel_aspect(media))
    kept = _RawReplies(workspace, key)
    edited = edit_region(
        registry.get(recipe.provider), frame, question.region, prompt=recipe.prompt,
        image=sources.bitmap(recipe.image) if recipe.image else None,
        params=registry.parameters(recipe.provider, dict(recipe.params)), seed=recipe.seed,
        context=_context(question, registry, sources, frame, cancel), cancel=cancel, report=part(report, 0.1, 1.0),
        keep_raw=kept.keep, kept=kept.found(),
    )
    png = png_of(edited.pixels)
    height, width = edited.pixels.shape[:2]
    made = Answer(
        key, workspace.assets.put(png, ".png"), (edited.x, edited.y, width, height), edited.raw_reply, edited.cost_usd,
        round(time.monotonic() - started, 3), datetime.now(UTC).isoformat(timespec="seconds"), edited.model, edited.warnings,
    )
    _remember(workspace, made, png)
    return made


def _context(
    question: Question, registry: Registry, sources: ProjectSources, frame: Frame, cancel: CancelToken
) -> ShotContext | None:
    media = question.media
    if not registry.get(question.recipe.provider).info.needs_context:
        return None
    is_video = media.kind is MediaKind.VIDEO
    index, shot = (sources.index(media), sources.shot(media, cancel)) if is_video else (None, None)
    return ShotContext(index, shot, frame, question.time, cancel)


class _RawReplies:
    """The reply to one request as it came over the wire: an asset, and a note in the cache that says which."""

    def __init__(self, workspace: Workspace, key: str) -> None:
        self._workspace, self._key = workspace, key

    def keep(self, reply: RegionEditReply) -> str:
        """The asset's hash; on the disk when this returns. Raises: StorageError.

        The note comes first: with it the reply is found again, also where the program ends before the asset is written.
        """
        raw = reply.raw or png_of(reply.pixels)
        head = {"cost_usd": reply.cost_usd, "model": reply.model, "shown": reply.shown, "warnings": reply.warnings}
        self._workspace.cache.put(RAW_REPLIES, self._key, _packed(head, raw))
        return self._workspace.assets.put(raw)

    def found(self) -> RegionEditReply | None:
        """A reply that came before and was never made into an answer."""
        data = self._workspace.cache.get(RAW_REPLIES, self._key)
        if data is None:
            return None
        head, raw = _unpacked(data)
        return RegionEditReply(
            raw=raw, cost_usd=head["cost_usd"], model=head["model"], shown=tuple(head["shown"]),
            warnings=tuple(head.get("warnings", ())),
        )


def _remember(workspace: Workspace, made: Answer, png: bytes) -> None:
    facts = asdict(made)
    workspace.cache.put(ANSWERS, made.key, _packed(facts, png))


def _known(workspace: Workspace, key: str) -> Answer | None:
    """From the cache, its pixels (and the raw reply, where that is still known) put into this project's assets."""
    data = workspace.cache.get(ANSWERS, key)
    if data is None:
        return None
    facts, png = _unpacked(data)
    raw = workspace.cache.get(RAW_REPLIES, key) if facts["raw_reply"] else None
    raw_reply = workspace.assets.put(_unpacked(raw)[1]) if raw is not None else ""
    return Answer(
        key, workspace.assets.put(png, ".png"), tuple(facts["crop"]), raw_reply, 0.0, facts["seconds"], facts["created"],
        facts["model"], tuple(facts["warnings"]), is_cached=True,
    )


def _packed(head: dict[str, Any], data: bytes) -> bytes:
    return json.dumps(head).encode("ascii") + b"\n" + data


def _unpacked(data: bytes) -> tuple[dict[str, Any], bytes]:
    head, _, rest = data.partition(b"\n")
    return json.loads(head), rest
