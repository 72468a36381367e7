"""What a provider of region edits is: it gets a crop, a mask and words, and answers with a picture of the crop.

A remote provider gets nothing else. A local one may declare `needs_context` and then reads other frames of the shot lazily. What
a provider does outside the mask does not matter: the mask is enforced afterwards, by us.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import StorageError
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report

Crop = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One knob of a provider: what the panel shows and what a value may be."""

    name: str
    label: str
    default: float | str | bool
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: tuple[str, ...] = ()
    """For text parameters: the allowed values."""
    hint: str = ""
    """A sentence where the label alone does not say it."""
    example: str = ""
    """For text parameters: what an empty field shows in grey."""
    is_on_picture: bool = False
    """True where it is set by handles on the picture: a panel has no field for it."""


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What the window and the registry know about a provider without calling it."""

    id: str
    name: str
    description: str
    is_remote: bool
    needs_context: bool = False
    needs_image: bool = False
    uses_prompt: bool = False
    draws_words: bool = False
    """True where the picture it needs is the prompt's words, drawn."""
    parameters: tuple[ParameterSpec, ...] = ()
    keeps_depth: bool = True
    """True where a 16-bit crop comes back as 16 bit."""
    per_frame: bool = False
    """True where it works on every frame by itself as well as on one (a blur, a colour): its patches follow with the region, and
    every frame is edited anew."""
    mends_damage: bool = False
    """True where what the frame itself shows in the region is never looked at: a frame that is damaged there may be given."""
    version: str = "1"
    """What answers: a service's model id, or a number that changes when an offline provider gives other pixels. It is part of
    the name under which answers are kept."""


@dataclass(frozen=True, slots=True)
class ContextCrop:
    """A part of a frame of the shot, upright as displayed; `pixels` (h, w, 3) as in the request's crop."""

    time: Fraction
    pixels: Crop
    x: int
    """Where the left upper pixel lies, counted from that of the request's crop; negative left of it or above it."""
    y: int


Area = tuple[int, int, int, int]
"""x, y, width, height in pixels of the request's crop; it may reach outside the crop."""


class FrameContext(Protocol):
    """Other frames of the shot, and more of the frame that is edited. Decoded only when asked for."""

    @property
    def anchor(self) -> Fraction:
        """Source time of the frame that is edited."""

    @property
    def picture(self) -> Area:
        """The whole displayed picture as an area."""

    def times(self, window: TimeRange) -> tuple[Fraction, ...]:
        """Source times at which frames begin in a source range, in order; nothing is decoded. A still has its anchor only."""

    def shot(self, times: Iterable[Fraction]) -> Iterator[Fraction]:
        """The times given, which lead away from the anchor, up to the first whose frame belongs to another shot."""

    def crop(self, time: Fraction, area: Area) -> ContextCrop | None:
        """A part of the frame shown at a source time, clipped to the picture; None where it lies outside."""

    def frames(self, window: TimeRange, margin: int) -> Iterator[tuple[Fraction, Crop]]:
        """(source time, the crop grown by `margin` pixels on each side) for the frames of a source range."""


@dataclass(frozen=True, slots=True)
class RegionEditRequest:
    """A region edit. `crop` is (h, w, 3) R'G'B', uint8 or uint16, upright as displayed; `mask` (h, w) float32 0..1."""

    crop: Crop
    mask: npt.NDArray[np.float32]
    prompt: str = ""
    image: npt.NDArray[np.uint8] | None = None
    """(H, W, 4) straight RGBA for providers that place a picture."""
    params: Mapping[str, float | str | bool] = field(default_factory=dict)
    seed: int = 0
    keep: "Callable[[RegionEditReply], str] | None" = None
    """Stores a remote reply as it came and returns its asset's hash: to be called as soon as the reply is there, before its
    price is written down, so that no end of the program leaves a paid reply behind. Raises: StorageError."""

    def kept(self, reply: "RegionEditReply") -> str:
        """The asset of a reply that has just come; empty where nobody keeps it, or the disk did not take it (yet)."""
        with suppress(StorageError):
            return self.keep(reply) if self.keep is not None else ""
        return ""


@dataclass(frozen=True, slots=True)
class RegionEditReply:
    """`pixels` has the crop's shape and dtype for local providers. A remote reply may have any size and is fitted afterwards."""

    pixels: Crop = field(default_factory=lambda: np.empty((0, 0, 3), np.uint8))
    """Not looked at where `raw` holds the picture."""
    cost_usd: float = 0.0
    raw: bytes = b""
    """The picture as it came over the wire (PNG, JPEG, WebP, …), for remote providers: never decoded and written again."""
    model: str = ""
    """The model that says it answered."""
    shown: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """left, top, right, bottom of the crop inside the picture that was sent, as fractions of that: a provider that pads the crop
    to a ratio its service knows says so here, and the padding is cut off again."""
    warnings: tuple[str, ...] = ()
    """What did not go as asked, each a sentence."""
    kept: str = ""
    """The asset that holds it already (`RegionEditRequest.kept`)."""


class RegionEditor(Protocol):
    """A provider of region edits. Deterministic for equal requests where it is local; raises ProviderError."""

    @property
    def info(self) -> ProviderInfo: ...

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply: ...
