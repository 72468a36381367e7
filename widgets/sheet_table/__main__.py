"""The demo: python -m widgets.sheet_table."""

import sys

from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.sheet_table import Cell, Column, SheetTable

COLUMNS = (Column("Range", 200), Column("Frames", 56, "right"), Column("", 16), Column("What happens", 96), Column("Why", 0))
ROWS = (
    (Cell("00:00:00:15 to 00:00:03:15"), Cell("75"), Cell(""), Cell("Cached", mark="cached"), Cell("Overlay", "made earlier")),
    (Cell("00:00:05:04 to 00:00:09:04"), Cell("100"), Cell(""), Cell("Encoded", mark="encode"), Cell("Patch Sign", "+ 9")),
    (Cell("Everything else"), Cell("612"), Cell(""), Cell("Copied", mark="copy"), Cell("Unchanged since import")),
)


def make() -> QWidget:
    table = SheetTable(COLUMNS, "Plan")
    table.set_rows(ROWS)
    return table


if __name__ == "__main__":
    sys.exit(show(make, (652, 160)))
