"""Any script of mouse, wheel and Esc keeps the timeline's promises, while a stand-in editor follows its requests."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from widgets.theme import apply_theme
from widgets.timeline import Timeline
from widgets.timeline.__main__ import Follower
from widgets.timeline.example import example_peaks, example_thumbnail, example_view

LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
KEYS = st.sampled_from([Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier,
                        Qt.KeyboardModifier.ShiftModifier])  # fmt: skip
POINTS = st.builds(QPoint, st.integers(-40, 1040), st.integers(-20, 330))
DRAGS = st.tuples(st.just("drag"), st.sampled_from([LEFT, LEFT, LEFT, MIDDLE]), KEYS, st.lists(POINTS, min_size=2, max_size=5))
WHEELS = st.tuples(st.just("wheel"), KEYS, POINTS, st.integers(-4, 4))
BROKEN = st.tuples(st.just("escape"), KEYS, st.lists(POINTS, min_size=2, max_size=4))


@pytest.fixture(scope="module")
def dark(qapp: QApplication) -> Iterator[QApplication]:
    apply_theme(qapp, "dark")
    yield qapp


def send(timeline: Timeline, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, held: Qt.MouseButton,
         keys: Qt.KeyboardModifier) -> None:  # fmt: skip
    port = timeline.viewport()
    QApplication.sendEvent(port, QMouseEvent(kind, QPointF(at), QPointF(port.mapToGlobal(at)), button, held, keys))


def play(timeline: Timeline, step: Any) -> None:
    match step:
        case "drag", button, keys, points:
            send(timeline, QEvent.Type.MouseButtonPress, points[0], button, button, keys)
            for point in points[1:]:
                send(timeline, QEvent.Type.MouseMove, point, NONE, button, keys)
            send(timeline, QEvent.Type.MouseButtonRelease, points[-1], button, NONE, keys)
        case "escape", keys, points:
            send(timeline, QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT, keys)
            for point in points[1:]:
                send(timeline, QEvent.Type.MouseMove, point, NONE, LEFT, keys)
            QTest.keyClick(timeline, Qt.Key.Key_Escape)
            send(timeline, QEvent.Type.MouseButtonRelease, points[-1], LEFT, NONE, keys)
        case "wheel", keys, point, notches:
            event = QWheelEvent(QPointF(point), QPointF(point), QPoint(), QPoint(0, 120 * notches), NONE, keys,
                                Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
            QApplication.sendEvent(timeline.viewport(), event)


@settings(max_examples=40)
@given(st.lists(st.one_of(DRAGS, WHEELS, BROKEN), max_size=8))
def test_any_script_keeps_the_promises(dark: QApplication, script: list[Any]) -> None:
    timeline = Timeline(example_thumbnail, example_peaks)
    follower = Follower(timeline)
    begun: set[int] = set()
    ended: list[int] = []

    def asked(item: str, where: str, time: Fraction, gesture: int) -> None:
        begun.add(gesture)
        assert not next(t for t in timeline.view.tracks if item in {one.id for one in t.items}).locked

    timeline.clip_move_requested.connect(asked)
    timeline.clip_trim_requested.connect(asked)
    timeline.patch_window_requested.connect(lambda patch, start, end, gesture: begun.add(gesture))
    timeline.gesture_finished.connect(ended.append)
    timeline.gesture_cancelled.connect(ended.append)
    timeline.resize(1000, 312)
    timeline.set_view(example_view())
    timeline.show()
    for step in script:
        play(timeline, step)
    timeline.grab()
    timeline.close()
    assert follower is not None and begun <= set(ended) and len(set(ended)) == len(ended)
    check(timeline)
    timeline.deleteLater()


def check(timeline: Timeline) -> None:
    """Nothing before zero, nothing shorter than a frame, anchors inside, nothing left over."""
    frame = 1 / timeline.view.rate
    for track in timeline.view.tracks:
        for clip in track.clips:
            assert clip.start >= 0 and clip.duration >= frame
        for patch in track.patches:
            assert 0 <= patch.start <= patch.anchor < patch.end
    assert timeline.playhead >= 0
    assert Fraction(0) <= timeline.visible_range[0] < timeline.visible_range[1]
    state = timeline._state
    assert (state.read_out, state.box, state.snap_time, state.ghost) == (None, None, None, None)
