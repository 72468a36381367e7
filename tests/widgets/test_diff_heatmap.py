"""The legend names its numbers and shows its colours; tags say what they show."""

import pytest
from pytestqt.qtbot import QtBot

from widgets.diff_heatmap import HeatLegend, HeatStop, Tag

STOPS = (HeatStop(0, (10, 0, 40)), HeatStop(70, (200, 50, 120)), HeatStop(140, (255, 250, 190)))


def test_the_legend_shows_the_given_colours_with_numbers(qtbot: QtBot) -> None:
    legend = HeatLegend(STOPS)
    qtbot.addWidget(legend)
    assert legend.accessibleName() == "Change per pixel, of 255. Colours for 0, 70, 140 +"
    picture = legend.grab().toImage()
    row = [(color.red(), color.green(), color.blue()) for color in (picture.pixelColor(x, 32) for x in range(220))]
    for stop in STOPS:
        assert min(max(abs(a - b) for a, b in zip(seen, stop.color, strict=True)) for seen in row) <= 4


@pytest.mark.parametrize("values", [(0,), (5, 5), (9, 3)])
def test_stops_that_do_not_rise_are_refused(qtbot: QtBot, values: tuple[int, ...]) -> None:
    legend = HeatLegend()
    qtbot.addWidget(legend)
    with pytest.raises(ValueError, match="rise"):
        legend.set_stops([HeatStop(value, (0, 0, 0)) for value in values])


def test_a_tag_is_as_wide_as_its_words(qtbot: QtBot) -> None:
    tag = Tag()
    qtbot.addWidget(tag)
    tag.set_parts("Result")
    short = tag.width()
    tag.set_parts("Heatmap", ("against Original",), "shield", "gr")
    assert tag.width() > short and tag.accessibleName() == "Heatmap against Original"
