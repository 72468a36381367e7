"""python -m widgets.controls: every control in its states, beside each other."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from widgets.controls import (
    Chip,
    EmptyState,
    ErrorBox,
    IconButton,
    JobRow,
    LabelledSlider,
    NumberField,
    PanelHeader,
    PrimaryButton,
    QuietButton,
    SecondaryButton,
    SegmentedControl,
    Toggle,
    mark_error,
)
from widgets.demo import show


def demo() -> QWidget:
    """Three columns on a panel."""
    page = QWidget()
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    columns = QHBoxLayout(page)
    columns.setContentsMargins(24, 24, 24, 24)
    columns.setSpacing(32)
    for column in (_buttons_and_fields(), _choices(), _messages()):
        columns.addLayout(column)
    return page


def _buttons_and_fields() -> QVBoxLayout:
    column = QVBoxLayout()
    grid = QGridLayout()
    for row, make in enumerate((PrimaryButton, SecondaryButton, QuietButton)):
        for place, (text, mark, key) in enumerate((("Run patch", "", "Enter"), ("Cancel", "", ""), ("Export", "export", ""))):
            button = make(text, mark, key)
            button.setEnabled(not (place == 1 and row == 0))
            grid.addWidget(button, row, place)
    column.addLayout(grid)
    tools = QHBoxLayout()
    for name, chosen in (("select", False), ("lasso", True), ("brush", False)):
        tool = IconButton(name, name.capitalize(), "L", checkable=True)
        tool.setChecked(chosen)
        tools.addWidget(tool)
    tools.addStretch(1)
    column.addLayout(tools)
    wrong = QLineEdit("240 px")
    mark_error(wrong, True)
    off = QLineEdit("24 px")
    off.setEnabled(False)
    choice = QComboBox()
    choice.addItems(["Gemini image", "Local inpaint"])
    for field in (QLineEdit("24 px"), wrong, off, NumberField(), choice):
        column.addWidget(field)
    column.addStretch(1)
    return column


def _choices() -> QVBoxLayout:
    column = QVBoxLayout()
    column.addWidget(PanelHeader(["Bin", "Gallery"]))
    column.addWidget(Toggle("On", True))
    column.addWidget(Toggle("Off"))
    checked = QCheckBox("Checked")
    checked.setChecked(True)
    radio = QRadioButton("Chosen")
    radio.setChecked(True)
    for box in (checked, QCheckBox("Not checked"), radio, QRadioButton("Not chosen")):
        column.addWidget(box)
    modes = [("result", "Result"), ("original", "Original"), ("split", "Split"), ("heatmap", "Heatmap")]
    column.addWidget(SegmentedControl(modes, "split"), 0, Qt.AlignmentFlag.AlignLeft)
    column.addWidget(LabelledSlider("Feather", 0, 32, 12, "px"))
    chips = QHBoxLayout()
    for text, kind in (("v3", "version"), ("Anchor", "anchor"), ("Verified", "verified"), ("Check", "check"),
                       ("Doubtful", "doubtful"), ("Ctrl+Shift+P", "key")):  # fmt: skip
        chips.addWidget(Chip(text, kind))  # type: ignore[arg-type]
    chips.addStretch(1)
    column.addLayout(chips)
    tabs = QTabBar()
    for text in ("Patch", "Inspector"):
        tabs.addTab(text)
    column.addWidget(tabs)
    column.addStretch(1)
    return column


def _messages() -> QVBoxLayout:
    column = QVBoxLayout()
    running = JobRow("patch", "Carrying Remove boulders")
    running.set_progress(0.62, "57 of 91 frames, 4 s left")
    done = JobRow("film", "Export meadow_spot_v2.mp4")
    done.set_finished("Verified, 5.3 s")
    column.addWidget(running)
    column.addWidget(done)
    column.addWidget(ErrorBox("The patch was not made", "Gemini took longer than 60 s. Nothing was charged, v3 is unchanged.",
                              ("Try again", "Run offline"), "PR-2104"))  # fmt: skip
    for role in ("page", "title", "name", "section", "text", "hint"):
        label = QLabel(f"Change a part of the picture 00:00:06:23 ({role})")
        label.setProperty("role", role)
        column.addWidget(label)
    column.addWidget(EmptyState("patch", "Stop on a frame and draw a box or a lasso.", "Import media", "import", "Ctrl+I"), 1)
    return column


if __name__ == "__main__":
    sys.exit(show(demo, (1400, 640)))
