"""The chart of costs: its words are its numbers, and no bar is higher than the chart."""

from hypothesis import example, given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from widgets.cost_chart import CostBar, CostChart, summary
from widgets.cost_chart.values import top_of

AMOUNTS = st.floats(0, 1e6, allow_nan=False)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=40))
@example([(0.0, 5e-324)])
def test_the_scale_ends_at_a_round_amount_above_every_bar(amounts: list[tuple[float, float]]) -> None:
    bars = [CostBar("day", charged, unknown) for charged, unknown in amounts]
    top, most = top_of(bars), max((sum(pair) for pair in amounts), default=0.0)
    assert top >= most * (1 - 1e-9) and f"{top:.3e}"[0] in "125"
    assert most < 1e-300 or top <= most * 2.5 * (1 + 1e-9)


def test_what_it_says_to_who_cannot_see_it(qtbot: QtBot) -> None:
    chart = CostChart()
    qtbot.addWidget(chart)
    chart.set_bars([])
    assert chart.accessibleDescription() == "No costs." and chart.reading() == ""
    bars = [CostBar("1 Nov", 0.5, 0.0, 2), CostBar("2 Nov", 0.1, 0.6, 1)]
    chart.set_bars(bars)
    assert summary(bars) == "$0.60 over 1 Nov to 2 Nov, most on 2 Nov: $0.10, up to $0.60 more unknown, 1 request."
    chart.resize(400, 150)
    assert chart.bar_at(60) == 0 and chart.bar_at(380) == 1 and chart.bar_at(10) is None
    assert not chart.grab().isNull()
