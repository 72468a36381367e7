"""The order of fields is read from decoded frames and set on frames for encoders."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.media.fields import FieldOrder, is_top_field_first
from engine.media.probe import probe

SIZE = (64, 48)


def frame(number: int, name: str = "yuv420p") -> av.VideoFrame:
    rgb = np.random.default_rng(number).integers(0, 256, (*reversed(SIZE), 3), np.uint8)
    made = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=name)
    made.pts, made.time_base = number, Fraction(1, 25)
    return made


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "gbrp"])
@pytest.mark.parametrize("is_top_first", [True, False])
def test_a_mark_changes_nothing_else(is_top_first: bool, name: str) -> None:
    mark = FieldOrder(*SIZE, name, Fraction(1, 25), is_top_first=is_top_first)
    for number in range(3):
        plain = frame(number, name)
        pixels = [bytes(plane) for plane in plain.planes]
        marked = mark(plain)
        assert (marked.interlaced_frame, is_top_field_first(marked)) == (True, is_top_first)
        assert (marked.pts, marked.format.name, [bytes(plane) for plane in marked.planes]) == (number, name, pixels)


def test_a_progressive_frame_has_no_first_field() -> None:
    assert not is_top_field_first(frame(0))


@pytest.mark.parametrize(("options", "found"), [("tff=1", (True, True)), ("bff=1", (True, False)), ("", (False, False))])
def test_the_probe_tells_the_order(options: str, found: tuple[bool, bool], tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"x264-params": options})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        mark = FieldOrder(*SIZE, "yuv420p", Fraction(1, 25), is_top_first=options == "tff=1")
        for number in range(5):
            out.mux(stream.encode(mark(frame(number)) if options else frame(number)))
        out.mux(stream.encode(None))
    video = probe(path).video
    assert video is not None
    assert (video.is_interlaced, video.is_top_field_first) == found
