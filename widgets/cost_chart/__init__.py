"""Money over time as bars. See `CostChart`."""

from widgets.cost_chart.chart import CostChart
from widgets.cost_chart.values import CostBar, summary

__all__ = ["CostBar", "CostChart", "summary"]
