"""The demo: python -m widgets.plan_bar."""

import sys
from fractions import Fraction

from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.plan_bar import PlanBar
from widgets.timeline.values import SpanMode, StripSpan

PIECES: tuple[tuple[str, float, float, str], ...] = (
    ("copy", 0, 0.6, "Unchanged since import"), ("cached", 0.6, 3.6, "Overlay logo.png, made earlier"),
    ("copy", 3.6, 5.2, "Unchanged since import"), ("encode", 5.2, 9.2, "Patch Remove boulders"),
    ("copy", 9.2, 13.6, "Unchanged since import"), ("encode", 13.6, 16.5, "Text Free parking"),
    ("copy", 16.5, 34.4, "Unchanged since import"),
)  # fmt: skip


def make() -> QWidget:
    modes: dict[str, SpanMode] = {"copy": "copy", "cached": "cached", "encode": "encode"}
    spans = tuple(StripSpan(Fraction(a), Fraction(b), modes[mode], why) for mode, a, b, why in PIECES)
    bar = PlanBar()
    bar.set_plan(spans, Fraction(34.4), Fraction(25))
    return bar


if __name__ == "__main__":
    sys.exit(show(make, (652, 46)))
