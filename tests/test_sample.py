"""The bundled sample is what sample.json says, and what the demo, the start page and the tests count on."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sample"

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((FOLDER / "sample.json").read_text(encoding="utf-8"))
    return facts


@pytest.fixture(scope="module")
def keyframes(facts: dict[str, Any]) -> dict[int, NDArray[np.uint8]]:
    """Frame number -> RGB picture, of the keyframes alone."""
    with av.open(str(FOLDER / facts["file"])) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        frames = list(container.decode(stream))
    return {
        round(frame.time * facts["fps"]): np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        for frame in frames
        if frame.time is not None
    }


def _crop(picture: NDArray[np.uint8], box: list[float], grow: float = 0.0) -> NDArray[np.uint8]:
    rows, columns = picture.shape[:2]
    x, y, width, height = box
    top, left = round((y - grow) * rows), round((x - grow) * columns)
    return picture[top : round((y + height + grow) * rows), left : round((x + width + grow) * columns)]


def test_the_clip_is_small_and_in_whole_gops(facts: dict[str, Any]) -> None:
    path = FOLDER / facts["file"]
    assert path.stat().st_size <= 4_000_000
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        packets = [packet for packet in container.demux(video) if packet.size]
        assert (video.width, video.height, video.average_rate) == (facts["width"], facts["height"], facts["fps"])
        assert (video.codec_context.name, video.codec_context.profile, audio.codec_context.name) == ("h264", "High", "aac")
        assert audio.codec_context.layout.name == "stereo"
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert (len(packets), keys) == (facts["frames"], list(range(0, facts["frames"], 50)))


def test_the_logo_is_where_the_track_says(facts: dict[str, Any], keyframes: dict[int, NDArray[np.uint8]]) -> None:
    known = {entry["frame"]: entry["box"] for entry in facts["logo"]["track"]}
    assert known[facts["logo"]["frame"]] == facts["logo"]["box"]
    for number, picture in keyframes.items():
        inside = _crop(picture, known[number]).min(axis=2) > 180
        around = _crop(picture, known[number], grow=0.02).min(axis=2) > 180
        assert inside.mean() > 0.25, f"no ivory plate in the box of frame {number}"
        assert around.sum() == inside.sum(), f"the plate of frame {number} sticks out of its box"


def test_the_picture_has_texture_everywhere(keyframes: dict[int, NDArray[np.uint8]]) -> None:
    # Optical flow needs something to follow: no tile of the picture is flat.
    luma = keyframes[0].mean(axis=2)
    tiles = luma.reshape(9, 80, 16, 80).std(axis=(1, 3))
    assert tiles.min() > 0.8


def test_the_sound_fills_the_clip_without_clipping(facts: dict[str, Any]) -> None:
    with av.open(str(FOLDER / facts["file"])) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert sound.shape[1] / 48_000 == pytest.approx(facts["frames"] / facts["fps"], abs=0.05)
    assert 0.2 < np.abs(sound).max() < 0.8
    assert np.abs(sound[0] - sound[1]).max() > 0.01, "stereo in name only"


def test_the_replacement_is_a_textured_picture(facts: dict[str, Any]) -> None:
    with av.open(str(FOLDER / facts["replacement"])) as container:
        picture = np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"))
    assert picture.shape == (312, 512, 3)
    assert picture.std() > 30
