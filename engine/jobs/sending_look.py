"""What a region edit would send, found out by the very code that sends it, stopped at its gate. Nothing leaves."""

from dataclasses import dataclass, replace
from typing import NoReturn

from engine.errors import EditError
from engine.jobs.answer import Question, is_answered
from engine.jobs.region_edit import Frame, edit_region
from engine.jobs.workspace import ProjectSources, Workspace
from engine.providers.online.offered import Means
from engine.providers.online.outgoing import Sending
from engine.providers.registry import full_registry
from engine.running import CancelToken, ignore
from engine.vault import Keys

_SOME_WORDS = "…"
"""Where there are none yet: the picture and its price do not depend on them."""


@dataclass(frozen=True, slots=True)
class SendingLook:
    """`is_known`: this very request was answered before, so that nothing would be sent and nothing charged."""

    sending: Sending
    is_known: bool


class _AtTheGateError(Exception):
    def __init__(self, sending: Sending) -> None:
        super().__init__()
        self.sending = sending


def sending_look(question: Question, workspace: Workspace, sources: ProjectSources, *, cancel: CancelToken) -> SendingLook:
    """Raises: BadInputError: no such service; EditError: it may not get this region; MediaError; Cancelled."""
    recipe, media = question.recipe, question.media
    registry = full_registry(Means(_no_keys, gate=_stop))
    is_known = is_answered(question, workspace, registry)
    cancel.check()
    frame = Frame(sources.picture(media, question.time), sources.rotation(media), sources.pixel_aspect(media))
    try:
        edit_region(
            registry.get(recipe.provider), frame, question.region, prompt=recipe.prompt.strip() or _SOME_WORDS,
            params=registry.parameters(recipe.provider, dict(recipe.params)), seed=recipe.seed, cancel=cancel, report=ignore,
        )
    except _AtTheGateError as stopped:
        sending = stopped.sending
        return SendingLook(sending if recipe.prompt.strip() else replace(sending, text=""), is_known)
    raise EditError("This provider sends nothing.")


def _stop(sending: Sending, cancel: CancelToken) -> NoReturn:
    raise _AtTheGateError(sending)


def _no_keys(provider: str) -> Keys:
    raise AssertionError("a look needs no key")
