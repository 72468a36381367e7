"""A quiet table for dialogs: hairlines, no grid, a mark before a word, a quieter detail after it. Plain values in."""

from widgets.sheet_table.table import Align, Cell, Column, SheetTable

__all__ = ["Align", "Cell", "Column", "SheetTable"]
