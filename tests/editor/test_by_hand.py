"""What a walk through the window with a real mouse found: manners of numbers, of the Jobs panel, of the export's folders."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QScrollArea, QScrollBar
from pytestqt.qtbot import QtBot

import resources
from editor.controllers.caption_jobs import replaced_words
from editor.export_proposals import folders
from editor.view_models import layer_rows
from editor.wiring import Wiring
from engine.project.content_edits import set_transform
from engine.project.model import Clip, LayerKind, Project, Transform
from tests import pointer
from widgets.controls import Menu, NumberField

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def clip_of(desk: Wiring) -> Clip:
    return next(clip for track in desk.services.document.project.tracks for clip in track.clips)


@pytest.fixture
def number(desk_with_clip: Wiring, qtbot: QtBot) -> NumberField:
    """The field of the horizontal position of the chosen clip, with the focus."""
    desk = desk_with_clip
    desk.services.session.select(clip_of(desk).id)
    desk.window.show_workspace("edit")
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    field = next(f for f in desk.window.inspector.findChildren(NumberField) if f.accessibleName() == "Position X")
    qtbot.waitUntil(field.isVisible)
    return field


def double_click(field: NumberField) -> None:
    """On the digits after the dot, through what lies under the pointer."""
    line = field.lineEdit()
    at = QPoint(line.width() - line.fontMetrics().horizontalAdvance("0 %") , line.height() // 2)
    target, place = pointer.under(line, at)
    QTest.mouseDClick(target, LEFT, pos=place)


def test_a_double_click_takes_the_whole_number(number: NumberField, desk_with_clip: Wiring) -> None:
    double_click(number)
    QTest.keyClicks(number, "12")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert number.value() == 12
    assert clip_of(desk_with_clip).transform.x == pytest.approx(0.12)


def test_undo_after_a_number_was_entered_is_the_windows(number: NumberField, desk_with_clip: Wiring) -> None:
    """While it is typed, Ctrl+Z is about the letters; once it is entered, about the project."""
    double_click(number)
    QTest.keyClicks(number, "12")
    typed = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Z, CONTROL)
    QApplication.sendEvent(number, typed)
    assert typed.isAccepted()
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert clip_of(desk_with_clip).transform != Transform()
    QTest.keyClick(number, Qt.Key.Key_Z, CONTROL)
    assert clip_of(desk_with_clip).transform == Transform()


def test_the_wheel_gives_nothing_the_focus(desk: Wiring) -> None:
    """Qt gives the focus to what the wheel turns over, if it may, before it asks: a scrolled panel would change numbers."""
    kinds = (QAbstractSpinBox, QAbstractSlider, QComboBox)
    found = [widget for kind in kinds for widget in desk.window.findChildren(kind) if not isinstance(widget, QScrollBar)]
    greedy = [w for w in found if w.focusPolicy() & Qt.FocusPolicy.WheelFocus == Qt.FocusPolicy.WheelFocus]
    assert found and [(type(w).__name__, w.accessibleName()) for w in greedy] == []


def test_the_jobs_panel_is_as_high_as_its_rows(desk: Wiring) -> None:
    for name in ("Export a.mp4", "Export b.mp4"):
        desk.export_side.board.add("export", name, lambda: None)
    desk.services.actions.action("view.jobs").trigger()
    area = next(a for a in desk.window.findChildren(QScrollArea) if a.accessibleName() == "Jobs")
    QApplication.processEvents()
    assert area.isVisible() and area.verticalScrollBar().maximum() == 0


def test_the_sample_is_not_exported_into_the_program(desk: Wiring, qtbot: QtBot) -> None:
    desk.open_sample()
    qtbot.waitUntil(lambda: desk.services.document.project.duration > 0, timeout=15_000)
    own = resources.path("")
    assert all(not folder.is_relative_to(own) for folder in folders(desk.services.document.project, None, []))
    start, end = desk.window.timeline.timeline.visible_range
    assert start <= desk.services.session.playhead < end


def test_a_project_that_is_opened_is_seen_as_a_whole(desk_with_clip: Wiring, tmp_path: Path, qtbot: QtBot) -> None:
    desk, timeline = desk_with_clip, desk_with_clip.window.timeline.timeline
    desk.services.document.save_as(tmp_path / "film.patchreel")
    assert desk.services.document.wait_for_saves()
    timeline.set_pixels_per_second(3000)
    with qtbot.waitSignal(desk.services.document.opened):
        desk.project.open(tmp_path / "film.patchreel")
    assert timeline.visible_range[1] >= desk.services.document.project.duration


def test_the_row_of_the_sound_says_nothing_of_opacity(desk_with_clip: Wiring) -> None:
    project: Project = set_transform(desk_with_clip.services.document.project, clip_of(desk_with_clip).id, Transform(opacity=0.5))
    details = {row.name: row.detail for row in layer_rows(project, Fraction(0))}
    assert details["Subject"] == "moving bar.mp4, 50 %"
    assert "%" not in details["Original audio"]


def test_who_imports_captions_hears_what_they_replace() -> None:
    assert replaced_words(1) == "They stand in place of the one that was there."
    assert replaced_words(3) == "They stand in place of the 3 that were there."


def test_a_long_name_leaves_the_numbers_in_the_panel(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk, name = desk_with_clip, "a very long file name that somebody gave to the clip they filmed last summer in the garden"
    media = desk.services.document.project.media[0]
    desk.services.edit("Rename", lambda p: replace(p, media=(replace(media, name=f"{name}.mp4"),)))
    desk.services.session.select(clip_of(desk).id)
    desk.window.show_workspace("edit")
    desk.window.resize(1280, 720)
    inspector, viewer = desk.window.inspector, desk.window.viewer
    qtbot.waitUntil(lambda: inspector.isVisible() and desk.window.width() == 1280)
    QApplication.processEvents()
    for field in inspector.findChildren(NumberField):
        if field.isVisible():
            assert inspector.rect().contains(field.mapTo(inspector, field.rect().bottomRight())), field.accessibleName()
    middle = viewer.modes.mapTo(viewer, viewer.modes.rect().center()).x()
    assert abs(middle - viewer.width() / 2) < viewer.width() / 8


def test_an_overlay_is_dragged_over_another(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk, stack = desk_with_clip, desk_with_clip.window.layers.stack
    assert not any(row.movable for row in stack.rows())  # one alone has nowhere to go
    desk.window.layers.track_wished.emit("overlay")
    names = [row.name for row in stack.rows() if row.movable]
    assert names == ["Overlay 2", "Overlay"]
    QApplication.processEvents()
    upper, lower = (stack.row_view(row.id) for row in stack.rows() if row.movable)
    grip = QPoint(6, upper.height() // 2)
    pointer.drag(upper, grip, grip + QPoint(0, lower.y() - upper.y() + upper.height() // 4))
    assert [row.name for row in stack.rows() if row.movable] == ["Overlay", "Overlay 2"]
    order = [track.name for track in desk.services.document.project.tracks if track.kind is LayerKind.OVERLAY]
    assert order == ["Overlay 2", "Overlay"]  # from the bottom
    desk.services.document.undo_stack.undo()
    assert [row.name for row in stack.rows() if row.movable] == names


def test_the_scopes_are_of_the_frame_that_is_seen(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    desk, viewer = desk_with_clip, desk_with_clip.window.viewer
    assert not viewer.scopes.isVisible()
    pointer.click(viewer.scopes_button)
    assert viewer.scopes.isVisible() and desk.services.actions.is_checked("view.scopes")
    first = viewer.scopes.measured
    assert first is not None
    desk.playback.seek(Fraction(2))
    qtbot.waitUntil(lambda: viewer.scopes.measured is not first)
    later = viewer.scopes.measured
    assert later is not None
    grey = [int(found.histogram[1].argmax()) for found in (first, later)]
    assert grey[1] - grey[0] > 60  # the clip's grey rises by 2 with each frame
    inside = viewer.scopes.geometry().center()
    assert pointer.under(viewer.viewer, inside)[0] is not viewer.scopes
    desk.services.actions.action("view.scopes").trigger()
    assert not viewer.scopes.isVisible() and not viewer.scopes_button.isChecked()


def test_an_added_layer_is_removed_from_its_own_menu(desk_with_clip: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, stack = desk_with_clip, desk_with_clip.window.layers.stack
    desk.window.layers.track_wished.emit("overlay")
    QApplication.processEvents()
    menus: list[list[QAction]] = []

    def chosen(menu: Menu, _at: QPoint) -> None:
        menus.append(menu.actions())
        if menu.actions()[-1].text().startswith("Remove"):
            menu.actions()[-1].trigger()

    monkeypatch.setattr(Menu, "exec", chosen)
    for name in ("Overlay", "Overlay 2"):
        view = stack.row_view(next(row.id for row in stack.rows() if row.name == name))
        place = QPoint(view.width() // 2, view.height() // 2)
        target, at = pointer.under(view, place)
        QApplication.sendEvent(target, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, target.mapToGlobal(at)))
    assert [len(menu) for menu in menus] == [2, 4]  # a standard layer stays
    assert [row.name for row in stack.rows() if row.kind == "overlay"] == ["Overlay"]


def test_the_lists_of_the_export_are_drawn_for_the_theme_that_is_shown(desk: Wiring) -> None:
    """The dialog was made under another theme: its icons were white on white."""
    form = desk.export_side.export.dialog.plan.form
    form._fill_folders((Path("/films"),))
    for name, dark_ink in (("light", True), ("dark", False)):
        desk.choose_theme(name)
        for choice in (form.preset, form.folder):
            picture = choice.itemIcon(0).pixmap(16, 16).toImage()
            inks = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
            drawn = [ink.lightness() for ink in inks if ink.alpha() > 200]
            assert drawn and (max(drawn) < 128) is dark_ink, (name, choice.accessibleName())
