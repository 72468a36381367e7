"""How far a carried frame may be trusted: one number, a light, and the reasons in words.

The weights were set by hand against synthetic scenes whose truth is known (tests/bench/confidence.py): a frame is wrong where
the carried patch misses the truth by more than 12 of 255 levels (mean over the region).
"""

from enum import Enum
from math import exp
from typing import Literal

Level = Literal["green", "amber", "red"]

GREEN_FROM = 0.75
AMBER_FROM = 0.4


class Reason(Enum):
    """Why a frame needs a look. The value is a sentence's end for the window."""

    CUT = "the shot ends here"
    LEFT = "the region leaves the picture"
    COVERED = "something passes in front"
    DISAGREES = "the motion is not clear"
    DIFFERS = "the picture below has changed"
    FAST = "fast motion"


def confidence(disagreement_px: float, strain: float, covered_share: float, outside_share: float) -> float:
    """0..1 from what a track measured; 1 at the anchor."""
    doubt = 1.4 * min(disagreement_px, 4.0) + 3.0 * max(0.0, strain - 0.35) + 5.0 * covered_share + 1.0 * outside_share
    return 1 / (1 + exp(2.2 * (doubt - 1.7)))


def level(value: float) -> Level:
    """The light for a confidence: green holds, amber is worth a look, red is doubtful."""
    if value >= GREEN_FROM:
        return "green"
    return "amber" if value >= AMBER_FROM else "red"


def reasons(
    disagreement_px: float, strain: float, covered_share: float, outside_share: float, step_px: float
) -> tuple[Reason, ...]:
    """What a person should look at, the strongest first; empty where all is well."""
    found = [
        (covered_share / 0.1, Reason.COVERED), (disagreement_px / 1.0, Reason.DISAGREES), (strain / 0.7, Reason.DIFFERS),
        (outside_share / 0.1, Reason.LEFT), (step_px / 40, Reason.FAST),
    ]
    return tuple(reason for weight, reason in sorted(found, key=lambda pair: -pair[0]) if weight >= 1)
