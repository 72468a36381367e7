"""A local provider asks for parts of frames in the coordinates of its crop, whichever way the picture is turned."""

from fractions import Fraction

import numpy as np
import pytest

from engine.jobs.region_edit import Frame, ShotContext, edit_region, turned
from engine.media.picture import Colour, Picture, PixelFormat
from engine.project.model import Region, RegionKind
from engine.providers.protocol import FrameContext, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Report, ThreadCancelToken, ignore

WIDTH, HEIGHT = 200, 120


class Asking:
    """Asks for its own crop again, for a part that sticks out, and for what lies outside."""

    info = ProviderInfo("asks", "Asks", "Asks.", is_remote=False, needs_context=True)

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        assert context is not None
        height, width = request.crop.shape[:2]
        again = context.crop(context.anchor, (0, 0, width, height))
        assert again is not None and (again.x, again.y) == (0, 0) and np.array_equal(again.pixels, request.crop)
        larger = context.crop(context.anchor, (-7, -5, width + 20, height + 9))
        assert larger is not None
        part = larger.pixels[-larger.y:height - larger.y, -larger.x:width - larger.x]
        assert np.array_equal(part, request.crop)
        left, top, whole_width, whole_height = context.picture
        assert larger.x == max(left, -7) and larger.y == max(top, -5)
        assert context.crop(context.anchor, (left + whole_width, top, 5, 5)) is None
        everything = context.crop(context.anchor, context.picture)
        assert everything is not None and everything.pixels.shape[:2] == (whole_height, whole_width)
        return RegionEditReply(request.crop)


def still() -> Picture:
    planes = tuple(np.random.default_rng(n).integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8) for n in range(3))
    return Picture(planes, PixelFormat("gbrp", 8, 0, 0, is_rgb=True), Colour(0, 1, 1, True))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_areas_are_counted_from_the_crop_as_displayed(rotation: int) -> None:
    frame, token = Frame(still(), rotation, Fraction(1)), ThreadCancelToken()
    context = ShotContext(None, None, frame, Fraction(0), token)
    region = Region(RegionKind.BOX, ((0.1, 0.2), (0.4, 0.5)), feather_px=0)
    edit_region(Asking(), frame, region, context=context, cancel=token, report=ignore)
    assert context.times is not None and list(context.shot(())) == []


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turning_an_area_and_back(rotation: int) -> None:
    area = (10, 20, 30, 40)
    width, height = (HEIGHT, WIDTH) if rotation % 180 else (WIDTH, HEIGHT)
    there = turned(area, WIDTH, HEIGHT, rotation)
    assert turned(there, width, height, -rotation % 360) == area
