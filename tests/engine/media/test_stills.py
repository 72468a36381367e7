"""Stills come upright, at their own depth, with their alpha, and bombs do not go off."""

import struct
import zlib
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from engine.errors import BadInputError, MediaError
from engine.media.animated import is_animation
from engine.media.animation import AnimationReader
from engine.media.indexing import build_frame_index
from engine.media.stills import picture_header, picture_to_rgba, read_still


def read(path: Path) -> npt.NDArray[np.int64]:
    return cast(npt.NDArray[np.int64], picture_to_rgba(read_still(path)).astype(np.int64))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_upright(tmp_path: Path, orientation: int) -> None:
    quadrants = np.zeros((48, 64, 3), np.uint8)
    quadrants[:24, :32, 0] = quadrants[:24, 32:, 1] = quadrants[24:, :32, 2] = 255
    stored = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](quadrants)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.jpg"
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, quality=95, subsampling=0)
    header = picture_header(path)
    assert header is not None
    assert (header.width, header.height) == (64, 48)
    assert np.abs(read(path) - quadrants).max() < 30


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    values = np.arange(64 * 64 * 3, dtype=np.uint16).reshape(64, 64, 3) * 5
    for name in ("a.png", "a.tif"):
        path = tmp_path / name
        cv2.imwrite(str(path), values)
        header = picture_header(path)
        assert header is not None
        assert header.bits == 16
        assert np.array_equal(read(path), values[:, :, ::-1])


def test_sixteen_bit_grey_is_grey(tmp_path: Path) -> None:
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    cv2.imwrite(str(tmp_path / "a.png"), values)
    assert np.array_equal(read(tmp_path / "a.png"), np.repeat(values[:, :, None], 3, axis=2))


@pytest.mark.parametrize("kind", ["png", "webp", "gif"])
def test_alpha_is_kept(tmp_path: Path, kind: str) -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, :8] = (200, 40, 0, 255)
    path = tmp_path / f"a.{kind}"
    Image.fromarray(pixels).save(path, lossless=True)  # the others take no notice of it
    result = read(path)
    assert result.shape == (16, 16, 4)
    assert (result[:, :8, 3] == 255).all()
    assert (result[:, 8:, 3] == 0).all()
    assert np.abs(result[0, 0, :3] - [200, 40, 0]).max() <= 8


def test_a_transparent_palette_png_keeps_its_alpha(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    image.putpixel((0, 0), 0)
    image.save(tmp_path / "a.png", transparency=0)
    result = read(tmp_path / "a.png")
    assert list(result[0, 0])[3] == 0
    assert list(result[1, 1]) == [10, 200, 30, 255]


@pytest.mark.integration
def test_cmyk_is_not_inverted(shared_media: Path) -> None:
    path = shared_media / "pil_sample_cmyk.jpg"
    pixels = read(path)  # red at the top left, black at the bottom right
    assert pixels[0, 0, 0] > 240
    assert pixels[0, 0, 1:].max() < 40
    assert pixels[-1, -1].max() < 20


@pytest.mark.integration
def test_the_larch_in_16_bit_is_the_larch(shared_media: Path) -> None:
    deep, flat = read(shared_media / "rgb16_larch.png"), read(shared_media / "photo_larch.jpg")
    assert np.abs(deep / 257 - flat).mean() < 4  # other ways to raise chroma


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.security
@pytest.mark.parametrize("side", [12_500, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(side, side))
    for look in (read_still, picture_header):
        with pytest.raises(BadInputError, match=r"“bomb\.png” has more than 150 million pixels"):
            look(path)


def test_a_damaged_picture_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    Image.new("RGB", (64, 64), "red").save(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(MediaError, match=r"“a\.webp”"):
        read_still(path)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_animations_play_with_their_own_times(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    frames = [Image.new("RGB", (16, 16), colour) for colour in colours]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[50, 120, 200], lossless=True)
    assert is_animation(path)
    index = build_frame_index(path)
    assert [int(index.time_of(n) * 1000) for n in range(3)] == [0, 50, 170]
    assert index.duration * 1000 == 370
    reader = AnimationReader(path, index)
    for number in (2, 0, 1):
        assert tuple(picture_to_rgba(reader.picture(number))[4, 4, :3]) == colours[number]
    reader.close()


def test_a_still_is_no_animation(tmp_path: Path) -> None:
    for name in ("a.png", "a.webp"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
        assert not is_animation(tmp_path / name)
