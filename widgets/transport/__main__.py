"""The transport bar by itself: `python -m widgets.transport`."""

import sys

from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.transport import Transport


def make() -> QWidget:
    """Standing on an anchor, looping."""
    bar = Transport()
    bar.set_timecode("00:00:06:23")
    bar.set_duration("00:00:34:09")
    bar.set_format("1280 × 720, 25 fps")
    bar.set_anchor(True)
    bar.set_looping(True)
    return bar


if __name__ == "__main__":
    sys.exit(show(make, (1280, 44)))
