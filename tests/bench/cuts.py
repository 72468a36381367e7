"""How well `engine.motion.cuts` finds hard cuts in edits whose cuts are known: precision, recall and F1.

Run: python tests/bench/cuts.py MEDIA_FOLDER [--edits 40]. An edit is many random pieces of the clips and stills of the folder,
cut together: each piece is a random window of the picture at a random speed, sometimes under a pan, a zoom, a turn, a flash, a
fade to black and back, a change of light, grain or a shake, all of which are not cuts; some pieces flow into the next by a
dissolve, which is no hard cut either. A piece that follows one of the same clip (a jump cut) is counted by itself: where little
moved meanwhile it is a matter of taste whether it is a cut at all.

The files are dealt out in two halves. The weights in `engine.motion.cuts` were set on the first half with seeds below 1000
(`--fit` prints them); the second half with other seeds says what they are worth.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import av
import cv2
import numpy as np
import numpy.typing as npt

from engine.motion.cuts import likelihood, measured
from tests.bench import logistic

Grey = npt.NDArray[np.uint8]
Small = npt.NDArray[np.float32]
_WIDTH, _HEIGHT = 256, 144
_MOST_FRAMES = 400
_VIDEO, _STILL = {".mp4", ".mov", ".avi", ".gif", ".mkv"}, {".jpg", ".jpeg", ".png"}
_LEAST_VIEW = 0.35
_KNOWN_CUTS = {"nasa_multistream.mp4": (202,)}
"""Cuts that files have of their own, found by eye."""
_TREATMENTS = ("plain", "plain", "plain", "pan", "zoom", "flash", "fade", "light", "grain", "shake", "spin")


@dataclass(frozen=True)
class Pair:
    """Two neighbouring frames of an edit. `kind`: a treatment, "cut", "graded cut", "jump" or "dissolve"."""

    before: Small
    after: Small
    kind: str

    @property
    def is_cut(self) -> bool:
        return self.kind in ("cut", "graded cut")


@dataclass(frozen=True)
class Piece:
    clip: str
    start: int
    frames: list[Small]
    treatment: str


Clips = dict[str, list[Grey]]


def read(folder: Path) -> Clips:
    """Clips and stills of a folder as small grey pictures; what cannot be decoded is left out, and so are copies of a clip."""
    found: Clips = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _VIDEO | _STILL:
            continue
        frames = list(_frames(path))
        if not frames or any(_alike(frames[0], known[0]) for known in found.values()):
            continue
        ends = [0, *_KNOWN_CUTS.get(path.name, ()), len(frames)]
        for number, (start, stop) in enumerate(pairwise(ends)):
            found[f"{path.name}#{number}"] = frames[start:stop]
    return found | {f"noise {seed}#0": [_noise(seed)] for seed in range(6)}


def _noise(seed: int) -> Grey:
    """A still of nothing but texture at three scales: what a pan changes most."""
    random = np.random.default_rng(seed)
    total = np.zeros((_HEIGHT, _WIDTH), np.float32)
    for step in random.integers(4, 60, 3):
        coarse = random.random((_HEIGHT // step + 2, _WIDTH // step + 2)).astype(np.float32)
        total += cv2.resize(coarse, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((total - total.mean()) / total.std() * random.uniform(20, 60) + 120, 0, 255), np.uint8)


def _alike(one: Grey, other: Grey) -> bool:
    return float(cv2.matchTemplate(one, other, cv2.TM_CCOEFF_NORMED).max()) > 0.95


def _frames(path: Path) -> Iterator[Grey]:
    try:
        with av.open(str(path)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number >= _MOST_FRAMES:
                    return
                grey = frame.to_ndarray(format="gray")
                yield np.asarray(cv2.resize(grey, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
    except (av.FFmpegError, ValueError):
        return


def half(clips: Clips, which: int) -> Clips:
    """One of two halves that share no file; the large clips are dealt out by turns, so that both halves have some."""
    names = sorted(clips, key=lambda name: (len(clips[name]) < 60, crc32(name.partition("#")[0].encode())))
    return {name: clips[name] for place, name in enumerate(names) if place % 2 == which}


def edit(clips: Clips, seed: int) -> list[Pair]:
    """The neighbouring frames of one edit of 14 pieces."""
    random = np.random.default_rng(seed)
    pieces = [_piece(clips, random) for _ in range(14)]
    pairs = []
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        pairs += [Pair(a, b, piece.treatment) for a, b in pairwise(piece.frames)]
        if following is not None:
            pairs += _joint(piece, following, random)
    return pairs


def _joint(piece: Piece, following: Piece, random: np.random.Generator) -> list[Pair]:
    last, first = piece.frames[-1], following.frames[0]
    if random.random() < 0.15:
        shares = np.linspace(0, 1, int(random.integers(8, 20)), dtype=np.float32)
        mixed = [last * (1 - share) + first * share for share in shares]
        return [Pair(a, b, "dissolve") for a, b in pairwise(mixed)]
    if piece.clip == following.clip:
        return [Pair(last, first, "jump")]
    if random.random() < 0.1:
        return [Pair(last, _graded(first, last), "graded cut")]
    return [Pair(last, first, "cut")]


def _graded(image: Small, like: Small) -> Small:
    """An image with the brightness and contrast of another, as one who cuts shots together would make it."""
    shown = (image - image.mean()) / max(1.0, float(image.std())) * like.std() + like.mean()
    return np.asarray(np.clip(shown, 0, 255), np.float32)


def _piece(clips: Clips, random: np.random.Generator) -> Piece:
    names = sorted(clips, key=lambda name: len(clips[name]))
    weights = np.array([3.0 if len(clips[name]) >= 60 else 1.0 for name in names])
    name = str(random.choice(names, p=weights / weights.sum()))
    count, pace = int(random.integers(6, 28)), int(random.choice([1, 1, 1, 2, 3]))
    start = int(random.integers(0, max(1, len(clips[name]) - count * pace)))
    treatment = str(random.choice(_TREATMENTS))
    if len(clips[name]) == 1 and treatment == "plain":
        treatment = "pan"
    source = [clips[name][min(start + n * pace, len(clips[name]) - 1)] for n in range(count)]
    return Piece(name, start, _treated(source, treatment, random), treatment)


def _treated(source: Sequence[Grey], treatment: str, random: np.random.Generator) -> list[Small]:
    """The frames of a piece as the detector sees them."""
    size = random.uniform(_LEAST_VIEW, 1.0) if treatment in ("pan", "shake", "zoom", "spin") else random.uniform(0.6, 1.0)
    place = random.uniform(0, 1, 2)
    step = random.uniform(-0.16, 0.16, 2) * (1, 0.6) * size if treatment == "pan" else np.zeros(2)
    growth = random.uniform(-0.04, 0.04) if treatment in ("zoom", "spin") else 0.0
    turn = random.uniform(-6, 6) if treatment == "spin" else 0.0
    mirrored, depth = random.random() < 0.5, random.uniform(1.3, 2.4)
    middle = int(random.integers(2, max(3, len(source) - 2)))
    shown = []
    for number, frame in enumerate(source):
        shake = random.uniform(-0.03, 0.03, 2) * size if treatment == "shake" else np.zeros(2)
        turned = _turned(frame, turn * number) if turn else frame
        seen = _window(turned, size * (1 + growth * number), place + step * number + shake)
        seen = seen[:, ::-1] if mirrored else seen
        shown.append(_lit(seen, treatment, number, middle, len(source), depth, random))
    return shown


def _window(frame: Grey, size: float, place: npt.NDArray[np.float64]) -> Small:
    """A part of a frame, `size` of its width and height, at `place` 0..1 between its ends (it bounces at them)."""
    size = float(np.clip(size, 0.25, 1.0))
    width, height = round(_WIDTH * size), round(_HEIGHT * size)
    x, y = (1 - np.abs(1 - np.mod(place, 2))) * (_WIDTH - width, _HEIGHT - height)
    part = frame[int(y):int(y) + height, int(x):int(x) + width]
    return np.asarray(cv2.resize(part, (64, 36), interpolation=cv2.INTER_AREA), np.float32)


def _turned(frame: Grey, degrees: float) -> Grey:
    matrix = cv2.getRotationMatrix2D((_WIDTH / 2, _HEIGHT / 2), degrees, 1.0)
    turned = cv2.warpAffine(frame, matrix, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(turned, np.uint8)


def _lit(
    seen: Small, treatment: str, number: int, middle: int, count: int, depth: float, random: np.random.Generator
) -> Small:
    if treatment == "flash" and middle <= number < middle + 2:
        seen = seen * np.float32(depth) + np.float32(20)
    elif treatment == "fade":  # to black and back, over at least six frames
        seen = seen * np.float32(np.clip(abs(number - count / 2) / max(6.0, count / 2), 0, 1))
    elif treatment == "light":
        seen = seen * np.float32(1 + 0.35 * np.sin(number * depth / 2))
    elif treatment == "grain":
        seen = seen + random.normal(0, 4, seen.shape).astype(np.float32)
    return np.clip(np.rint(seen), 0, 255).astype(np.float32)


def pairs_of(clips: Clips, seeds: range) -> list[Pair]:
    return [pair for seed in seeds for pair in edit(clips, seed)]


def fitted(pairs: Sequence[Pair]) -> str:
    """Weights and constant that tell cuts from the rest. Jump cuts are left out, and so are cuts between shots of one light: to
    find those last few, pans over fine detail would be called cuts, and a false cut ends a patch where a missed one marks it red.
    """
    counted = [pair for pair in pairs if pair.kind not in ("jump", "graded cut")]
    features = np.array([measured(pair.before, pair.after) for pair in counted])
    weights, constant = logistic.fit(features, np.array([pair.is_cut for pair in counted]))
    return f"WEIGHTS = ({', '.join(f'{weight:.3f}' for weight in weights)})\nCONSTANT = {constant:.3f}\n"


def summary(name: str, pairs: Sequence[Pair]) -> str:
    """Precision, recall and F1, then what was wrong by kind."""
    found = np.array([likelihood(pair.before, pair.after) >= 0.5 for pair in pairs])
    counted = np.array([pair.kind != "jump" for pair in pairs])
    truth = np.array([pair.is_cut for pair in pairs])
    hits, false, missed = (int((counted & part).sum()) for part in (found & truth, found & ~truth, ~found & truth))
    precision, recall = hits / max(1, hits + false), hits / max(1, hits + missed)
    lines = [
        f"{name}: {len(pairs)} pairs, {truth.sum()} cuts: precision {precision:.3f}, recall {recall:.3f}, "
        f"F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}"
    ]
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        of_kind = np.array([pair.kind == kind for pair in pairs])
        lines.append(f"    {kind:10} {of_kind.sum():6} pairs, {found[of_kind].sum():5} called a cut")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", type=Path)
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--fit", action="store_true", help="print weights fitted to the dev half, and nothing else")
    options = parser.parse_args()
    clips = read(options.media)
    if options.fit:
        sys.stdout.write(fitted(pairs_of(half(clips, 0), range(options.edits))))
        return
    sys.stdout.write(summary("dev half, dev seeds", pairs_of(half(clips, 0), range(options.edits))) + "\n")
    held_out = range(1000, 1000 + options.edits)
    sys.stdout.write(summary("held-out half, held-out seeds", pairs_of(half(clips, 1), held_out)) + "\n")
    sys.stdout.write(summary("all files, held-out seeds", pairs_of(clips, range(2000, 2000 + options.edits))) + "\n")


if __name__ == "__main__":
    main()
