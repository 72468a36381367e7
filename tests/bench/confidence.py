"""How well the lights of carried frames tell good frames from bad ones, on scenes whose truth is known.

Run: python tests/bench/confidence.py MEDIA_FOLDER [--seeds 2] [--hard 6] [--keep FILE.npz] [--fit]. A frame is bad where the
picture with the carried patch misses the truth by more than 12 of 255 levels (mean over where the patch should show and over what
hides it) and good below 6. Printed are, for dev and held-out scenes apart: the area under the ROC curve, the share of bad frames
that are red, of green frames that are not bad, of good frames that are green, and of amber frames. `--seeds` of each family of
`motion_scenes` and `motion_real` are measured and `--hard` of `confidence_scenes`; `--keep` measures once and reads the file
afterwards.

`--fit` prints the constants of `engine.motion.confidence`. They are fitted to the dev scenes only (`motion_scenes.HELD_OUT` says
which seeds those are); held-out scenes have other photos, other textures, other motions and other parts of the clips. It also
says how the dev scenes of each family fare when that family takes no part in the fit.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion import evidence
from engine.motion.confidence import AMBER_FROM, GREEN_FROM, confidence, level
from engine.motion.propagation import CarriedFrame, propagate
from engine.running import ThreadCancelToken
from tests.bench import confidence_scenes, logistic, motion_real, motion_scenes
from tests.bench.motion_render import Bgr, Scene

BAD_LEVELS, GOOD_LEVELS = 12.0, 6.0
_LEAST_PIXELS = 60
_RIDGE, _AMBER = 6.0, 0.06
_NOT_ALONE = ("steep", "small", "free", "distance", "zoom", "covered_change")
"""What speaks against no frame by itself: with few scenes it would only name the scene."""
_GBRP = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)
_FAMILIES = motion_scenes.FAMILIES | motion_real.FAMILIES
_HARD = confidence_scenes.FAMILIES

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """One row per carried frame: its family, its seed, its miss in levels, its evidence."""

    family: npt.NDArray[np.str_]
    seed: npt.NDArray[np.int64]
    miss: Floats
    evidence: Floats

    def part(self, chosen: Flags) -> "Rows":
        return Rows(self.family[chosen], self.seed[chosen], self.miss[chosen], self.evidence[chosen])

    @property
    def is_held(self) -> Flags:
        return np.asarray(self.seed >= motion_scenes.HELD_OUT)

    @property
    def bad(self) -> Flags:
        return np.asarray(self.miss > BAD_LEVELS)


def picture(bgr: Bgr) -> Picture:
    return Picture(tuple(np.ascontiguousarray(bgr[..., channel]) for channel in (1, 0, 2)), _GBRP, Colour(0, 1, 1, True))


def measured(scene: Scene) -> Iterator[tuple[float, Floats]]:
    """(miss, evidence) of the frames that carry the patch; what ends at a cut or has left needs no model."""
    pictures = [picture(frame) for frame in scene.frames]
    alpha = (scene.mask > 0).astype(np.float32)
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    box = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    patch = PatchFrame(int(columns[0]), int(rows[0]), np.ascontiguousarray(scene.patched[box][..., ::-1]), alpha[box])
    window = range(len(pictures))
    for carried in propagate(pictures.__getitem__, scene.anchor, patch, window, cancel=ThreadCancelToken()):
        missed = miss(scene, carried, pictures[carried.frame])
        if carried.frame != scene.anchor and carried.evidence.distance and missed is not None:
            yield missed, evidence.as_row(carried.evidence)


def miss(scene: Scene, carried: CarriedFrame, base: Picture) -> float | None:
    """Mean absolute miss in levels, of the nearest truth; None where next to nothing of the region is in the picture."""
    shown = base if carried.patch is None else replace_frame(base, carried.patch)
    green, blue, red = shown.planes[:3]
    result, truth = np.dstack([blue, green, red]).astype(np.float32), scene.truth[carried.frame].astype(np.float32)
    there = scene.region[carried.frame] + scene.front[carried.frame] > 0.3
    if there.sum() <= _LEAST_PIXELS:
        return None
    doubt = range(-scene.doubt_px, scene.doubt_px + 1)
    moved = (np.roll(truth, (down, across), (0, 1)) for down in doubt for across in doubt)
    return min(float(np.abs(result[there] - one[there]).mean()) for one in moved)


def _scene_rows(job: tuple[str, int, str]) -> tuple[str, int, list[tuple[float, Floats]]]:
    family, seed, media = job
    cv2.setNumThreads(1)
    return family, seed, list(measured((_FAMILIES | _HARD)[family](Path(media), seed)))


def collect(media: Path, seeds: int, hard: int, workers: int) -> Rows:
    # The first of every three fast scenes is 1080p: it takes most of the time and says nothing new here.
    jobs = [
        (family, first + 3 * seed + 1 if family == "fast" else first + seed, str(media))
        for seed in range(seeds) for family in _FAMILIES for first in (0, motion_scenes.HELD_OUT)
    ]
    splits = (0, motion_scenes.HELD_OUT)
    jobs += [(family, first + seed, str(media)) for seed in range(hard) for family in _HARD for first in splits]
    found = []
    with ProcessPoolExecutor(workers) as pool:
        for family, seed, rows in pool.map(_scene_rows, jobs):
            found += [(family, seed, missed, row) for missed, row in rows]
            sys.stderr.write(f"{family} {seed}: mean miss {np.mean([missed for missed, _ in rows]) if rows else 0:.1f}\n")
    families, numbers, misses, evidences = zip(*found, strict=True)
    return Rows(np.array(families), np.array(numbers), np.array(misses), np.array(evidences))


def auc(trust: Floats, bad: Flags) -> float:
    """Chance that a random bad frame is trusted less than a random one that is not bad."""
    order = np.argsort(np.argsort(trust, kind="stable")) + 1.0
    total = float(bad.sum()) * float((~bad).sum())
    return 1 - float(order[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / max(1.0, total)


def summary(name: str, rows: Rows, trust: Floats) -> str:
    lights = np.array([level(value) for value in trust])
    good = rows.miss < GOOD_LEVELS
    share = {
        "bad are red": (lights == "red")[rows.bad].mean() if rows.bad.any() else 1.0,
        "green are right": 1 - rows.bad[lights == "green"].mean() if (lights == "green").any() else 1.0,
        "good are green": (lights == "green")[good].mean() if good.any() else 1.0,
        "amber": (lights == "amber").mean(),
    }
    said = ", ".join(f"{key} {value:.1%}" for key, value in share.items())
    return f"{name:22} {len(trust):5} frames, {rows.bad.mean():.1%} bad, AUC {auc(trust, rows.bad):.3f}: {said}\n"


def trusts(rows: Rows) -> Floats:
    return np.array([confidence(evidence.Evidence(*row)) for row in rows.evidence])


@dataclass(frozen=True)
class Model:
    """`weights` by place in `evidence.NAMES`, the constant, and the chances of being bad where the lights change."""

    weights: Floats
    constant: float
    green_below: float
    red_from: float

    def trust(self, rows: Rows) -> Floats:
        """As `engine.motion.confidence` gives it, with its lights where they belong."""
        scale, shift = self.scaling()
        return np.asarray(1 / (1 + np.exp(np.clip(scale * (rows.evidence @ self.weights + self.constant) + shift, -40, 40))))

    def scaling(self) -> tuple[float, float]:
        """What maps the two thresholds onto the fixed ends of the lights."""
        low, high = (-log(value / (1 - value)) for value in (GREEN_FROM, AMBER_FROM))
        scale = (high - low) / max(1e-6, self.red_from - self.green_below)
        return scale, low - scale * self.green_below


def fitted(rows: Rows, names: Sequence[str]) -> Model:
    """Weights that only ever add doubt, for the evidence named; then the thresholds."""
    chosen = [evidence.NAMES.index(name) for name in names]
    weights, constant = _fit(rows, chosen)
    score = rows.evidence @ weights + constant
    return Model(weights, constant, *_thresholds(score, rows))


def chosen_evidence(rows: Rows, most: int = 9) -> list[str]:
    """The evidence that helps most with scenes that took no part in the fit, found one after the other."""
    chosen: list[int] = []
    last = float("inf")
    while len(chosen) < most:
        rest = [place for place in range(len(evidence.NAMES)) if place not in chosen and evidence.NAMES[place] not in _NOT_ALONE]
        losses = {place: _loss(rows, [*chosen, place]) for place in rest}
        best = min(losses, key=lambda place: losses[place])
        if losses[best] > 0.97 * last:
            break
        chosen.append(best)
        last = losses[best]
    return [evidence.NAMES[place] for place in chosen]


def _even_weight(rows: Rows) -> Floats:
    """Every scene counts alike, whatever the number of its frames."""
    names = np.char.add(rows.family.astype("U20"), rows.seed.astype("U9"))
    _, where, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(counts.mean() / counts[where], np.float64)


def _fit(rows: Rows, chosen: Sequence[int]) -> tuple[Floats, float]:
    """Evidence whose weight would be negative takes no part: that it lessens doubt would be an accident of these scenes."""
    used, weight = list(chosen), _even_weight(rows)
    while True:
        found, constant = logistic.fit(rows.evidence[:, used], rows.bad, ridge=_RIDGE, weight=weight)
        if (found >= 0).all() or len(used) == 1:
            weights = np.zeros(rows.evidence.shape[1])
            weights[used] = np.maximum(0, found)
            return weights, constant
        used = [place for place, value in zip(used, found, strict=True) if value >= 0]


def _loss(rows: Rows, chosen: Sequence[int]) -> float:
    """Of the scenes of each seed after those of the others."""
    total = 0.0
    for seed in np.unique(rows.seed):
        out = rows.seed == seed
        weights, constant = _fit(rows.part(~out), chosen)
        rest = rows.part(out)
        score = np.clip(rest.evidence @ weights + constant, -6, 6)  # one frame that is quite wrong shall not decide
        total += float((_even_weight(rest) * np.logaddexp(0, np.where(rest.bad, -score, score))).sum())
    return total


def _thresholds(score: Floats, rows: Rows) -> tuple[float, float]:
    """Scores at which green ends (2 of 100 below it are bad) and red begins (it holds 97 of 100 bad frames), some way apart."""
    red_from = float(np.quantile(score[rows.bad], 0.03))
    order = np.argsort(score)
    wrong = np.cumsum(rows.bad[order]) / np.arange(1, len(score) + 1)
    within = np.flatnonzero(wrong <= 0.02)
    green_below = float(score[order][within[-1]]) if len(within) else float(score.min())
    least = float(np.quantile(score, max(0.0, (score < red_from).mean() - _AMBER)))
    return min(green_below, least), red_from


def constants(model: Model) -> str:
    scale, shift = model.scaling()
    pairs = [f'"{name}": {scale * value:.3f}' for name, value in zip(evidence.NAMES, model.weights, strict=True) if value > 0]
    return f"WEIGHTS = {{{', '.join(pairs)}}}\nCONSTANT = {scale * model.constant + shift:.3f}\n"


def _fit_report(rows: Rows) -> str:
    dev, held = rows.part(~rows.is_held), rows.part(rows.is_held)
    names = chosen_evidence(dev)
    model = fitted(dev, names)
    lines = [constants(model), summary("dev", dev, model.trust(dev)), summary("held-out", held, model.trust(held))]
    trust = np.zeros(len(dev.miss))
    for family in np.unique(dev.family):
        other = dev.family != family
        trust[~other] = fitted(dev.part(other), names).trust(dev.part(~other))
    return "".join([*lines, summary("dev, family left out", dev, trust)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--hard", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        kept = np.load(options.keep)
        rows = Rows(kept["family"], kept["seed"], kept["miss"], kept["evidence"])
    else:
        rows = collect(options.media, options.seeds, options.hard, options.workers)
        if options.keep:
            np.savez(options.keep, family=rows.family, seed=rows.seed, miss=rows.miss, evidence=rows.evidence)
    if options.fit:
        sys.stdout.write(_fit_report(rows))
        return
    for name, part in (("dev", rows.part(~rows.is_held)), ("held-out", rows.part(rows.is_held))):
        sys.stdout.write(summary(name, part, trusts(part)))
        for family in np.unique(part.family):
            one = part.part(part.family == family)
            sys.stdout.write("  " + summary(str(family), one, trusts(one)))


if __name__ == "__main__":
    main()
