"""The legend and some tags by themselves: `python -m widgets.diff_heatmap`."""

import sys

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.demo import show
from widgets.diff_heatmap import HeatLegend, HeatStop, Tag

STOPS = (
    HeatStop(0, (13, 8, 30)),
    HeatStop(35, (80, 18, 124)),
    HeatStop(70, (182, 54, 121)),
    HeatStop(105, (251, 136, 60)),
    HeatStop(140, (252, 253, 191)),
)


def make() -> QWidget:
    """One above the other."""
    page = QWidget()
    page.setProperty("surface", "stage")
    column = QVBoxLayout(page)
    for bold, plain, icon_name in (
        ("Result", (), ""),
        ("Heatmap", ("against Original",), ""),
        ("Outside: 0 px changed", (), "shield"),
    ):
        tag = Tag()
        tag.set_parts(bold, plain, icon_name, "gr")
        tag.setFixedSize(tag.sizeHint())
        column.addWidget(tag)
    legend = HeatLegend(STOPS)
    legend.setFixedSize(legend.sizeHint())
    column.addWidget(legend)
    return page


if __name__ == "__main__":
    sys.exit(show(make, (260, 190)))
