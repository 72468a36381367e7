"""How well the lights of carried frames tell good frames from bad ones, on scenes whose truth is known.

Run: python -m tests.bench.confidence MEDIA_FOLDER [--first 0 100 200] [--seeds 3] [--keep FILE.npz] [FAMILY …]. A frame is bad
where the picture with the carried patch misses the truth by more than 12 of 255 levels (mean over where the patch should show and
over what hides it) and good below 6. Printed are, for all and for each family: the area under the ROC curve, the share of bad
frames that are red, of green frames that are not bad, of good frames that are green, and of amber frames. Frames on which the
patch is lost (out of the picture, or never found again) carry nothing and are not counted.

Of each family of small scenes `--seeds` are measured behind each `--first` (`motion_scenes` says which stills those see), of the
larger families of `motion_scenes` and `motion_real` one to four. Those of `confidence_checks.py` are measured where `--checks` or
their names ask for them. `--keep` measures once and reads the file afterwards;
`confidence_fit.py` takes the constants of `engine.motion.confidence` from it.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion import evidence
from engine.motion.confidence import confidence, level
from engine.motion.propagation import CarriedFrame, propagate
from engine.running import ThreadCancelToken
from tests.bench import (
    confidence_checks,
    confidence_fresh,
    confidence_fronts,
    confidence_lights,
    confidence_motions,
    confidence_scenes,
    motion_real,
    motion_scenes,
)
from tests.bench.motion_render import Bgr, Scene

BAD_LEVELS, GOOD_LEVELS = 12.0, 6.0
_LEAST_PIXELS = 60
_GBRP = PixelFormat("gbrp", 8, 0, 0, is_rgb=True)
_LARGE = motion_scenes.FAMILIES | motion_real.FAMILIES
_SMALL: dict[str, Callable[[Path, int], Scene]] = (
    confidence_scenes.FAMILIES | confidence_fresh.FAMILIES | confidence_motions.FAMILIES | confidence_lights.FAMILIES
    | confidence_fronts.FAMILIES
)

_CHECKS = confidence_checks.FAMILIES
_REAL = ("opaque", "ride")

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


def jobs(firsts: Sequence[int], seeds: int, families: Sequence[str]) -> list[tuple[str, int]]:
    """(family, seed): every family has seeds of its own, or all would show the same stills and patches."""
    small = [
        (family, first + (7 * place + seed) % 100)
        for place, family in enumerate(_SMALL) if family not in _LARGE for seed in range(seeds) for first in firsts
    ]
    # The first of every three fast scenes is 1080p: it takes most of the time and says nothing new here.
    large = [
        (family, first + seed + (family == "fast"))
        for family in _LARGE for first in firsts for seed in range((2 if first else 4) if family in _REAL else 1)
    ]
    checks = [
        (family, first + 40 + 5 * place + seed)
        for place, family in enumerate(_CHECKS) for seed in range(seeds) for first in firsts
    ]
    return [job for job in small + large + checks if job[0] in (families or _SMALL | _LARGE)]


def _scene_rows(job: tuple[str, int, str]) -> tuple[str, int, list[tuple[float, Floats]]]:
    family, seed, media = job
    cv2.setNumThreads(1)
    return family, seed, list(measured((_SMALL | _LARGE | _CHECKS)[family](Path(media), seed)))


def collect(media: Path, chosen: Sequence[tuple[str, int]], workers: int) -> Rows:
    found = []
    with ProcessPoolExecutor(workers) as pool:
        for family, seed, rows in pool.map(_scene_rows, [(*job, str(media)) for job in chosen]):
            found += [(family, seed, missed, row) for missed, row in rows]
            sys.stderr.write(f"{family} {seed}: mean miss {np.mean([missed for missed, _ in rows]) if rows else 0:.1f}\n")
    families, numbers, misses, evidences = zip(*found, strict=True)
    return Rows(np.array(families), np.array(numbers), np.array(misses), np.array(evidences))


def read(kept: Path) -> Rows:
    with np.load(kept) as found:
        return Rows(found["family"], found["seed"], found["miss"], found["evidence"])


def auc(trust: Floats, bad: Flags) -> float:
    """Chance that a random bad frame is trusted less than a random one that is not bad."""
    order = np.argsort(np.argsort(trust, kind="stable")) + 1.0
    total = float(bad.sum()) * float((~bad).sum())
    return 1 - float(order[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / max(1.0, total)


def shares(rows: Rows, trust: Floats) -> dict[str, float]:
    """What the lights are worth; 1 where there is nothing to be right about."""
    lights = np.array([level(value) for value in trust])
    good = rows.miss < GOOD_LEVELS
    return {
        "bad are red": float((lights == "red")[rows.bad].mean()) if rows.bad.any() else 1.0,
        "green are right": 1 - float(rows.bad[lights == "green"].mean()) if (lights == "green").any() else 1.0,
        "good are green": float((lights == "green")[good].mean()) if good.any() else 1.0,
        "amber": float((lights == "amber").mean()),
    }


def summary(name: str, rows: Rows, trust: Floats) -> str:
    said = ", ".join(f"{key} {value:.1%}" for key, value in shares(rows, trust).items())
    return f"{name:22} {len(trust):5} frames, {rows.bad.mean():.1%} bad, AUC {auc(trust, rows.bad):.3f}: {said}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("families", nargs="*", metavar="FAMILY")
    parser.add_argument("--first", type=int, nargs="+", default=[0, motion_scenes.HELD_OUT, motion_scenes.FRESH])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--checks", action="store_true")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        rows = read(options.keep)
    else:
        families = list(_CHECKS) if options.checks else options.families
        rows = collect(options.media, jobs(options.first, options.seeds, families), options.workers)
        if options.keep:
            np.savez(options.keep, family=rows.family, seed=rows.seed, miss=rows.miss, evidence=rows.evidence)
    trust = np.array([confidence(evidence.Evidence(*row)) for row in rows.evidence])
    sys.stdout.write(summary("all", rows, trust))
    for family in np.unique(rows.family):
        one = rows.family == family
        sys.stdout.write("  " + summary(str(family), rows.part(one), trust[one]))


if __name__ == "__main__":
    main()
