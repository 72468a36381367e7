"""How well the confidence of a carried frame tells good frames from bad ones, on synthetic scenes with exact truth.

Run: python tests/bench/confidence.py. Prints the share of frames that are bad (mean miss over the region above 12 of 255 levels),
the area under the ROC curve, and how many bad frames each light holds. This is what the weights in `engine.motion.confidence`
were set by.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.replace import replace_frame
from engine.media.picture import Picture
from engine.motion.confidence import level
from engine.motion.propagation import CarriedFrame, propagate
from engine.running import ThreadCancelToken
from tests.engine.motion.scenes import Rgb, Scene, pan, patch_of, picture, rgb_of, scene

BAD_LEVELS = 12.0

Floats = npt.NDArray[np.float64]
Change = Callable[[Floats], Floats]


def scenes() -> Iterator[tuple[str, Scene]]:
    """Motions from none to too fast, light, things in front, blur, noise, low contrast; three textures of each."""
    for seed in range(10, 40, 10):
        for speed in (0.5, 4.0, 14.0, 30.0):
            yield f"pan {speed}", scene(pan(speed, speed / 3), 13, seed)
        yield "turn", scene(pan(1.0, 0.5, 4.0), 13, seed)
        yield "light", scene(pan(1.5), 13, seed, light=lambda n: 1 - 0.07 * (n - 6))
        for speed in (10, 20):
            yield f"front {speed}", scene(pan(0.8), 17, seed, occluder=partial(_passing, speed))
        yield "blur", _treated(scene(pan(6.0), 13, seed), lambda image: np.asarray(cv2.blur(image, (25, 1)), np.float64))
        yield "faint", _treated(scene(pan(3.0), 13, seed), lambda image: image * 0.06 + 110)
        yield "grain", _treated(scene(pan(3.0), 13, seed), lambda image: image * 0.3 + 80 + _grain(image))


def _passing(speed: int, number: int) -> tuple[float, float] | None:
    return (165.0 + speed * (number - 14), 92.0) if number > 8 else None


def _grain(image: Floats) -> Floats:
    """Strong noise that is another one on each frame, and the same on a frame and its truth: they share their corner."""
    return np.random.default_rng(int(image[:8, :8].sum())).normal(0, 8, image.shape)


def _treated(what: Scene, change: Change) -> Scene:
    """The same treatment on frames and truth, so that truth stays exact."""
    def apply(image: Rgb) -> Rgb:
        return np.clip(change(image.astype(np.float64)), 0, 255).astype(np.uint8)

    frames, truth = [], []
    for plain, edited, region in zip(what.frames, what.truth, what.region, strict=True):
        treated, goal = apply(plain), apply(edited)
        near = cv2.dilate(region, np.ones((31, 31), np.uint8))[..., None] > 0.005
        frames.append(treated)
        truth.append(np.where(near, goal, treated))
    return Scene(frames, truth, what.region, what.anchor, patch_of(truth[what.anchor], what.region[what.anchor]))


def miss(what: Scene, carried: CarriedFrame) -> float:
    """Mean absolute miss in levels over where the patch should show and where it was painted."""
    base: Picture = picture(what.frames[carried.frame])
    shown = rgb_of(base if carried.patch is None else replace_frame(base, carried.patch)).astype(int)
    wrong = np.abs(shown - what.truth[carried.frame]).mean(axis=2)
    there = what.region[carried.frame] > 0.3
    return float(wrong[there].mean()) if there.any() else 0.0


def auc(values: Floats, bad: npt.NDArray[np.bool_]) -> float:
    """Chance that a random bad frame has a lower confidence than a random good one."""
    lower = values[bad][:, None] < values[~bad][None, :]
    equal = values[bad][:, None] == values[~bad][None, :]
    return float((lower + 0.5 * equal).mean())


def main() -> None:
    rows = []
    for name, what in scenes():
        run = propagate(what.picture, what.anchor, what.patch, range(len(what.frames)), cancel=ThreadCancelToken())
        rows += [(name, miss(what, frame), frame.confidence) for frame in run if frame.frame != what.anchor]
    missed, values = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    bad = missed > BAD_LEVELS
    sys.stdout.write(f"{len(rows)} frames, {bad.mean():.1%} bad, AUC {auc(values, bad):.3f}\n")
    for light in ("green", "amber", "red"):
        here = np.array([level(value) == light for value in values])
        sys.stdout.write(f"{light:6} {here.sum():4} frames, {bad[here].mean() if here.any() else 0:.1%} bad\n")
    for name in dict.fromkeys(row[0] for row in rows):
        here = np.array([row[0] == name for row in rows])
        averages = f"miss {missed[here].mean():5.1f}  bad {bad[here].mean():4.0%}  confidence {values[here].mean():.2f}"
        sys.stdout.write(f"  {name:10} {averages}\n")


if __name__ == "__main__":
    main()
