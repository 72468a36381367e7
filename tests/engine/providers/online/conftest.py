"""The crop that the adapters' tests send."""

import cv2
import numpy as np
import pytest

from engine.providers.protocol import RegionEditRequest


@pytest.fixture
def region() -> RegionEditRequest:
    """A crop of 200 × 120 px with something to see at every size, and an elliptic region in its middle."""
    random = np.random.default_rng(3)
    noise = cv2.resize(random.random((12, 20, 3)).astype(np.float32), (200, 120), interpolation=cv2.INTER_CUBIC)
    crop = np.asarray(np.clip(noise * 200 + random.integers(0, 30, (120, 200, 3)), 0, 255), np.uint8)
    mask = np.zeros((120, 200), np.float32)
    cv2.ellipse(mask, (100, 60), (40, 24), 0, 0, 360, 1.0, -1)
    return RegionEditRequest(crop, mask, "remove the cup")


@pytest.fixture
def plain_region() -> RegionEditRequest:
    """For tests that do not look at pictures: small, and nothing in it."""
    return RegionEditRequest(np.full((40, 60, 3), 90, np.uint8), np.ones((40, 60), np.float32), "remove the cup")
