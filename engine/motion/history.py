"""What the frames before leave behind for the next: where the patch lay, how it had come to differ, what was covered.

Keeps the last frame and one map. Knows no flow and no plane.
"""

import numpy as np
import numpy.typing as npt

from engine.motion.flow import Box, Field, Map, inside, sample
from engine.motion.judging import AnchorView, Known, Track
from engine.motion.view import View

MARGIN_PX = 24
_MARGIN_MAX_PX = 112
_LEARNING = 0.8
"""Share of a difference from the anchor that is taken as the new normal on each frame."""
_RELEARNING = 0.3


class History:
    """Arrays cover `box` of the last frame; at first that is the anchor."""

    def __init__(self, anchor: AnchorView, view: View) -> None:
        self._anchor = anchor
        self.view, self.box = view, anchor.box
        self.offset = np.zeros((*anchor.grey.shape, 2), np.float32)
        """Map minus identity."""
        self.trust = np.ones(anchor.grey.shape, np.float32)
        self.covered = np.zeros(anchor.grey.shape, np.float32)
        self._residual = np.zeros_like(anchor.original)
        self.patch_box = mask_box(anchor.mask, anchor.box)
        self.step_px = np.zeros(2)
        """By how much the patch moved in the last step."""
        self.strain, self.looseness = 0.0, 1.5

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """(2,): the middle of the patch."""
        box = self.patch_box
        return np.array([box.x + box.width / 2, box.y + box.height / 2])

    def known(self, there: Map, residual_there: Map) -> Known:
        """For a coming frame whose pixels lay at `there` on the last one."""
        return Known(
            sample(self._residual, residual_there, self.box),
            sample(self.covered, there, self.box) * inside(there, self.box), self.looseness,
        )

    def nothing_known(self, box: Box) -> Known:
        """For a frame on which the patch was found again, wherever it had been."""
        return Known(
            np.zeros((box.height, box.width, 3), np.float32), np.zeros((box.height, box.width), np.float32), self.looseness,
            is_new=True,
        )

    def covered_on(self, box: Box) -> Field:
        """What was covered on the last frame, over another box of it."""
        at = box.grid()
        return sample(self.covered, at, self.box) * inside(at, self.box)

    def next_box(self, shift: npt.NDArray[np.int64]) -> Box | None:
        """Where to look on the next frame, `shift` being what is known of its motion; None outside the picture."""
        patch = self.patch_box
        x, y = patch.x + int(shift[0]), patch.y + int(shift[1])
        width, height = self._anchor.frame_width, self._anchor.frame_height
        if x + patch.width <= 0 or y + patch.height <= 0 or x >= width or y >= height:
            return None
        margin = min(_MARGIN_MAX_PX, max(MARGIN_PX, round(1.5 * float(np.abs(self.step_px - shift).max())) + 12))
        return Box(x, y, patch.width, patch.height).grown(margin, width, height)

    def keep(self, track: Track, view: View) -> None:
        before = self.centre
        self.view, self.box, self.trust = view, track.box, track.trust
        self.offset = track.at - track.box.grid()
        self.covered, self.looseness, self.strain = track.covered, track.looseness, track.strain
        # Views and light change slowly and all over; what comes in front comes suddenly. Only the first is learnt.
        # What was taken as covered but moves with the patch is its own new face, learnt too, more slowly; a plane has none.
        relearning = 0.0 if track.planar else _RELEARNING
        rate = _LEARNING * (1 - track.covered) + np.float32(relearning) * track.covered * (1 - track.strange)
        news = track.frame - track.light.on(track.warped) - track.known
        self._residual = np.asarray(track.known + rate[..., None] * news, np.float32)
        self.patch_box = mask_box(track.mask, track.box) if track.mask.max() > 0.05 else self.patch_box
        self.step_px = self.centre - before


def mask_box(mask: Field, box: Box) -> Box:
    """The box of what a mask covers, in frame coordinates."""
    rows, columns = np.flatnonzero((mask > 0.02).any(axis=1)), np.flatnonzero((mask > 0.02).any(axis=0))
    if not len(rows):
        return box
    x, y = int(columns[0]), int(rows[0])
    return Box(box.x + x, box.y + y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
