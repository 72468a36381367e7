"""The small controls every panel is made of: plain values in, signals out."""

from widgets.controls.buttons import Button, IconButton, PrimaryButton, QuietButton, SecondaryButton
from widgets.controls.chips import Chip
from widgets.controls.elided import ElidedLabel
from widgets.controls.empty_state import EmptyState
from widgets.controls.fields import NumberField, mark_error
from widgets.controls.job_row import JobRow
from widgets.controls.menu import Menu
from widgets.controls.panel_header import PanelHeader
from widgets.controls.segmented import SegmentedControl
from widgets.controls.slider import LabelledSlider
from widgets.controls.toast import ErrorBox, Toast, Toasts
from widgets.controls.toggle import Toggle

__all__ = [
    "Button", "PrimaryButton", "SecondaryButton", "QuietButton", "IconButton", "SegmentedControl", "Toggle",
    "LabelledSlider", "Chip", "PanelHeader", "Toast", "ErrorBox", "Toasts", "JobRow", "EmptyState", "Menu", "NumberField",
    "ElidedLabel", "mark_error",
]  # fmt: skip
