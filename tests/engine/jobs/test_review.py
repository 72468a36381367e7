"""The measurements of a patch: counted on the pixels, the same whoever measures, and made only once."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.cache.store import Cache
from engine.compositing.difference import changed_samples, difference
from engine.compositing.replace import replace_frame
from engine.compositing.sources import PatchFrame
from engine.errors import Cancelled
from engine.jobs import measuring, review
from engine.jobs.carried import PatchFrames
from engine.jobs.workspace import Workspace
from engine.media.importing import import_media
from engine.media.picture import Picture
from engine.project.assets import AssetStore
from engine.project.model import Media, Patch, PatchState, PatchVersion, Recipe, Region, RegionKind
from engine.rational_time import TimeRange
from engine.running import ThreadCancelToken, ignore

pytestmark = pytest.mark.integration
FRAMES, WIDTH, HEIGHT = 30, 160, 96
X, Y, SIZE = 41, 23, 32
NOT_CARRIED = 7


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "clip.mp4"
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH + FRAMES, 3), np.uint8)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "20", "g": "10", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(noise[:, number : number + WIDTH]), "rgb24")))
        out.mux(video.encode(None))
    return path


@pytest.fixture
def place(clip: Path, tmp_path: Path) -> tuple[Workspace, Media, Patch]:
    """A patch whose level alternates from frame to frame, with one frame that nothing was carried to."""
    cache = Cache(tmp_path / "cache", 1 << 28)
    workspace, media = Workspace(AssetStore(tmp_path / "assets"), cache), import_media(clip, cache)
    region = Region(RegionKind.BOX, ((0.25, 0.25), (0.5, 0.5)), 3.0)
    version = PatchVersion(1, Recipe("local.blur"), region, Fraction(0), "a" * 40, (X, Y, SIZE, SIZE))
    window = TimeRange(Fraction(0), Fraction(FRAMES, 25))
    patch = Patch("p", "P", media.id, region, Fraction(0), window, version.recipe, PatchState.QA_READY, (version,), 1)
    for number in range(FRAMES):
        if number != NOT_CARRIED:
            frames = PatchFrames(media, patch, cache)
            frames.entries.put_frame(frames.name(Fraction(number, 25)), _frame(number))
    return workspace, media, patch


def _frame(number: int) -> PatchFrame:
    alpha = np.zeros((SIZE, SIZE), np.float32)
    alpha[2:-2, 2:-2] = 1
    return PatchFrame(X + number % 3, Y, np.full((SIZE, SIZE, 3), 100 + 20 * (number % 2), np.uint8), alpha)


def _run(place: tuple[Workspace, Media, Patch]) -> review.Review:
    workspace, media, patch = place
    return review.run(review.ReviewRequest(media, patch), workspace, cancel=ThreadCancelToken(), report=ignore)


def _pictures(place: tuple[Workspace, Media, Patch], number: int) -> tuple[Picture, Picture]:
    workspace, media, _ = place
    with workspace.sources() as sources:
        plain = sources.picture(media, Fraction(number, 25))
    return plain, replace_frame(plain, _frame(number))


def test_the_numbers_are_those_of_the_pictures(place: tuple[Workspace, Media, Patch]) -> None:
    found = {round(frame.time * 25): frame for frame in _run(place).frames}
    assert sorted(found) == [n for n in range(FRAMES) if n != NOT_CARRIED]
    for number in (0, 11, FRAMES - 1):
        plain, patched = _pictures(place, number)
        assert found[number].changed_share == pytest.approx(float(changed_samples(plain, patched).mean()))
        assert found[number].largest == difference(plain, patched).max()
        assert found[number].outside_changed == 0 and found[number].mean > 1
    assert found[0].flicker == 0.0 and found[NOT_CARRIED + 1].flicker == 0.0, "nothing before it to differ from"
    assert found[12].flicker > 10, "the result alternates, and the original moves under it"


def _record(place: tuple[Workspace, Media, Patch]) -> measuring.Record:
    workspace, media, patch = place
    times = [Fraction(number, 25) for number in range(FRAMES)]
    return measuring.Record(media, patch, patch.versions[0], times, workspace.cache)


def _forget(place: tuple[Workspace, Media, Patch]) -> None:
    place[0].cache.put(measuring.REVIEWS, _record(place)._entry, b"{}")


def test_several_threads_find_what_one_finds(
    place: tuple[Workspace, Media, Patch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "MOST_THREADS", 1)
    alone = _run(place)
    _forget(place)
    monkeypatch.setattr(review, "MOST_THREADS", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert _run(place) == alone


def test_a_changed_pixel_outside_is_counted(place: tuple[Workspace, Media, Patch], monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(picture: Picture, patch: PatchFrame) -> Picture:
        patched = replace_frame(picture, patch)
        luma = patched.planes[0].copy()
        luma[HEIGHT - 1, WIDTH - 1] ^= 1
        return Picture((luma, *patched.planes[1:]), patched.format, patched.colour)

    monkeypatch.setattr(measuring, "replace_frame", careless)
    assert {frame.outside_changed for frame in _run(place).frames} == {1}


def test_what_was_measured_is_not_measured_again(
    place: tuple[Workspace, Media, Patch], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, media, patch = place
    first = _run((workspace, media, _with_window(patch, 12)))
    whole = _run(place)
    assert whole.frames[: len(first.frames)] == first.frames
    monkeypatch.setattr(review, "Seen", None)
    assert _run(place) == whole


def _with_window(patch: Patch, frames: int) -> Patch:
    return replace(patch, window=TimeRange(Fraction(0), Fraction(frames, 25)))


def test_cancelling_keeps_what_is_done(place: tuple[Workspace, Media, Patch], monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, media, patch = place
    token, seen = ThreadCancelToken(), []

    def partial(frame: review.FrameReview) -> None:
        seen.append(frame)
        if len(seen) == 5:
            token.cancel()

    with pytest.raises(Cancelled):
        review.run(review.ReviewRequest(media, patch), workspace, cancel=token, report=ignore, partial=partial)
    assert _record(place).known(), "kept"


@pytest.mark.parametrize("order", ["forward", "outward", "every other frame first"])
def test_what_is_measured_on_the_way_is_what_a_review_finds(place: tuple[Workspace, Media, Patch], order: str) -> None:
    workspace, media, patch = place
    expected = {frame.time: frame for frame in _run(place).frames}
    _forget(place)
    numbers = [number for number in range(FRAMES) if number != NOT_CARRIED]
    if order == "outward":
        numbers = [number for number in (*range(15, FRAMES), *range(14, -1, -1)) if number != NOT_CARRIED]
    elif order != "forward":
        numbers = numbers[::2] + numbers[1::2]
    times = [Fraction(number, 25) for number in range(FRAMES)]
    on_the_way = measuring.Measuring(media, patch, patch.versions[0], times, workspace.cache)
    with on_the_way, workspace.sources() as sources:
        for number in numbers:
            on_the_way.add(times[number], sources.picture(media, times[number]))
    found = _record(place).known()
    assert {time: expected[time] for time in found} == found
    unknown = {0, *range(FRAMES)} - {round(time * 25) for time in found}
    assert unknown == {NOT_CARRIED, NOT_CARRIED + 1}, "what stood before it was never seen"
    assert len(on_the_way._seen) <= 2, "pictures are let go once both neighbours are measured"
    assert {frame.time: frame for frame in _run(place).frames} == expected
