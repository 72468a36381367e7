"""Fits the constants of `engine.motion.confidence` to what `confidence.py --keep FILE.npz` measured, and says what they do.

Run: python -m tests.bench.confidence_fit FILE.npz. The weights are those of a logistic regression that may only add doubt; every
scene counts by the root of its frames. Where the lights change is chosen on the frames of each family after a fit to all
other families (`left out`), so that red holds `_RED_SHARE` of the bad frames there. Printed are the constants; the figures of the
families left out and, which flatters, of all in the fit; how often ten families drawn at random, each of them left out, reach all
four targets together; and each family's own figures.
"""

import argparse
import sys
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from engine.motion import evidence
from engine.motion.confidence import AMBER_FROM, GREEN_FROM, WEIGHTS
from tests.bench import logistic
from tests.bench.confidence import GOOD_LEVELS, Flags, Floats, Rows, read, shares, summary

_RIDGE, _AMBER, _RED_SHARE = 3.0, 0.03, 0.975
_DRAWS, _DRAWN = 1000, 10
_TARGETS = {"bad are red": 0.9, "green are right": 0.95, "good are green": 0.7}
_MOST_AMBER = 0.2


@dataclass(frozen=True)
class Model:
    """`weights` by place in `evidence.NAMES`, the constant, and the scores at which green ends and red begins."""

    weights: Floats
    constant: float
    green_below: float
    red_from: float

    def trust(self, score: Floats) -> Floats:
        """As `engine.motion.confidence` gives it, with its lights where they belong."""
        scale, shift = self.scaling()
        return np.asarray(1 / (1 + np.exp(np.clip(scale * score + shift, -40, 40))))

    def scaling(self) -> tuple[float, float]:
        """What maps the two scores onto the fixed ends of the lights."""
        low, high = (-log(value / (1 - value)) for value in (GREEN_FROM, AMBER_FROM))
        scale = (high - low) / max(1e-6, self.red_from - self.green_below)
        return scale, low - scale * self.green_below


def fitted(rows: Rows, score: Floats) -> Model:
    """Weights from all rows, lights from the scores of families left out."""
    red_from = float(np.quantile(score[rows.bad], 1 - _RED_SHARE))
    green_below = float(np.quantile(score, max(0.0, float((score < red_from).mean()) - _AMBER)))
    return Model(*_fit(rows), green_below, red_from)


def left_out(rows: Rows) -> Floats:
    """The score of each frame after a fit to the other families."""
    score = np.zeros(len(rows.miss))
    for family in np.unique(rows.family):
        out = rows.family == family
        weights, constant = _fit(rows.part(~out))
        score[out] = rows.evidence[out] @ weights + constant
    return score


def _fit(rows: Rows) -> tuple[Floats, float]:
    """Evidence whose weight would be negative takes no part: that it lessens doubt would be an accident of these scenes."""
    used, weight = [evidence.NAMES.index(name) for name in WEIGHTS], _weight(rows)
    while True:
        found, constant = logistic.fit(rows.evidence[:, used], rows.bad, ridge=_RIDGE, weight=weight)
        if (found >= 0).all() or len(used) == 1:
            weights = np.zeros(rows.evidence.shape[1])
            weights[used] = np.maximum(0, found)
            return weights, constant
        used = [place for place, value in zip(used, found, strict=True) if value >= 0]


def _weight(rows: Rows) -> Floats:
    names = np.char.add(rows.family.astype("U20"), rows.seed.astype("U9"))
    _, where, counts = np.unique(names, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(counts[where])
    return np.asarray(weight / weight.mean(), np.float64)


def _reached(rows: Rows, trust: Floats) -> float:
    """Share of random draws of families on which all targets hold."""
    families, where = np.unique(rows.family, return_inverse=True)
    random, held = np.random.default_rng(0), 0
    for _ in range(_DRAWS):
        drawn: Flags = np.isin(where, random.choice(len(families), min(_DRAWN, len(families)), replace=False))
        found = shares(rows.part(drawn), trust[drawn])
        held += all(found[name] >= least for name, least in _TARGETS.items()) and found["amber"] <= _MOST_AMBER
    return held / _DRAWS


def constants(model: Model) -> str:
    scale, shift = model.scaling()
    pairs = [f'"{name}": {scale * value:.3f}' for name, value in zip(evidence.NAMES, model.weights, strict=True) if value > 0]
    return f"WEIGHTS = {{{', '.join(pairs)}}}\nCONSTANT = {scale * model.constant + shift:.3f}\n"


def report(rows: Rows) -> str:
    score = left_out(rows)
    model = fitted(rows, score)
    without, inside = model.trust(score), model.trust(rows.evidence @ model.weights + model.constant)
    lines = [constants(model), summary("families left out", rows, without), summary("in the fit", rows, inside)]
    lines.append(f"ten families drawn, left out: all targets hold in {_reached(rows, without):.1%}\n")
    for family in np.unique(rows.family):
        one = rows.family == family
        if rows.bad[one].any() or (rows.miss[one] < GOOD_LEVELS).any():
            lines.append("  " + summary(str(family), rows.part(one), without[one]))
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", type=Path)
    sys.stdout.write(report(read(parser.parse_args().kept)))


if __name__ == "__main__":
    main()
