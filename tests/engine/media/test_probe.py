"""Every file is what a person would call it, or is refused in one sentence that names it."""

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cache.store import Cache
from engine.errors import BadInputError, MediaError, PatchreelError
from engine.media.container import open_container
from engine.media.display import to_display_rgb
from engine.media.indexing import build_frame_index
from engine.media.probe import probe
from engine.media.probe_store import known_probe
from engine.media.stills import read_still
from engine.media.video_reader import VideoReader, open_reader
from engine.project.model import MediaKind

KINDS = {
    "bbb_720p25_aac51.mp4": (MediaKind.VIDEO, 1280, 720), "cars_768x432_12.5fps.mp4": (MediaKind.VIDEO, 768, 432),
    "exif1_portrait.jpg": (MediaKind.IMAGE, 1200, 1800), "exif6_landscape.jpg": (MediaKind.IMAGE, 1800, 1200),
    "exif8_portrait.jpg": (MediaKind.IMAGE, 1200, 1800), "flower_960x540_2997_aac.mp4": (MediaKind.VIDEO, 960, 540),
    "friday_640x480_30_speech.mp4": (MediaKind.VIDEO, 640, 480),
    "hdv_1080i50_interlaced_noaudio.mov": (MediaKind.VIDEO, 1920, 1080),
    "hungarian_dance_strings.ogg": (MediaKind.AUDIO, 0, 0), "iss634.gif": (MediaKind.VIDEO, 245, 245),
    "iss634.webp": (MediaKind.VIDEO, 245, 245), "nasa_multistream.mp4": (MediaKind.VIDEO, 320, 180),
    "photo_blueberries.jpg": (MediaKind.IMAGE, 615, 409), "photo_larch.jpg": (MediaKind.IMAGE, 960, 640),
    "photo_red_panda.jpg": (MediaKind.IMAGE, 1600, 647), "pil123rgba.png": (MediaKind.IMAGE, 162, 150),
    "pil_sample_cmyk.jpg": (MediaKind.IMAGE, 100, 100), "png_rgba.mov": (MediaKind.VIDEO, 320, 240),
    "prores422_10bit.mov": (MediaKind.VIDEO, 320, 240), "rgb16_larch.png": (MediaKind.IMAGE, 960, 640),
    "rotate90_derived.mp4": (MediaKind.VIDEO, 540, 960), "speech_female_mono22k.ogg": (MediaKind.AUDIO, 0, 0),
    "sugar_plum_mono22k.ogg": (MediaKind.AUDIO, 0, 0), "trumpet_90bpm.ogg": (MediaKind.AUDIO, 0, 0),
    "vfr_phone_derived.mp4": (MediaKind.VIDEO, 960, 540), "vibe_ace_coverart.ogg": (MediaKind.AUDIO, 0, 0),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", KINDS)
def test_real_files_are_what_they_are(shared_media: Path, name: str) -> None:
    path = shared_media / name
    found = probe(path)
    video = found.video
    size = (video.display_width, video.display_height) if video else (0, 0)
    assert (found.kind, *size) == KINDS[name]
    if video is not None and found.kind is MediaKind.IMAGE:
        assert read_still(path).format == video.pixel_format
    elif video is not None:
        reader = open_reader(path, build_frame_index(path))
        picture = reader.picture(3)
        reader.close()
        assert (picture.width, picture.height, picture.format) == (video.width, video.height, video.pixel_format)


@pytest.mark.integration
def test_the_test_covers_every_real_file(shared_media: Path) -> None:
    assert {path.name for path in shared_media.iterdir()} - {"README.md"} == set(KINDS)


@pytest.mark.integration
def test_streams_are_found_by_type_not_by_place(shared_media: Path) -> None:
    friday = probe(shared_media / "friday_640x480_30_speech.mp4")
    assert friday.video is not None
    assert (friday.video.index, friday.audio[0].index) == (1, 0)
    cover = probe(shared_media / "vibe_ace_coverart.ogg")
    assert cover.video is None
    assert [s.is_attached_picture for s in cover.streams] == [False, True]
    nasa = probe(shared_media / "nasa_multistream.mp4")
    assert [s.kind for s in nasa.streams] == ["video", "audio", "subtitle", "video", "audio", "subtitle"]
    assert [(a.sample_rate, a.language) for a in nasa.audio] == [(8000, "eng"), (16000, "eng")]


@pytest.mark.integration
def test_colour_depth_aspect_and_interlacing(shared_media: Path) -> None:
    hdv = probe(shared_media / "hdv_1080i50_interlaced_noaudio.mov").video
    prores = probe(shared_media / "prores422_10bit.mov").video
    flower = probe(shared_media / "flower_960x540_2997_aac.mp4").video
    assert hdv and prores and flower
    assert (hdv.is_interlaced, hdv.is_top_field_first, hdv.pixel_aspect, hdv.width) == (True, True, Fraction(4, 3), 1440)
    assert hdv.colour.matrix == 1
    assert (prores.bits, prores.pixel_format.name, prores.is_interlaced) == (10, "yuv422p10le", False)
    assert (flower.codec, flower.profile, flower.colour.full_range, flower.colour.matrix) == ("h264", "High", False, 6)


@pytest.mark.integration
def test_a_turned_clip_comes_out_as_a_player_shows_it(shared_media: Path) -> None:
    path = shared_media / "rotate90_derived.mp4"
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("no ffmpeg program to compare with")
    flags = "scale=sws_flags=accurate_rnd+full_chroma_int+full_chroma_inp+bilinear"
    command = [program, "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", flags]
    command += ["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    player = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8).reshape(960, 540, 3)
    video = probe(path).video
    assert video is not None
    reader = VideoReader(path, build_frame_index(path))
    ours = to_display_rgb(reader.picture(0), video.rotation, video.pixel_aspect)
    reader.close()
    assert np.abs(ours.astype(int) - player).mean() < 1.0


@pytest.mark.integration
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotation_is_clockwise(clips: Any, degrees: int) -> None:
    path = clips.write("turned.mp4", 2, prepare=lambda stream: stream.set_display_rotation(-degrees))
    video = probe(path).video
    assert video is not None
    assert video.rotation == degrees
    shown = (64, 96) if degrees in {90, 270} else (96, 64)
    assert (video.display_width, video.display_height) == shown


def refusal(path: Path | str) -> str:
    with pytest.raises(PatchreelError) as caught:
        probe(path)
    text = caught.value.text
    assert os.fsencode(Path(path).name).decode("utf-8", "replace") in text
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_what_is_no_media_is_refused_by_name_and_reason(clips: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    text = tmp_path / "text.mp4"
    text.write_text("This is only a text. " * 100, encoding="utf-8")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:9,\n/etc/hostname\n#EXT-X-ENDLIST\n", encoding="utf-8")
    whole: Path = clips.write("whole.mp4", 20)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "not there" in refusal(tmp_path / "missing.mp4")
    assert "folder" in refusal(tmp_path)
    assert "empty" in refusal(empty)
    assert "known form" in refusal(text)
    assert "known form" in refusal(playlist)
    assert "cut off" in refusal(cut)


def test_a_folder_is_bad_input_and_a_broken_file_is_not(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        probe(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"\0" * 4000)
    with pytest.raises(MediaError):
        probe(tmp_path / "a.mp4")


@pytest.mark.security
@pytest.mark.parametrize("size", [10, 100, 1000, 3000])
def test_files_cut_at_any_place_never_crash(clips: Any, tmp_path: Path, size: int, shared_media: Path) -> None:
    for source in (clips.write("a.mkv", 5), clips.write("b.gif", 5, codec="gif", pixel_format="rgb8"),
                   shared_media / "photo_larch.jpg", shared_media / "iss634.webp", shared_media / "pil123rgba.png"):
        cut = tmp_path / f"cut{source.suffix}"
        cut.write_bytes(source.read_bytes()[:size])
        try:
            found = probe(cut)
            if found.kind is MediaKind.IMAGE:
                read_still(cut)
            else:
                build_frame_index(cut)
        except PatchreelError as error:
            assert "cut" in error.text


@pytest.mark.skipif(os.name != "posix", reason="names there are Unicode")
def test_a_name_that_is_not_utf_8_works(clips: Any, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 %03d.mp4")
    path = tmp_path / name
    shutil.move(clips.write("plain.mp4", 12), path)
    assert probe(str(path)).kind is MediaKind.VIDEO
    reader = VideoReader(str(path), build_frame_index(str(path)))
    assert clips.number_of(reader.picture(7)) == 7
    reader.close()
    assert "caf\N{REPLACEMENT CHARACTER} 2.png" in refusal(os.fspath(tmp_path / os.fsdecode(b"caf\xe9 2.png")))


@pytest.mark.integration
@pytest.mark.parametrize("name", KINDS)
def test_what_was_probed_once_is_known(name: str, shared_media: Path, cache: Cache) -> None:
    first = known_probe(shared_media / name, name, cache)
    assert first == probe(shared_media / name)
    assert known_probe("is not there", name, cache) == first


def test_a_damaged_memory_of_a_probe_is_made_again(clips: Any, cache: Cache) -> None:
    path = clips.write("clip.mp4", 5)
    first = known_probe(path, "a", cache)
    for damaged in (b"", b"{", b"[]", b'{"kind": "video"}'):
        cache.put("probe", cache.key("probe", 1, "a"), damaged)
        assert known_probe(path, "a", cache) == first


@pytest.mark.parametrize("options", [{"bf": "2"}, {"bf": "0", "flags": "+ilme+ildct"}])
def test_packets_need_no_decoder(options: dict[str, str], clips: Any) -> None:
    path = clips.write("clip.mp4", 30, options=options)
    found = []
    for may_decode in (True, False):
        with open_container(path, may_decode=may_decode) as container:
            found.append([(p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in container.demux() if p.size])
    assert found[0] == found[1] and len(found[0]) == 30
