"""A whole window for tests, driven by real events, and a small clip whose frames all differ."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from editor.application import Closing, make_application
from editor.services import make_services
from editor.wiring import Wiring

WIDTH, HEIGHT, FRAMES, RATE = 320, 180, 60, 25
PATIENCE_MS = 45_000
"""For waits that say nothing about speed: the machine may be at work for somebody else."""


@pytest.fixture(scope="session")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames of 320 × 180 at 25 fps, H.264, a keyframe every 12; a bar moves, the grey rises."""
    path = tmp_path_factory.mktemp("clips") / "moving bar.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"g": "12", "bf": "2", "preset": "ultrafast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for number in range(FRAMES):
            pixels = np.full((HEIGHT, WIDTH, 3), 40 + 2 * number, np.uint8)
            pixels[:, 4 * number : 4 * number + 40] = (200, 60, 20)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.fixture
def desk(qtbot: QtBot, patchreel_home: Path) -> Iterator[Wiring]:
    """An open window with an empty project."""
    make_application()
    wiring = Wiring(make_services())
    closing = Closing(wiring)
    wiring.window.resize(1600, 1000)
    with qtbot.waitExposed(wiring.window):
        wiring.window.show()
    yield wiring
    closing.finish()
    wiring.window.deleteLater()
    wiring.deleteLater()


@pytest.fixture
def desk_with_clip(desk: Wiring, clip_file: Path, qtbot: QtBot) -> Wiring:
    """The window with the clip on the timeline, its index and plan known, its first frame in the viewer."""
    desk.open([str(clip_file)])
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=PATIENCE_MS)
    media = desk.services.document.project.media[0]
    qtbot.waitUntil(lambda: desk.services.files.index(media) is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.plans.plan is not None and desk.preview.is_current, timeout=PATIENCE_MS)
    return desk
