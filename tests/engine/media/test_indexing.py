"""The index says what the decoder will say, reads next to nothing of an MP4, and is made once."""

import struct
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cache.store import Cache
from engine.errors import MediaError
from engine.media import indexing, mp4_index
from engine.media.container import open_container, video_stream
from engine.media.index import FrameIndex
from engine.media.index_building import build_index, index_from_bytes, index_to_bytes
from engine.media.indexing import build_frame_index, frame_index
from engine.media.video_reader import VideoReader

X264 = {"x264-params": "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"}
GIB = 1 << 30


def same(one: FrameIndex, other: FrameIndex) -> bool:
    names = ("pts", "durations", "decode_order", "dts", "sizes", "is_keyframe", "is_idr")
    return one.time_base == other.time_base and all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names)


def by_packets(path: Path) -> FrameIndex:
    with open_container(path) as container:
        stream = video_stream(container)
        assert stream is not None
        return build_index(indexing._packet_table(path, container, stream))


def by_tables(path: Path) -> FrameIndex:
    with open_container(path) as container:
        stream = video_stream(container)
        assert stream is not None
        table = mp4_index.mp4_packets(path, container, stream)
        assert table is not None
        return build_index(table)


def box_at(data: bytes, *kinds: bytes) -> int:
    """Where the payload of a nested box begins."""
    place = 0
    for kind in kinds:
        place = data.index(kind, place) + 4
    return place


@pytest.mark.integration
@pytest.mark.parametrize("options", [X264, {"x264-params": X264["x264-params"] + ":open-gop=1"}, {"bf": "0"}, {"g": "1"}])
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_tables_and_packets_say_the_same(clips: Any, name: str, options: dict[str, str]) -> None:
    path = clips.write(name, 40, options=options)
    assert same(by_tables(path), by_packets(path))


@pytest.mark.integration
def test_tables_and_packets_say_the_same_of_real_files(shared_media: Path) -> None:
    for path in sorted(shared_media.glob("*.m[po][4v]")):
        assert same(by_tables(path), by_packets(path)), path.name


@pytest.mark.integration
def test_frames_that_the_edit_list_hides_are_not_in_the_index(clips: Any) -> None:
    path: Path = clips.write("cut.mp4", 40, options={"x264-params": "keyint=12:min-keyint=12:scenecut=0:bframes=0"})
    data = bytearray(path.read_bytes())
    place = box_at(bytes(data), b"moov", b"elst") + 8
    timescale = struct.unpack_from(">I", data, box_at(bytes(data), b"moov", b"mdhd") + 12)[0]
    movie_timescale = struct.unpack_from(">I", data, box_at(bytes(data), b"moov", b"mvhd") + 12)[0]
    struct.pack_into(">Ii", data, place, movie_timescale * 20 // 25, timescale * 7 // 25)  # frames 7 to 26
    path.write_bytes(data)
    index = build_frame_index(path)
    assert len(index) >= 20
    assert int(index.pts[0]) == 0
    assert not index.is_keyframe[0]
    reader = VideoReader(path, index)
    assert [clips.number_of(reader.picture(frame)) for frame in (19, 3, 0, 11)] == [26, 10, 7, 18]
    reader.close()


@pytest.mark.integration
@pytest.mark.performance
@pytest.mark.parametrize("moov", ["at the end", "in front"])
def test_a_60_gb_file_shows_a_frame_at_once(clips: Any, cache: Cache, moov: str) -> None:
    path: Path = clips.write("big.mp4", 40, options=X264, container={"movflags": "faststart"} if moov == "in front" else {})
    data = path.read_bytes()
    start = data.index(b"moov") - 4
    with path.open("wb") as file:
        file.write(data if moov == "in front" else data[:start])
        file.write(struct.pack(">I4sQ", 1, b"free", 60 * GIB))
        file.seek(60 * GIB - 16, 1)
        if moov == "in front":
            file.truncate()
        else:
            file.write(data[start:])
    assert path.stat().st_size > 60 * GIB
    began = time.process_time()
    index = frame_index(path, "a fingerprint", cache)
    reader = VideoReader(path, index)
    assert clips.number_of(reader.picture(30)) == 30
    reader.close()
    assert time.process_time() - began < 1.0  # of the processor: to go through 60 GB takes many times that
    path.unlink()


@pytest.mark.performance
def test_an_mp4_is_not_read_to_be_indexed(clips: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write("a.mp4", 100, options=X264)
    monkeypatch.setattr(indexing, "_packet_table", lambda *_: pytest.fail("every packet was read"))
    assert len(build_frame_index(path)) == 100


def test_the_index_is_made_once_for_a_content(clips: Any, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write("a.mp4", 20, options=X264)
    first = frame_index(path, "content", cache)
    monkeypatch.setattr(indexing, "build_frame_index", lambda *_: pytest.fail("made again"))
    assert same(frame_index(path, "content", cache), first)


def test_bytes_that_are_no_index_are_none(clips: Any) -> None:
    data = index_to_bytes(build_frame_index(clips.write("a.mp4", 5)))
    assert index_from_bytes(data) is not None
    for damaged in (b"", b"PK", data[: len(data) // 2]):
        assert index_from_bytes(damaged) is None


def test_arrays_cannot_be_written(clips: Any) -> None:
    index = build_frame_index(clips.write("a.mp4", 5))
    with pytest.raises(ValueError, match="read-only"):
        index.pts[0] = 1


@pytest.mark.integration
def test_streams_without_times_are_refused_or_decoded(clips: Any) -> None:
    raw = clips.write("a.h264", 10, options=X264)
    with pytest.raises(MediaError, match="no times"):
        build_frame_index(raw)


@pytest.mark.integration
def test_an_avi_with_b_frames_gives_every_frame(clips: Any) -> None:
    path = clips.write("b.avi", 30, codec="libx264", options=X264)
    index = build_frame_index(path)
    reader = VideoReader(path, index)
    numbers = [clips.number_of(reader.picture(frame)) for frame in range(len(index))]
    backward = [clips.number_of(reader.picture(frame)) for frame in reversed(range(len(index)))]
    reader.close()
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 28
    assert backward == numbers[::-1]


@pytest.mark.integration
def test_the_first_idr_of_a_matroska_is_there(clips: Any) -> None:
    path = clips.write("a.mkv", 30, options=X264)
    index = build_frame_index(path)
    assert index.is_idr[0]
    assert len(index) == 30
    assert index.time_of(29) == Fraction(29 * 40, 1000)


@pytest.mark.integration
def test_cover_art_is_not_video(shared_media: Path) -> None:
    with pytest.raises(MediaError, match="has no video"):
        build_frame_index(shared_media / "vibe_ace_coverart.ogg")


@pytest.mark.integration
def test_gif_and_webp_of_the_same_animation_have_the_same_times(shared_media: Path) -> None:
    gif, webp = (build_frame_index(shared_media / f"iss634.{kind}") for kind in ("gif", "webp"))
    assert len(gif) == len(webp) == 42
    assert [gif.time_of(n) for n in range(42)] == [webp.time_of(n) for n in range(42)]
    assert gif.is_vfr
