"""The chart by itself with a month of invented costs: `python -m widgets.cost_chart`."""

import sys

from PySide6.QtWidgets import QWidget

from widgets.cost_chart import CostBar, CostChart
from widgets.demo import show


def make() -> QWidget:
    """Thirty days, some of them quiet, two with an answer that was lost."""
    chart = CostChart()
    chart.set_bars([
        CostBar(f"{day} Nov", 0.0 if day % 4 == 0 else 0.13 * (day * 7 % 6), 0.3 if day in {9, 21} else 0.0, day * 7 % 6)
        for day in range(1, 31)
    ])
    return chart


if __name__ == "__main__":
    sys.exit(show(make, (860, 170)))
