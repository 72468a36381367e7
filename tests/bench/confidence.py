"""How well the lights of carried frames tell good frames from bad ones, on scenes whose truth is known.

Run: python tests/bench/confidence.py MEDIA_FOLDER [--seeds 2] [--hard 6] [--keep FILE.npz] [--fit]. A frame is bad where the
picture with the carried patch misses the truth by more than 12 of 255 levels (mean over where the patch should show and over what
hides it) and good below 6. Printed are, for dev and held-out scenes apart: the area under the ROC curve, the share of bad frames
that are red, of green frames that are not bad, of good frames that are green, and of amber frames. `--seeds` of each family of
`motion_scenes` and `motion_real` are measured and `--hard` of `confidence_scenes`; `--keep` measures once and reads the file
afterwards.

`--fit` prints the constants of `engine.motion.confidence`. Which evidence counts, its weights and where the lights change are
chosen on dev scenes alone: on those of each family after a fit to the others. Held-out scenes (`motion_scenes.UNSEEN` says
which seeds those are) have textures, motions and pieces of pictures of their own; `--held` measures them and nothing else.
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
from tests.bench import confidence_fresh, confidence_scenes, logistic, motion_real, motion_scenes
from tests.bench.motion_render import Bgr, Scene

BAD_LEVELS, GOOD_LEVELS = 12.0, 6.0
_LEAST_PIXELS = 60
_RIDGE, _AMBER, _RED_SHARE = 6.0, 0.06, 0.93
_LEAST_GAIN = 0.004
_UNSEEN = "grid"
"""A surface that repeats can slip by a period, and no evidence shows it: the fit would only learn to doubt everything."""
_NOT_ALONE = ("steep", "small", "free", "distance", "zoom", "covered_change")
"""What speaks against no frame by itself: with few scenes it would only name the scene."""
_GBRP = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)
_FAMILIES = motion_scenes.FAMILIES | motion_real.FAMILIES
_HARD, _NEW = confidence_scenes.FAMILIES, confidence_fresh.FAMILIES

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
        return np.asarray(self.seed >= motion_scenes.UNSEEN)

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
    return family, seed, list(measured((_FAMILIES | _HARD | _NEW)[family](Path(media), seed)))


def collect(media: Path, seeds: int, hard: int, workers: int, *, is_held: bool) -> Rows:
    jobs = []
    for first in (motion_scenes.UNSEEN,) if is_held else (0, motion_scenes.FRESH):
        # The first of every three fast scenes is 1080p: it takes most of the time and says nothing new here.
        jobs += [
            (family, first + 3 * seed + (1 - first) % 3 if family == "fast" else first + seed, str(media))
            for seed in range(seeds) for family in _FAMILIES
        ]
        small = _HARD | _NEW if first else _HARD
        jobs += [(family, first + seed, str(media)) for seed in range(hard) for family in small]
    jobs = list(dict.fromkeys(jobs))
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
    """Weights that only ever add doubt, for the evidence named; then the thresholds, from families left out of a fit."""
    chosen = [evidence.NAMES.index(name) for name in names]
    weights, constant = _fit(rows, chosen)
    return Model(weights, constant, *_thresholds(_left_out_scores(rows, chosen), rows))


def _left_out_scores(rows: Rows, chosen: Sequence[int]) -> Floats:
    """Of each frame after a fit to the other families."""
    score = np.zeros(len(rows.miss))
    for family in np.unique(rows.family):
        out = rows.family == family
        weights, constant = _fit(rows.part(~out), chosen)
        score[out] = rows.evidence[out] @ weights + constant
    return score


def chosen_evidence(rows: Rows, most: int = 6) -> list[str]:
    """The evidence that helps most with families that took no part in the fit, found one after the other."""
    chosen: list[int] = []
    last = -1.0
    while len(chosen) < most:
        rest = [place for place in range(len(evidence.NAMES)) if place not in chosen and evidence.NAMES[place] not in _NOT_ALONE]
        merits = {place: _merit(rows, [*chosen, place]) for place in rest}
        best = max(merits, key=lambda place: merits[place])
        if merits[best] < last + _LEAST_GAIN:
            break
        chosen.append(best)
        last = merits[best]
    return [evidence.NAMES[place] for place in chosen]


def _merit(rows: Rows, chosen: Sequence[int]) -> float:
    """Area under the ROC curve, less half the share of good frames that are red where most bad ones are."""
    score = _left_out_scores(rows, chosen)
    lost = score[rows.miss < GOOD_LEVELS] >= np.quantile(score[rows.bad], 1 - _RED_SHARE)
    return auc(-score, rows.bad) - 0.5 * float(lost.mean())


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


def _thresholds(score: Floats, rows: Rows) -> tuple[float, float]:
    """Scores at which green ends and red begins: red holds `_RED_SHARE` of the bad frames, amber a few of all below that."""
    red_from = float(np.quantile(score[rows.bad], 1 - _RED_SHARE))
    return float(np.quantile(score, max(0.0, float((score < red_from).mean()) - _AMBER))), red_from


def constants(model: Model) -> str:
    scale, shift = model.scaling()
    pairs = [f'"{name}": {scale * value:.3f}' for name, value in zip(evidence.NAMES, model.weights, strict=True) if value > 0]
    return f"WEIGHTS = {{{', '.join(pairs)}}}\nCONSTANT = {scale * model.constant + shift:.3f}\n"


def _fit_report(rows: Rows) -> str:
    names = chosen_evidence(rows)
    model = fitted(rows, names)
    trust = np.zeros(len(rows.miss))
    for family in np.unique(rows.family):
        other = rows.family != family
        trust[~other] = fitted(rows.part(other), names).trust(rows.part(~other))
    return "".join([constants(model), summary("dev", rows, model.trust(rows)), summary("dev, family left out", rows, trust)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--hard", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--held", action="store_true")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        kept = np.load(options.keep)
        rows = Rows(kept["family"], kept["seed"], kept["miss"], kept["evidence"])
    else:
        rows = collect(options.media, options.seeds, options.hard, options.workers, is_held=options.held)
        if options.keep:
            np.savez(options.keep, family=rows.family, seed=rows.seed, miss=rows.miss, evidence=rows.evidence)
    if options.fit:
        sys.stdout.write(_fit_report(rows.part(~rows.is_held & (rows.family != _UNSEEN))))
        return
    sys.stdout.write(summary("held-out" if options.held else "dev", rows, trusts(rows)))
    for family in np.unique(rows.family):
        one = rows.part(rows.family == family)
        sys.stdout.write("  " + summary(str(family), one, trusts(one)))


if __name__ == "__main__":
    main()
