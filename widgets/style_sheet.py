"""The one Qt style sheet, written from a theme, so that no control keeps the look of the platform.

Controls choose a variant with the dynamic property `kind` (primary, secondary, quiet, tool, segment, tab, …) and labels with
`role` (hint, label, title, page, name, section). Knows nothing of what a control does.

No widget has a sheet of its own: everything below one that has is matched against both, which doubles what showing it costs.
"""

from resources import path
from widgets.palettes import Theme


def style_sheet(theme: Theme) -> str:
    """The style sheet for a theme, lengths multiplied by its scale."""
    parts = (_base, _labels, _buttons, _tool_buttons, _fields, _choices, _scroll_bars, _menus, _views, _tables, _frames)
    return "\n".join(part(theme) for part in parts)


def _image(theme: Theme, name: str) -> str:
    """A ready-coloured picture for `image:`; style sheets cannot recolour an icon, so these few lie there per theme."""
    return path(f"icons/themed/{theme.name.replace(' ', '-')}-{name}.svg").as_posix()


def _base(t: Theme) -> str:
    return f"""
* {{ outline: none; }}
QWidget {{ color: {t.t1}; selection-background-color: {t.line2 if t.is_dark and not t.has_borders else t.t1};
  selection-color: {t.t1 if t.is_dark and not t.has_borders else t.bg2}; }}
QMainWindow, QDialog {{ background: {t.bg1}; }}
QDialog {{ background: {t.pop}; }}
QToolTip {{ background: {t.pop}; color: {t.t1}; border: 1px solid {t.line2}; padding: {t.px(2)}px; }}
QWidget:disabled {{ color: {t.td}; }}
"""


def _labels(t: Theme) -> str:
    return f"""
QLabel {{ background: transparent; }}
QLabel[role="hint"] {{ color: {t.t3}; font-size: {t.px(11)}px; }}
QLabel[role="label"] {{ color: {t.t2}; font-size: {t.px(11)}px; }}
QLabel[role="text"] {{ color: {t.t2}; }}
QLabel[role="section"] {{ font-weight: 600; }}
QLabel[role="name"] {{ font-size: {t.px(13)}px; font-weight: 600; }}
QLabel[role="title"] {{ font-size: {t.px(16)}px; font-weight: 600; }}
QLabel[role="page"], QLabel[role="page accent"] {{ font-size: {t.px(22)}px; font-weight: 600; }}
QLabel[role="page accent"] {{ color: {t.act}; }}
QLabel[role="hint name"] {{ font-size: {t.px(11)}px; font-weight: 600; }}
QLabel[role="faint"] {{ color: {t.t3}; }}
QLabel[role="accent"] {{ color: {t.act}; }}
QLabel[role="good"] {{ color: {t.gr}; }}
QLabel[role="check"] {{ color: {t.am}; }}
QLabel[role="bad"] {{ color: {t.rd}; }}
"""


def _buttons(t: Theme) -> str:
    line = t.line2 if t.has_borders else t.bg3
    return f"""
QPushButton {{ background: {t.bg3}; color: {t.t1}; border: 1px solid {t.line2}; border-radius: {t.px(4)}px; font-weight: 500;
  min-height: {t.px(26)}px; max-height: {t.px(26)}px; padding: 0 {t.px(12)}px; }}
QPushButton:hover {{ background: {t.bg4}; }}
QPushButton:pressed {{ background: {t.bg1}; }}
QPushButton:disabled {{ background: transparent; color: {t.td}; border-color: {t.line}; }}
QPushButton[kind="primary"] {{ background: {t.ac}; color: {t.ink}; border-color: {t.ac}; font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {t.ac2}; border-color: {t.ac2}; }}
QPushButton[kind="primary"]:pressed {{ background: {t.ac3}; border-color: {t.ac3}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.bg3}; color: {t.td}; border-color: {line}; }}
QPushButton[kind="quiet"] {{ background: transparent; color: {t.t2}; border-color: transparent; }}
QPushButton[kind="quiet"]:hover {{ background: {t.bg3}; color: {t.t1}; }}
QPushButton[kind="quiet"]:pressed {{ background: {t.bg1}; color: {t.t1}; }}
QPushButton[kind="quiet"]:disabled {{ color: {t.td}; }}
QPushButton[density="small"] {{ min-height: {t.px(22)}px; max-height: {t.px(22)}px; padding: 0 {t.px(8)}px; }}
QPushButton[density="foot"] {{ min-height: {t.px(30)}px; max-height: {t.px(30)}px; }}
QPushButton[kind="segment"] {{ background: transparent; color: {t.t2}; border: 1px solid transparent; font-weight: 400;
  min-height: {t.px(22)}px; max-height: {t.px(22)}px; padding: 0 {t.px(4)}px; }}
QPushButton[kind="segment"]:hover {{ color: {t.t1}; }}
QPushButton[kind="segment"]:checked {{ background: {t.bg4}; color: {t.t1}; border-color: {t.line2}; font-weight: 600; }}
QPushButton[kind="segment"]:disabled {{ color: {t.td}; }}
QPushButton[kind="tab"] {{ background: transparent; color: {t.t2}; border: none; border-radius: 0; font-weight: 400; padding: 0;
  border-bottom: 2px solid transparent; min-height: {t.px(32)}px; max-height: {t.px(34)}px; }}
QPushButton[kind="tab"][density="bar"] {{ min-height: {t.px(38)}px; max-height: {t.px(38)}px; }}
QPushButton[kind="tab"]:hover {{ color: {t.t1}; }}
QPushButton[kind="tab"]:checked {{ color: {t.t1}; font-weight: 600; border-bottom-color: {t.sel}; }}
QPushButton[kind="tab"]:disabled {{ color: {t.td}; }}
"""


def _tool_buttons(t: Theme) -> str:
    return f"""
QToolButton {{ background: transparent; color: {t.t2}; border: 1px solid transparent; border-radius: {t.px(4)}px;
  padding: 0 {t.px(5)}px; }}
QToolButton:hover {{ background: {t.bg3}; color: {t.t1}; }}
QToolButton:pressed {{ background: {t.bg1}; }}
QToolButton:checked {{ background: {t.bg4}; color: {t.t1}; border-color: {t.line2}; }}
QToolButton:disabled {{ background: transparent; color: {t.td}; border-color: transparent; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[kind="framed"] {{ background: {t.bg3}; border: 1px solid {t.line2}; }}
QToolButton[kind="framed"]:hover {{ background: {t.bg4}; }}
QToolButton[kind="framed"]:pressed {{ background: {t.bg1}; }}
QToolButton[kind="framed"]:disabled {{ background: transparent; border-color: {t.line}; }}
QToolButton[kind="bare"] {{ padding: 0; }}
QToolButton[kind="chip"] {{ background: {t.bg3}; border: 1px solid {t.line2}; color: {t.t2}; border-radius: {t.px(3)}px;
  padding: 0; }}
QToolButton[kind="chip"]:hover {{ background: {t.bg4}; color: {t.t1}; }}
QToolBar {{ background: {t.bg1}; border: none; spacing: {t.px(4)}px; }}
"""


def _fields(t: Theme) -> str:
    fields = "QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox"
    hover = ", ".join(f"{name}:hover" for name in fields.split(", "))
    disabled = ", ".join(f"{name}:disabled" for name in fields.split(", "))
    small = ", ".join(f'{name}[density="small"]' for name in ("QLineEdit", "QSpinBox", "QDoubleSpinBox", "QComboBox"))
    error = ", ".join(f'{name}[error="true"]' for name in fields.split(", "))
    return f"""
{fields} {{ background: {t.well}; color: {t.t1}; border: 1px solid {t.line2}; border-radius: {t.px(4)}px; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ min-height: {t.px(26)}px; max-height: {t.px(26)}px; padding: 0 {t.px(7)}px; }}
QPlainTextEdit, QTextEdit {{ padding: {t.px(4)}px {t.px(3)}px; }}
QLineEdit[kind="title"] {{ background: transparent; border: 1px solid transparent; padding: 0 {t.px(3)}px;
  margin-left: -{t.px(4)}px; font-size: {t.px(13)}px; font-weight: 600; min-height: {t.px(20)}px; }}
{hover} {{ border-color: {t.t2}; }}
{disabled} {{ background: transparent; color: {t.td}; border-color: {t.line}; }}
{error} {{ border-color: {t.rd}; }}
{small} {{ min-height: {t.px(22)}px; max-height: {t.px(22)}px; }}
QLineEdit[kind="title"]:hover {{ border-color: {t.line2}; }}
QLineEdit[kind="title"]:focus {{ background: {t.well}; border-color: {t.line2}; }}
QAbstractSpinBox {{ padding: 0; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 1px; border: none; image: none; background: transparent; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; background: transparent; padding: 0; margin: 0;
  min-height: 0; max-height: 10000px; }}
QComboBox::drop-down {{ border: none; width: {t.px(22)}px; }}
QComboBox::down-arrow {{ image: url("{_image(t, "chevron-down")}"); width: {t.px(14)}px; height: {t.px(14)}px; }}
QComboBox QAbstractItemView {{ background: {t.pop}; border: 1px solid {t.line2}; padding: {t.px(4)}px 0; }}
"""


def _choices(t: Theme) -> str:
    box = f"width: {t.px(14)}px; height: {t.px(14)}px; border: 1px solid {t.t3}; background: transparent"
    return f"""
QCheckBox, QRadioButton {{ background: transparent; spacing: {t.px(8)}px; }}
QCheckBox::indicator {{ {box}; border-radius: {t.px(2)}px; }}
QCheckBox::indicator:checked {{ background: {t.t1}; border-color: {t.t1}; image: url("{_image(t, "check")}"); }}
QCheckBox::indicator:indeterminate {{ background: {t.t3}; }}
QCheckBox::indicator:disabled {{ border-color: {t.line}; }}
QRadioButton::indicator {{ {box}; border-radius: {t.px(8)}px; }}
QRadioButton::indicator:checked {{ border: {t.px(4)}px solid {t.t1}; width: {t.px(8)}px; height: {t.px(8)}px; }}
QRadioButton::indicator:disabled {{ border-color: {t.line}; }}
QSlider {{ background: transparent; min-height: {t.px(20)}px; }}
QSlider::groove:horizontal {{ height: {t.px(4)}px; background: {t.chk}; border-radius: {t.px(2)}px; }}
QSlider::sub-page:horizontal {{ background: {t.t2}; border-radius: {t.px(2)}px; }}
QSlider::handle:horizontal {{ background: {t.sel}; width: {t.px(12)}px; height: {t.px(12)}px; margin: -{t.px(4)}px 0;
  border-radius: {t.px(6)}px; }}
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: {t.td}; }}
QProgressBar {{ background: {t.chk}; border: none; border-radius: {t.px(2)}px; max-height: {t.px(4)}px;
  min-height: {t.px(4)}px; color: transparent; }}
QProgressBar::chunk {{ background: {t.sel}; border-radius: {t.px(2)}px; }}
"""


def _scroll_bars(t: Theme) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: {t.px(8)}px; }}
QScrollBar:horizontal {{ height: {t.px(8)}px; }}
QScrollBar::handle {{ background: {t.line2}; border-radius: {t.px(3)}px; margin: {t.px(1)}px; }}
QScrollBar::handle:hover {{ background: {t.t3}; }}
QScrollBar::handle:vertical {{ min-height: {t.px(24)}px; }}
QScrollBar::handle:horizontal {{ min-width: {t.px(24)}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
"""


def _menus(t: Theme) -> str:
    return f"""
QMenuBar {{ background: {t.bg1}; color: {t.t2}; border: none; padding: 0; spacing: 0; }}
QMenuBar::item {{ background: transparent; padding: {t.px(4)}px {t.px(8)}px; border-radius: {t.px(4)}px; }}
QMenuBar::item:selected {{ background: {t.bg3}; color: {t.t1}; }}
QMenu {{ background: {t.pop}; border: 1px solid {t.line2}; border-radius: {t.px(6)}px; padding: {t.px(4)}px 0; }}
QMenu::item {{ padding: 0 {t.px(26)}px 0 {t.px(14)}px; min-height: {t.px(28)}px; height: {t.px(28)}px; }}
QMenu::item:selected {{ background: {t.bg4}; color: {t.t1}; }}
QMenu::item:disabled {{ color: {t.td}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: {t.px(4)}px 0; }}
QMenu::icon {{ padding-left: {t.px(8)}px; }}
QMenu::indicator {{ width: {t.px(14)}px; height: {t.px(14)}px; margin-left: {t.px(8)}px; }}
QMenu::indicator:checked {{ image: url("{_image(t, "menu-check")}"); }}
QStatusBar {{ background: {t.bg1}; color: {t.t3}; border-top: 1px solid {t.line}; font-size: {t.px(11)}px; }}
QStatusBar::item {{ border: none; }}
"""


def _views(t: Theme) -> str:
    return f"""
QAbstractItemView {{ background: {t.bg2}; border: none; alternate-background-color: {t.bg2}; }}
QAbstractItemView::item {{ min-height: {t.px(28)}px; padding: 0 {t.px(8)}px; border: none; color: {t.t1}; }}
QAbstractItemView::item:hover {{ background: {t.bg3}; }}
QAbstractItemView::item:selected {{ background: {t.bg4}; color: {t.t1}; }}
QAbstractItemView::item:disabled {{ color: {t.td}; }}
QHeaderView {{ background: {t.bg2}; border: none; }}
QHeaderView::section {{ background: {t.bg2}; color: {t.t3}; border: none; border-bottom: 1px solid {t.line};
  padding: 0 {t.px(8)}px; min-height: {t.px(24)}px; font-size: {t.px(11)}px; font-weight: 400; }}
QTableView {{ gridline-color: {t.line}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {t.line}; }}
QTabBar {{ background: transparent; qproperty-expanding: 0; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {t.t2}; padding: 0 0; margin: 0 {t.px(8)}px; min-height: {t.px(34)}px;
  border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {t.t1}; }}
QTabBar::tab:selected {{ color: {t.t1}; border-bottom-color: {t.sel}; }}
QTabBar::tab:disabled {{ color: {t.td}; }}
"""


def _tables(t: Theme) -> str:
    both = ('QTableView[kind="sheet"]', 'QTableView[kind="cues"]')
    clear = ", ".join(f"{one}{part}" for one in both for part in ("", " QHeaderView", " QHeaderView::section"))
    return f"""
{clear} {{ background: transparent; padding: 0; border: none; }}
{both[0]}::item:hover {{ background: transparent; }}
{both[0]} QHeaderView::section {{ color: {t.t2}; border-bottom: 1px solid {t.line}; font-size: {t.px(11)}px; }}
{both[1]} QHeaderView::section {{ color: {t.t3}; border-bottom: 1px solid {t.line}; font-size: {t.px(11)}px;
  padding: 0 {t.px(10)}px; }}
"""


def _frames(t: Theme) -> str:
    border = f"border: 1px solid {t.line};" if t.has_borders else "border: none;"
    return f"""
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QSplitter {{ background: {t.bg1}; }}
QSplitter::handle {{ background: {t.bg1}; }}
QSplitter::handle:horizontal {{ width: {t.px(4)}px; }}
QSplitter::handle:vertical {{ height: {t.px(4)}px; }}
QSplitter::handle:hover {{ background: {t.line}; }}
QMainWindow::separator {{ background: {t.bg1}; width: {t.px(4)}px; height: {t.px(4)}px; }}
QDockWidget {{ color: {t.t1}; border: none; }}
QDockWidget::title {{ background: {t.bg2}; padding: {t.px(8)}px; border: none; }}
QGroupBox {{ border: none; margin-top: {t.px(20)}px; font-weight: 600; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 0; color: {t.t1}; }}
*[surface="panel"] {{ background: {t.bg2}; {border} }}
QDialog[surface="sheet"] {{ background: transparent; }}
*[surface="banner"] {{ background: {t.ams}; border: none; border-bottom: 1px solid {t.line}; }}
*[surface="window"] {{ background: {t.bg1}; border: none; }}
*[surface="stage"] {{ background: {t.bg0}; {border} }}
*[surface="popup"] {{ background: {t.pop}; border: 1px solid {t.line2}; border-radius: {t.px(6)}px; }}
*[surface="card"] {{ background: {t.bg2}; border: 1px solid {t.line}; border-radius: {t.px(6)}px; }}
*[surface="segments"] {{ background: {t.well}; border: 1px solid {t.line}; border-radius: {t.px(4)}px; }}
*[surface="rule"] {{ background: {t.line}; border: none; }}
"""
