"""Pictures that leave for a video: each within what the service takes, also where only one of them is too large."""

import numpy as np
import pytest

from engine.providers.online.frames_out import frames_out


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the first", "the last"])
def test_one_picture_may_be_too_large_where_both_together_are_not(order: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 400, 3), np.uint8)
    two = (noise, np.full((400, 400, 3), 90, np.uint8))
    sent = frames_out([two[place] for place in order], None, max_side=400, min_side=300, max_bytes=900_000, max_each=450_000)
    assert max(map(len, sent.pngs)) <= 450_000 and sent.size[0] >= 300
