"""What hears words: it gets a sound, and answers with words and their times. It never sees a picture, a name or a path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.captions.transcript import Transcript
from engine.providers.protocol import ProviderInfo
from engine.running import CancelToken, Report

RATE = 16_000
"""Samples a second of the sound that is given: mono, 16 bit, little end first, without a head."""


@dataclass(frozen=True, slots=True)
class TranscribeRequest:
    """`sound` is bytes, or a view of them where they lie on the disk. `kept` stores an answer as it came and gives its asset;
    called before anything is made of the answer."""

    sound: bytes | memoryview = field(repr=False)
    params: Mapping[str, float | str | bool] = field(default_factory=dict)
    kept: Callable[["TranscribeReply"], str] = lambda _reply: ""

    @property
    def seconds(self) -> float:
        return len(self.sound) / (2 * RATE)


@dataclass(frozen=True, slots=True)
class TranscribeReply:
    """`raw` is the answer as it came, which `Transcriber.read` understands; `kept` its asset where it was stored."""

    raw: bytes = field(repr=False)
    cost_usd: float = 0.0
    model: str = ""
    kept: str = ""


class Transcriber(Protocol):
    """A provider of words. Raises ProviderError."""

    @property
    def info(self) -> ProviderInfo: ...

    def transcribe(self, request: TranscribeRequest, *, cancel: CancelToken, report: Report) -> TranscribeReply: ...

    def read(self, raw: bytes) -> Transcript:
        """The words of an answer, of one that was kept before as well. Raises: ProviderError: it holds none that can be read."""
