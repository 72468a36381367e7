"""Looks at what a patch would send to a service: the very picture, made at its own gate. Nothing is sent.

On a thread of its own; knows no widget.
"""

from dataclasses import dataclass, field, replace

from PySide6.QtGui import QImage

from editor.background import KeptSources
from editor.gate_words import cost_words, size_words
from editor.online import small_picture
from editor.panels.patch_sent import SentFacts
from engine.errors import PatchreelError
from engine.jobs.answer import Question
from engine.jobs.sending_look import SendingLook, sending_look
from engine.jobs.workspace import Workspace
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import Estimate
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class LookRequest:
    """A region edit that is not asked for yet."""

    question: Question
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look: the facts with their price, or why nothing can be sent."""

    facts: SentFacts | None
    estimate: Estimate = field(default_factory=lambda: Estimate(None))
    upper_usd: float = 0.0
    repeat_usd: float | None = None
    """What another variation would cost, also where this one was made before."""
    problem: str = ""


class LookWorker:
    """Called on one thread only; keeps the file open between looks."""

    def __init__(self) -> None:
        self._kept = KeptSources()

    def __call__(self, request: LookRequest, *, cancel: CancelToken, report: Report) -> Seen:
        """Raises: Cancelled."""
        try:
            sources = self._kept.of(request.workspace)
            return _seen(sending_look(request.question, request.workspace, sources, cancel=cancel))
        except PatchreelError as error:
            return Seen(None, problem=str(error))

    def close(self) -> None:
        """After its thread has ended."""
        self._kept.close()


def _seen(look: SendingLook) -> Seen:
    sending = look.sending
    upper = sending.upper_usd or sending.cost.usd or 0.0
    if look.is_known:
        return Seen(replace(_facts(sending), cost="Free, made before", is_free=True), Estimate(0.0), 0.0, sending.cost.usd)
    return Seen(_facts(sending), sending.cost, upper, sending.cost.usd)


def _facts(sending: Sending) -> SentFacts:
    masked = any(one.label == "Mask" for one in sending.enclosed)
    return SentFacts(
        small_picture(sending.picture) if sending.picture else QImage(),
        f"Crop of {sending.size[0]} × {sending.size[1]} px, {size_words(len(sending.picture))}",
        "The mask and the text above" if masked else "The text above, and in words where the region is",
        sending.host.partition("://")[2] or sending.host, cost_words(sending).partition(",")[0], sending.notes,
    )
