"""The export plan as one bar: a thin line where packets are copied, dashes where a segment is cached, orange where encoded."""

from widgets.plan_bar.bar import PlanBar
from widgets.plan_bar.swatch import ModeSwatch

__all__ = ["ModeSwatch", "PlanBar"]
