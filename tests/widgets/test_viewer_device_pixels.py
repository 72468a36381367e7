"""1:1 means device pixels: exact also on a display at 150 % and 200 %. The scale is fixed at the start of a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from widgets.frame_image import from_qimage, to_qimage
from widgets.viewer import Viewer

app = QApplication([])
viewer = Viewer()
viewer.resize(300, 200)
picture = np.random.default_rng(1).integers(0, 256, (121, 201, 3), dtype=np.uint8)
viewer.set_images(to_qimage(picture), None, None)
viewer.set_zoom(1.0)
ratio, rect = viewer.devicePixelRatioF(), viewer.image_rect()
assert ratio == float(sys.argv[1]), ratio
seen = from_qimage(viewer.grab().toImage())
left, top = round(rect.x() * ratio), round(rect.y() * ratio)
assert np.array_equal(seen[top : top + 121, left : left + 201], picture)
assert rect.width() == 201 / ratio
"""


@pytest.mark.parametrize("ratio", ["1.5", "2"])
def test_full_size_is_exact_on_a_scaled_display(ratio: str) -> None:
    environment = os.environ | {"QT_SCALE_FACTOR": ratio, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, ratio],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
