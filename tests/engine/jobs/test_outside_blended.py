"""The same promise for what is laid in the end: blended from several anchors or rebuilt between them, behind what is in front,
faded, with grain, held or followed: outside the region not one value of any plane changes, on any frame, before encoding.

A film of arrays goes through the jobs that the window runs; only the files are left out.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.cache.store import Cache
from engine.compositing.difference import changed_samples, difference, difference_stats
from engine.compositing.replace import replace_frame
from engine.errors import EditError
from engine.jobs import patch as patch_job
from engine.jobs import propagate
from engine.jobs.carried import PatchFrames
from engine.jobs.workspace import Workspace
from engine.media.index import FrameIndex
from engine.media.index_building import PacketTable, build_index
from engine.media.picture import Picture, PixelFormat
from engine.project.assets import AssetStore
from engine.project.model import Carrying, Media, MediaKind, Method, Patch, Recipe, Region, RegionKey, RegionKind
from engine.providers.registry import Registry
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore
from tests.engine.jobs.plain_geometry import near
from tests.engine.jobs.services import Service, textured
from tests.engine.jobs.test_outside import ALL_FORMATS, SERVICES, assert_nothing_changed_outside, on_picture, picture_of

WIDTH, HEIGHT, COUNT, ANCHOR, RATE = 101, 83, 6, 2, 25
KEYS = st.lists(st.integers(0, COUNT - 1).filter(lambda n: n != ANCHOR), max_size=2, unique=True)
CARRYINGS = st.builds(
    Carrying, st.sampled_from([Method.FLOW, Method.HOLD, Method.REBUILD]), st.sampled_from([0, 0, 2]), st.booleans()
)


def at(frame: int) -> Fraction:
    return Fraction(frame, RATE)


@dataclass
class Film:
    """Pictures in memory as a workspace with sources."""

    pictures: Sequence[Picture]
    cache: Cache
    assets: AssetStore

    @contextmanager
    def sources(self) -> Iterator["Film"]:
        yield self

    def index(self, media: Media) -> FrameIndex:
        steps, key = np.arange(len(self.pictures), dtype=np.int64), np.ones(len(self.pictures), np.bool_)
        ones = np.ones_like(steps)
        return build_index(PacketTable(Fraction(1, RATE), steps, steps, ones, ones, key, key, np.zeros(len(steps) + 1, np.int64)))

    def picture(self, media: Media, time: Fraction) -> Picture:
        return self.pictures[int(time * RATE)]

    def rotation(self, media: Media) -> int:
        return 0

    def pixel_aspect(self, media: Media) -> Fraction:
        return Fraction(1)

    def bitmap(self, asset: str) -> Any:
        raise AssertionError(asset)


def film_of(folder: Path, form: PixelFormat, pan: tuple[int, int], noise: float, seed: int) -> Film:
    world, random = textured(220, 200, seed), np.random.default_rng(seed)

    def picture(number: int) -> Picture:
        x, y = 50 - pan[0] * number, 50 - pan[1] * number
        grain = random.normal(0, noise / 255, (HEIGHT, WIDTH, 3)).astype(np.float32)
        return picture_of(np.clip(world[y : y + HEIGHT, x : x + WIDTH] + grain, 0, 1), form)

    return Film([picture(number) for number in range(COUNT)], Cache(folder / "cache", 1 << 28), AssetStore(folder / "assets"))


def shape(kind: RegionKind, feather: float, centre: tuple[float, float], moved: tuple[float, float] = (0, 0)) -> Region:
    x, y = centre[0] + moved[0] / WIDTH, centre[1] + moved[1] / HEIGHT
    return Region(kind, ((x - 0.14, y - 0.12), (x + 0.14, y + 0.12)), feather)


@given(
    st.sampled_from(ALL_FORMATS), st.sampled_from([RegionKind.BOX, RegionKind.ELLIPSE]), st.sampled_from([0.0, 3.0, 6.5]),
    SERVICES, st.sampled_from([(2, 0), (-2, 2), (0, 1)]), KEYS, CARRYINGS, st.booleans(), st.sampled_from([0.0, 4.0]),
    st.integers(0, 9999),
)
@settings(max_examples=8, deadline=None)
def test_nothing_changes_outside_on_frames_that_are_blended(
    form: PixelFormat, kind: RegionKind, feather: float, service: Service, pan: tuple[int, int], keys: list[int],
    carrying: Carrying, has_front: bool, noise: float, seed: int,
) -> None:
    centre, token = (0.5, 0.45), ThreadCancelToken()
    regions = {n: shape(kind, feather, centre, (pan[0] * (n - ANCHOR), pan[1] * (n - ANCHOR))) for n in (ANCHOR, *keys)}
    fronts = (RegionKey(at(4), shape(RegionKind.BOX, 2.0, (0.55, 0.5), (2 * pan[0], 2 * pan[1]))),) if has_front else ()
    carrying = replace(carrying, in_front=fronts)
    media = Media("m", MediaKind.VIDEO, "m", "/m", "f", 1, 0, TimeRange(at(0), at(COUNT)), WIDTH, HEIGHT, Fraction(RATE))
    patch = Patch(
        "p", "p", "m", regions[ANCHOR], at(ANCHOR), TimeRange(at(0), at(COUNT)), Recipe("test.service"), carrying=carrying,
        keys=tuple(RegionKey(at(n), regions[n]) for n in sorted(keys)),
    )
    with tempfile.TemporaryDirectory() as folder:
        film = film_of(Path(folder), form, pan, noise, seed)
        workspace, registry = cast(Workspace, film), Registry([service])
        try:
            made = patch_job.run(patch_job.PatchRequest(media, patch), workspace, registry, cancel=token, report=ignore)
        except EditError:
            assume(False)
        patch = replace(patch, versions=(replace(made.version, number=1),), current_version=1)
        propagate.run(propagate.PropagateRequest(media, patch), workspace, cancel=token, report=ignore, registry=registry)
        known, changed = PatchFrames(media, patch, film.cache), 0
        # What is carried is drawn where the motion was seen, which may be a little off and turned; what is held stays.
        reach = near(regions[ANCHOR], film.pictures[ANCHOR], 0, feather + 4.0)
        assert reach is not None
        for number, picture in enumerate(film.pictures):
            laid = known.frame(at(number))
            assert laid is not None and known.is_known(at(number))
            result = replace_frame(picture, laid)
            assert_nothing_changed_outside(picture, result, on_picture(laid, picture))
            assert difference_stats(picture, result, difference(picture, result), laid).outside_changed_count == 0
            steps = [drawn - ANCHOR for drawn in regions] if carrying.method is Method.HOLD else [number - ANCHOR]
            allowed = np.logical_or.reduce([np.roll(reach, (pan[1] * step, pan[0] * step), axis=(0, 1)) for step in steps])
            differing = changed_samples(picture, result)
            assert not (differing & ~allowed).any()
            for front in fronts:
                cover = known.entries.frame(known.front_key(front, at(number)))
                assert cover is not None
                whole = replace(cover, alpha=np.floor(cover.alpha))
                assert not (differing & on_picture(whole, picture)).any(), "what is in front"
            changed += int(differing.sum())
        assert changed > 0, "nothing was proven"
