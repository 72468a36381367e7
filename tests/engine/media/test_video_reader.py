"""The reader gives exactly the frame that was asked for, however the file is built and in whatever order one asks."""

import hashlib
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from av.video.stream import VideoStream

from engine.errors import Cancelled, MediaError
from engine.media.indexing import build_frame_index
from engine.media.picture import Picture
from engine.media.video_reader import VideoReader, open_reader
from engine.running import ThreadCancelToken

X264 = "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"


def two_b_frames(stream: VideoStream) -> None:
    stream.codec_context.max_b_frames = 2


BUILDS: dict[str, dict[str, Any]] = {
    "plain.mp4": {"options": {"bf": "0"}},
    "b_frames.mp4": {"options": {"x264-params": X264}},
    "open_gop.mp4": {"options": {"x264-params": X264 + ":open-gop=1"}},
    "open_gop.mkv": {"options": {"x264-params": X264 + ":open-gop=1"}},
    "one_gop.mp4": {"options": {"x264-params": "keyint=infinite:bframes=2"}},
    "intra.mp4": {"gop": 1},
    "late.mp4": {"times": [50 + n for n in range(30)], "options": {"x264-params": X264}},
    "vfr.mp4": {"times": [n * 3 + n * n for n in range(30)], "time_base": Fraction(1, 1000), "options": {"x264-params": X264}},
    "fragmented.mp4": {"container": {"movflags": "frag_keyframe+empty_moov"}, "options": {"x264-params": X264}},
    "in_front.mp4": {"container": {"movflags": "faststart"}},
    "transport.ts": {"options": {"x264-params": X264}},
    "old.avi": {"codec": "mpeg4"},
    "odd.mkv": {"size": (97, 63), "pixel_format": "yuv444p"},
    "odd_420.mov": {"size": (97, 63), "codec": "mpeg4"},
    "ten_bit.mp4": {"pixel_format": "yuv420p10le"},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=none:keyint=12:min-keyint=12:bframes=3:open-gop=1"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "mpeg2.mpg": {"codec": "mpeg2video", "prepare": two_b_frames},
    "mpeg2.mov": {"codec": "mpeg2video", "prepare": two_b_frames},
    "lossless.mkv": {"codec": "ffv1", "pixel_format": "yuv422p10le"},
    "packed.mov": {"codec": "rawvideo", "pixel_format": "uyvy422"},
    "screen.avi": {"codec": "rawvideo", "pixel_format": "bgr24"},
    "grey.mkv": {"codec": "ffv1", "pixel_format": "gray"},
    "alpha.mov": {"codec": "png", "pixel_format": "rgba"},
}


def md5(picture: Picture) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for plane in picture.planes:
        digest.update(plane.tobytes())
    return digest.hexdigest()


def counted_seeks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where readers were placed anew, from now on."""
    starts: list[int] = []
    seek = VideoReader._seek

    def noted(self: VideoReader, start: int) -> None:
        starts.append(start)
        seek(self, start)

    monkeypatch.setattr(VideoReader, "_seek", noted)
    return starts


@pytest.mark.integration
@pytest.mark.parametrize("name", BUILDS)
def test_every_frame_is_the_one_asked_for(clips: Any, name: str) -> None:
    path = clips.write(name, 30, **BUILDS[name])
    index = build_frame_index(path)
    assert len(index) == 30
    expected = [md5(picture) for picture in clips.in_order(path)]
    order = list(range(30))
    random.Random(name).shuffle(order)
    for kept_bytes in (0, 1 << 24):
        reader = open_reader(path, index, kept_bytes)
        try:
            for frame in [*order, *reversed(range(30)), *range(30)]:
                picture = reader.picture(frame)
                assert clips.number_of(picture) == frame
                assert md5(picture) == expected[frame]
        finally:
            reader.close()


@pytest.mark.integration
def test_times_are_those_that_were_written(clips: Any) -> None:
    times = [n * 3 + n * n for n in range(30)]
    path = clips.write("vfr.mp4", 30, **BUILDS["vfr.mp4"])
    index = build_frame_index(path)
    assert [index.time_of(frame) * 1000 for frame in range(30)] == times
    assert index.is_vfr
    assert [index.frame_at(Fraction(time, 1000)) for time in times] == list(range(30))
    assert index.frame_at(Fraction(times[7] * 2 - 1, 2000)) == 6


@pytest.mark.integration
def test_idr_frames_are_told_from_other_keyframes(clips: Any) -> None:
    closed = build_frame_index(clips.write("closed.mp4", options={"x264-params": X264}))
    opened = build_frame_index(clips.write("opened.mp4", options={"x264-params": X264 + ":open-gop=1"}))
    assert closed.is_idr.sum() == closed.is_keyframe.sum() == 3
    assert opened.is_keyframe.sum() == 3
    assert list(opened.is_idr.nonzero()[0]) == [0]


@pytest.mark.integration
def test_pictures_are_read_only_and_of_the_stored_depth(clips: Any) -> None:
    path = clips.write("ten.mp4", 3, pixel_format="yuv420p10le")
    reader = VideoReader(path, build_frame_index(path))
    picture = reader.picture(1)
    reader.close()
    assert (picture.format.name, picture.format.bits, str(picture.planes[0].dtype)) == ("yuv420p10le", 10, "uint16")
    assert picture.planes[0].max() > 255
    with pytest.raises(ValueError, match="read-only"):
        picture.planes[0][0, 0] = 1


@pytest.mark.integration
def test_stepping_backward_decodes_a_group_once(clips: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write("one.mp4", 60, options={"x264-params": "keyint=infinite:bframes=2"})
    reader = VideoReader(path, build_frame_index(path))
    restarts = counted_seeks(monkeypatch)
    assert [clips.number_of(reader.picture(frame)) for frame in reversed(range(60))] == list(reversed(range(60)))
    reader.close()
    assert len(restarts) <= 1


@pytest.mark.integration
def test_going_forward_does_not_seek(clips: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write("b.mp4", 60, options={"x264-params": X264})
    reader = VideoReader(path, build_frame_index(path))
    restarts = counted_seeks(monkeypatch)
    assert [clips.number_of(picture) for picture in reader.pictures(range(60))] == list(range(60))
    reader.close()
    assert restarts == []


@pytest.mark.integration
def test_a_damaged_frame_is_named_and_the_others_stay_right(clips: Any) -> None:
    path: Path = clips.write("bad.mov", 12, codec="png", pixel_format="rgb24")
    index = build_frame_index(path)
    data = bytearray(path.read_bytes())
    places = [place for place in range(len(data)) if data.startswith(b"\x89PNG", place)]
    data[places[5] : places[5] + 60] = bytes(60)
    path.write_bytes(data)
    reader = VideoReader(path, index)
    with pytest.raises(MediaError, match=r"Frame 5 at 00:00:00\.200 of “bad\.mov”"):
        reader.picture(5)
    assert [clips.number_of(reader.picture(frame)) for frame in (4, 6, 11, 0)] == [4, 6, 11, 0]
    reader.close()


@pytest.mark.integration
def test_a_file_cut_off_in_its_frames_says_so(clips: Any) -> None:
    path: Path = clips.write("cut.mp4", 40, container={"movflags": "faststart"}, options={"x264-params": X264})
    index = build_frame_index(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    reader = VideoReader(path, index)
    assert clips.number_of(reader.picture(3)) == 3
    with pytest.raises(MediaError, match="Frame 39"):
        reader.picture(39)
    assert clips.number_of(reader.picture(4)) == 4
    reader.close()


def test_frames_outside_the_file_are_refused(clips: Any) -> None:
    path = clips.write("few.mp4", 3)
    reader = VideoReader(path, build_frame_index(path))
    for frame in (-1, 3):
        with pytest.raises(IndexError):
            reader.picture(frame)
    reader.close()


@pytest.mark.integration
@pytest.mark.parametrize(
    "name", ["flower_960x540_2997_aac.mp4", "bbb_720p25_aac51.mp4", "vfr_phone_derived.mp4", "rotate90_derived.mp4",
             "hdv_1080i50_interlaced_noaudio.mov", "iss634.gif"],
)
def test_real_clips_at_random_equal_sequential_decoding(clips: Any, shared_media: Path, name: str) -> None:
    path = shared_media / name
    index = build_frame_index(path)
    expected = [md5(picture) for picture in clips.in_order(path)]
    assert len(index) == len(expected)
    reader = VideoReader(path, index)
    order = random.Random(name).sample(range(len(index)), 25)
    assert {frame: md5(reader.picture(frame)) for frame in order} == {frame: expected[frame] for frame in order}
    assert [md5(picture) for picture in reader.pictures(range(len(index)))] == expected
    reader.close()


@pytest.mark.integration
@pytest.mark.parametrize("name", BUILDS)
def test_a_few_frames_are_the_same_whatever_lies_between_them(clips: Any, name: str) -> None:
    """What nothing refers to is left out between them, and is right again when it is asked for afterwards."""
    path = clips.write(name, 30, **BUILDS[name])
    expected = [md5(picture) for picture in clips.in_order(path)]
    reader = open_reader(path, build_frame_index(path), 0)
    for wanted in ([15, 17, 22, 29], [14, 13, 9, 4, 0], [2, 28, 3]):
        assert [md5(picture) for picture in reader.few(wanted, ThreadCancelToken())] == [expected[n] for n in wanted]
        assert md5(reader.picture(wanted[-1] + 1 if wanted[-1] < 29 else 0)) == expected[(wanted[-1] + 1) % 30]
    reader.close()


@pytest.mark.integration
def test_few_frames_of_a_long_stretch_cost_fewer_and_can_be_cancelled(clips: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write("long.mp4", 60, options={"x264-params": "keyint=infinite:bframes=3:b-adapt=0"})
    decoded, token = [], ThreadCancelToken()
    keep = VideoReader._keep

    def noted(self: VideoReader, picture: Any) -> None:
        decoded.append(picture)
        if len(decoded) == 50:
            token.cancel()
        keep(self, picture)

    monkeypatch.setattr(VideoReader, "_keep", noted)
    reader = VideoReader(path, build_frame_index(path), 0)
    assert [clips.number_of(picture) for picture in reader.few([9, 31, 58], token)] == [9, 31, 58]
    assert len(decoded) < 45
    with pytest.raises(Cancelled):
        list(reader.few([57, 0, 56], token))
    reader.close()
