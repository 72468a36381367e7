"""Real jobs on real clips, as sheets of pictures to be looked at: a sign replaced on a moving surface, something removed, a face
blurred while it moves, a colour changed, a logo covered.

Run by hand from the repository's root: `python -m tests.bench.job_sheet --media FOLDER --out FOLDER [JOB …]`; the folder of clips
may be named by PATCHREEL_MEDIA instead. Each job goes the way a user's goes (region, provider, carried over 24 frames on each
side) and gives two pictures: NAME.png has the frames at -24, -12, 0, +12 and +24, original above result above heatmap, with how
far each is trusted; NAME-frames.png has the result every other frame, to see what happens between. What is printed are the counts
of the strip and whether anything outside the region changed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.cache.store import Cache
from engine.compositing.difference import difference, difference_stats
from engine.compositing.heatmap import heatmap_image
from engine.compositing.refine import refined
from engine.compositing.replace import replace_frame
from engine.jobs import make_patch
from engine.jobs.carried import FrameTrust
from engine.jobs.pixels import rgba_png
from engine.jobs.preview import displayed_difference_of
from engine.jobs.workspace import ProjectSources, Workspace
from engine.media.display import to_display_rgb
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.carrying_edits import set_carrying, set_region_key
from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media
from engine.project.model import Carrying, Media, Method, Patch, Project, Recipe, Region, RegionKey, RegionKind
from engine.project.patch_edits import add_patch
from engine.project.track_edits import new_project
from engine.providers.registry import local_registry
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore

Rgb = npt.NDArray[np.uint8]
OFFSETS = (-24, -12, 0, 12, 24)
REACH = 24
TILE = 380
"""Width of one picture of a sheet, in pixels."""


CARRIED, TRACKED = Carrying(), Carrying(Method.TRACK)


@dataclass(frozen=True, slots=True)
class Job:
    """What a user would do. `region` is as drawn; `is_refined` is the click that moves its edge to the picture's."""

    name: str
    clip: str
    anchor: int
    region: Region
    provider: str
    params: dict[str, str] = field(default_factory=dict)
    image: Callable[[], Rgb] | None = None
    carrying: Carrying = CARRIED
    is_refined: bool = False
    keys: tuple[tuple[int, Region], ...] = ()
    """(frame, region) put right by hand."""


def _box(x: float, y: float, width: float, height: float, kind: RegionKind = RegionKind.BOX, feather: float = 3.0) -> Region:
    return Region(kind, ((x, y), (x + width, y + height)), feather)


def _lasso(*points: tuple[float, float]) -> Region:
    return Region(RegionKind.LASSO, points, 2.0)


def _written(
    text: str, size: tuple[int, int], ground: tuple[int, int, int], ink: tuple[int, int, int], scale: float, *,
    has_rim: bool = True,
) -> Rgb:
    """(h, w, 4): a sign."""
    width, height = size
    sign = np.full((height, width, 4), (*ground, 255), np.uint8)
    if has_rim:
        cv2.rectangle(sign, (6, 6), (width - 7, height - 7), (*ink, 255), 6, cv2.LINE_AA)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 6)
    corner = (width - wide) // 2, (height + high) // 2
    cv2.putText(sign, text, corner, cv2.FONT_HERSHEY_DUPLEX, scale, (*ink, 255), 6, cv2.LINE_AA)
    return sign


def _roof_sign() -> Rgb:
    return _written("TAXI", (400, 320), (250, 205, 40), (30, 30, 30), 4.0)


def _badge() -> Rgb:
    sign = _written("26", (400, 400), (30, 70, 170), (245, 240, 225), 7.0, has_rim=False)
    cover = np.zeros((400, 400), np.uint8)
    cv2.circle(cover, (200, 200), 199, 255, -1, cv2.LINE_AA)
    cv2.circle(sign, (200, 200), 160, (245, 240, 225, 255), 8, cv2.LINE_AA)
    sign[..., 3] = cover
    return sign


def _plate() -> Rgb:
    return _written("REEL 25", (480, 200), (240, 240, 235), (20, 40, 90), 3.0)


JOBS = (
    Job("sign", "cars_768x432_12.5fps.mp4", 210, _lasso((0.463, 0.355), (0.57, 0.35), (0.583, 0.515), (0.463, 0.525)),
        "local.image", {"fit": "stretch"}, _roof_sign),
    Job("badge", "bbb_720p25_aac51.mp4", 84, _box(0.35, 0.43, 0.1, 0.2, RegionKind.ELLIPSE), "local.image", {}, _badge),
    Job("removed", "friday_640x480_30_speech.mp4", 92, _box(0.255, 0.012, 0.2, 0.291, feather=4.0), "local.heal",
        {"dx": "-0.21", "dy": "0.009"}),
    Job("removed-car", "cars_768x432_12.5fps.mp4", 210, _box(0.39, 0.18, 0.26, 0.78, feather=12.0), "local.cleanplate", {},
        carrying=TRACKED),
    Job("face", "friday_640x480_30_speech.mp4", 92, _box(0.585, 0.155, 0.112, 0.18, RegionKind.ELLIPSE, 6.0), "local.blur",
        {"radius": "24"}, carrying=TRACKED),
    Job("colour", "flower_960x540_2997_aac.mp4", 120,
        _lasso((0.32, 0.35), (0.4, 0.1), (0.55, 0.12), (0.66, 0.3), (0.63, 0.6), (0.5, 0.75), (0.35, 0.65)),
        "local.colour", {"hue": "-110", "saturation": "0.9"}, carrying=TRACKED, is_refined=True,
        keys=((96, _box(0.34, 0.2, 0.27, 0.5)), (108, _box(0.32, 0.17, 0.3, 0.54)), (132, _box(0.3, 0.12, 0.34, 0.59)),
              (144, _box(0.29, 0.1, 0.37, 0.62)))),
    Job("logo", "cars_768x432_12.5fps.mp4", 216, _box(0.499, 0.539, 0.043, 0.037, feather=1.5), "local.image",
        {"fit": "stretch"}, _plate),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """A job after its run."""

    job: Job
    media: Media
    patch: Patch
    trusts: dict[int, FrameTrust]
    warnings: tuple[str, ...]
    seconds: float


def run(job: Job, folder: Path, workspace: Workspace) -> Done:
    """Draw, refine where asked, make the version, carry it."""
    media = import_media(str(folder / job.clip), workspace.cache)
    project = append_clip(add_media(new_project(), media), media.id)
    started = time.process_time()
    with workspace.sources() as sources:
        project = _drawn(project, job, media, workspace, sources)
    made = make_patch.run(project, "p", workspace, local_registry(), cancel=ThreadCancelToken(), report=ignore)
    seconds = time.process_time() - started
    with workspace.sources() as sources:
        index = sources.index(media)
        trusts = {index.frame_at(trust.time): trust for trust in made.carried.frames}
    return Done(job, media, made.project.patch_by_id("p"), trusts, made.carried.warnings, seconds)


def _drawn(project: Project, job: Job, media: Media, workspace: Workspace, sources: ProjectSources) -> Project:
    index = sources.index(media)
    window = TimeRange.between(
        index.time_of(max(0, job.anchor - REACH)), index.end_of(min(len(index) - 1, job.anchor + REACH))
    )
    image = workspace.assets.put(rgba_png(job.image()), ".png") if job.image else ""
    recipe = Recipe(job.provider, "", image, tuple(sorted(job.params.items())))
    region = _edge(job, job.region, job.anchor, media, sources)
    project = add_patch(project, media.id, region, index.time_of(job.anchor), window, recipe, name=job.name, patch_id="p")
    for frame, drawn in job.keys:
        key = RegionKey(index.time_of(frame), _edge(job, drawn, frame, media, sources))
        project = set_region_key(project, "p", key)
    return set_carrying(project, "p", job.carrying)


def _edge(job: Job, region: Region, frame: int, media: Media, sources: ProjectSources) -> Region:
    if not job.is_refined:
        return region
    picture = sources.picture(media, sources.index(media).time_of(frame))
    return replace(refined(region, picture, sources.rotation(media), sources.pixel_aspect(media)), feather_px=region.feather_px)


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of a job, as displayed."""

    number: int
    original: Rgb
    result: Rgb
    heat: Rgb
    outside: int
    """Samples that changed outside the region."""
    box: tuple[int, int, int, int] | None
    """x, y, right, bottom of what changed."""


def shot(done: Done, number: int, sources: ProjectSources) -> Shot:
    media, index = done.media, sources.index(done.media)
    picture, laid = sources.picture(media, index.time_of(number)), None
    if done.patch.window.contains(index.time_of(number)):
        laid = sources.patch_frame(media, done.patch, index.time_of(number))
    patched = replace_frame(picture, laid) if laid is not None else picture
    rotation, aspect = sources.rotation(media), sources.pixel_aspect(media)
    shown, result = (to_display_rgb(p, rotation, aspect) for p in (picture, patched))
    diff = difference(picture, patched)
    seen = displayed_difference_of(diff, rotation, shown)
    x, y, width, height = cv2.boundingRect(seen)
    outside = difference_stats(picture, patched, diff, laid).outside_changed_count if laid is not None else int((diff > 0).sum())
    return Shot(number, shown, result, heatmap_image(shown, seen), outside, (x, y, x + width, y + height) if width else None)


def sheet(done: Done, shots: list[Shot]) -> Rgb:
    """Original above result above heatmap, a column per frame."""
    view = _view(shots)
    columns = []
    for one in shots:
        trust = done.trusts.get(one.number)
        words = f"{trust.level} {trust.confidence:.2f} {'; '.join(trust.reasons)}" if trust else "not carried"
        title = f"{one.number - done.job.anchor:+d}  {words}"
        tiles = [_tile(part, view) for part in (one.original, one.result, one.heat)]
        columns.append(np.vstack([_headed(title), *tiles]))
    return np.hstack(columns)


def film(done: Done, shots: list[Shot], across: int = 5) -> Rgb:
    """The results in reading order."""
    view = _view(shots)
    tiles = [np.vstack([_headed(f"{one.number - done.job.anchor:+d}"), _tile(one.result, view)]) for one in shots]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % across)
    return np.vstack([np.hstack(tiles[row : row + across]) for row in range(0, len(tiles), across)])


def _view(shots: list[Shot]) -> tuple[int, int, int, int]:
    """What is shown of each frame: all that changed on any, with a margin."""
    height, width = shots[0].original.shape[:2]
    lefts, tops, rights, bottoms = zip(*([one.box for one in shots if one.box] or [(0, 0, width, height)]), strict=True)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    margin = max(24, round(0.25 * max(right - left, bottom - top)))
    return max(0, left - margin), max(0, top - margin), min(width, right + margin), min(height, bottom + margin)


def _tile(picture: Rgb, view: tuple[int, int, int, int]) -> Rgb:
    left, top, right, bottom = view
    part = picture[top:bottom, left:right]
    size = TILE, round(TILE * part.shape[0] / part.shape[1])
    way = cv2.INTER_AREA if part.shape[1] > TILE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size, interpolation=way), np.uint8)


def _headed(words: str) -> Rgb:
    band = np.full((22, TILE, 3), 24, np.uint8)
    cv2.putText(band, words.encode("ascii", "replace").decode()[:62], (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (235, 235, 235), 1,
                cv2.LINE_AA)  # fmt: skip
    return band


def _write(path: Path, picture: Rgb) -> None:
    if not cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1])):
        raise OSError(f"{path} cannot be written")


def show(done: Done, workspace: Workspace, out: Path) -> str:
    """Write both pictures; returns a line of figures."""
    anchor = done.job.anchor
    with workspace.sources() as sources:
        last = len(sources.index(done.media)) - 1
        numbers = sorted({n for n in (*range(-REACH, REACH + 1, 2), *OFFSETS) if 0 <= anchor + n <= last})
        shots = {n: shot(done, anchor + n, sources) for n in numbers}
    _write(out / f"{done.job.name}.png", sheet(done, [shots[n] for n in OFFSETS if n in shots]))
    _write(out / f"{done.job.name}-frames.png", film(done, list(shots.values())))
    levels = [trust.level for trust in done.trusts.values()]
    counts = ", ".join(f"{levels.count(level)} {level}" for level in ("green", "amber", "red"))
    outside = sum(one.outside for one in shots.values())
    return f"{done.job.name}: {counts}; outside {outside} changed; {done.seconds:.1f} s CPU; {' '.join(done.warnings)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--media", default=os.environ.get("PATCHREEL_MEDIA"), metavar="FOLDER")
    parser.add_argument("--out", required=True, metavar="FOLDER")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(job.name for job in JOBS))
    arguments = parser.parse_args()
    if not arguments.media:
        parser.error("name the folder of clips with --media or PATCHREEL_MEDIA")
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(AssetStore(Path(scratch) / "assets"), Cache(Path(scratch) / "cache", 4 << 30))
        for job in JOBS:
            if not arguments.jobs or job.name in arguments.jobs:
                sys.stdout.write(show(run(job, Path(arguments.media), workspace), workspace, out) + "\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
