"""Compares a frame with the anchor as a map would carry it there: the flow that is left between them, and who may vote on it.

Every frame is corrected against the anchor itself, so errors do not add up. Knows no frame but the anchor and the one given.
"""

import cv2
import numpy as np

from engine.motion import planar
from engine.motion.appearance import smoothstep
from engine.motion.flow import (
    Box,
    DenseFlow,
    Field,
    Gray,
    Map,
    disagreement,
    inside,
    length,
    sample,
    shifted,
    texture_share,
    wide_blur,
)
from engine.motion.judging import AnchorView, Known

_AGREES_PX = (0.6, 1.8)
_CORRECTION_PX = (8.0, 14.0)
_LIGHT_RANGE = (0.4, 2.5)


class Anchored:
    """The anchor, ready to be laid against frames."""

    def __init__(self, anchor: AnchorView) -> None:
        self._anchor = anchor
        self._coarse, self._fine = DenseFlow(), DenseFlow(finest_scale=0)
        self.texture = texture_share(anchor.grey, anchor.noise_levels)

    def shows(self, at: Map) -> bool:
        """Whether a map shows anything of the patch."""
        return bool((sample(self._anchor.mask, at, self._anchor.box) * inside(at, self._anchor.box)).max() > 0.05)

    def textured(self, at: Map, grey: Gray) -> Field:
        """(h, w) 0..1: where both the anchor carried here and the frame have texture."""
        return np.minimum(sample(self.texture, at, self._anchor.box), texture_share(grey, self._anchor.noise_levels))

    def left(self, at: Map, grey: Gray, *, is_coarse: bool = False) -> Field:
        """(h, w, 2): the flow from a frame to the anchor carried there."""
        return (self._coarse if is_coarse else self._fine)(grey, self._carried(at, grey))

    def corrected(self, predicted: Map, box: Box, grey: Gray) -> tuple[Map, Field]:
        """Flow between the frame and the anchor as predicted, taken where both directions agree and the correction is small."""
        target = self._carried(predicted, grey)
        forward, backward = self._fine(grey, target), self._fine(target, grey)
        missed = disagreement(forward, backward)
        accepted = (1 - smoothstep(missed, *_AGREES_PX)) * (1 - smoothstep(length(forward), *_CORRECTION_PX))
        accepted = accepted * inside(predicted, self._anchor.box)
        weight = cv2.GaussianBlur(accepted, (0, 0), 2.0)
        summed = cv2.GaussianBlur(forward * accepted[..., None], (0, 0), 1.0)
        smooth = np.asarray(summed / (cv2.GaussianBlur(accepted, (0, 0), 1.0)[..., None] + np.float32(1e-3)), np.float32)
        return shifted(predicted, smooth * np.clip(weight, 0, 1)[..., None], box), missed

    def votes(self, at: Map, missed: Field, known: Known) -> Field:
        """What may say how the plane lies: the patch and a few pixels around it, not covered, its flow agreed on.

        Where enough of it has texture, only that: flow on plain surfaces and along straight edges is a guess.
        """
        mask = sample(self._anchor.mask, at, self._anchor.box) * inside(at, self._anchor.box)
        near = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0.3
        votes = np.asarray(near * (1 - known.covered) * (1 - smoothstep(missed, 1.0, 3.0)), np.float32)
        textured = votes * (sample(self.texture, at, self._anchor.box) > 0.5)
        return textured if planar.is_spread(textured, votes) else votes

    def _carried(self, at: Map, grey: Gray) -> Gray:
        """The anchor's luma as it would look here, its light matched smoothly so that flow sees motion only."""
        warped = sample(self._anchor.grey.astype(np.float32), at, self._anchor.box, cv2.INTER_CUBIC)
        sigma = max(8.0, 0.08 * max(grey.shape))
        ratio = (wide_blur(grey.astype(np.float32), sigma) + 4) / (wide_blur(warped, sigma) + 4)
        return np.asarray(np.rint(np.clip(warped * np.clip(ratio, *_LIGHT_RANGE), 0, 255)), np.uint8)
