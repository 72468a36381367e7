"""The promise of the program: outside the region and its feather not one value of any plane changes, on any frame.

Regions, sizes, pixel formats, turns and replies are random. What is outside is said twice: by the region's alpha, and by plain
geometry on the displayed picture that shares no code with it.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.compositing.difference import changed_samples, difference, difference_stats
from engine.compositing.mask import region_mask
from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.errors import EditError
from engine.jobs.region_edit import EditedRegion, Frame, edit_region
from engine.media.colour import rgb_to_planes
from engine.media.picture import Colour, Picture, PixelFormat
from engine.motion.propagation import propagate
from engine.project.model import Region, RegionKind, Shape
from engine.running import ThreadCancelToken, ignore
from tests.engine.compositing.pictures import FORMATS, noise_picture
from tests.engine.jobs.plain_geometry import Mask, near
from tests.engine.jobs.services import Service, textured

BT709 = Colour(1, 1, 1)
ALL_FORMATS = (*FORMATS, PixelFormat("yuv444p10le", 10, 0, 0), PixelFormat("gbrp10le", 10, 0, 0, is_rgb=True))

POINT = st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95))


def corners(points: tuple[tuple[float, float], tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    (a, b), (c, d) = points
    return (min(a, c), min(b, d)), (max(a, c) + 0.04, max(b, d) + 0.04)


BOUNDS = st.tuples(POINT, POINT).map(corners)
SHAPES = st.one_of(
    st.builds(Shape, st.sampled_from([RegionKind.BOX, RegionKind.ELLIPSE]), BOUNDS),
    st.builds(Shape, st.just(RegionKind.LASSO), st.lists(POINT, min_size=3, max_size=7, unique=True).map(tuple)),
    st.builds(
        Shape, st.just(RegionKind.BRUSH), st.lists(POINT, min_size=1, max_size=4, unique=True).map(tuple), st.floats(0.02, 0.15)
    ),
)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    first = draw(SHAPES)
    more = tuple(replace(shape, is_subtracted=draw(st.booleans())) for shape in draw(st.lists(SHAPES, max_size=2)))
    return Region(
        first.kind, first.points, draw(st.sampled_from([0.0, 0.4, 3.0, 6.0, 11.5])), first.radius, more,
        draw(st.sampled_from([0.0, 0.0, 2.5, -1.5])), draw(st.sampled_from([False, False, False, True])),
    )


SERVICES = st.builds(
    Service, size=st.tuples(st.floats(0.4, 2.5), st.floats(0.4, 2.5)),
    shift=st.tuples(st.floats(-6, 6), st.floats(-6, 6)), zoom=st.floats(0.9, 1.1), gain=st.tuples(*[st.floats(0.8, 1.2)] * 3),
    offset=st.floats(-0.05, 0.05), codec=st.sampled_from(["PNG", "JPEG", "WEBP"]),
)


def edited(service: Service, picture: Picture, region: Region, rotation: int, aspect: Fraction = Fraction(1)) -> EditedRegion:
    return edit_region(service, Frame(picture, rotation, aspect), region, cancel=ThreadCancelToken(), report=ignore)


def laid(made: EditedRegion, region: Region, picture: Picture, rotation: int, aspect: Fraction = Fraction(1)) -> PatchFrame:
    mask = region_mask(region, picture.width, picture.height, rotation, aspect)
    assert (made.x, made.y) == (mask.x, mask.y) and made.pixels.shape[:2] == mask.alpha.shape
    return PatchFrame(made.x, made.y, made.pixels, mask.alpha)


def on_picture(patch: PatchFrame, picture: Picture) -> Mask:
    """Where a patch's alpha lies on the picture."""
    full = np.zeros((picture.height + 400, picture.width + 400), np.bool_)
    height, width = patch.alpha.shape
    assert -200 <= patch.x <= picture.width + 200 - width and -200 <= patch.y <= picture.height + 200 - height
    full[patch.y + 200 : patch.y + 200 + height, patch.x + 200 : patch.x + 200 + width] = patch.alpha > 0
    return full[200:-200, 200:-200]


def assert_nothing_changed_outside(before: Picture, after: Picture, inside: Mask) -> None:
    """Every plane is compared; a chroma sample may change where all the luma samples that it covers may."""
    assert after.format == before.format and len(after.planes) == len(before.planes)
    for number, (old, new) in enumerate(zip(before.planes, after.planes, strict=True)):
        may = inside
        if number and not before.format.is_rgb:
            sx, sy = 1 << before.format.shift_x, 1 << before.format.shift_y
            height, width = inside.shape
            whole = np.pad(inside, [(0, -height % sy), (0, -width % sx)], constant_values=True)
            may = np.asarray(whole.reshape(whole.shape[0] // sy, sy, whole.shape[1] // sx, sx).all(axis=(1, 3)))
        assert new.shape == old.shape == may.shape and new.dtype == old.dtype
        assert not ((new != old) & ~may).any(), f"plane {number}"


@given(
    st.sampled_from(ALL_FORMATS), st.integers(19, 90), st.integers(17, 70), st.sampled_from([0, 90, 180, 270]), regions(),
    SERVICES, st.integers(0, 9999),
)
@settings(max_examples=45, deadline=None)
def test_nothing_changes_outside_on_the_anchor(
    form: PixelFormat, width: int, height: int, rotation: int, region: Region, service: Service, seed: int
) -> None:
    picture = noise_picture(width, height, form, seed) if seed % 2 else picture_of(textured(width, height, seed), form)
    kept = [plane.copy() for plane in picture.planes]
    try:
        made = edited(service, picture, region, rotation)
    except EditError:
        assume(False)  # nothing of this region is left, or lies on the picture
    patch = laid(made, region, picture, rotation)
    result = replace_frame(picture, patch)
    inside = on_picture(patch, picture)
    assert_nothing_changed_outside(picture, result, inside)
    assert all(np.array_equal(plane, copy) for plane, copy in zip(picture.planes, kept, strict=True)), "the source was written to"
    assert difference_stats(picture, result, difference(picture, result), patch).outside_changed_count == 0
    allowed = near(region, picture, rotation, region.feather_px + 1.5)
    assert allowed is None or not (changed_samples(picture, result) & ~allowed).any()


def picture_of(rgb: npt.NDArray[np.float32], form: PixelFormat) -> Picture:
    planes = rgb_to_planes(rgb, form, BT709, (rgb.shape[1], rgb.shape[0]))
    for plane in planes:
        plane.flags.writeable = False
    return Picture(planes, form, BT709)


@given(
    st.sampled_from(ALL_FORMATS), regions(), SERVICES, st.sampled_from([(2, 0), (-2, 2), (0, 4), (4, -2)]), st.integers(0, 9999),
)
@settings(max_examples=8, deadline=None)
def test_nothing_changes_outside_on_carried_frames(
    form: PixelFormat, region: Region, service: Service, pan: tuple[int, int], seed: int
) -> None:
    world, width, height = textured(220, 200, seed), 117, 93

    def frame(number: int) -> Picture:
        x, y = 50 - pan[0] * number, 50 - pan[1] * number
        return picture_of(world[y : y + height, x : x + width], form)

    anchor = frame(0)
    try:
        made = edited(service, anchor, region, 0)
    except EditError:
        assume(False)
    patch = laid(made, region, anchor, 0)
    changed = 0
    for carried in propagate(frame, 0, patch, range(-1, 3), cancel=ThreadCancelToken()):
        if carried.patch is None:
            continue
        picture = frame(carried.frame)
        result = replace_frame(picture, carried.patch)
        assert_nothing_changed_outside(picture, result, on_picture(carried.patch, picture))
        moved = float(pan[0] * carried.frame), float(pan[1] * carried.frame)
        # What is carried is drawn where the motion was seen, which may be a little off and turned.
        allowed = near(region, picture, 0, region.feather_px + 1.5 + 2 * (carried.frame != 0), moved)
        assert allowed is None or not (changed_samples(picture, result) & ~allowed).any()
        changed += int(changed_samples(picture, result).sum())
    assert changed > 0 or patch.alpha.sum() < 20, "nothing was proven"


@given(st.sampled_from([Fraction(4, 3), Fraction(8, 9), Fraction(64, 45)]), st.sampled_from([0, 90]), SERVICES, st.integers(0, 9))
@settings(max_examples=10, deadline=None)
def test_nothing_changes_outside_where_pixels_are_oblong(aspect: Fraction, rotation: int, service: Service, seed: int) -> None:
    picture = noise_picture(72, 57, FORMATS[seed % len(FORMATS)], seed)
    region = Region(RegionKind.ELLIPSE, ((0.3, 0.3), (0.7, 0.6)), 4.0)
    made = edited(service, picture, region, rotation, aspect)
    patch = laid(made, region, picture, rotation, aspect)
    assert_nothing_changed_outside(picture, replace_frame(picture, patch), on_picture(patch, picture))
