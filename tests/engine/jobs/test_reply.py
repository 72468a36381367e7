"""What happens after a service's reply: it is kept first, fitted, and never asked for twice."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.cache.store import Cache
from engine.compositing.mask import region_mask
from engine.errors import Cancelled, EditError, ProviderError
from engine.jobs import remote
from engine.jobs.answer import Answer, Question, answer
from engine.jobs.pixels import pixels_of
from engine.jobs.region_edit import EditedRegion, Frame, edit_region
from engine.jobs.workspace import Workspace
from engine.media.colour import rgb_to_planes
from engine.media.importing import import_media
from engine.media.picture import Colour, Picture, PixelFormat
from engine.project.assets import AssetStore
from engine.project.model import Media, Recipe, Region, RegionKind
from engine.providers.protocol import RegionEditReply, RegionEditRequest
from engine.providers.registry import Registry
from engine.running import CancelToken, Report, ThreadCancelToken, ignore
from tests.engine.jobs.services import Service, encoded, textured

pytestmark = pytest.mark.integration
WIDTH, HEIGHT = 240, 180
REGION = Region(RegionKind.ELLIPSE, ((0.35, 0.35), (0.65, 0.7)), feather_px=4.0)
EIGHT, TEN = PixelFormat("gbrp", 8, 0, 0, is_rgb=True), PixelFormat("yuv444p10le", 10, 0, 0)


STRIPES = Recipe("test.service", "stripes")


@dataclass
class Desk:
    """A project with one still, and what is asked about it."""

    media: Media
    workspace: Workspace
    recipe: Recipe = STRIPES

    def ask(self, service: Service, cancel: CancelToken | None = None, **other: object) -> Answer:
        question = replace(Question(self.media, Fraction(0), REGION, self.recipe), **other)  # type: ignore[arg-type]
        with self.workspace.sources() as sources:
            return answer(
                question, self.workspace, Registry([service]), sources, cancel=cancel or ThreadCancelToken(), report=ignore
            )

    @property
    def raw_assets(self) -> frozenset[str]:
        return self.workspace.assets.hashes()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "still.png"
    path.write_bytes(encoded(textured(WIDTH, HEIGHT, 1)))
    cache = Cache(tmp_path / "cache", 1 << 30)
    yield Desk(import_media(str(path), cache), Workspace(AssetStore(tmp_path / "assets"), cache))


def picture(form: PixelFormat = EIGHT, seed: int = 1, colour: Colour | None = None) -> Picture:
    colour = colour or Colour(1, 1, 1, full_range=form.is_rgb)
    return Picture(rgb_to_planes(textured(WIDTH, HEIGHT, seed), form, colour, (WIDTH, HEIGHT)), form, colour)


def edited(service: Service, source: Picture, rotation: int = 0, aspect: Fraction = Fraction(1)) -> EditedRegion:
    return edit_region(service, Frame(source, rotation, aspect), REGION, cancel=ThreadCancelToken(), report=ignore)


def levels_off(service: Service, source: Picture, rotation: int = 0, aspect: Fraction = Fraction(1)) -> float:
    """Root mean square difference, in 8-bit levels, between what came of a reply and what a perfect service would have made."""
    perfect, found = (edited(one, source, rotation, aspect).pixels.astype(float) for one in (Service(), service))
    alpha = region_mask(REGION, source.width, source.height, rotation, aspect).alpha
    return float(np.sqrt(((perfect - found)[alpha > 0.99] ** 2).mean()) * 255 / np.iinfo(perfect_dtype(source)).max)


def perfect_dtype(source: Picture) -> type[np.unsignedinteger]:
    return np.uint8 if source.format.bits == 8 else np.uint16


def seen(service: Service) -> tuple[int, int]:
    height, width = service.asked[-1].crop.shape[:2]
    return width, height


@pytest.mark.parametrize("form", [EIGHT, TEN], ids=["8 bit", "10 bit"])
@pytest.mark.parametrize("rotation", [0, 90])
def test_replies_that_moved_zoomed_and_changed_colour_are_put_right(form: PixelFormat, rotation: int) -> None:
    source = picture(form)
    service = Service((2.0, 2.0), (3.4, -2.3), 1.02, (1.1, 0.92, 1.05), 0.02)
    plain = Service((2.0, 2.0))
    assert levels_off(plain, source, rotation) < 1.5
    assert levels_off(service, source, rotation) < 3
    warnings = edited(service, source, rotation).warnings
    assert any("moved by" in said and "2.0 % too large" in said for said in warnings)
    assert any("colours were off" in said for said in warnings)


def test_an_exact_reply_is_taken_bit_for_bit_and_without_a_word() -> None:
    source = picture()
    service = Service()
    made = edited(service, source)
    stripes = np.rint(Service.meant(service.asked[0]) * 255).astype(np.uint8)
    height, width = made.pixels.shape[:2]
    inside = region_mask(REGION, WIDTH, HEIGHT).alpha > 0
    crop = service.asked[0].crop
    top, left = (side - size >> 1 for side, size in zip(crop.shape[:2], (height, width), strict=True))
    assert np.array_equal(made.pixels[inside], stripes[top : top + height, left : left + width][inside])
    assert made.warnings == () and made.model == "painter-1-of-today"


def test_pixels_that_are_not_square_are_sent_square() -> None:
    source, aspect, service = picture(), Fraction(4, 3), Service((1.5, 1.5))
    made = edited(service, source, aspect=aspect)
    mask = region_mask(REGION, WIDTH, HEIGHT, 0, aspect)
    assert made.pixels.shape[:2] == mask.alpha.shape
    width, height = seen(service)
    assert service.asked[0].mask.shape == (height, width) and width > height
    assert not any("moved" in said for said in made.warnings)


def test_deep_sources_are_sent_as_8_bit_and_come_back_deep() -> None:
    service = Service()
    made = edited(service, picture(TEN))
    assert service.asked[0].crop.dtype == np.uint8 and made.pixels.dtype == np.uint16 and made.pixels.max() > 256


def test_hdr_is_refused_before_anything_is_sent() -> None:
    service = Service()
    with pytest.raises(EditError, match="HDR"):
        edited(service, picture(TEN, colour=Colour(9, 9, 16)))
    assert service.asked == []


def test_a_transparent_reply_leaves_the_original() -> None:
    class Cutter(Service):
        def edit(self, request: RegionEditRequest, context: object, *, cancel: CancelToken, report: Report) -> RegionEditReply:
            height, width = request.crop.shape[:2]
            rgba = np.dstack([request.crop, np.full((height, width), 255, np.uint8)])
            rgba[height // 2 :, :, 3] = 0
            rgba[..., 0] = 255
            _, data = cv2.imencode(".png", np.ascontiguousarray(rgba[..., [2, 1, 0, 3]], np.uint8))
            return RegionEditReply(raw=data.tobytes())

    source = picture()
    made, own = edited(Cutter(), source), edited(Service(), source)
    assert any("of the region empty" in said for said in made.warnings)
    plain = np.dstack([source.planes[2], source.planes[0], source.planes[1]])
    height, width = own.pixels.shape[:2]
    crop = plain[made.y : made.y + height, made.x : made.x + width]
    assert np.abs(made.pixels[-8:].astype(int) - crop[-8:]).max() <= 1


def test_another_picture_is_said_to_be_one() -> None:
    service = Service(raw=encoded(textured(300, 260, 99)))
    warnings = edited(service, picture()).warnings
    assert any("could not be lined up" in said for said in warnings)


def test_the_raw_reply_is_an_asset_before_anything_is_done_with_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    service, before = Service(), desk.raw_assets

    def failing(*_args: object) -> object:
        assert len(desk.raw_assets - before) == 1, "it was not kept first"
        raise ValueError("a fault of ours")

    monkeypatch.setattr(remote, "fitted_reply", failing)
    with pytest.raises(ProviderError, match="kept with the project"):
        desk.ask(service)
    monkeypatch.undo()
    (kept,) = desk.raw_assets - before
    assert desk.workspace.assets.get(kept) == encoded(Service.meant(service.asked[0]))
    made = desk.ask(service)
    assert made.raw_reply == kept and len(service.asked) == 1, "what was paid for was asked for again"
    assert made.cost_usd == 0.04 and made.model == "painter-1-of-today"


@pytest.mark.parametrize("raw", [b"", b"<html>busy</html>", b"\x89PNG\r\n\x1a\nbroken", encoded(textured(4, 4, 0))])
def test_what_is_no_picture_is_kept_said_and_asked_for_again(desk: Desk, raw: bytes) -> None:
    service = Service(raw=raw)
    with pytest.raises(ProviderError) as caught:
        desk.ask(service)
    assert "Painter" in str(caught.value) and caught.value.hint
    if raw:
        assert "kept with the project" in str(caught.value)
        assert any(desk.workspace.assets.get(name) == raw for name in desk.raw_assets)
    service.raw = None
    assert desk.ask(service).pixels and len(service.asked) == 2


def test_a_reply_to_who_cancelled_is_kept(desk: Desk) -> None:
    token = ThreadCancelToken()

    class Slow(Service):
        def edit(self, request: RegionEditRequest, context: object, *, cancel: CancelToken, report: Report) -> RegionEditReply:
            token.cancel()
            return super().edit(request, None, cancel=cancel, report=report)

    service = Slow()
    with pytest.raises(Cancelled):
        desk.ask(service, token)
    assert desk.ask(service).raw_reply and len(service.asked) == 1


def test_equal_questions_are_asked_once_also_at_the_same_time(desk: Desk) -> None:
    service, made = Service(), []
    threads = [threading.Thread(target=lambda: made.append(desk.ask(service))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 4 and len(service.asked) == 1
    assert sorted(one.is_cached for one in made) == [False, True, True, True]
    assert sum(one.cost_usd for one in made) == 0.04 and len({one.pixels for one in made}) == 1


def test_an_answer_is_found_from_another_project_with_all_that_belongs_to_it(desk: Desk, tmp_path: Path) -> None:
    service = Service((1.3, 1.3), (4.5, 0.0))
    first = desk.ask(service)
    other = Desk(desk.media, Workspace(AssetStore(tmp_path / "other"), desk.workspace.cache))
    again = other.ask(service)
    assert again.is_cached and len(service.asked) == 1
    assert again == replace(first, is_cached=True, cost_usd=0.0) and again.warnings
    assert {again.pixels, again.raw_reply} <= other.workspace.assets.hashes()
    assert pixels_of(other.workspace.assets.get(again.pixels)).shape[:2] == (again.crop[3], again.crop[2])


def test_another_model_region_or_prompt_is_another_question(desk: Desk) -> None:
    service = Service()
    desk.ask(service)
    service.version = "painter-2"
    desk.ask(service)
    desk.ask(service, region=replace(REGION, is_inverted=True))
    desk.ask(service, recipe=Recipe("test.service", "more stripes"))
    assert len(service.asked) == 4


def test_a_full_cache_costs_time_and_not_the_reply(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.workspace.cache, "get", lambda *_names: None)
    service = Service()
    made = desk.ask(service)
    assert desk.workspace.assets.get(made.raw_reply)


