"""How much better the clean plate is than inpainting one frame: made shots whose truth is known, and real clips to look at.

Run by hand from the repository's root: `python -m tests.bench.clean_plate [--seeds N] [--real FOLDER --out FOLDER]`. The pictures
show, from left to right, the frame, what inpainting makes of it, and the clean plate.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.jobs.region_edit import Frame, ShotContext, edit_region
from engine.jobs.workspace import MediaShot
from engine.media.importing import import_media
from engine.media.library import MediaLibrary
from engine.project.model import Region, RegionKind
from engine.providers.protocol import RegionEditRequest
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore
from tests.engine.providers.makers import ArrayShot, Scene, crop_box, moving_scene, psnr

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be removed from a frame of a real clip. Points are fractions of the picture."""

    name: str
    file: str
    frame: int
    points: tuple[tuple[float, float], ...]
    kind: RegionKind = RegionKind.LASSO


JOBS = (
    Job("cars", "cars_768x432_12.5fps.mp4", 81, ((0.33, 0.02), (0.6, 0.84)), RegionKind.BOX),
    Job("friday", "friday_640x480_30_speech.mp4", 105, ((0.55, 0.0), (0.75, 0.34)), RegionKind.ELLIPSE),
    Job("bbb", "bbb_720p25_aac51.mp4", 90, (
        (0.1, 0.18), (0.3, 0.03), (0.5, 0.08), (0.53, 0.3), (0.51, 0.85), (0.4, 0.9), (0.26, 0.86), (0.25, 0.5), (0.1, 0.38),
    )),
    Job("flower", "flower_960x540_2997_aac.mp4", 145, ((0.28, 0.1), (0.66, 0.74)), RegionKind.ELLIPSE),
)


def on_scene(scene: Scene, provider: str) -> tuple[float, float]:
    """dB of the filled region against the truth, and CPU seconds."""
    box = crop_box(scene.mask)
    cut = np.s_[box[1]:box[1] + box[3], box[0]:box[0] + box[2]]
    request = RegionEditRequest(np.ascontiguousarray(scene.frames[scene.anchor][cut]), np.ascontiguousarray(scene.mask[cut]))
    started = time.process_time()
    shot = ArrayShot(scene.frames, scene.anchor, box)
    made = local_registry().get(provider).edit(request, shot, cancel=ThreadCancelToken(), report=ignore)
    seconds = time.process_time() - started
    return psnr(np.asarray(made.pixels, np.uint8), scene.truth[cut], request.mask > 0), seconds


def figures(seeds: int) -> None:
    gains = []
    for seed in range(seeds):
        scene = moving_scene(seed, (640, 360), 60)
        results = [on_scene(scene, provider) for provider in ("local.inpaint", "local.cleanplate")]
        gains.append(results[1][0] - results[0][0])
        print(f"seed {seed}: inpaint {results[0][0]:.1f} dB in {results[0][1]:.2f} s, "  # noqa: T201
              f"clean plate {results[1][0]:.1f} dB in {results[1][1]:.2f} s")
    print(f"gain: least {min(gains):.1f} dB, mean {np.mean(gains):.1f} dB")  # noqa: T201


def look(job: Job, media: Path, out: Path) -> None:
    """Writes OUT/<name>.png and one file per picture."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder), 1 << 28)
        library = MediaLibrary(cache, lambda _name: b"")
        found = import_media(str(media / job.file), cache)
        index, token = library.index(found), ThreadCancelToken()
        anchor = index.time_of(job.frame)
        frame = Frame(library.picture(found, anchor), library.rotation(found), Fraction(1))
        context = ShotContext(index, MediaShot(library, found, token), frame, anchor, token)
        region = Region(job.kind, job.points, feather_px=4)
        pictures = [_whole(context)]
        for provider in ("local.inpaint", "local.cleanplate"):
            started = time.process_time()
            editor = local_registry().get(provider)
            made = edit_region(editor, frame, region, context=context, cancel=token, report=ignore)
            print(f"{job.name} {provider}: {time.process_time() - started:.2f} CPU s {' '.join(made.warnings)}")  # noqa: T201
            laid = pictures[0].copy()
            laid[made.y:made.y + made.pixels.shape[0], made.x:made.x + made.pixels.shape[1]] = made.pixels
            pictures.append(laid)
        library.close()
    out.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / f"{job.name}.png"), np.hstack(pictures)[..., ::-1])


def _whole(context: ShotContext) -> Picture:
    found = context.crop(context.anchor, context.picture)
    assert found is not None
    return np.asarray(found.pixels, np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--out", type=Path, default=Path("clean-plate"))
    arguments = parser.parse_args()
    if arguments.seeds:
        figures(arguments.seeds)
    for job in JOBS if arguments.real else ():
        look(job, arguments.real, arguments.out)


if __name__ == "__main__":
    main()
