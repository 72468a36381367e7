"""Import, fingerprint, the library, thumbnails: a file becomes a media, and the media's pictures come back by time."""

import os
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from PIL import Image

from engine.cache.store import Cache
from engine.errors import MediaError
from engine.media import library as library_module
from engine.media.fingerprint import fingerprint
from engine.media.importing import import_media, media_changed
from engine.media.library import MediaLibrary
from engine.media.thumbnails import thumbnail
from engine.project.model import MediaKind
from engine.rational_time import TimeRange

MIB = 1 << 20


@pytest.fixture
def library(cache: Cache, tmp_path: Path) -> Iterator[MediaLibrary]:
    made = MediaLibrary(cache, lambda asset: (tmp_path / asset).read_bytes())
    yield made
    made.close()


def test_equal_content_has_equal_fingerprints_wherever_it_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "a.bin", tmp_path / "b.bin"
    one.write_bytes(b"x" * 5_000_000)
    other.write_bytes(b"x" * 5_000_000)
    assert fingerprint(one) == fingerprint(other)
    with other.open("r+b") as file:
        file.seek(2_500_000)
        file.write(b"y")
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.performance
def test_sixty_gigabytes_are_sampled_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(60 << 30)
    fingerprint(path)  # the first touch of a sparse file makes its pages
    began = time.process_time()
    first = fingerprint(path)
    assert time.process_time() - began < 0.3
    for place in (0, (60 << 30) - 1, int(((60 << 30) - MIB) / 65 * 7)):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"1")
        changed = fingerprint(path)
        assert changed != first
        first = changed
    os.truncate(path, (60 << 30) - 1)
    assert fingerprint(path) != first
    path.unlink()


@pytest.mark.integration
def test_import_says_what_the_file_is(clips: Any, cache: Cache) -> None:
    path: Path = clips.write("a.mp4", 30, rate=Fraction(30000, 1001))
    media = import_media(path, cache)
    assert (media.kind, media.name, media.path, media.width, media.height) == (MediaKind.VIDEO, "a.mp4", str(path), 96, 64)
    assert media.available_range == TimeRange(Fraction(0), Fraction(30 * 1001, 30000))
    assert media.rate == Fraction(30000, 1001)
    assert not media.has_audio
    assert import_media(path, cache).id != media.id
    assert import_media(path, cache).fingerprint == media.fingerprint


def test_a_still_lasts_as_long_as_one_likes(cache: Cache, tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    media = import_media(tmp_path / "a.png", cache)
    assert (media.kind, media.available_range, media.rate, media.width) == (MediaKind.IMAGE, None, None, 20)


def test_a_change_of_the_file_is_noticed_a_touch_is_not(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 10)).save(path)
    media = import_media(path, cache)
    os.utime(path, (1, 1))
    assert not media_changed(media)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert media_changed(media)
    path.unlink()
    with pytest.raises(MediaError, match=r"“a\.png” is not there"):
        media_changed(media)


@pytest.mark.integration
def test_pictures_by_source_time(clips: Any, cache: Cache, library: MediaLibrary) -> None:
    path = clips.write("late.mp4", 30, times=[100 + n for n in range(30)])
    media = import_media(path, cache)
    for time_, number in [(Fraction(0), 0), (Fraction(7, 25), 7), (Fraction(79, 250), 7), (Fraction(99), 29), (Fraction(-1), 0)]:
        assert clips.number_of(library.picture(media, time_)) == number
    assert library.rotation(media) == 0
    assert library.pixel_aspect(media) == 1
    assert len(library.index(media)) == 30


@pytest.mark.integration
def test_many_files_keep_few_open(clips: Any, cache: Cache, library: MediaLibrary) -> None:
    media = [import_media(clips.write(f"{n}.mp4", 3), cache) for n in range(library_module.MAX_READERS + 3)]
    for _ in range(2):
        for item in media:
            assert clips.number_of(library.picture(item, Fraction(1, 25))) == 1
    assert sum(str(clips.folder) in str(file.path) for file in psutil.Process().open_files()) <= library_module.MAX_READERS
    library.close()
    assert clips.number_of(library.picture(media[0], Fraction(2, 25))) == 2


@pytest.mark.integration
def test_a_missing_or_changed_file_is_named(clips: Any, cache: Cache, library: MediaLibrary) -> None:
    path: Path = clips.write("gone.mp4", 5)
    media = import_media(path, cache)
    library.picture(media, Fraction(0))
    path.rename(path.with_name("away.mp4"))
    with pytest.raises(MediaError, match=r"“gone\.mp4” is not there"):
        library.picture(media, Fraction(0))
    clips.write("gone.mp4", 8)
    with pytest.raises(MediaError, match=r"“gone\.mp4” was changed"):
        library.picture(media, Fraction(0))
    path.with_name("away.mp4").rename(path)
    assert clips.number_of(library.picture(media, Fraction(3, 25))) == 3


def test_bitmaps_are_straight_rgba(library: MediaLibrary, tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 6, 4), (10, 20, 30, 128), np.uint8)).save(tmp_path / "text.png")
    bitmap = library.bitmap("text.png")
    assert bitmap.shape == (4, 6, 4)
    assert tuple(bitmap[1, 1]) == (10, 20, 30, 128)
    assert not bitmap.flags.writeable


@pytest.mark.integration
def test_thumbnails_are_upright_and_made_once(
    clips: Any, cache: Cache, library: MediaLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clips.write("turned.mp4", 20, prepare=lambda stream: stream.set_display_rotation(-90))
    media = import_media(path, cache)
    small = thumbnail(library, media, Fraction(1, 2), 48)
    assert small.shape == (48, 32, 3)
    upright = cv2.rotate(library.picture(media, Fraction(1, 2)).planes[0], cv2.ROTATE_90_CLOCKWISE)
    likeness = np.corrcoef(cv2.resize(upright, (32, 48)).ravel(), small[:, :, 1].ravel())[0, 1]
    assert likeness > 0.9
    monkeypatch.setattr(library, "picture", lambda *_: pytest.fail("decoded again"))
    assert np.array_equal(thumbnail(library, media, Fraction(501, 1000), 48), small)


def test_a_thumbnail_hides_what_is_transparent(cache: Cache, library: MediaLibrary, tmp_path: Path) -> None:
    pixels = np.full((40, 40, 4), (250, 250, 250, 0), np.uint8)
    pixels[:20, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    small = thumbnail(library, import_media(tmp_path / "a.png", cache), Fraction(0), 20)
    assert small[3, 10].min() > 230
    assert small[16, 10].max() < 80
