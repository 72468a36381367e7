"""The change of each frame of a patch as plain values, and sentences about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class FrameChange:
    """One frame: the share of the picture that changed (0..1), its flicker (mean difference 0..255 to the frame
    before it inside the region), and whether it needs a look."""

    frame: int
    area: float
    flicker: float
    level: Level = "green"


def describe(change: FrameChange) -> str:
    """The read-out for one frame."""
    return f"Frame {change.frame}: {change.area * 100:.1f} % of the picture, flicker {change.flicker:.1f}"


def summary(changes: Sequence[FrameChange]) -> str:
    """The sentence for screen readers."""
    count = sum(change.level != "green" for change in changes)
    return f"{count} of {len(changes)} frames {'needs' if count == 1 else 'need'} a look" if changes else "No frames"


def runs(changes: Sequence[FrameChange]) -> list[tuple[int, int]]:
    """Half-open index ranges of neighbouring frames that need a look."""
    found: list[tuple[int, int]] = []
    for index, change in enumerate(changes):
        if change.level == "green":
            continue
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def tick_step(count: int, width: float, least_px: float) -> int:
    """The step of the frame numbers under the chart: 1, 2, 5 × 10ⁿ with at least `least_px` between numbers."""
    step = 1
    while width / max(1, count) * step < least_px:
        leading = int(str(step)[0])
        step = step * 2 if leading in {1, 5} else step // 2 * 5
    return step
