"""Bytes from outside become an upright sRGB picture, or one clear sentence; nothing else comes out of them."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from engine.errors import MediaError
from engine.media.picture_bytes import Pixels, decode_picture

pytestmark = pytest.mark.security
SLOPE = np.add.outer(np.arange(20) * 4, np.arange(30) * 5) % 256
RAMP = np.dstack([SLOPE, np.full((20, 30), 90), np.full((20, 30), 40)]).astype(np.uint8)


def decoded(data: bytes) -> Pixels:
    return decode_picture(data, 1 << 20, 1_000_000)


def saved(image: Image.Image, codec: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, codec, **how)
    return out.getvalue()


@pytest.mark.parametrize(("codec", "far"), [("PNG", 0), ("WEBP", 12), ("JPEG", 12)])
def test_the_usual_forms_are_read_by_their_content(codec: str, far: int) -> None:
    picture = decoded(saved(Image.fromarray(RAMP), codec, quality=95))
    assert picture.shape == (20, 30, 4) and picture.dtype == np.uint8 and (picture[..., 3] == 255).all()
    assert np.abs(picture[2:-2, 2:14, :3].astype(int) - RAMP[2:-2, 2:14]).max() <= far


def test_deep_pictures_keep_their_depth_and_alpha() -> None:
    random = np.random.default_rng(1)
    deep = random.integers(0, 65536, (12, 10, 4)).astype(np.uint16)
    _, data = cv2.imencode(".png", deep[..., [2, 1, 0, 3]])
    assert np.array_equal(decoded(data.tobytes()), deep)
    _, plain = cv2.imencode(".png", deep[..., 0])
    grey = decoded(plain.tobytes())
    assert grey.dtype == np.uint16 and np.array_equal(grey[..., 1], deep[..., 0]) and (grey[..., 3] == 65535).all()


def test_transparency_is_kept_also_of_palettes() -> None:
    rgba = np.dstack([RAMP, np.where(RAMP[..., 0] > 100, 255, 0).astype(np.uint8)])
    assert np.array_equal(decoded(saved(Image.fromarray(rgba), "PNG"))[..., 3], rgba[..., 3])
    palette = Image.fromarray(RAMP).quantize(8)
    palette.info["transparency"] = 0
    assert (decoded(saved(palette, "PNG"))[..., 3] == 0).any()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_comes_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corner = np.zeros((24, 40, 3), np.uint8)
    corner[:12, :20] = 255
    picture = decoded(saved(Image.fromarray(corner), "JPEG", exif=exif, quality=95))
    assert picture.shape[:2] == ((24, 40) if orientation < 5 else (40, 24))
    bright = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}[orientation]
    at = tuple(2 if side == 0 else -3 for side in bright)
    assert picture[at][0] > 240 and picture[2 if bright[0] else -3, 2 if bright[1] else -3][0] < 15


def test_a_profile_is_turned_into_srgb() -> None:
    flat = Image.new("RGB", (16, 16), (200, 100, 50))
    plain = decoded(saved(flat, "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()))
    assert tuple(plain[0, 0, :3]) == (200, 100, 50)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    assert decoded(saved(flat, "PNG", icc_profile=lab)).shape == (16, 16, 4)  # one that does not fit is passed over
    assert decoded(saved(flat, "PNG", icc_profile=b"no profile")).shape == (16, 16, 4)


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "P", "LA", "I;16"])
def test_other_colour_forms_are_read(mode: str) -> None:
    deep = np.arange(400, dtype=np.uint16).reshape(20, 20) * 100
    image = Image.fromarray(deep) if mode == "I;16" else Image.new(mode, (20, 20))
    assert decoded(saved(image, "JPEG" if mode == "CMYK" else "PNG")).shape == (20, 20, 4)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Nothing came"), (b"<!DOCTYPE html><html>busy</html>", "A web page"), (b'{"error": "quota"}', "Text came"),
        (b"\x00" * 200, "unknown"), (b"\x89PNG\r\n\x1a\n", "came instead|damaged"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, says: str) -> None:
    with pytest.raises(MediaError, match=says):
        decoded(data)


def test_sizes_are_checked_before_anything_is_decoded() -> None:
    with pytest.raises(MediaError, match="more than 1 MB"):
        decoded(b"\x89PNG" + b"\x00" * (2 << 20))
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 4) + b"IDAT" + b"\x78\x9c\x00\x00" + b"\x00" * 4
    with pytest.raises(MediaError, match="million pixels"):
        decoded(bomb)
    with pytest.raises(MediaError, match="too few"):
        decoded(saved(Image.new("RGB", (3, 50)), "PNG"))
    with pytest.raises(MediaError, match="unknown"):
        decoded(saved(Image.new("RGB", (30, 50)), "BMP"))


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.data())
@settings(max_examples=120, deadline=None)
def test_damaged_pictures_are_an_error_of_ours_or_a_picture(codec: str, data: st.DataObject) -> None:
    whole = bytearray(saved(Image.fromarray(RAMP), codec))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        picture = decoded(cut)
    except MediaError as error:
        assert str(error).endswith(".")
    else:
        assert picture.ndim == 3 and picture.shape[2] == 4
