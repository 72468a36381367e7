"""Generated pictures and videos as values for a list of cards, and the interface that the window and the commands use.

The interface is implemented by `engine.jobs.generations.Generations`. Everything it lists stands in the store, so a list is the
same after a restart; a card is one operation of one project.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from engine.providers.generation import Choices, GenerateKind, GenerateRequest, GeneratorInfo
from engine.providers.online.prices import Estimate
from engine.running import CancelToken, Report


class GenerationState(Enum):
    """What a card shows. In brackets what it offers."""

    WAITING = "waiting"
    """Allowed, and not sent yet: for a free slot, or until `retry_at` (cancel, another provider)."""
    SENDING = "sending"
    """On its way, or (a picture) being made: its answer is awaited (cancel: the charge stands)."""
    RUNNING = "running"
    """The service works on it (cancel: it only stops waiting)."""
    FETCHING = "fetching"
    """The service has it ready."""
    DONE = "done"
    """The file is safe (save, add to bin, thumbs, trash, retry)."""
    FAILED = "failed"
    """Nothing came; `message` says why (retry; look again where `can_look_again`)."""
    BLOCKED = "blocked"
    """Refused by the service's policy; the prompt is kept (edit it, another provider)."""
    STOPPED = "stopped"
    """Not waited for any more: cancelled, or it took too long (look again, retry)."""
    UNKNOWN = "unknown"
    """The answer was lost after sending: it may have been charged, and is not sent again by itself (look again where the
    service can be asked; retry, which may cost twice)."""
    EXPIRED = "expired"
    """The service has thrown it away before it was fetched (retry)."""


class CostState(Enum):
    ESTIMATED = "estimated"
    """Not settled; `usd` is about what it will cost."""
    CHARGED = "charged"
    FREE = "free"
    """Nothing was charged."""
    UP_TO = "up to"
    """Not known; `usd` is the most it may have cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    usd: float
    state: CostState


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A result. `duration` is 0 for a picture."""

    asset: str
    path: Path
    mime: str
    width: int
    height: int
    duration: Fraction = Fraction(0)
    has_audio: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """One card. `request` is what was asked, so that it can be shown, edited and asked again."""

    id: str
    request: GenerateRequest
    provider_name: str
    model: str
    state: GenerationState
    progress: str
    """What is happening, in a few words: “Generating”, “Waiting for a free slot”, “Fetching 3.2 of 10.4 MB”; empty when ended."""
    message: str
    """Why it ended as it did, or why it does not go on, as a sentence; empty where all is well."""
    elapsed_s: float
    """Since it was sent; of an ended one, how long it took."""
    usual_s: float | None
    """How long requests of this kind took so far, by our own history; None where there is none."""
    cost: Cost
    badges: tuple[str, ...]
    created: datetime
    retry_at: datetime | None
    """When it goes on by itself."""
    result: MadeFile | None
    thumb: int
    """1 up, -1 down, 0."""
    is_trashed: bool
    can_cancel: bool
    can_look_again: bool
    """Asking the service how it stands is possible and costs nothing."""
    may_cost_twice: bool
    """Sending the same again may be charged again (its answer was lost): to be said before a retry."""
    warnings: tuple[str, ...] = ()
    """What did not go as asked, each a sentence."""


class Generating(Protocol):
    """All that is generated for one project. Methods may be called from any thread and answer at once, but for `keep_picture`
    (decodes a picture), `submit` and `wait`, which are jobs for a RenderThread.

    The way: `choices`/`problem` while the user types -> `submit` (asks the gate, which may ask the user, then writes the
    operation down and returns its id) -> a thread of this object sends, waits, fetches and keeps -> `listed` shows it all along.
    `changed` is called from those threads with an operation's id whenever its card has changed; pass it on by a signal.
    """

    changed: Callable[[str], None]

    def infos(self) -> tuple[GeneratorInfo, ...]:
        """The services, in the order in which they are offered."""

    def choices(self, provider: str, kind: GenerateKind, model: str = "") -> Choices: ...

    def problem(self, request: GenerateRequest) -> str:
        """Why this cannot be sent, as a sentence for under the button; empty where it can."""

    def estimate(self, request: GenerateRequest) -> Estimate: ...

    def keep_picture(self, data: bytes) -> str:
        """A picture from outside (PNG, JPEG, WebP, AVIF) as an asset for `GenerateRequest.first_image`: decoded, turned upright,
        written anew without anything but its pixels. Raises: BadInputError, StorageError."""

    def picture_path(self, asset: str) -> Path:
        """The PNG of a kept picture. Raises: MissingAsset."""

    def submit(
        self, request: GenerateRequest, *, cancel: CancelToken, report: Report, takes_up: bool = False,
        longest_wait_s: float | None = None,
    ) -> str:
        """The id of the operation; the same request under way is joined, and with `takes_up` one that was made or left before.
        A service that is to be waited for longer than `longest_wait_s` ends this one with a sentence.

        Nothing has left when this raises: BadInputError, SendingRefused, BudgetError, KeyMissingError, StorageError; Cancelled.
        """

    def wait(self, generation: str, *, cancel: CancelToken, report: Report) -> Generation:
        """Until it has ended. Raises: ProviderError with the card's sentence where no result came; Cancelled (it goes on)."""

    def listed(self, *, with_trash: bool = False) -> tuple[Generation, ...]:
        """Newest first."""

    def get(self, generation: str) -> Generation:
        """Raises: KeyError."""

    def resume(self) -> int:
        """Take up what ended programs left, of all projects; how many. To be called once at start, and no harm done again."""

    def cancel(self, generation: str) -> None:
        """Stop waiting. What was sent may still be carried out and charged; `look_again` finds it then."""

    def look_again(self, generation: str) -> None:
        """Ask the service how it stands: for stopped, failed, unknown ones with `can_look_again`."""

    def retry(self, generation: str, *, cancel: CancelToken, report: Report) -> str:
        """The same request as a new operation: a new request, newly paid. As `submit`."""

    def rate(self, generation: str, thumb: int) -> None: ...

    def trash(self, generation: str) -> None:
        """Out of the list; its file stays, since it was paid for."""

    def restore(self, generation: str) -> None: ...

    def move_to(self, project: str) -> None:
        """The project has this name in the store now, since it has got a file. Whoever named it anew has moved its rows."""

    def close(self) -> None:
        """Stop the threads and wait for them, as a rule 0.5 s; operations stay as they are and go on at the next `resume`."""
