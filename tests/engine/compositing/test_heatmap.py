"""The heatmap shows change in the palette's order, with its legend, without a display."""

from io import BytesIO

import numpy as np
from PIL import Image

from engine.compositing.heatmap import LABELS, STOPS, heat_colours, heatmap_image, heatmap_png


def test_colours_run_from_dark_to_light_through_their_stops() -> None:
    ramp = heat_colours(np.arange(256, dtype=np.uint8)[None, :])[0]
    for level, colour in STOPS:
        assert tuple(ramp[level]) == colour
    assert (np.diff(ramp[: STOPS[-1][0]].astype(float) @ [0.2126, 0.7152, 0.0722]) >= -0.6).all()
    assert (ramp[STOPS[-1][0]:] == STOPS[-1][1]).all()
    assert [label.removesuffix(" +") for label in LABELS] == [str(level) for level, _ in STOPS]


def test_unchanged_pixels_are_grey_at_a_third() -> None:
    original = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    diff = np.zeros((40, 60), np.uint8)
    diff[10:20, 10:20] = 90
    image = heatmap_image(original, diff)
    quiet = image[25:]
    assert (quiet[..., 0] == quiet[..., 1]).all() and quiet.max() <= 86
    assert (image[12, 12] == heat_colours(diff)[12, 12]).all()


def test_the_png_carries_a_legend_where_there_is_room() -> None:
    original = np.zeros((540, 960, 3), np.uint8)
    diff = np.zeros((540, 960), np.uint8)
    drawn = np.asarray(Image.open(BytesIO(heatmap_png(original, diff))))
    assert drawn.shape == (540, 960, 3)
    corner = drawn[450:, 700:].reshape(-1, 3)
    assert all((np.abs(corner.astype(int) - colour).max(axis=1) < 12).any() for _, colour in STOPS)
    assert not drawn[:400].any()
    small = np.asarray(Image.open(BytesIO(heatmap_png(original[:30, :40], diff[:30, :40]))))
    assert not small.any()
