"""What is asked of a service that makes a picture or a video out of words and pictures, and what such a service is.

A picture comes back with the answer (`ImageGenerator`). A video takes minutes: its service takes the request and gives it a name,
is asked under that name how far it is, and says in the end where the file can be fetched (`VideoGenerator`). Who sends, waits,
fetches and keeps is `engine.jobs.generations`; a generator makes single calls and knows what its service's words mean.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.running import CancelToken, Report

if TYPE_CHECKING:  # what is sent brings the table of services with it
    from engine.providers.online.failures import ProviderFailure
    from engine.providers.online.outgoing import Sending
    from engine.store.operation_values import Download

Rgb8 = npt.NDArray[np.uint8]
"""(h, w, 3) R'G'B', sRGB, upright."""


class GenerateKind(Enum):
    TEXT_TO_IMAGE = "text to image"
    TEXT_TO_VIDEO = "text to video"
    IMAGE_TO_VIDEO = "image to video"
    FIRST_AND_LAST = "first and last frame"
    CONTINUATION = "continuation"
    """The last frame of a clip goes on to move: sent like IMAGE_TO_VIDEO, and named for what it is."""

    @property
    def makes_video(self) -> bool:
        return self is not GenerateKind.TEXT_TO_IMAGE

    @property
    def needs_first(self) -> bool:
        return self in {GenerateKind.IMAGE_TO_VIDEO, GenerateKind.FIRST_AND_LAST, GenerateKind.CONTINUATION}

    @property
    def needs_last(self) -> bool:
        return self is GenerateKind.FIRST_AND_LAST


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Pictures are hashes of assets that `Generations.keep_picture` gave. An empty `model` is the service's usual one."""

    provider: str
    kind: GenerateKind
    prompt: str
    negative_prompt: str = ""
    first_image: str = ""
    last_image: str = ""
    aspect: str = "16:9"
    resolution: str = "720p"
    """Of a picture its size: 1K, 2K, 4K."""
    duration_s: int = 8
    model: str = ""

    def json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "GenerateRequest":
        return cls(**{**value, "kind": GenerateKind(value["kind"])})


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be asked for in one kind with one model; the first of each is the usual one."""

    aspects: tuple[str, ...]
    resolutions: tuple[str, ...]
    durations_s: tuple[int, ...] = ()
    """Empty for pictures."""
    takes_negative_prompt: bool = False
    follows_picture: bool = False
    """The shape of what comes back is that of the picture; `aspects` says nothing then."""
    has_audio: bool = False
    notes: tuple[str, ...] = ()
    """What the service does not allow together, each a sentence: “1080p takes 8 s.”"""


@dataclass(frozen=True, slots=True)
class GeneratorInfo:
    """What the window knows of a generator without calling it."""

    id: str
    name: str
    description: str
    kinds: tuple[GenerateKind, ...]
    models: tuple[str, ...]
    """Ids that are known not to have ended; the first is the usual one. Others may be named all the same."""
    badges: tuple[str, ...] = ("AI generated",)
    """What every result carries: “AI generated”, “SynthID”, “Audio”."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as it would leave: what the user is shown of it, and what the generator sends."""

    request: GenerateRequest
    sending: "Sending"
    body: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """`raw` as it came over the wire."""

    raw: bytes = field(repr=False)
    model: str
    cost_usd: float
    tokens: int = 0
    request_id: str = ""
    warnings: tuple[str, ...] = ()
    is_priced: bool = True
    """False where nobody knows what it has cost."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`remote_id` is the service's name for what it now works on."""

    remote_id: str
    request_id: str = ""
    warnings: tuple[str, ...] = ()
    """What was left out or changed to be taken, each a sentence."""


@dataclass(frozen=True, slots=True)
class Working:
    """It is not ready; `note` is the service's word for how far it is, where it has one."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The video can be fetched from `url`. `cost_usd` is what the service says it has cost; None where it says nothing."""

    url: str = field(repr=False)
    cost_usd: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """There will be no video. `failure.kind` says why; `failure.may_have_billed` whether that is known to be free."""

    failure: "ProviderFailure"
    may_pass_again: bool = False
    """A known false alarm: the same request, sent once more, often passes. Only where the first was free."""


Look = Working | Ready | Ended


class ImageGenerator(Protocol):
    """Text to picture, in one call. Thread-safe. Raises BadInputError (a request it cannot take), ProviderFailure, Cancelled."""

    @property
    def info(self) -> GeneratorInfo: ...

    def choices(self, kind: GenerateKind, model: str = "") -> Choices: ...

    def prepared(self, request: GenerateRequest) -> Prepared: ...

    def generate(self, prepared: Prepared, *, insists: bool, cancel: CancelToken) -> GeneratedImage:
        """`insists`: in firmer words, after an answer that was no picture."""


class VideoGenerator(Protocol):
    """A video in steps. Thread-safe. Raises BadInputError, ProviderFailure, Cancelled; StorageError only from `fetch`."""

    @property
    def info(self) -> GeneratorInfo: ...

    @property
    def takes_names(self) -> bool:
        """Whether the service knows requests by the names we give them: what was lost on the way can be found then."""

    def choices(self, kind: GenerateKind, model: str = "") -> Choices: ...

    def prepared(self, request: GenerateRequest, first: Rgb8 | None, last: Rgb8 | None) -> Prepared: ...

    def submit(self, prepared: Prepared, name: str, *, cancel: CancelToken) -> Accepted:
        """The one call that may cost something. `name` is ours for the request."""

    def look(self, remote_id: str, model: str, *, cancel: CancelToken) -> Look:
        """How far it is; costs nothing. What is raised says nothing about the video."""

    def find(self, name: str, model: str, *, cancel: CancelToken) -> Accepted | None:
        """What the service knows by the name we gave it; None where it knows nothing by it, or takes no names."""

    def fetch(
        self, download: "Download", part: Path, *, noted: Callable[["Download"], None], cancel: CancelToken, report: Report
    ) -> None:
        """Write the file to `part`, going on where that ends. `noted` is told what the server says of the file before the first
        byte is written. Returns once all of it is there; ProviderFailure otherwise, and another call goes on with it."""


@dataclass(frozen=True, slots=True)
class ContinuedMotion:
    """A video between two pictures. `shown` is where they lie in its frames, as fractions: left, top, right, bottom."""

    path: Path
    shown: tuple[float, float, float, float]
    cost_usd: float
    model: str
    by: str
    """The name of the service that made it, for people."""
    warnings: tuple[str, ...] = ()


class MotionContinuer(Protocol):
    """Moves the pictures between two anchor frames: what a motion service does for a propagation window."""

    @property
    def name(self) -> str: ...

    def between(
        self, first: Rgb8, last: Rgb8, seconds: float, prompt: str, *, cancel: CancelToken, report: Report
    ) -> ContinuedMotion:
        """A video that begins about like `first` and ends about like `last`, both of one size, at least `seconds` long where
        the service makes such. Raises: BadInputError, SendingRefused, BudgetError, ProviderError; Cancelled."""
