"""Files of the bin taken by the mouse to the timeline: everything goes to the widget that lies under the pointer."""

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.project.model import Clip, Track
from tests import pointer

LEFT, HELD = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Drags = list[tuple[QMimeData, Qt.DropAction]]
MOVE, COPY = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction


def card(desk: Wiring, row: int = 0) -> QPoint:
    view = desk.window.bin.view
    return view.viewport().mapTo(desk.window, view.visualRect(view.model().index(row, 0)).center())


def clips(desk: Wiring) -> list[tuple[Track, Clip]]:
    """Clips with their tracks, by time."""
    found = [(track, clip) for track in desk.services.document.project.tracks for clip in track.clips]
    return sorted(found, key=lambda pair: pair[1].start)


def on_v1(desk: Wiring, time: Fraction) -> QPoint:
    timeline = desk.window.timeline.timeline
    clip = clips(desk)[0][1]
    return timeline.viewport().mapTo(desk.window, QPoint(round(timeline.x_at(time)), timeline.rect_of(clip.id).center().y()))


def drag(desk: Wiring, start: QPoint, end: QPoint) -> None:
    pointer.drag(desk.window, start, end)


def under(desk: Wiring, at: QPoint) -> tuple[QWidget, QPoint]:
    return pointer.under(desk.window, at)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> Drags:
    """What drags carried and may do with it; there is no other program on this display to run the drag itself."""
    drags: Drags = []

    def run(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
        data = QMimeData()
        for kind in drag.mimeData().formats():
            data.setData(kind, drag.mimeData().data(kind))
        drags.append((data, actions))
        assert not drag.pixmap().isNull()
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", run)
    return drags


@pytest.mark.parametrize("as_grid", [True, False])
def test_a_file_of_the_bin_is_dragged(desk_with_clip: Wiring, carried: Drags, as_grid: bool) -> None:
    desk_with_clip.window.bin.set_grid(as_grid)
    desk_with_clip.window.bin.view.doItemsLayout()
    drag(desk_with_clip, card(desk_with_clip), on_v1(desk_with_clip, Fraction(1)))
    assert [actions for _data, actions in carried] == [COPY]


def test_the_ghost_lies_where_the_clip_will(desk_with_clip: Wiring, carried: Drags) -> None:
    desk = desk_with_clip
    drag(desk, card(desk), on_v1(desk, Fraction(1)))
    data = carried[0][0]
    target, at = under(desk, on_v1(desk, Fraction(1)))  # in the middle of a clip: there is no room
    QApplication.sendEvent(target, QDragEnterEvent(at, COPY, data, LEFT, HELD))
    QApplication.sendEvent(target, QDragMoveEvent(at, COPY, data, LEFT, HELD))
    ghost = desk.window.timeline.timeline._state.ghost
    QApplication.sendEvent(target, QDropEvent(QPointF(at), COPY, data, LEFT, HELD))
    track, clip = clips(desk)[1]
    assert ghost is not None
    assert (ghost.track_id, ghost.start, ghost.duration) == (track.id, clip.start, clip.end - clip.start)


@pytest.mark.parametrize("place", ["bin", "viewer", "timeline"])
def test_dropped_files_are_copied_never_moved(desk_with_clip: Wiring, clip_file: Path, place: str, qtbot: QtBot) -> None:
    """A file manager that hears of a move removes the file."""
    places: dict[str, QWidget] = {
        "bin": desk_with_clip.window.bin.view, "viewer": desk_with_clip.window.viewer, "timeline": desk_with_clip.window.timeline,
    }  # fmt: skip
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip_file))])
    widget: QWidget | None
    widget, at = pointer.under(places[place])
    while widget is not None and not widget.acceptDrops():
        at, widget = widget.mapToParent(at), widget.parentWidget()
    assert widget is not None
    both, shift = COPY | MOVE, Qt.KeyboardModifier.ShiftModifier
    QApplication.sendEvent(widget, QDragEnterEvent(at, both, data, LEFT, shift))
    event = QDropEvent(QPointF(at), both, data, LEFT, shift)
    assert event.proposedAction() == MOVE
    QApplication.sendEvent(widget, event)
    assert event.isAccepted()
    assert event.dropAction() == COPY
    qtbot.waitUntil(lambda: not desk_with_clip.media.is_busy)


def test_cards_end_at_the_margin(desk_with_clip: Wiring) -> None:
    """The picture at the right ends below the end of the search field, to the pixel."""
    panel = desk_with_clip.window.bin
    view, field = panel.view, panel.search
    width = view.visualRect(view.model().index(0, 0)).width()
    right = view.viewport().mapToGlobal(QPoint(2 * width - 2, 0)).x()
    assert abs(right - field.mapToGlobal(field.rect().topRight()).x() - 1) <= 1


def test_a_card_shows_the_frame_under_the_pointer(desk_with_clip: Wiring, qtbot: QtBot) -> None:
    """The clip's grey rises from frame to frame: at the right of its card it is lighter, and off the card as before."""
    view = desk_with_clip.window.bin.view
    rect = view.visualRect(view.model().index(0, 0))

    def grey() -> int:
        seen = view.viewport().grab(rect).toImage()
        return sorted(seen.pixelColor(x, 20).green() for x in range(20, rect.width() - 20))[rect.width() // 3]

    def over(share: float) -> None:
        at = QPoint(rect.left() + 8 + round(share * (rect.width() - 18)), rect.center().y())
        taker, place = pointer.under(view.viewport(), at)
        where, none = QPointF(taker.mapToGlobal(place)), Qt.MouseButton.NoButton
        QApplication.sendEvent(taker, QMouseEvent(QMouseEvent.Type.MouseMove, QPointF(place), where, none, none, HELD))

    qtbot.waitUntil(lambda: grey() > 30)
    before = grey()
    over(0.95)
    qtbot.waitUntil(lambda: grey() > before + 60)
    over(0.5)
    qtbot.waitUntil(lambda: before + 20 < grey() < before + 90)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert abs(grey() - before) < 5
