"""The timeline under real mouse and wheel events: what it asks for, and what it leaves alone."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QKeySequence,
    QMouseEvent,
    QShortcut,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from widgets.theme import DARK, apply_theme
from widgets.timeline import (
    MEDIA_MIME,
    ClipView,
    DroppedFiles,
    DroppedMedia,
    EmptyTimeline,
    HitKind,
    Landing,
    Overview,
    StripSpan,
    Timeline,
    TimelineView,
    TrackView,
)
from widgets.timeline.__main__ import Follower
from widgets.timeline.example import at, example_peaks, example_thumbnail, example_view

NO_KEYS = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton


class Hand:
    """Real mouse events on the timeline's viewport, and a record of every signal."""

    SIGNALS = ("playhead_moved", "selection_changed", "clip_move_requested", "clip_trim_requested",
               "patch_window_requested", "gesture_finished", "gesture_cancelled", "visible_toggled", "locked_toggled",
               "media_dropped", "plan_span_clicked", "item_activated", "context_menu_requested")  # fmt: skip

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.heard: list[tuple[Any, ...]] = []
        for name in self.SIGNALS:
            getattr(timeline, name).connect(self._listener(name))

    def _listener(self, name: str) -> Any:
        return lambda *values: self.heard.append((name, *values))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [values[1:] for values in self.heard if values[0] == name]

    def send(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, held: Qt.MouseButton,
             keys: Qt.KeyboardModifier = NO_KEYS) -> None:  # fmt: skip
        port = self.timeline.viewport()
        event = QMouseEvent(kind, QPointF(at), QPointF(port.mapToGlobal(at)), button, held, keys)
        QApplication.sendEvent(port, event)

    def press(self, at: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.send(QEvent.Type.MouseButtonPress, at, button, button, keys)

    def move(self, at: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.send(QEvent.Type.MouseMove, at, NONE, button, keys)

    def release(self, at: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.send(QEvent.Type.MouseButtonRelease, at, button, NONE, keys)

    def click(self, at: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.press(at, LEFT, keys)
        self.release(at, LEFT, keys)

    def drag(self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NO_KEYS, steps: int = 4) -> None:
        self.press(start, LEFT, keys)
        for step in range(1, steps + 1):
            self.move(start + (end - start) * step / steps, LEFT, keys)
        self.release(end, LEFT, keys)

    def wheel(self, at: QPoint, notches: int, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        port = self.timeline.viewport()
        event = QWheelEvent(QPointF(at), QPointF(port.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches), NONE, keys,
                            Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(port, event)

    def x(self, frame: int) -> int:
        return round(self.timeline.x_at(at(frame)))


def shown(qtbot: QtBot, view: TimelineView, px_per_s: float = 100.0) -> Timeline:
    timeline = Timeline(example_thumbnail, example_peaks)
    qtbot.addWidget(timeline)
    timeline.resize(1600, 312)
    timeline.set_view(view)
    with qtbot.waitExposed(timeline):
        timeline.show()
    timeline.set_pixels_per_second(px_per_s)
    timeline.set_visible_start(Fraction(0))
    return timeline


@pytest.fixture
def timeline(qtbot: QtBot, qapp: QApplication) -> Iterator[Timeline]:
    apply_theme(qapp, "dark")
    yield shown(qtbot, example_view())


@pytest.fixture
def hand(timeline: Timeline) -> Hand:
    return Hand(timeline)


def edge_of(timeline: Timeline, item_id: str, edge: str) -> QPoint:
    rect = timeline.rect_of(item_id)
    return QPoint(rect.left() + 2 if edge == "start" else rect.right() - 3, rect.center().y())


# Trimming


def test_dragging_the_end_of_a_clip_asks_for_each_frame_once(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "title", "end")
    hand.drag(start, start + QPoint(60, 0), CTRL)  # 100 px/s at 25 fps: 4 px a frame
    asked = hand.of("clip_trim_requested")
    assert [values[:2] for values in asked] == [("title", "end")] * len(asked)
    assert asked[-1][2] == at(404 + 15)
    assert len({values[3] for values in asked}) == 1
    assert len({values[2] for values in asked}) == len(asked)
    assert hand.of("gesture_finished") == [(asked[0][3],)]


def test_each_drag_has_its_own_gesture(timeline: Timeline, hand: Hand) -> None:
    for _ in range(2):
        start = edge_of(timeline, "title", "end")
        hand.drag(start, start + QPoint(40, 0), CTRL)
    first, second = hand.of("gesture_finished")
    assert first != second


def test_trim_stops_where_the_source_ends(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "v3", "end")
    timeline.scroll_to(at(851))
    start = edge_of(timeline, "v3", "end")
    hand.press(start)
    hand.move(start + QPoint(300, 0), keys=CTRL)
    assert hand.of("clip_trim_requested")[-1][2] == at(852 + 25)
    picture = timeline.grab().toImage()
    rect = timeline.rect_of("v3")
    assert picture.pixelColor(rect.right() - 3, rect.center().y()).name() == DARK.rd
    hand.release(start + QPoint(300, 0))


def test_trim_stops_at_the_neighbour_and_keeps_one_frame(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "v1", "start")
    hand.drag(start, start - QPoint(200, 0), CTRL)
    assert hand.of("clip_trim_requested") == []  # its neighbour stands right there
    hand.drag(start, start + QPoint(2000, 0), CTRL)
    assert hand.of("clip_trim_requested")[-1][1:3] == ("start", at(235))


def test_the_read_out_says_change_and_length(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "title", "end")
    hand.press(start, keys=CTRL)
    hand.move(start - QPoint(48, 0), keys=CTRL)
    read_out = timeline._state.read_out
    assert read_out is not None
    assert (read_out.change, read_out.result) == ("−00:00:00:12", "length 00:00:01:23")
    hand.release(start)
    assert timeline._state.read_out is None


def test_locked_track_refuses_drags_but_can_be_selected(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "a1", "end")
    hand.drag(start, start - QPoint(60, 0))
    assert hand.of("clip_trim_requested") == [] and hand.of("gesture_finished") == []
    assert timeline.selection == ("a1",)


# Moving


def test_moving_a_clip_lands_on_frames(timeline: Timeline, hand: Hand) -> None:
    start = timeline.rect_of("title").center()
    hand.drag(start, start + QPoint(41, 0), CTRL)
    clip, track, time, _ = hand.of("clip_move_requested")[-1]
    assert (clip, track, time) == ("title", "v2", at(344 + 10))


def test_moving_never_goes_before_zero(timeline: Timeline, hand: Hand) -> None:
    start = timeline.rect_of("logo").center()
    hand.drag(start, start - QPoint(900, 0), CTRL)
    assert hand.of("clip_move_requested")[-1][2] == 0


def test_moving_to_another_track_that_takes_it_only(timeline: Timeline, hand: Hand) -> None:
    upper = TrackView("v9", "overlay", "V9")
    timeline.set_view(replace(timeline.view, tracks=(upper, *timeline.view.tracks)))
    start = timeline.rect_of("logo").center()
    hand.drag(start, QPoint(start.x() + 40, timeline.rect_of("cue0").center().y() - 26), CTRL)
    assert hand.of("clip_move_requested")[-1][1] == "v9"
    on_video = timeline.rect_of("v1").center().y()
    hand.drag(start, QPoint(start.x() + 40, on_video), CTRL)
    assert hand.of("clip_move_requested")[-1][1] == "v1"  # a picture may lie below others
    video = timeline.rect_of("v3").center()
    hand.drag(video, QPoint(video.x() + 40, start.y()), CTRL)
    assert hand.of("clip_move_requested")[-1][:2] == ("v3", "v2")  # and a video over others
    text = timeline.rect_of("title").center()
    hand.drag(text, QPoint(text.x() + 40, on_video), CTRL)
    assert hand.of("clip_move_requested")[-1][1] == "v2"  # a text may not


def test_a_selection_moves_together_the_front_first(timeline: Timeline, hand: Hand) -> None:
    timeline.set_selection(("cue4", "cue5"))
    start = timeline.rect_of("cue4").center()
    hand.press(start)
    hand.move(start + QPoint(20, 0), keys=CTRL)
    assert [values[0] for values in hand.of("clip_move_requested")] == ["cue5", "cue4"]
    assert hand.of("clip_move_requested")[0][2] - at(334) == hand.of("clip_move_requested")[1][2] - at(244) == at(5)
    hand.release(start)


def test_a_click_moves_nothing(timeline: Timeline, hand: Hand) -> None:
    hand.click(timeline.rect_of("v1").center())
    assert timeline.selection == ("v1",)
    assert hand.of("clip_move_requested") == [] and hand.of("gesture_finished") == []


# Snapping


def test_an_edge_snaps_within_eight_pixels_and_shows_a_yellow_line(timeline: Timeline, hand: Hand) -> None:
    timeline.set_playhead(at(300))
    start = edge_of(timeline, "cue3", "end")  # ends at frame 232; the plan is not a snap point, v2 starts at 236
    hand.press(start)
    hand.move(start + QPoint(21, 0))
    assert hand.of("clip_trim_requested")[-1][2] == at(236)
    picture = timeline.grab().toImage()
    assert picture.pixelColor(hand.x(236), timeline.height() - 4).name() == DARK.am
    hand.release(start + QPoint(21, 0))


@pytest.mark.parametrize(("snapping", "keys", "expected"), [
    (True, NO_KEYS, at(236)), (True, CTRL, at(237)), (False, NO_KEYS, at(237)), (False, CTRL, at(236)),
])  # fmt: skip
def test_ctrl_inverts_snapping(timeline: Timeline, hand: Hand, snapping: bool, keys: Qt.KeyboardModifier,
                               expected: Fraction) -> None:  # fmt: skip
    timeline.set_snapping(snapping)
    start = edge_of(timeline, "cue3", "end")
    hand.press(start)
    hand.move(start + QPoint(20, 0), keys=keys)
    assert hand.of("clip_trim_requested")[-1][2] == expected
    hand.release(start + QPoint(20, 0), keys=keys)


def test_snap_point_off_the_frame_grid_is_met_exactly(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    odd = Fraction(9_607, 1000)
    timeline.set_playhead(odd)
    start = edge_of(timeline, "cue3", "end")
    hand.drag(start, start + QPoint(round(timeline.x_at(odd) - timeline.x_at(at(232))), 0))
    assert hand.of("clip_trim_requested")[-1][2] == odd


# Patches


def test_dragging_a_grip_changes_the_window(timeline: Timeline, hand: Hand) -> None:
    rect = timeline.rect_of("patch")
    grip = QPoint(rect.right() + 8, rect.center().y())  # outside the clip, inside the 24 px target
    assert timeline.hit_at(grip).kind is HitKind.PATCH_END
    hand.drag(grip, grip + QPoint(40, 0), CTRL)
    patch, start, end, gesture = hand.of("patch_window_requested")[-1]
    assert (patch, start, end) == ("patch", at(133), at(224 + 10))
    assert hand.of("gesture_finished") == [(gesture,)]


def test_the_window_never_leaves_its_anchor(timeline: Timeline, hand: Hand) -> None:
    rect = timeline.rect_of("patch")
    hand.drag(QPoint(rect.right() - 2, rect.center().y()), QPoint(rect.left() - 300, rect.center().y()), CTRL)
    assert hand.of("patch_window_requested")[-1][1:3] == (at(133), at(174))
    hand.drag(QPoint(rect.left() + 2, rect.center().y()), QPoint(rect.right() + 300, rect.center().y()), CTRL)
    assert hand.of("patch_window_requested")[-1][1:3] == (at(173), at(224))


def test_a_locked_window_does_not_move(timeline: Timeline, hand: Hand) -> None:
    tracks = tuple(replace(track, patches=tuple(replace(p, window_locked=True) for p in track.patches))
                   for track in timeline.view.tracks)  # fmt: skip
    timeline.set_view(replace(timeline.view, tracks=tracks))
    rect = timeline.rect_of("patch")
    hand.drag(QPoint(rect.right() - 2, rect.center().y()), QPoint(rect.right() + 60, rect.center().y()))
    assert hand.of("patch_window_requested") == []


def test_clicking_the_anchor_moves_the_playhead_there(timeline: Timeline, hand: Hand) -> None:
    rect = timeline.rect_of("patch")
    hand.click(QPoint(hand.x(173) + 3, rect.center().y()))
    assert timeline.playhead == at(173)
    assert hand.of("playhead_moved") == [(at(173),)]


def test_clicking_a_confidence_bar_goes_to_its_frame(timeline: Timeline, hand: Hand) -> None:
    rect = timeline.rect_of("patch")
    hand.click(QPoint(hand.x(135), rect.bottom() + 10))
    assert timeline.playhead == at(135)


def test_zoomed_out_a_column_shows_its_worst_frame(timeline: Timeline, hand: Hand) -> None:
    timeline.set_pixels_per_second(25.0 / 2)  # two frames a pixel
    timeline.set_visible_start(Fraction(0))
    rect = timeline.rect_of("patch")
    picture = timeline.grab().toImage()
    red = round(timeline.x_at(at(133 + 76)))
    column = {picture.pixelColor(x, rect.bottom() + 4).name() for x in (red - 1, red, red + 1)}
    assert DARK.rd in column


def test_patches_that_share_a_time_are_all_seen_and_chosen(timeline: Timeline, hand: Hand) -> None:
    tracks = tuple(
        replace(track, patches=(*track.patches, *(replace(p, id="younger", name="Younger") for p in track.patches)))
        if track.patches else track for track in timeline.view.tracks
    )  # fmt: skip
    alone = timeline.sizeHint().height()
    timeline.set_view(replace(timeline.view, tracks=tracks))
    older, younger = timeline.rect_of("patch"), timeline.rect_of("younger")
    assert not older.intersects(younger) and older.left() == younger.left() and timeline.sizeHint().height() > alone
    for rect, name in ((older, "patch"), (younger, "younger")):
        hand.click(QPoint(rect.left() + rect.width() // 4, rect.center().y()))
        assert hand.of("selection_changed")[-1] == ((name,),)
    hand.click(QPoint(hand.x(135), younger.bottom() + 10))
    assert timeline.playhead == at(135), "each has a strip of its own"


# Cancel


def test_escape_ends_the_drag_and_names_it(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    start = timeline.rect_of("title").center()
    hand.press(start)
    hand.move(start + QPoint(80, 0), keys=CTRL)
    gesture = hand.of("clip_move_requested")[-1][3]
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert hand.of("gesture_cancelled") == [(gesture,)]
    asked = len(hand.of("clip_move_requested"))
    hand.move(start + QPoint(160, 0))
    hand.release(start + QPoint(160, 0))
    assert len(hand.of("clip_move_requested")) == asked
    assert hand.of("gesture_finished") == []


def test_escape_without_a_drag_is_left_to_others(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert hand.heard == []


# Time


def test_click_and_drag_in_the_ruler_scrub_frame_by_frame(timeline: Timeline, hand: Hand) -> None:
    hand.press(QPoint(hand.x(50) + 1, 32))
    assert timeline.playhead == at(50)
    hand.move(QPoint(hand.x(60) - 1, 200))
    hand.release(QPoint(hand.x(60) - 1, 200))
    assert hand.of("playhead_moved") == [(at(50),), (at(60),)]


@pytest.mark.parametrize("notches", [3, -2])
def test_ctrl_wheel_zooms_at_the_pointer(timeline: Timeline, hand: Hand, notches: int) -> None:
    timeline.set_visible_start(Fraction(8))
    pointer = QPoint(900, 150)
    before, span = timeline.time_at(900), timeline.visible_range
    hand.wheel(pointer, notches, CTRL)
    assert abs(timeline.time_at(900) - before) < Fraction(1, 1000)
    assert timeline.visible_range != span


def test_shift_wheel_scrolls_time(timeline: Timeline, hand: Hand) -> None:
    hand.wheel(QPoint(900, 150), -3, SHIFT)
    assert timeline.visible_range[0] > 0
    hand.wheel(QPoint(900, 150), 30, SHIFT)
    assert timeline.visible_range[0] == 0


def test_wheel_scrolls_tracks(timeline: Timeline, hand: Hand) -> None:
    timeline.resize(1600, 160)
    timeline.set_compact(False)
    before = timeline.rect_of("music").top()
    hand.wheel(QPoint(900, 100), -1)
    assert timeline.rect_of("music").top() == before - 60


def test_middle_drag_pans(timeline: Timeline, hand: Hand) -> None:
    timeline.set_visible_start(Fraction(2))
    before = timeline.x_at(at(100))
    hand.press(QPoint(800, 150), MIDDLE)
    hand.move(QPoint(720, 150), MIDDLE)
    hand.release(QPoint(720, 150), MIDDLE)
    assert timeline.x_at(at(100)) == pytest.approx(before - 80)


def test_fit_shows_everything_and_scroll_to_brings_into_sight(timeline: Timeline) -> None:
    timeline.zoom_to_fit()
    start, end = timeline.visible_range
    assert start == 0 and end >= timeline.view.duration
    timeline.set_pixels_per_second(400)
    timeline.scroll_to(at(700))
    start, end = timeline.visible_range
    assert start <= at(700) < end


def test_zoom_level_goes_there_and_back(timeline: Timeline) -> None:
    for level in (0.1, 0.5, 0.9):
        timeline.set_zoom_level(level)
        assert timeline.zoom_level == pytest.approx(level)


# Selecting


def test_box_select_takes_what_it_touches(timeline: Timeline, hand: Hand) -> None:
    empty = QPoint(hand.x(12), timeline.rect_of("logo").center().y())
    hand.drag(empty, QPoint(hand.x(90), timeline.rect_of("v0").bottom() - 5))
    assert timeline.selection == ("logo", "v0")
    assert hand.of("clip_move_requested") == []


def test_ctrl_click_toggles_and_shift_click_extends(timeline: Timeline, hand: Hand) -> None:
    hand.click(timeline.rect_of("cue0").center())
    hand.click(timeline.rect_of("cue2").center(), CTRL)
    assert set(timeline.selection) == {"cue0", "cue2"}
    hand.click(timeline.rect_of("cue0").center(), CTRL)
    assert set(timeline.selection) == {"cue2"}
    hand.click(timeline.rect_of("cue2").center())
    hand.click(timeline.rect_of("cue4").center(), SHIFT)
    assert set(timeline.selection) == {"cue2", "cue3", "cue4"}


def test_click_on_empty_deselects(timeline: Timeline, hand: Hand) -> None:
    timeline.set_selection(("v0",))
    hand.click(QPoint(hand.x(5), timeline.rect_of("logo").center().y()))
    assert timeline.selection == ()


def test_items_that_go_leave_the_selection(timeline: Timeline, hand: Hand) -> None:
    timeline.set_selection(("v0", "cue0"))
    timeline.set_view(replace(timeline.view, tracks=timeline.view.tracks[1:]))
    assert timeline.selection == ("v0",)
    assert hand.of("selection_changed") == [(("v0",),)]


def test_context_menu_selects_first(timeline: Timeline, hand: Hand) -> None:
    point = timeline.rect_of("cue1").center()
    place = timeline.viewport().mapToGlobal(point)
    QApplication.sendEvent(timeline.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, place))
    assert [values[0] for values in hand.heard] == ["selection_changed", "context_menu_requested"]
    hit = hand.of("context_menu_requested")[0][0]
    assert (hit.kind, hit.id, hit.track_id) == (HitKind.CLIP, "cue1", "c1")


# Heads and plan


def test_eye_and_padlock_ask_for_their_track(timeline: Timeline, hand: Hand) -> None:
    y = timeline.rect_of("v0").center().y()
    eye = next(x for x in range(176) if timeline.hit_at(QPoint(x, y)).kind is HitKind.EYE)
    padlock = next(x for x in range(176) if timeline.hit_at(QPoint(x, y)).kind is HitKind.PADLOCK)
    hand.click(QPoint(eye + 10, y))
    hand.click(QPoint(padlock + 10, y))
    assert hand.of("visible_toggled") == [("v1",)] and hand.of("locked_toggled") == [("v1",)]


def test_a_click_on_the_plan_explains_its_span(timeline: Timeline, hand: Hand) -> None:
    hand.click(QPoint(hand.x(180), 10))
    (span,) = hand.of("plan_span_clicked")[0]
    assert span == StripSpan(at(129), at(229), "encode", "Patch Remove boulders, and 9 frames to keyframes")


def test_plan_is_read_by_thickness_too(timeline: Timeline, hand: Hand) -> None:
    picture = timeline.grab().toImage()
    lane = DARK.lane

    def height(frame: int) -> int:
        return max(sum(picture.pixelColor(hand.x(frame) + dx, y).name() != lane for y in range(19)) for dx in range(4))

    copied, cached, encoded = height(110), height(50), height(180)
    assert 0 < copied < cached < encoded


# Drops


def drop(timeline: Timeline, mime: QMimeData, at: QPoint) -> None:
    copy, keys = Qt.DropAction.CopyAction, NO_KEYS
    port = timeline.viewport()
    QApplication.sendEvent(port, QDragEnterEvent(at, copy, mime, LEFT, keys))
    QApplication.sendEvent(port, QDragMoveEvent(at, copy, mime, LEFT, keys))
    QApplication.sendEvent(port, QDropEvent(QPointF(at), copy, mime, LEFT, keys))


def test_files_drop_in_name_order_at_a_frame(timeline: Timeline, hand: Hand) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/clips/b.mp4"), QUrl.fromLocalFile("/clips/a.mp4"), QUrl("http://example.org/c.mp4")])
    drop(timeline, mime, QPoint(hand.x(440) + 1, timeline.rect_of("logo").center().y()))
    payload, track, time = hand.of("media_dropped")[0]
    assert payload == DroppedFiles((Path("/clips/a.mp4"), Path("/clips/b.mp4")))
    assert (track, time) == ("v2", at(440))


def test_media_of_the_bin_drop_between_rows_makes_a_new_track(timeline: Timeline, hand: Hand) -> None:
    mime = QMimeData()
    mime.setData(MEDIA_MIME, b"m1\nm2\n")
    drop(timeline, mime, QPoint(hand.x(440), timeline.rect_of("a0").top() - 3))
    assert hand.of("media_dropped") == [(DroppedMedia(("m1", "m2")), "", at(440))]


def test_ghost_shows_while_dragging_over_and_goes(timeline: Timeline, hand: Hand) -> None:
    mime = QMimeData()
    mime.setData(MEDIA_MIME, b"m1")
    timeline.set_landing(lambda payload, track_id, time: Landing("v1", at(440), Fraction(2)))
    place = QPoint(hand.x(104) + 5, timeline.rect_of("logo").center().y())
    QApplication.sendEvent(timeline.viewport(), QDragEnterEvent(place, Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS))
    QApplication.sendEvent(timeline.viewport(), QDragMoveEvent(place, Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS))
    ghost = timeline._state.ghost
    assert ghost is not None and (ghost.start, ghost.duration, ghost.track_id) == (at(440), Fraction(2), "v1")
    QApplication.sendEvent(timeline.viewport(), QDragLeaveEvent())
    assert timeline._state.ghost is None


def test_other_things_are_refused(timeline: Timeline, hand: Hand) -> None:
    mime = QMimeData()
    mime.setText("hello")
    drop(timeline, mime, QPoint(hand.x(300), 200))
    assert hand.of("media_dropped") == []


# Pictures


def test_thumbnails_are_asked_only_for_what_is_in_sight(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    asked: list[tuple[str, Fraction]] = []
    timeline = shown(qtbot, example_view())

    def thumbnail(clip_id: str, time: Fraction) -> QImage | None:
        asked.append((clip_id, time))
        return None

    timeline.set_sources(thumbnail, lambda clip_id, start, end, columns: None)
    timeline.grab()
    assert {clip for clip, _ in asked} == {"v0", "v1", "v2", "v3"}
    assert len(asked) < 30
    end = timeline.visible_range[1]
    assert max(time for clip, time in asked if clip == "v3") < end - at(326)


def test_refresh_shows_a_thumbnail_that_came_late(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    timeline = shown(qtbot, example_view())
    timeline.set_sources(lambda clip_id, time: None, lambda clip_id, start, end, columns: None)
    middle = timeline.rect_of("v1").center() + QPoint(0, 8)
    assert timeline.grab().toImage().pixelColor(middle).name() == DARK.vid
    green = QImage(16, 9, QImage.Format.Format_RGB32)
    green.fill(QColor("#00ff00"))
    timeline.set_sources(lambda clip_id, time: green, lambda clip_id, start, end, columns: None)
    assert timeline.grab().toImage().pixelColor(middle).name() == "#00ff00"


@pytest.mark.performance
@pytest.mark.parametrize("px_per_s", [0.5, 10.0, 100.0])
def test_two_thousand_clips_draw_only_what_can_be_seen(qtbot: QtBot, qapp: QApplication, px_per_s: float) -> None:
    apply_theme(qapp, "dark")
    clips = tuple(ClipView(str(i), f"clip {i}", "video", at(i * 50), at(50)) for i in range(2000))
    timeline = shown(qtbot, TimelineView((TrackView("v1", "video", "V1", clips=clips),), duration=at(100_000)), px_per_s)
    timeline.set_visible_start(at(50_000))
    timeline.grab()
    lane = timeline.viewport().width() - 176
    most = min(lane, lane / (2 * timeline._state.scale.px_per_s) + 2)
    assert 0 < timeline.drawn_clips <= most
    if px_per_s == 100.0:
        assert timeline.drawn_clips <= 9


@pytest.mark.performance
def test_the_playhead_repaints_only_its_own_strip(qtbot: QtBot, timeline: Timeline) -> None:
    timeline.grab()
    timeline.set_playhead(at(60))
    qtbot.waitUntil(lambda: timeline.drawn_clips <= 5)
    timeline.set_playhead(at(61))
    qtbot.waitUntil(lambda: 0 < timeline.drawn_clips <= 5)


@pytest.mark.parametrize("name", ["light", "high contrast"])
def test_other_themes_and_sizes_paint(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    theme = apply_theme(qapp, name, 2.0)
    timeline = shown(qtbot, example_view())
    timeline.resize(1280, 252)
    picture = timeline.grab().toImage()
    colors = {picture.pixelColor(400, y).name() for y in range(240)}
    assert theme.lane in colors
    apply_theme(qapp, "dark")


def test_the_demo_follows_its_own_requests(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    follower = Follower(timeline)
    start = edge_of(timeline, "title", "end")
    hand.drag(start, start + QPoint(60, 0), CTRL)
    assert timeline.rect_of("title").right() > start.x() + 55
    hand.click(QPoint(130, timeline.rect_of("v0").center().y()))
    assert not next(track for track in timeline.view.tracks if track.id == "v1").visible
    assert follower is not None


def test_beyond_the_right_end_the_content_runs_under_the_hand(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    timeline.set_pixels_per_second(200)
    timeline.set_visible_start(Fraction(0))
    outside = QPoint(timeline.viewport().width() + 30, 32)
    hand.press(QPoint(600, 32))
    hand.move(outside)
    first = timeline.playhead
    qtbot.waitUntil(lambda: timeline.playhead > first + 1)
    assert timeline.visible_range[0] > 0
    hand.release(outside)
    assert not timeline._runner.isActive()


def test_zooming_during_a_drag_keeps_the_dragged_edge_under_the_hand(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "cue3", "end")
    hand.press(start)
    hand.move(start + QPoint(20, 0), keys=CTRL)
    hand.wheel(start + QPoint(20, 0), 2, CTRL)
    hand.move(start + QPoint(21, 0), keys=CTRL)
    asked = hand.of("clip_trim_requested")[-1][2]
    assert abs(timeline.x_at(asked) - (start.x() + 21)) <= 12
    hand.release(start + QPoint(21, 0))


def test_the_overview_shows_what_is_in_sight_and_scrolls(qtbot: QtBot, timeline: Timeline) -> None:
    overview = Overview(timeline)
    qtbot.addWidget(overview)
    overview.resize(overview.sizeHint())
    overview.show()
    assert overview.grab().toImage().pixelColor(0, 10).name() == DARK.sel
    QTest.mouseClick(overview, LEFT, pos=QPoint(150, 10))
    start, end = timeline.visible_range
    assert start < Fraction(150, 220) * timeline.view.duration < end
    assert start > 0


def test_the_empty_timeline_takes_drops_and_clicks(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    empty = EmptyTimeline("Drop a clip here. The first clip sets size and frame rate.", "Import media", "Ctrl+I")
    qtbot.addWidget(empty)
    heard: list[Any] = []
    empty.media_dropped.connect(lambda *values: heard.append(values))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/clips/a.mp4")])
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(empty, QDragEnterEvent(QPoint(9, 9), copy, mime, LEFT, NO_KEYS))
    QApplication.sendEvent(empty, QDropEvent(QPointF(9, 9), copy, mime, LEFT, NO_KEYS))
    assert heard == [(DroppedFiles((Path("/clips/a.mp4"),)), "", Fraction(0))]
    with qtbot.waitSignal(empty.activated):
        QTest.mouseClick(empty.findChildren(QPushButton)[0], LEFT)


def test_the_playhead_stays_in_sight(timeline: Timeline, hand: Hand) -> None:
    """Played over the edge or sent somewhere else, it is shown; who scrolled away while it plays is left where they are."""
    timeline.set_pixels_per_second(400)
    timeline.set_playhead(at(0))

    def is_seen() -> bool:
        return timeline.rect().left() + 100 < timeline.x_at(timeline.playhead) < timeline.viewport().width()

    frame = 0
    while frame < 300:  # it plays
        frame += 1
        timeline.set_playhead(at(frame))
        assert is_seen(), frame
    timeline.set_playhead(at(700))  # End, F8, a click in the chart
    assert is_seen()
    timeline.set_playhead(at(0))
    assert is_seen()
    shown = timeline.visible_range
    hand.wheel(timeline.viewport().rect().center(), -40, SHIFT)
    away = timeline.visible_range
    assert away != shown
    timeline.set_playhead(at(1))
    assert timeline.visible_range == away


def test_a_view_after_an_empty_one_is_fitted(timeline: Timeline) -> None:
    """Another project begins as a whole, not at the zoom of the one before."""
    full = timeline.view
    timeline.set_pixels_per_second(900)
    timeline.set_view(TimelineView())
    timeline.set_view(full)
    assert timeline.visible_range[1] >= full.duration


def test_a_lost_release_ends_the_drag(timeline: Timeline, hand: Hand) -> None:
    start = edge_of(timeline, "title", "end")
    hand.press(start)
    hand.move(start + QPoint(40, 0))
    hand.move(start + QPoint(80, 0), NONE)
    assert len(hand.of("gesture_finished")) == 1
    asked = len(hand.of("clip_trim_requested"))
    hand.move(start + QPoint(120, 0), NONE)
    assert len(hand.of("clip_trim_requested")) == asked


def test_escape_belongs_to_the_drag_before_the_window(qtbot: QtBot, timeline: Timeline, hand: Hand) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(timeline)
    taken: list[str] = []
    shortcut = QShortcut(QKeySequence("Esc"), window)
    shortcut.activated.connect(lambda: taken.append("window"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    timeline.setFocus()
    start = timeline.rect_of("title").center()
    hand.press(start)
    hand.move(start + QPoint(40, 0))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert taken == [] and len(hand.of("gesture_cancelled")) == 1
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert taken == ["window"]
    window.takeCentralWidget()
