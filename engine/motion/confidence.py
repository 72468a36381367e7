"""How far a carried frame may be trusted: one number, a light, and the reasons in words.

A frame is wrong where the carried patch misses the truth by more than 12 of 255 levels (mean over the region). The chance of that
is a logistic model of the evidence. Its weights were fitted by `tests/bench/confidence_fit.py` to scenes whose truth is known;
that bench says what they are worth on families of scenes that were left out.
"""

from collections.abc import Mapping
from enum import Enum
from math import exp, log1p
from typing import Literal

from engine.motion.evidence import Evidence

Level = Literal["green", "amber", "red"]

GREEN_FROM = 0.75
AMBER_FROM = 0.4

WEIGHTS: Mapping[str, float] = {"ragged": 4.964, "left_over": 10.370, "doubted": 9.250, "strayed": 8.758}
"""By the name of the evidence; what has none was no help."""
CONSTANT = -34.387
_MANY = log1p(8)
"""Levels, as evidence gives them, from which a single doubt is worth a look."""


class Reason(Enum):
    """Why a frame needs a look. The value is a sentence's end for the window."""

    CUT = "the shot ends here"
    LEFT = "the region leaves the picture"
    COVERED = "something passes in front"
    DISAGREES = "the motion is not clear"
    ALIKE = "other places look the same"
    DIFFERS = "the picture below has changed"
    FAST = "fast motion"
    BEFORE = "it was doubtful on the way here"


def confidence(evidence: Evidence) -> float:
    """0..1 from what a frame showed; 1 at the anchor."""
    doubt = CONSTANT + sum(weight * getattr(evidence, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + exp(min(40.0, max(-40.0, doubt))))


def held_confidence(levels: float) -> float:
    """The same for a patch that is laid down without following: `levels` is how much the picture below it changed."""
    return 1 / (1 + exp(min(40.0, (levels - 8) / 1.8)))


def level(value: float) -> Level:
    """The light for a confidence: green holds, amber is worth a look, red is doubtful."""
    if value >= GREEN_FROM:
        return "green"
    return "amber" if value >= AMBER_FROM else "red"


def reasons(evidence: Evidence, step_px: float) -> tuple[Reason, ...]:
    """What a person should look at, the strongest first; empty where all is well, never where the light is not green."""
    found = [
        (evidence.covered_share / 0.1, Reason.COVERED), (evidence.outside_share / 0.1, Reason.LEFT),
        (max(evidence.misplaced, evidence.torn) / _MANY, Reason.DISAGREES), (evidence.alike / _MANY, Reason.ALIKE),
        (max(evidence.relit, evidence.unlike, evidence.ragged, evidence.left_over) / _MANY, Reason.DIFFERS),
        (step_px / 40, Reason.FAST),
    ]
    found.sort(key=lambda pair: -pair[0])
    now = tuple(reason for weight, reason in found if weight >= 1)
    if now or level(confidence(evidence)) == "green":
        return now
    return (Reason.BEFORE,) if max(evidence.doubted, evidence.strayed) >= _MANY else (found[0][1],)
