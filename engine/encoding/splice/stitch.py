"""What a splice is made of: the source, the new runs, and the sound that takes the place of the source's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from av.container import OutputContainer

from engine.encoding.av_types import AnyPacket
from engine.encoding.splice.segments import Run
from engine.encoding.splice.source import SpliceSource
from engine.media.index import FrameIndex


@dataclass(frozen=True, slots=True)
class Stitch:
    """What is to be written."""

    source: SpliceSource
    index: FrameIndex
    runs: Sequence[Run]
    keep_audio: bool
    target: Path


class ExtraAudio(Protocol):
    """Sound that takes the place of the source's: adds its stream, then gives packets up to a time (see `audio.py`)."""

    def add_stream(self, output: OutputContainer) -> None: ...

    def packets_until(self, seconds: Fraction | None) -> Iterator[AnyPacket]:
        """Packets that begin before a time; all that are left where it is None."""
