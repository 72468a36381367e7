"""Tells damage that a source brought with it from damage that an export made.

What is copied is copied as it is: a frame that neither the source nor the output gives is the source's matter.
"""

from dataclasses import dataclass

from engine.encoding.checking.report import Comparison
from engine.encoding.checking.strict_decode import StrictDecoder
from engine.encoding.result import Check
from engine.media.index import FrameIndex
from engine.running import CancelToken


@dataclass(frozen=True, slots=True)
class Damage:
    """Numbers of frames that a decoder which forgives nothing does not give, of the same stretch of both files."""

    in_source: frozenset[int]
    in_output: frozenset[int]
    is_the_sources: bool
    """No frame is lost that the source has, and none that was encoded."""


def damage_in(job: Comparison, wide: range, *, cancel: CancelToken) -> Damage:
    """Look at a stretch whose first frame is an IDR or the file's first. Raises MediaError, Cancelled."""
    source, output = (_lost(path, job.index, wide, cancel) for path in (job.source, job.output))
    replaced = job.is_replaced()
    return Damage(source, output, all(number in source and not replaced[number] for number in output))


def _lost(path: str, index: FrameIndex, wide: range, cancel: CancelToken) -> frozenset[int]:
    lost = set(wide)
    with StrictDecoder(path, index, threads=1) as decoder:  # see the check of seams
        for decoded in decoder.frames(wide, goes_on=True):
            cancel.check()
            lost.discard(decoded.number)
    return frozenset(lost)


def damage_check(frames: int) -> Check:
    """What is said of so many frames that neither file gives."""
    several = f"{frames:,} frames cannot be decoded and were" if frames > 1 else "1 frame cannot be decoded and was"
    return Check("Damage of the source", True, f"{several} copied as in the source, which is damaged there", is_warning=True)


def torn_check() -> Check:
    """What is said of the beginning of a frame in which the source ends."""
    said = "the part of a frame in which it ends shows nothing and was copied as it is"
    return Check("Damage of the source", True, said, is_warning=True)
