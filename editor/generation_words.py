"""What the gallery shows of a generation: the engine's values as cards, in the user's words. Pure functions, no widgets."""

from dataclasses import dataclass
from datetime import datetime

from engine.jobs.generation_values import Cost, CostState, Generation, GenerationState
from engine.providers.generation import GenerateKind
from engine.providers.online.prices import dollars
from widgets.gallery import Action, Card, Look, Place, Section
from widgets.gallery.values import clock_words

VIDEOS, IMAGES, CONTINUATIONS = "videos", "images", "continuations"
SECTIONS = (
    Section(VIDEOS, "Videos"),
    Section(IMAGES, "Images"),
    Section(CONTINUATIONS, "Motion continuations", "Select a clip on the timeline to let it go on past its last frame.",
            "Continue a clip"),
)  # fmt: skip

LOOKS = {
    GenerationState.WAITING: Look.WAITING, GenerationState.SENDING: Look.RUNNING, GenerationState.RUNNING: Look.RUNNING,
    GenerationState.FETCHING: Look.RUNNING, GenerationState.DONE: Look.FINISHED, GenerationState.FAILED: Look.FAILED,
    GenerationState.BLOCKED: Look.BLOCKED, GenerationState.STOPPED: Look.STOPPED, GenerationState.UNKNOWN: Look.UNKNOWN,
    GenerationState.EXPIRED: Look.FAILED,
}  # fmt: skip
_STATUS = {
    GenerationState.WAITING: "Waiting", GenerationState.SENDING: "Sending", GenerationState.RUNNING: "Running",
    GenerationState.FETCHING: "Fetching", GenerationState.DONE: "Finished", GenerationState.FAILED: "Failed",
    GenerationState.BLOCKED: "Blocked by policy", GenerationState.STOPPED: "Stopped",
    GenerationState.UNKNOWN: "Outcome unknown", GenerationState.EXPIRED: "Expired",
}  # fmt: skip
_HEADLINES = {
    GenerationState.FAILED: "Nothing came back", GenerationState.BLOCKED: "The service declined this prompt",
    GenerationState.STOPPED: "No longer waited for", GenerationState.UNKNOWN: "The answer was lost after sending",
    GenerationState.EXPIRED: "The service no longer has it",
}  # fmt: skip
_EXPLAINED = {
    GenerationState.UNKNOWN: "It may have been charged. It was not sent again.",
    GenerationState.STOPPED: "The service may go on with it, and charge it.",
    GenerationState.EXPIRED: "It was made and not fetched in time.",
}
GOES_ON = "Goes on if you close the window"
UNDER_WAY = {GenerationState.WAITING, GenerationState.SENDING, GenerationState.RUNNING, GenerationState.FETCHING}


@dataclass(frozen=True, slots=True)
class Around:
    """What a card's actions depend on besides the generation itself."""

    in_bin: frozenset[str] = frozenset()
    """Ids of generations whose media is in the bin."""
    other_service: str = ""
    """The name of another service that makes the same kind; empty where there is none."""
    has_costs: bool = False
    """Whether there is a panel of costs to open."""
    again: str = ""
    """What the same request costs if it is sent once more: “about $3.20”; empty where that is not known."""


def card_of(one: Generation, around: Around) -> Card:
    """The card of a generation."""
    if one.is_trashed:
        return _deleted(one)
    in_bin = one.id in around.in_bin
    is_open = one.state in UNDER_WAY
    return Card(
        one.id, LOOKS[one.state], _status(one, in_bin), one.request.prompt, facts_words(one), section_of(one),
        headline=one.progress or _STATUS[one.state] if is_open else _HEADLINES.get(one.state, ""),
        explanation=_explanation(one),
        badges=one.badges if one.state is GenerationState.DONE else (),
        actions=_actions(one, around, in_bin=in_bin),
        hint=GOES_ON if one.state in {GenerationState.RUNNING, GenerationState.FETCHING} else "",
        began=datetime.now().timestamp() - one.elapsed_s if is_open and one.state is not GenerationState.WAITING else None,
        usual_s=one.usual_s,
        retry_at=one.retry_at.timestamp() if one.retry_at is not None and is_open else None,
        duration_s=float(one.result.duration) if one.result is not None else 0.0,
        thumb=one.thumb if one.state is GenerationState.DONE else None,
    )


def _deleted(one: Generation) -> Card:
    """What is left of one that was deleted: its file is kept, since it was paid for."""
    back = Action(RESTORE, "Bring back", place="main")
    return Card(
        one.id, Look.DELETED, "Deleted", one.request.prompt, facts_words(one), section_of(one), "Deleted from the gallery",
        actions=(back, Action(EDIT, "Edit prompt", place="quiet")),
    )  # fmt: skip


def section_of(one: Generation) -> str:
    """Under which heading it stands."""
    if not one.request.kind.makes_video:
        return IMAGES
    return CONTINUATIONS if one.request.kind is GenerateKind.CONTINUATION else VIDEOS


def facts_words(one: Generation) -> str:
    """ "Veo, image to video, 8 s, 720p, about $0.80"; of a finished one also how long it took."""
    asked = one.request
    kind = f"{asked.kind.value}, {asked.duration_s} s" if asked.kind.makes_video else asked.kind.value
    parts = [one.provider_name, kind, asked.resolution]
    if one.state is GenerationState.BLOCKED:
        parts.append("your prompt is kept")
    else:
        parts.append(cost_words(one.cost))
    if one.state is GenerationState.DONE and one.elapsed_s >= 1:
        parts.append(clock_words(one.elapsed_s))
    return ", ".join(parts)


def cost_words(cost: Cost) -> str:
    """ "about $0.80", "$0.80", "up to $0.35", "nothing charged"."""
    amount = dollars(cost.usd)
    named = {
        CostState.ESTIMATED: f"about {amount}", CostState.CHARGED: amount, CostState.UP_TO: f"up to {amount}",
        CostState.FREE: "nothing charged",
    }  # fmt: skip
    return named[cost.state]


def file_name(one: Generation) -> str:
    """A name for the result that says what it is: the first words of its prompt."""
    kept = "".join(letter if letter.isalnum() else " " for letter in one.request.prompt)
    words = " ".join(kept.split()[:8])[:60].strip() or "Generated"
    suffix = one.result.path.suffix if one.result is not None else ""
    return f"{words}{suffix}"


def _status(one: Generation, in_bin: bool) -> str:
    if one.state is GenerationState.DONE and in_bin:
        return "Finished, in bin"
    if one.state is GenerationState.WAITING and one.retry_at is not None:
        return "Waiting for a free slot"
    return _STATUS[one.state]


def _explanation(one: Generation) -> str:
    if one.state is GenerationState.WAITING and one.retry_at is not None:
        return f"{one.provider_name} allows the next request at {one.retry_at.astimezone():%H:%M:%S}"
    if one.state is GenerationState.BLOCKED and one.cost.state is CostState.FREE and "charged" not in one.message:
        return f"{one.message} Nothing was charged.".strip()
    return one.message or _EXPLAINED.get(one.state, "")


# What can be done

ADD, SHOW, SAVE, CANCEL, EDIT, OTHER, LOOK, RETRY, COSTS, TRASH, RESTORE, SOUND, AS_FIRST = (
    "add", "show", "save", "cancel", "edit", "other", "look", "retry", "costs", "trash", "restore", "sound", "first",
)  # fmt: skip
_TRASH = Action(TRASH, "Delete", "trash", "icon", "Delete; what was paid for can be brought back")


def _actions(one: Generation, around: Around, *, in_bin: bool) -> tuple[Action, ...]:
    if one.state is GenerationState.WAITING:
        return (*_other(one, around, "main", f"Use {around.other_service} now"), Action(CANCEL, "Cancel", place="end"))
    if one.state in UNDER_WAY:
        tip = "Stops waiting; what was sent may still be made and charged"
        return (Action(CANCEL, "Cancel", place="far", tip=tip),) if one.can_cancel else ()
    if one.state is GenerationState.DONE:
        return _done_actions(one, around, in_bin=in_bin)
    if one.state is GenerationState.BLOCKED:
        return (Action(EDIT, "Edit prompt", place="main"), *_other(one, around, "quiet"), _TRASH)
    return _ended_actions(one, around)


def _done_actions(one: Generation, around: Around, *, in_bin: bool) -> tuple[Action, ...]:
    first = Action(SHOW, "Show in bin", place="main") if in_bin else Action(ADD, "Add to bin", "plus", "main")
    found = [first, Action(SAVE, "Save", "download", "quiet", "Save a copy as a file")]
    if one.result is not None and one.result.has_audio:
        found.append(Action(SOUND, "Put its sound on the music track"))
    if not one.request.kind.makes_video:
        found.append(Action(AS_FIRST, "Use as first frame"))
    found += [Action(EDIT, "Edit prompt"), Action(RETRY, _priced("Generate again", around))]
    found += [*_other(one, around, "menu", f"Try {around.other_service}"), *_costs(around, "menu"), Action(TRASH, "Delete")]
    return tuple(found)


def _ended_actions(one: Generation, around: Around) -> tuple[Action, ...]:
    """Failed, stopped, unknown, expired: asking the service comes first, since it costs nothing."""
    again = _priced("Send again" if one.may_cost_twice else "Try again", around)
    tip = "The first request may have been charged, and sending it again may cost twice" if one.may_cost_twice else ""
    found: list[Action] = []
    if one.can_look_again:
        found.append(Action(LOOK, "Ask the service", place="main", tip="Costs nothing"))
    found.append(Action(RETRY, again, place="quiet" if one.can_look_again else "main", tip=tip))
    if one.state is GenerationState.UNKNOWN and one.can_look_again:
        found[1] = Action(RETRY, again, tip=tip)
        found += _costs(around, "quiet")
    else:
        found += _costs(around, "menu")
    found += [Action(EDIT, "Edit prompt"), *_other(one, around, "menu", f"Try {around.other_service}")]
    return (*found, Action(TRASH, "Delete"))


def _other(one: Generation, around: Around, place: Place, words: str = "Other provider") -> tuple[Action, ...]:
    if not around.other_service:
        return ()
    return (Action(OTHER, words, place=place, tip=f"The same with {around.other_service}, put in the form"),)


def _priced(words: str, around: Around) -> str:
    """The amount stands on the button that spends it."""
    return f"{words}, {around.again}" if around.again else words


def _costs(around: Around, place: Place) -> tuple[Action, ...]:
    return (Action(COSTS, "Open in Costs", place=place),) if around.has_costs else ()
