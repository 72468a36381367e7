"""Which pictures a run is encoded from: its frames, and in the places of hidden packets among them the frame beside.

A packet that an edit list hides may refer to a changed frame. What it shows nobody sees, but it must be there and decode, or
every table of the file would have to change.
"""

from dataclasses import dataclass

import numpy as np

from engine.media.index import Bools, FrameIndex, Int64s


@dataclass(frozen=True, slots=True)
class RunPictures:
    """In order of showing, (K,) each: `pts` in the index's ticks, the number of the frame that is shown, whether it is hidden."""

    pts: Int64s
    frames: Int64s
    is_hidden: Bools

    def __len__(self) -> int:
        return len(self.pts)


def run_pictures(index: FrameIndex, run: range) -> RunPictures:
    """A hidden picture is the last frame of the run before it, or the run's first."""
    shown, hidden = index.pts[run.start : run.stop], index.hidden_pts_inside(run)
    beside = np.maximum(np.searchsorted(shown, hidden) - 1, 0)
    pts = np.concatenate((shown, hidden))
    frames = np.concatenate((np.arange(len(shown)), beside)) + run.start
    order = np.argsort(pts, kind="stable")
    return RunPictures(pts[order], frames[order], order >= len(shown))
