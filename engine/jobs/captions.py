"""Captions from the sound of the timeline: words heard by a provider, or only the times at which somebody speaks.

What comes back belongs to the moments that were heard, so that it fits also where the user has gone on cutting meanwhile. An
answer that was paid for is an asset before anybody looks at it, and is found again under the sound it was for.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.analysis.speech import speech_ranges
from engine.captions.cutting import cues_of
from engine.captions.reading import USUAL, Limits
from engine.captions.transcript import Transcript
from engine.jobs.timeline_sound import timeline_sound
from engine.jobs.workspace import Workspace
from engine.project.caption_edits import CueDraft, bound_cues, put_cues
from engine.project.caption_values import Cue
from engine.project.cue_places import shown_cues
from engine.project.model import Project
from engine.providers.fallback import Chain, through
from engine.providers.transcriber import Transcriber, TranscribeReply, TranscribeRequest
from engine.rational_time import TimeRange
from engine.running import CancelToken, Progress, Report, part

ANSWERS = "transcripts"
_SCHEME = "transcript 1"
Value = float | str | bool
LOCAL_SPEECH = "local.speech"
"""Stands in for those who hear words: it finds when somebody speaks, here and without words."""
NOBODY_ELSE = Chain(uses_known=False)
_WITHOUT_WORDS = "Only the times at which somebody speaks were found, without the words."
_OTHER_SETTINGS = "This is what was heard in the same sound before, with other settings; nothing was charged."


@dataclass(frozen=True, slots=True)
class Found:
    """Cues without ids, bound to what was heard; see `with_found`."""

    cues: tuple[Cue, ...]
    language: str = ""
    cost_usd: float = 0.0
    """0 where nothing was asked for this time."""
    is_cached: bool = False
    model: str = ""
    heard: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
    """Why it is not what was asked for, each a sentence."""


def transcribe(
    project: Project, transcriber: Transcriber, params: Mapping[str, Value], workspace: Workspace, *, cancel: CancelToken,
    report: Report, limits: Limits = USUAL, chain: Chain = NOBODY_ELSE,
) -> Found:
    """The words of the timeline as cues. Where their service cannot answer now, what it heard in this sound before with other
    settings, or the times alone, as `chain` says.

    Raises: BadInputError, MediaError, ProviderError, StorageError; Cancelled.
    """
    sound = timeline_sound(project, cancel=cancel, report=part(report, 0.0, 0.2)).data.cast("B")
    first = transcriber.info.id

    def ask(provider: str, _is_last: bool) -> Found:
        if provider == LOCAL_SPEECH:
            return detect_speech(project, cancel=cancel, report=part(report, 0.2, 1.0), limits=limits)
        return _heard(project, sound, transcriber, params, workspace, limits, cancel, report)

    def known(provider: str) -> Found | None:
        raw = workspace.cache.get(ANSWERS, _sound_key(transcriber, sound)) if provider == first else None
        return None if raw is None else _found(project, transcriber.read(raw), limits, heard=None, is_cached=True)

    usable = replace(chain, providers=tuple(one for one in chain.providers if one in {first, LOCAL_SPEECH}))
    reached = through(first, usable, ask, known)
    report(Progress(1.0, "Captions are made"))
    if not reached.passed:
        return reached.result
    words = _WITHOUT_WORDS if reached.provider == LOCAL_SPEECH else _OTHER_SETTINGS
    return replace(reached.result, notes=(*reached.passed, words))


def _heard(
    project: Project, sound: memoryview, transcriber: Transcriber, params: Mapping[str, Value], workspace: Workspace,
    limits: Limits, cancel: CancelToken, report: Report,
) -> Found:
    key = _key(transcriber, params, sound)
    known = _known(project, workspace, key)
    if known is not None:
        return _found(project, transcriber.read(known[0]), limits, heard=(key, known[1]), is_cached=True)
    kept = _Kept(workspace, key, _sound_key(transcriber, sound))
    reply = transcriber.transcribe(
        TranscribeRequest(sound, params, kept), cancel=cancel, report=part(report, 0.2, 0.95)
    )
    found = _found(project, transcriber.read(reply.raw), limits, heard=(key, reply.kept or kept(reply)))
    return replace(found, cost_usd=reply.cost_usd, model=reply.model)


def _key(transcriber: Transcriber, params: Mapping[str, Value], sound: memoryview) -> str:
    info = transcriber.info
    words = repr((_SCHEME, info.id, info.version, sorted((name, str(value)) for name, value in params.items())))
    return _named_by(words, sound)


def _sound_key(transcriber: Transcriber, sound: memoryview) -> str:
    """Names the last answer to this sound, whatever else was asked for."""
    return _named_by(f"{_SCHEME} any {transcriber.info.id} ", sound)


def _named_by(words: str, sound: memoryview) -> str:
    found = hashlib.blake2b(words.encode(), digest_size=20)
    found.update(sound)
    return found.hexdigest()


def _known(project: Project, workspace: Workspace, key: str) -> tuple[bytes, str] | None:
    """(answer, asset) to the same question that came before: of this project, or from the cache."""
    for name, asset in project.captions.heard:
        if name == key and workspace.assets.has(asset):
            return workspace.assets.get(asset), asset
    raw = workspace.cache.get(ANSWERS, key)
    return None if raw is None else (raw, workspace.assets.put(raw, ".json"))


@dataclass(frozen=True, slots=True)
class _Kept:
    """Puts an answer on the disk. The note comes first: with it the answer is found again, whatever happens then."""

    workspace: Workspace
    key: str
    sound_key: str

    def __call__(self, reply: TranscribeReply) -> str:
        for key in (self.key, self.sound_key):
            self.workspace.cache.put(ANSWERS, key, reply.raw)
        return self.workspace.assets.put(reply.raw, ".json")


def _found(
    project: Project, transcript: Transcript, limits: Limits, *, heard: tuple[str, str] | None, is_cached: bool = False
) -> Found:
    cues = bound_cues(project, _named(cues_of(transcript, limits)))
    return Found(cues, transcript.language, is_cached=is_cached, heard=heard)


def _named(drafts: tuple[CueDraft, ...]) -> list[CueDraft]:
    """Speakers as people call them, and no names where only one speaks."""
    speakers = list(dict.fromkeys(draft.speaker for draft in drafts if draft.speaker))
    names = {speaker: f"Speaker {number}" for number, speaker in enumerate(speakers, 1)} if len(speakers) > 1 else {}
    return [replace(draft, speaker=names.get(draft.speaker, "")) for draft in drafts]


def with_found(project: Project, found: Found, *, replace_all: bool) -> Project:
    """The project as it is now with what was found in it as it was then."""
    return put_cues(project, found.cues, replace_all=replace_all, language=found.language or None, heard=found.heard)


def detect_speech(project: Project, *, cancel: CancelToken, report: Report, limits: Limits = USUAL) -> Found:
    """Cues without words where somebody speaks and no cue is yet. Raises: BadInputError, MediaError; Cancelled."""
    sound = timeline_sound(project, cancel=cancel, report=part(report, 0.0, 0.9))
    cancel.check()
    taken = [shown.range for shown in shown_cues(project)]
    spans = [span for span in readable_spans(speech_ranges(sound), limits) if not any(map(span.intersection, taken))]
    report(Progress(1.0, "Speech is found"))
    return Found(bound_cues(project, [CueDraft(span, "") for span in spans]))


def readable_spans(spoken: tuple[TimeRange, ...], limits: Limits = USUAL) -> list[TimeRange]:
    """Stretches of speech as times of captions: short ones with their neighbour or longer, long ones in equal parts."""
    joined: list[TimeRange] = []
    for span in spoken:
        is_near = bool(joined) and span.start - joined[-1].end < limits.least and (
            min(span.duration, joined[-1].duration) < limits.least and span.end - joined[-1].start <= limits.longest
        )
        joined.append(TimeRange.between(joined.pop().start, span.end) if is_near else span)
    parts = [piece for span in joined for piece in _parts(span, limits)]
    starts = [piece.start for piece in parts[1:]]
    return [_long_enough(piece, after, limits) for piece, after in zip(parts, [*starts, None][: len(parts)], strict=True)]


def _parts(span: TimeRange, limits: Limits) -> list[TimeRange]:
    count = -(-span.duration // limits.longest)
    length = span.duration / count
    return [TimeRange(span.start + number * length, length) for number in range(int(count))]


def _long_enough(span: TimeRange, after: Fraction | None, limits: Limits) -> TimeRange:
    end = max(span.end, span.start + limits.least)
    return TimeRange.between(span.start, end if after is None else max(span.end, min(end, after - limits.gap)))
